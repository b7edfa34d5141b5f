"""The versions of one level's key, in a folder of its custodian, oldest kept: projects need them.

<key id>.key    one file a version
<key id>.token  or, where the custodian's keys are in a token, the name that the version has there
current         the name of the version that new projects get
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ecluse.domain.errors import InvalidInput, NotFound
from ecluse.trust import durable, keys
from ecluse.trust.custody.secrets import Secret
from ecluse.trust.custody.security_modules import Token, TokenSecret, create_secret
from ecluse.trust.custody.token_names import draw_name, read_name, write_name
from ecluse.trust.pseudonyms.keys import (
    KEY_ID,
    NAMING,
    LevelKey,
    draw_level_key,
    load_level_key,
    name_level_key,
    store_level_key,
)

CURRENT: Final = "current"
TEXT: Final = re.compile(rf"({KEY_ID.pattern})\n?")
USES: Final = {1: "first", 2: "second"}
"""What the key of each level is called where a token keeps it."""


@dataclass(frozen=True, slots=True)
class TokenKey:
    """The key of one level in a token."""

    level: int
    key_id: str
    secret: TokenSecret

    def derive(self, purpose: str) -> Secret:
        """Return the 32-byte key of one purpose, made by the token. Raises Unreachable."""
        return self.secret.derive(purpose)


@dataclass(frozen=True, slots=True)
class KeyFolder:
    """The folder where a custodian keeps every version of one level's key.

    New versions are made in `token` if there is one; those already in files stay of use.
    """

    path: Path
    level: int
    passphrase: str | None = field(default=None, repr=False)
    token: Token | None = None

    def create(self) -> LevelKey:
        """Return the first key of this folder. Raises InvalidInput when it has one."""
        if self.exists():
            raise InvalidInput(
                f"{self.path} has a key: replace it with a new version, the old one stays."
            )
        return self.rotate()

    def exists(self) -> bool:
        """Say whether this folder has a key."""
        return (self.path / CURRENT).exists()

    def rotate(self) -> LevelKey:
        """Return a new version, which new projects get from now on. Raises StorageFull."""
        key = self._in_file() if self.token is None else self._in_token(self.token)
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

    def find(self, key_id: str) -> LevelKey:
        """Return one version. Raises NotFound, InvalidInput, BadSignature."""
        if not KEY_ID.fullmatch(key_id):
            raise InvalidInput("This is not the name of a pseudonym key: see `current`.")
        key = self._found(key_id)
        if key.key_id != key_id:
            raise InvalidInput(f"{key_id} is the name of another key, {key.key_id}: restore it.")
        return key

    def _found(self, key_id: str) -> LevelKey:
        path = self.path / f"{key_id}.token"
        if not path.exists():
            words = self.passphrase
            return load_level_key(self.path / f"{key_id}.key", self.level, passphrase=words)
        if self.token is None:
            raise InvalidInput(
                f"{key_id} is in a token: set [tokens.{USES[self.level]}] in zone.toml."
            )
        named, name = read_name(path)
        return TokenKey(self.level, named, TokenSecret(self.token, USES[self.level], name))

    def _in_file(self) -> LevelKey:
        key = draw_level_key(self.level)
        store_level_key(self.path / f"{key.key_id}.key", key, passphrase=self.passphrase)
        return key

    def _in_token(self, token: Token) -> LevelKey:
        use = USES[self.level]
        secret = create_secret(token, use, draw_name(use))
        key = TokenKey(self.level, name_level_key(self.level, secret.derive(NAMING)), secret)
        write_name(self.path / f"{key.key_id}.token", key_id=key.key_id, name=secret.name)
        return key
