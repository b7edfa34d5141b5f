#!/bin/sh
# Run every check, say all that is wrong, and fail if anything is.
set -u
cd "$(dirname "$0")/.."
failed=0

check() { # check NAME COMMAND…
    name="$1"
    shift
    if said="$("$@" 2>&1)"; then
        echo "ok      $name"
    else
        failed=1
        printf 'FAILED  %s\n%s\n' "$name" "$said"
    fi
}

check "ruff check" .venv/bin/ruff check --no-fix .
check "ruff format" .venv/bin/ruff format --check .
check "lint-imports" .venv/bin/lint-imports
check "generated documents" .venv/bin/python docs/generate.py --check
check "mypy --strict" .venv/bin/mypy src docs/generate.py setup/gate.py
exit "$failed"
