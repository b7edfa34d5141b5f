"""A pseudonym key in a security module (PKCS#11): made there, used there, never seen outside.

Python package `python-pkcs11`, in the extra `hsm`. The module's own HMAC gives the key of each
project and kind of value, a few a run, so that its speed does not matter.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ecluse.domain.errors import InvalidInput, NotFound, SetupIncomplete, Unreachable
from ecluse.trust.core_dumps import forbid_core_dumps
from ecluse.trust.pseudonym_keys import KEY_BYTES, LEVELS, NAMING, Secret, name_level_key

try:
    import pkcs11
    from pkcs11 import Attribute, KeyType, Mechanism, MechanismFlag, ObjectClass
except ModuleNotFoundError:
    raise SetupIncomplete(
        "Security modules need the package python-pkcs11: pip install 'ecluse[hsm]'."
    ) from None


@dataclass(frozen=True, slots=True)
class Token:
    """Where a security module keeps keys: its library, and the name of one of its tokens."""

    library: Path
    label: str


@dataclass(frozen=True, slots=True)
class TokenKey:
    """The key of one level in a token, usable while its session is open."""

    level: int
    key_id: str
    handle: Any = field(repr=False, compare=False)

    def derive(self, purpose: str) -> Secret:
        """Return the 32-byte key of one purpose, made by the token. Raises Unreachable."""
        with _failures():
            return _derive(self.handle, purpose)


@contextmanager
def open_token_key(token: Token, level: int, name: str, *, pin: str) -> Iterator[TokenKey]:
    """Give the key called `name` of a token.

    Raises:
        SetupIncomplete: the Python package or the module's library is missing.
        NotFound: no such token, or it has no such key.
        InvalidInput: the PIN is wrong.
        Unreachable: the module does not answer.
    """
    forbid_core_dumps()
    with _session(token, pin) as session:
        yield _named(level, _find(session, level, name))


def create_token_key(token: Token, level: int, name: str, *, pin: str) -> str:
    """Have the token make a key that cannot leave it, and return its key id.

    Raises:
        InvalidInput: the token has a key of this name, or the PIN is wrong.
        SetupIncomplete, NotFound, Unreachable: as `open_token_key`.
    """
    if level not in LEVELS:
        raise InvalidInput("A pseudonym key has level 1 or 2.")
    with _session(token, pin, writes=True) as session:
        return _named(level, _generate(session, level, name)).key_id


def _generate(session: pkcs11.Session, level: int, name: str) -> Any:
    with _failures():
        if any(True for _ in session.get_objects({Attribute.LABEL: name})):
            raise InvalidInput(f"The token has a key called {name!r}: name the new one otherwise.")
        return session.generate_key(
            KeyType.GENERIC_SECRET,
            KEY_BYTES * 8,
            id=bytes([level]),
            label=name,
            store=True,
            capabilities=MechanismFlag.SIGN,
            template={Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False},
        )


def _find(session: pkcs11.Session, level: int, name: str) -> Any:
    with _failures():
        try:
            found = session.get_key(
                object_class=ObjectClass.SECRET_KEY,
                key_type=KeyType.GENERIC_SECRET,
                label=name,
                id=bytes([level]),
            )
        except pkcs11.NoSuchKey:
            raise NotFound(f"The token has no key {name!r} of level {level}.") from None
    return found


def _named(level: int, handle: Any) -> TokenKey:
    with _failures():
        return TokenKey(level, name_level_key(level, _derive(handle, NAMING)), handle)


def _derive(handle: Any, purpose: str) -> Secret:
    return Secret(handle.sign(purpose.encode(), mechanism=Mechanism.SHA256_HMAC))


@contextmanager
def _session(token: Token, pin: str, *, writes: bool = False) -> Iterator[pkcs11.Session]:
    try:
        library = pkcs11.lib(str(token.library))
    except (RuntimeError, OSError):
        raise SetupIncomplete(f"{token.library} is not a PKCS#11 library: check it.") from None
    with _failures():
        try:
            session = library.get_token(token_label=token.label).open(user_pin=pin, rw=writes)
        except pkcs11.NoSuchToken:
            raise NotFound(f"The module has no token called {token.label!r}.") from None
    with session:
        yield session


@contextmanager
def _failures() -> Iterator[None]:
    """Turn what a module answers into our errors. Its words name no key, but they say little."""
    try:
        yield
    except (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange):
        raise InvalidInput("The token refuses this PIN: a few more tries can lock it.") from None
    except pkcs11.PKCS11Error as error:
        raise Unreachable(
            f"The security module answers {type(error).__name__}: check it, then retry."
        ) from None
