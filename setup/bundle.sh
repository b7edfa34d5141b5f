#!/bin/sh
# Make one folder from which Écluse installs with no network at all, or install from it.
#
#   setup/bundle.sh make FOLDER       where packages can be reached: this commit, every pinned package
#   FOLDER/install TARGET             where nothing can be reached: checks each digest, installs
#
# Debian's own packages come from the distribution's media: setup/debian.sh names those it misses.
set -eu
cd "$(dirname "$0")/.."
[ "${1:-}" = make ] && [ "$#" -eq 2 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
folder="$2"
mkdir -p "$folder/packages"
[ -x .venv/bin/python ] || setup/environment.sh
git archive --format=tar --prefix=ecluse/ HEAD >"$folder/ecluse.tar"
.venv/bin/python -m pip download --quiet --require-hashes --dest "$folder/packages" \
    --requirement "${ECLUSE_BUNDLE_LOCK:-requirements-extras.lock}"
cp "${ECLUSE_BUNDLE_LOCK:-requirements-extras.lock}" "$folder/requirements.lock"
cat >"$folder/install" <<'INSTALL'
#!/bin/sh
# Install Écluse from this folder into TARGET, with no network. Usage: install TARGET
set -eu
[ "$#" -eq 1 ] || { echo "usage: install TARGET" >&2; exit 2; }
here="$(cd "$(dirname "$0")" && pwd)"
(cd "$here" && sha256sum --check --quiet --strict SHA256SUMS) || {
    echo "Un fichier de ce dossier a changé : prenez-en une autre copie." >&2
    exit 1
}
mkdir -p "$1"
tar -x -f "$here/ecluse.tar" -C "$1" --strip-components=1
"$("$1/setup/python.sh")" -m venv "$1/.venv"
export PIP_NO_INDEX=1 PIP_NO_INPUT=1 PIP_DISABLE_PIP_VERSION_CHECK=1
"$1/.venv/bin/python" -m pip install --quiet --require-hashes --find-links "$here/packages" \
    --requirement "$here/requirements.lock"
"$1/.venv/bin/python" -m pip install --quiet --no-deps --no-build-isolation --editable "$1"
echo "Installé : $1/.venv/bin/ecluse"
INSTALL
chmod +x "$folder/install"
(cd "$folder" && find . -type f ! -name SHA256SUMS -print0 | sort -z | xargs -0 sha256sum >SHA256SUMS)
echo "Prêt : $folder ($(du -sh "$folder" | cut -f1)). Là-bas : ./install DOSSIER"
