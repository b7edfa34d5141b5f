"""A holder: a root key, in a file or a security module, and a key for each purpose under it.

roots/<root id>.key      a generation of the root key, in a file
roots/<root id>.token    or the name that it has in the holder's token
purposes/<key id>.json   the key of one purpose, wrapped by a root key
current.json             the generation and the keys in use

The purpose keys wrap data keys. Backups may hold `purposes` and `current.json`; never `roots`:
destroying a generation makes every backup of what it wrapped unreadable.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NoReturn

from ecluse.domain import codec
from ecluse.domain.errors import InvalidInput, Malformed, NotAllowed, NotFound
from ecluse.trust import canonical, durable, keys
from ecluse.trust.custody.core_dumps import forbid_core_dumps
from ecluse.trust.custody.destruction import destroy_file
from ecluse.trust.custody.secrets import KEY_BYTES, Secret
from ecluse.trust.custody.security_modules import (
    Token,
    TokenSecret,
    create_secret,
    destroy_secret,
)
from ecluse.trust.custody.token_names import draw_name, read_name, write_name
from ecluse.trust.zone import keys as zone_keys
from ecluse.trust.zone.keys import ZoneKey

STORAGE: Final = "storage"
PURPOSES: Final = (STORAGE,)
"""What the keys of a holder are for: one each, and never another's."""
ROOT: Final = "root"
USE: Final = "root"
NAMING: Final = "ecluse holder key id"
KEY_ID: Final = re.compile(r"(root|[a-z]{1,16})-[0-9a-f]{16}")
NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")


@dataclass(frozen=True, slots=True)
class HeldKey:
    """A key of a holder in this process's memory. Never printed, copied."""

    kind: str
    secret: bytes = field(repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.secret) != KEY_BYTES:
            raise InvalidInput(f"The key of a holder has {KEY_BYTES} bytes.")
        object.__setattr__(self, "secret", Secret(self.secret))

    @property
    def key_id(self) -> str:
        """The kind of key, and 16 hexadecimal characters that come from it."""
        return name_held_key(self.kind, self.derive(NAMING))

    def derive(self, purpose: str) -> Secret:
        """Return the 32-byte key of one purpose: HMAC-SHA-256 of its name under this key."""
        return Secret(hmac.digest(self.secret, purpose.encode(), "sha256"))

    def __reduce__(self) -> NoReturn:
        raise NotAllowed("The key of a holder is never copied out of its process.")


@dataclass(frozen=True, slots=True)
class TokenRoot:
    """A generation of the root key in a token."""

    secret: TokenSecret
    key_id: str

    def derive(self, purpose: str) -> Secret:
        """Return the 32-byte key of one purpose, made by the token. Raises Unreachable."""
        return self.secret.derive(purpose)


