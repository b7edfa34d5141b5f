"""What a person proposes to take out of a workspace: an analysis like any other, that only copies.

From there on it goes the way of every result: run in the sandbox, collected, checked, read by two
persons. No other way leads out of a workspace.
"""

import io
import zipfile
from pathlib import Path
from typing import Final

from ecluse.data.enclave.limits import MIB
from ecluse.domain.errors import InvalidInput
from ecluse.trust.zone.sealed_files import DataKey, open_sealed

ENTRY: Final = "analysis.py"
DECLARATION: Final = "outputs.toml"
FOLDER: Final = "outputs"
MOST_BYTES: Final = 15 * MIB
COPY: Final = """\
\"\"\"Copies what was proposed from an interactive workspace.\"\"\"

import os
import shutil

for name in sorted(os.listdir("/code/outputs")):
    shutil.copyfile(f"/code/outputs/{name}", f"/outputs/{name}")
"""


def pack(folder: Path, key: DataKey) -> bytes:
    """Return the bundle of an analysis that leaves the files sealed in `folder`.

    A file `outputs.toml` among them declares what the others hold, as for any analysis.

    Raises:
        InvalidInput: there is nothing, or too much.
    """
    names = sorted(path.name for path in folder.iterdir())
    files = {name: _read(folder / name, key) for name in names}
    if not set(files) - {DECLARATION}:
        raise InvalidInput("The outputs folder is empty: write there what you propose.")
    if sum(map(len, files.values())) > MOST_BYTES:
        raise InvalidInput(f"At most {MOST_BYTES} bytes are proposed at once: fewer files.")
    bundle = io.BytesIO()
    with zipfile.ZipFile(bundle, "w") as archive:
        archive.writestr(ENTRY, COPY)
        for name, data in files.items():
            archive.writestr(name if name == DECLARATION else f"{FOLDER}/{name}", data)
    return bundle.getvalue()


def _read(path: Path, key: DataKey) -> bytes:
    with path.open("rb") as source, open_sealed(source, key, name=path.name) as content:
        return content.read()
