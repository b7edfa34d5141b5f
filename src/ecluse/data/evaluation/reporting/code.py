"""Which program computes: the digest of its modules, fixed by a protocol and its lock."""

import hashlib
from pathlib import Path
from typing import Final

PACKAGE: Final = Path(__file__).parents[1]


def digest_of_code() -> str:
    """Return the digest of the modules that compute: their names and bytes, in order."""
    found = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*.py")):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        found.update(f"{path.relative_to(PACKAGE).as_posix()} {content}\n".encode())
    return f"sha256:{found.hexdigest()}"