@dataclass(frozen=True, slots=True)
class InUse:
    """The generation of the root key, and the key of each purpose, that are in use."""

    root: str
    purposes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Kept:
    key_id: str
    root: str
    wrapped: str


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """The folder of a holder; new generations of its root key are made in `token` if given."""

    name: str
    folder: Path
    token: Token | None = None

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise InvalidInput(
                f"{self.name[:40]!r} names no holder: small letters, digits, dashes."
            )

    def exists(self) -> bool:
        """Say whether the holder has keys."""
        return (self.folder / "current.json").exists()

    def create(self) -> InUse:
        """Make the first root key and the keys under it. Raises InvalidInput: there are some."""
        if self.exists():
            raise InvalidInput(f"{self.name} has keys: replace them, so that data stay readable.")
        made = self.draw()
        self.use(made)
        return made

    def draw(self) -> InUse:
        """Return a new generation and the keys under it, kept but not yet in use."""
        root = self._draw_root()
        return InUse(root.key_id, tuple(self._draw_key(purpose, root) for purpose in PURPOSES))

    def use(self, made: InUse) -> None:
        """Use these keys from now on. Raises StorageFull."""
        write_in_use(self.folder / "current.json", made)

    def in_use(self) -> InUse:
        """Return the keys in use. Raises NotFound, InvalidInput."""
        return read_in_use(self.folder / "current.json")

    def current(self, purpose: str) -> ZoneKey:
        """Return the key that wraps for a purpose. Raises NotFound."""
        return self.find(key_of(self.in_use(), purpose))

    def find(self, key_id: str) -> ZoneKey:
        """Return the key of a purpose, unwrapped by its root.

        Raises:
            NotFound: it, or the generation of the root that wraps it, was destroyed.
            BadSignature: it was altered.
        """
        kept = self._kept(key_id)
        root = self.root(kept.root)
        secret = zone_keys.unwrap(root, kept.wrapped, subject=_subject(self.name, key_id))
        return HeldKey(key_id.partition("-")[0], secret)

    def root(self, key_id: str) -> ZoneKey:
        """Return a generation of the root key. Raises NotFound: it was destroyed."""
        forbid_core_dumps()
        named = self._root_path(key_id, "token")
        if not named.exists():
            return HeldKey(ROOT, _read_secret(self._root_path(key_id, "key")))
        if self.token is None:
            raise InvalidInput(f"{key_id} of {self.name} is in a token: say which module opens it.")
        known, name = read_name(named)
        return TokenRoot(TokenSecret(self.token, USE, name), known)

    def roots(self) -> tuple[str, ...]:
        """Return the generations of the root key that are kept, sorted."""
        return _ids(self.folder / "roots")

    def purpose_keys(self) -> tuple[str, ...]:
        """Return the keys of purposes that are kept, sorted."""
        return _ids(self.folder / "purposes")

    def destroy(self, key_id: str) -> None:
        """Destroy a generation of the root key, or a key under one: for good."""
        if not key_id.startswith(f"{ROOT}-"):
            destroy_file(self._key_path(key_id))
            return
        named = self._root_path(key_id, "token")
        if named.exists():
            self._destroy_in_token(named)
        destroy_file(self._root_path(key_id, "key"))

    def end(self) -> int:
        """Destroy all keys of this holder, for good; return how many."""
        # Roots first: once they are gone, what they wrapped is unreadable wherever it is copied.
        doomed = (*self.roots(), *self.purpose_keys())
        for key_id in doomed:
            self.destroy(key_id)
        (self.folder / "current.json").unlink(missing_ok=True)
        return len(doomed)

    def _destroy_in_token(self, named: Path) -> None:
        if self.token is None:
            raise InvalidInput(f"{named.stem} is in a token: say which module destroys it.")
        destroy_secret(self.token, USE, read_name(named)[1])
        destroy_file(named)

    def _draw_root(self) -> ZoneKey:
        forbid_core_dumps()
        (self.folder / "roots").mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.token is None:
            key = HeldKey(ROOT, secrets.token_bytes(KEY_BYTES))
            line = f"{keys.to_base64url(key.secret)}\n".encode()
            durable.write(self._root_path(key.key_id, "key"), line, mode=keys.PRIVATE_MODE)
            return key
        made = create_secret(self.token, USE, draw_name(USE))
        root = TokenRoot(made, name_held_key(ROOT, made.derive(NAMING)))
        write_name(self._root_path(root.key_id, "token"), key_id=root.key_id, name=made.name)
        return root

    def _draw_key(self, purpose: str, root: ZoneKey) -> str:
        key = HeldKey(purpose, secrets.token_bytes(KEY_BYTES))
        subject = _subject(self.name, key.key_id)
        wrapped = zone_keys.wrap(root, key.secret, subject=subject)
        path = self._key_path(key.key_id)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        content = codec.encode(_Kept(key.key_id, root.key_id, wrapped))
        durable.write(path, canonical.encode(content) + b"\n", mode=keys.PRIVATE_MODE)
        return key.key_id

    def _kept(self, key_id: str) -> _Kept:
        kept: _Kept = _read(self._key_path(key_id), _Kept)
        return kept

    def _root_path(self, key_id: str, kind: str) -> Path:
        return self.folder / "roots" / f"{_checked(key_id)}.{kind}"

    def _key_path(self, key_id: str) -> Path:
        return self.folder / "purposes" / f"{_checked(key_id)}.json"


def key_of(in_use: InUse, purpose: str) -> str:
    """Return the name of the key of a purpose. Raises NotFound."""
    for key_id in in_use.purposes:
        if key_id.startswith(f"{purpose}-"):
            return key_id
    raise NotFound(f"No key is for {purpose[:20]!r}.")


def write_in_use(path: Path, made: InUse) -> None:
    """Write which keys are in use. Raises StorageFull."""
    durable.write(path, canonical.encode(codec.encode(made)) + b"\n", mode=keys.PRIVATE_MODE)


def read_in_use(path: Path) -> InUse:
    """Return which keys are in use. Raises NotFound, InvalidInput."""
    found: InUse = _read(path, InUse)
    return found


def name_held_key(kind: str, derived: bytes) -> str:
    """Return the name of a key, from what it derives for the purpose `NAMING`."""
    return f"{kind}-{hashlib.sha256(derived).hexdigest()[:16]}"


def _read(path: Path, type_: type[Any]) -> Any:
    try:
        return codec.decode(canonical.decode(path.read_bytes().rstrip(b"\n")), type_, at=path.name)
    except FileNotFoundError:
        raise NotFound(f"{path} is missing: the key was destroyed, or restore it.") from None
    except Malformed:
        raise InvalidInput(f"{path} was altered: restore it from its copy.") from None


def _read_secret(path: Path) -> bytes:
    if not path.is_file():
        raise NotFound(f"{path} is missing: this generation was destroyed, or never was.")
    if path.stat().st_mode & 0o077:
        raise InvalidInput(f"{path} can be read by other accounts: run `chmod 600 {path}`.")
    try:
        return keys.from_base64url(path.read_text(encoding="ascii").strip())
    except (Malformed, UnicodeDecodeError):
        raise InvalidInput(f"{path} is not a root key: restore it from its copy.") from None


def _ids(folder: Path) -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in folder.glob("*") if KEY_ID.fullmatch(path.stem)))


def _checked(key_id: str) -> str:
    if not KEY_ID.fullmatch(key_id):
        raise InvalidInput("A holder's key has a name that ends with 16 hexadecimal characters.")
    return key_id


def _subject(holder: str, key_id: str) -> str:
    return f"{key_id} of {holder}"
