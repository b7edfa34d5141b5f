"""The end of a secret that is kept in a file."""

import os
from pathlib import Path

from ecluse.trust import durable


def destroy_file(path: Path) -> None:
    """Overwrite a small file and remove it; a flash disk may keep the old cells for a while."""
    try:
        with path.open("r+b") as file:
            file.write(os.urandom(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
    except FileNotFoundError:
        return
    path.unlink()
    durable.sync_folder(path.parent)
