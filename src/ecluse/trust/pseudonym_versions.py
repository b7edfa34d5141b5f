"""The versions of one level's key, in a folder of its custodian, oldest kept: projects need them.

<key id>.key    one file a version
current         the name of the version that new projects get
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ecluse.domain.errors import InvalidInput, NotFound
from ecluse.trust import durable, keys
from ecluse.trust.pseudonym_keys import (
    KEY_ID,
    FileKey,
    draw_level_key,
    load_level_key,
    store_level_key,
)

CURRENT: Final = "current"
TEXT: Final = re.compile(rf"({KEY_ID.pattern})\n?")


@dataclass(frozen=True, slots=True)
class KeyFolder:
    """The folder where a custodian keeps every version of one level's key."""

    path: Path
    level: int
    passphrase: str | None = field(default=None, repr=False)

    def create(self) -> FileKey:
        """Return the first key of this folder. Raises InvalidInput when it has one."""
        if self.exists():
            raise InvalidInput(
                f"{self.path} has a key: replace it with a new version, the old one stays."
            )
        return self.rotate()

    def exists(self) -> bool:
        """Say whether this folder has a key."""
        return (self.path / CURRENT).exists()

    def rotate(self) -> FileKey:
        """Return a new version, which new projects get from now on. Raises StorageFull."""
        key = draw_level_key(self.level)
        store_level_key(self.path / f"{key.key_id}.key", key, passphrase=self.passphrase)
        # The name comes last: a version that a crash left unnamed serves nobody, and harms nobody.
        durable.write(self.path / CURRENT, f"{key.key_id}\n".encode(), mode=keys.PRIVATE_MODE)
        return key

    def current_id(self) -> str:
        """Return the name of the version that new projects get. Raises NotFound, InvalidInput."""
        try:
            text = (self.path / CURRENT).read_text(encoding="ascii")
        except FileNotFoundError:
            raise NotFound(
                f"{self.path} has no pseudonym key: restore it from its copy, or make the first."
            ) from None
        named = TEXT.fullmatch(text)
        if named is None:
            raise InvalidInput(f"{self.path / CURRENT} names no key: restore it from its copy.")
        return named[1]

    def find(self, key_id: str) -> FileKey:
        """Return one version. Raises NotFound, InvalidInput, BadSignature."""
        if not KEY_ID.fullmatch(key_id):
            raise InvalidInput("This is not the name of a pseudonym key: see `current`.")
        key = load_level_key(self.path / f"{key_id}.key", self.level, passphrase=self.passphrase)
        if key.key_id != key_id:
            raise InvalidInput(f"{key_id}.key holds another key, {key.key_id}: restore its copy.")
        return key
