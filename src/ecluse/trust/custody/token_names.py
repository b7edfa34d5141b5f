"""Files that name a key kept in a token: its name there, and the name that comes from the key."""

import secrets
from pathlib import Path

from ecluse.domain.errors import InvalidInput, Malformed, NotFound
from ecluse.trust import canonical, durable, keys


def draw_name(use: str) -> str:
    """Return a name that no key of a token has yet."""
    return f"ecluse-{use}-{secrets.token_hex(8)}"


def write_name(path: Path, *, key_id: str, name: str) -> None:
    """Write which key of a token is meant. Raises StorageFull."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    data = canonical.encode({"key_id": key_id, "name": name}) + b"\n"
    durable.write(path, data, mode=keys.PRIVATE_MODE)


def read_name(path: Path) -> tuple[str, str]:
    """Return the key id, and the name in its token, that a file tells.

    Raises:
        NotFound: no such file.
        InvalidInput: it does not name a key.
    """
    try:
        content = canonical.decode(path.read_bytes().rstrip(b"\n"))
    except FileNotFoundError:
        raise NotFound(f"{path} is missing: restore it from its copy.") from None
    except Malformed:
        content = None
    if isinstance(content, dict):
        key_id, name = content.get("key_id"), content.get("name")
        if isinstance(key_id, str) and isinstance(name, str):
            return key_id, name
    raise InvalidInput(f"{path} names no key of a token: restore it from its copy.")
