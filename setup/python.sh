#!/bin/sh
# Print a Python ≥ 3.11 that can make virtual environments; fail when there is none.
# Debian's own comes first: sandboxed jobs run as other users, who cannot read one kept in a home.
for candidate in "${PYTHON:-}" /usr/bin/python3 python3.11 python3.12 python3.13 python3; do
    [ -n "$candidate" ] || continue
    "$candidate" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' \
        2>/dev/null || continue
    command -v "$candidate"
    exit 0
done
echo "Python 3.11 ou plus récent, avec venv, est introuvable (Debian : python3-venv)." >&2
exit 1
