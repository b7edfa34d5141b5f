#!/bin/sh
# Install or upgrade Écluse on one Debian 12 machine, for use. As root; safe to repeat.
#
#   deploy/debian/install.sh sites              the two sites, their database, their timers
#   deploy/debian/install.sh zone               the agent of the secure zone
#   deploy/debian/install.sh third-party        the key service of the trusted third party
#
# One machine may play one part or several; a real hub gives the zone and the third party machines
# of their own. ECLUSE_ROOT=/folder lays the files out there and starts nothing.
set -eu
here="$(cd "$(dirname "$0")/../.." && pwd)"
root="${ECLUSE_ROOT:-}"
usage() { sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2; }
[ "$#" -ge 1 ] || usage
for part; do case "$part" in sites | zone | third-party) ;; *) usage ;; esac done
wanted() { for part in $parts; do [ "$part" = "$1" ] && return 0; done; return 1; }
parts="$*"

units() { # UNIT... : copy, never start
    for unit; do install -m 0644 "$here/deploy/debian/systemd/$unit" "$root/etc/systemd/system/"; done
}
settings() { # NAME LINE... : a file of settings that later runs leave as it is
    file="$root/etc/ecluse/$1.env"; shift
    [ -e "$file" ] || { printf '%s\n' "$@" >"$file" && chmod 0600 "$file"; }
}
secret() { # NAME : drawn once
    file="$root/etc/ecluse/credentials/$1.secret-key"
    [ -e "$file" ] || (umask 077 && head -c 48 /dev/urandom | base64 -w0 >"$file")
}

install -d -m 0755 "$root/opt/ecluse" "$root/etc/systemd/system/ecluse-.service.d" \
    "$root/usr/lib/sysusers.d"
install -d -m 0700 "$root/etc/ecluse" "$root/etc/ecluse/credentials"
install -m 0644 "$here/deploy/debian/sysusers.d/ecluse.conf" "$root/usr/lib/sysusers.d/"
install -m 0644 "$here/deploy/debian/systemd/ecluse-.service.d/10-walls.conf" \
    "$root/etc/systemd/system/ecluse-.service.d/"
systemd-sysusers ${root:+--root="$root"} ecluse.conf

started=""
if wanted sites; then
    settings public 'ECLUSE_PUBLIC_URL=https://hub.example' 'ECLUSE_CHECKING_URL=https://room.example'
    settings checking 'ECLUSE_PUBLIC_URL=https://hub.example' 'ECLUSE_CHECKING_URL=https://room.example'
    secret public
    secret checking
    units ecluse-upgrade.service ecluse-public.service ecluse-checking.service ecluse-daily.service \
        ecluse-daily.timer ecluse-mail.service ecluse-mail.timer ecluse-backup.service \
        ecluse-backup.timer
    started="ecluse-public.service ecluse-checking.service ecluse-daily.timer ecluse-mail.timer"
    started="$started ecluse-backup.timer"
fi
if wanted zone; then
    settings zone 'ECLUSE_PUBLIC_URL=https://hub.example' 'ECLUSE_CHECKING_URL=https://room.example'
    units ecluse-agent.service
    started="$started ecluse-agent.service"
fi
if wanted third-party; then
    settings third-party '# ECLUSE_PKCS11_MODULE, ECLUSE_PKCS11_PIN_FILE: see docs/how-to/keep-keys.md'
    units ecluse-third-party.service
    started="$started ecluse-third-party.service"
fi
[ -z "$root" ] || exit 0

# Programs and packages, from this checkout, as `make setup` does; the copy is root's own.
cp -a "$here/." /opt/ecluse/
chown -R root:root /opt/ecluse
make -C /opt/ecluse --no-print-directory setup
chmod -R a+rX,go-w /opt/ecluse

if wanted sites; then
    # PostgreSQL knows each program by its user on this machine: no password exists.
    for role in owner public checking backup; do
        runuser -u postgres -- psql -qAtc \
            "SELECT 1 FROM pg_roles WHERE rolname = 'ecluse-$role'" | grep -q 1 ||
            runuser -u postgres -- createuser --no-superuser --no-createrole "ecluse-$role"
    done
    runuser -u postgres -- psql -qc 'ALTER ROLE "ecluse-owner" CREATEDB'
fi
systemctl daemon-reload
# shellcheck disable=SC2086 — a list of words
systemctl enable $started
echo "Écluse est installé. Écrivez les adresses dans /etc/ecluse/*.env, échangez les clés"
echo "(docs/how-to/run-in-production.md), puis : systemctl start $started"
