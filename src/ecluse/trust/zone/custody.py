"""Where the key of a zone is kept: in a file, or in a token that a file names.

zone.key      the key itself
zone.token    the name of the key in the zone's token, and the key's own name
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ecluse.domain.errors import InvalidInput
from ecluse.trust import durable
from ecluse.trust.custody.secrets import Secret
from ecluse.trust.custody.security_modules import Token, TokenSecret, create_secret
from ecluse.trust.custody.token_names import draw_name, read_name, write_name
from ecluse.trust.zone.extract_keys import ExtractKeys
from ecluse.trust.zone.keys import (
    NAMING,
    ZoneKey,
    create_zone_key,
    load_zone_key,
    name_zone_key,
)

IN_FILE, IN_TOKEN = "zone.key", "zone.token"
NEXT: Final = "next-"
USE: Final = "zone"


@dataclass(frozen=True, slots=True)
class TokenZoneKey:
    """The key of a zone in a token."""

    secret: TokenSecret
    key_id: str

    def derive(self, purpose: str) -> Secret:
        """Return the 32-byte key of one purpose, made by the token. Raises Unreachable."""
        return self.secret.derive(purpose)


@dataclass(frozen=True, slots=True)
class ZoneCustody:
    """The folder that has the zone's key, or names it; a new key is made in `token` if given."""

    folder: Path
    token: Token | None = None

    def exists(self) -> bool:
        """Say whether the zone has a key."""
        return any((self.folder / name).exists() for name in (IN_FILE, IN_TOKEN))

    def create(self) -> ZoneKey:
        """Return the first key of the zone. Raises InvalidInput when it has one, StorageFull."""
        if self.exists():
            raise InvalidInput("This zone has a key: replace it, so that extracts stay readable.")
        return self._make("")

    def load(self) -> ZoneKey:
        """Return the key of the zone. Raises NotFound, InvalidInput, SetupIncomplete."""
        return self._load("")

    def replace(self, extracts: ExtractKeys) -> tuple[ZoneKey, int]:
        """Make another key, wrap the keys of extracts anew under it; return it and how many.

        Killed, it goes on when it is called again; no job runs meanwhile. The old key is removed
        from its file; one in a token stays there until its custodian removes it.
        """
        begun = any((self.folder / f"{NEXT}{name}").exists() for name in (IN_FILE, IN_TOKEN))
        new = self._load(NEXT) if begun else self._make(NEXT)
        count = extracts.wrap_again(new)
        for name in (IN_FILE, IN_TOKEN):
            made, old = self.folder / f"{NEXT}{name}", self.folder / name
            if made.exists():
                made.replace(old)
            else:
                old.unlink(missing_ok=True)
        durable.sync_folder(self.folder)
        return new, count

    def _make(self, prefix: str) -> ZoneKey:
        if self.token is None:
            return create_zone_key(self.folder / f"{prefix}{IN_FILE}")
        made = create_secret(self.token, USE, draw_name(USE))
        key = TokenZoneKey(made, name_zone_key(made.derive(NAMING)))
        write_name(self.folder / f"{prefix}{IN_TOKEN}", key_id=key.key_id, name=made.name)
        return key

    def _load(self, prefix: str) -> ZoneKey:
        path = self.folder / f"{prefix}{IN_TOKEN}"
        if not path.exists():
            return load_zone_key(self.folder / f"{prefix}{IN_FILE}")
        if self.token is None:
            raise InvalidInput(f"{path} names a key in a token: set [tokens.zone] in zone.toml.")
        key_id, name = read_name(path)
        return TokenZoneKey(TokenSecret(self.token, USE, name), key_id)
