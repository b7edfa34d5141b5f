#!/bin/sh
# Write requirements.lock from pyproject.toml: every package pinned with its digests, no address.
set -eu
cd "$(dirname "$0")/.."
.venv/bin/python -m pip install --quiet uv
.venv/bin/uv pip compile pyproject.toml --output-file requirements.lock --quiet \
    --universal --python-version 3.11 --generate-hashes --all-extras --group dev \
    --no-header --no-annotate --no-emit-index-url --no-emit-find-links "$@"
