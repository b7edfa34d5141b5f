"""Secrets in a security module (PKCS#11): made there, used there, never seen outside.

Python package `python-pkcs11`, in the extra `hsm`. The module's own HMAC gives the key of each
purpose, a few a run, so that its speed does not matter; a session lasts for one of them, so that
a module that was away is found again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ecluse.domain.errors import InvalidInput, NotFound, SetupIncomplete, Unreachable
from ecluse.trust.custody.core_dumps import forbid_core_dumps
from ecluse.trust.custody.pins import Pin
from ecluse.trust.custody.secrets import KEY_BYTES, Secret

try:
    import pkcs11
except ModuleNotFoundError:  # most zones keep their keys in files
    pkcs11 = None  # type: ignore[assignment]

USES: Final = {"zone": b"\0", "first": b"\1", "second": b"\2", "national": b"\3", "root": b"\4"}
"""What a secret is for, as the module keeps it (CKA_ID): one made for another use is not found."""


@dataclass(frozen=True, slots=True)
class Token:
    """Where a security module keeps secrets: its library, one of its tokens, and what opens it."""

    library: Path
    label: str
    pin: Pin = field(repr=False)


@dataclass(frozen=True, slots=True)
class TokenSecret:
    """A secret of a token, by its use and its name there."""

    token: Token
    use: str
    name: str

    def derive(self, purpose: str) -> Secret:
        """Return the 32-byte key of one purpose: HMAC-SHA-256 of its name, made by the token.

        Raises:
            SetupIncomplete: the package or the module's library is missing, or no PIN is given.
            NotFound: no such token, or it has no such secret.
            InvalidInput: the PIN is wrong.
            Unreachable: the module does not answer.
        """
        forbid_core_dumps()
        with _session(self.token) as session, _failures():
            found = _find(session, self.use, self.name)
            return Secret(found.sign(purpose.encode(), mechanism=pkcs11.Mechanism.SHA256_HMAC))


def create_secret(token: Token, use: str, name: str) -> TokenSecret:
    """Have the token make a secret that cannot leave it.

    Raises:
        InvalidInput: the token has one of this name, or the PIN is wrong.
        SetupIncomplete, NotFound, Unreachable: as `TokenSecret.derive`.
    """
    with _session(token, writes=True) as session, _failures():
        if any(True for _ in session.get_objects({pkcs11.Attribute.LABEL: name})):
            raise InvalidInput(f"The token has a key called {name!r}: name the new one otherwise.")
        session.generate_key(
            pkcs11.KeyType.GENERIC_SECRET,
            KEY_BYTES * 8,
            id=USES[use],
            label=name,
            store=True,
            capabilities=pkcs11.MechanismFlag.SIGN,
            template={pkcs11.Attribute.SENSITIVE: True, pkcs11.Attribute.EXTRACTABLE: False},
        )
    return TokenSecret(token, use, name)


def destroy_secret(token: Token, use: str, name: str) -> None:
    """Have the token destroy a secret; absent is as good.

    Raises:
        SetupIncomplete, InvalidInput, Unreachable: as `TokenSecret.derive`.
    """
    with _session(token, writes=True) as session, _failures():
        try:
            _find(session, use, name).destroy()
        except NotFound:
            return


def _find(session: Any, use: str, name: str) -> Any:
    try:
        return session.get_key(
            object_class=pkcs11.ObjectClass.SECRET_KEY,
            key_type=pkcs11.KeyType.GENERIC_SECRET,
            label=name,
            id=USES[use],
        )
    except pkcs11.NoSuchKey:
        raise NotFound(f"The token has no key {name!r} for the use {use!r}.") from None


@contextmanager
def _session(token: Token, *, writes: bool = False) -> Iterator[Any]:
    if pkcs11 is None:
        raise SetupIncomplete(
            "Security modules need the package python-pkcs11: pip install 'ecluse[hsm]'."
        )
    try:
        library = pkcs11.lib(str(token.library))
    except (RuntimeError, OSError):
        raise SetupIncomplete(f"{token.library} is not a PKCS#11 library: check it.") from None
    with _failures():
        try:
            session = library.get_token(token_label=token.label).open(
                user_pin=token.pin.read(), rw=writes
            )
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
