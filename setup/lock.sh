#!/bin/sh
# Write the locks from pyproject.toml: every package pinned with its digests, no address.
# requirements.lock: what both planes, their checks and tests need. requirements-extras.lock: that,
# at the same versions, and the packages of every extra.
set -eu
cd "$(dirname "$0")/.."
.venv/bin/python -m pip install --quiet uv

compile() { # compile FILE [options]
    file="$1" && shift
    .venv/bin/uv pip compile pyproject.toml --output-file "$file" --quiet \
        --universal --python-version 3.11 --generate-hashes --group dev \
        --no-header --no-annotate --no-emit-index-url --no-emit-find-links "$@"
}

compile requirements.lock --extra data --extra portal "$@"
compile requirements-extras.lock --all-extras --constraint requirements.lock
