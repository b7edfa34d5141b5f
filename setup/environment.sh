#!/bin/sh
# Have .venv hold the packages of requirements.lock and this project. Nothing to do: < 1 s.
# Usage: setup/environment.sh [test]     `test` adds those of the extras (Spark, noise, linkage…).
set -eu
cd "$(dirname "$0")/.."

stamp=.venv/ecluse-stamp
plain="$(pwd) $(cat requirements.lock pyproject.toml | sha256sum)"
whole="$(pwd) $(cat requirements-extras.lock pyproject.toml | sha256sum)"
lock=requirements.lock wanted="$plain" holds="$plain"
if [ "${1:-}" = test ]; then
    lock=requirements-extras.lock wanted="$whole" holds="$plain
$whole"
fi

works() { .venv/bin/python -c '' 2>/dev/null; }

grep -qxF "$wanted" "$stamp" 2>/dev/null && works && exit 0

case "$(cat "$stamp" 2>/dev/null || pwd)" in
"$(pwd)"*) ;;
*) rm -rf .venv ;; # the folder was moved or copied: its scripts point elsewhere
esac
if ! works || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    python="$(setup/python.sh)"
    echo "Environnement Python : .venv ($python)" >&2
    rm -rf .venv
    "$python" -m venv .venv
fi
rm -f "$stamp"
echo "Installation des paquets Python de $lock…" >&2
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
.venv/bin/python -m pip install --quiet --require-hashes --requirement "$lock"
.venv/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
echo "$holds" >"$stamp"
