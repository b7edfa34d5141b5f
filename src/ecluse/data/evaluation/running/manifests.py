"""What a lock says of the data: the digest of each file and how many cases, never a row."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ecluse.domain.errors import Malformed, Refused
from ecluse.trust import canonical


def manifest_of(files: Iterable[Path], *, cases: int) -> bytes:
    """Return the canonical manifest of some files, in the order of their names."""
    told: list[Any] = [
        {"name": path.name, "digest": canonical.digest_file(path)}
        for path in sorted(files, key=lambda path: path.name)
    ]
    return canonical.encode({"files": told, "cases": cases})


def check_files(manifest: bytes, files: Iterable[Path]) -> None:
    """Pass if the manifest names the bytes of every file.

    Raises:
        Malformed: it is no manifest.
        Refused: a file is another than the one that was fixed.
    """
    told = canonical.decode(manifest)
    named = told.get("files") if isinstance(told, dict) else None
    if not isinstance(named, list) or not all(isinstance(one, dict) for one in named):
        raise Malformed("The manifest lists no files: make it with `ecluse evaluate manifest`.")
    known = {one.get("digest") for one in named if isinstance(one, dict)}
    for path in files:
        if canonical.digest_file(path) not in known:
            raise Refused(
                f"{path.name} is not a file of the manifest: give the one that was fixed before "
                "the data were opened."
            )
