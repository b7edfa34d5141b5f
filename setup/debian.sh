#!/bin/sh
# Have Debian's programs that Écluse needs: install the missing ones as root, else say the command.
# Usage: setup/debian.sh [test]     `test` adds the browser that the journeys drive, Java for Spark,
# and a security module made of software.
set -eu

missing=""

program() { # program NAME PACKAGE
    command -v "$1" >/dev/null 2>&1 || missing="$missing $2"
}

library() { # library NAME PACKAGE
    /sbin/ldconfig -p | grep -q "$1" || missing="$missing $2"
}

font() { # font FILE PACKAGE
    [ -f "/usr/share/fonts/truetype/$1" ] || missing="$missing $2"
}

has_postgresql() {
    [ -n "${DATABASE_URL:-}" ] && return 0 # another server is used
    ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1
}

has_python() { # a Python that can make virtual environments
    "$(dirname "$0")/python.sh" >/dev/null 2>&1
}

has_postgresql || missing="$missing postgresql"
program bwrap bubblewrap
has_python || missing="$missing python3 python3-venv"
library libpangoft2-1.0.so.0 libpangoft2-1.0-0 # letters and invoices are laid out by Pango
library libharfbuzz-subset.so.0 libharfbuzz-subset0
font liberation/LiberationSans-Regular.ttf fonts-liberation # the one font of letters
if [ "${1:-}" = test ]; then
    program chromium chromium
    library libatomic.so.1 libatomic1 # what drives the browser is linked to it
    program java openjdk-17-jre-headless
    program softhsm2-util softhsm2
fi

[ -z "$missing" ] && exit 0
missing="${missing# }"

if ! command -v apt-get >/dev/null 2>&1; then
    echo "Il manque ici (noms des paquets Debian) : $missing. Installez-les, puis relancez." >&2
    exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "Il manque des paquets sur cette machine. Installez-les, puis relancez :" >&2
    echo "    sudo apt-get install -y --no-install-recommends $missing" >&2
    exit 1
fi

echo "Installation des paquets Debian : $missing" >&2
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq || echo "La liste des paquets n'a pas pu être rafraîchie : on continue." >&2
# shellcheck disable=SC2086 — a list of words
apt-get install -y -qq --no-install-recommends $missing >&2 </dev/null
