"""What a session knows of a citizen: sealed with a key that is not in the database.

Who reads the table of sessions reads neither identity nor number. The session ends an hour after
the sign-in at the latest, and all this with it.
"""

import json
import secrets
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.http import HttpRequest

from ecluse.domain import codec
from ecluse.domain.civil_identity import CivilIdentity
from ecluse.domain.errors import EcluseError
from ecluse.portal.identities.provider import Provider, Registration
from ecluse.trust import keys

LASTS: Final = timedelta(hours=1)
NAME: Final = "citizen"
NONCE_BYTES: Final = 12
KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Citizen:
    """Who is before the screen: without an `identity`, an account of a demonstration.

    `number` is empty until it was given in this session and found to be theirs.
    """

    identity: CivilIdentity | None = None
    id_token: str = field(default="", repr=False)
    number: str = field(default="", repr=False)

    @property
    def is_local(self) -> bool:
        """Whether no identity provider opened the session."""
        return self.identity is None


def provider() -> Provider:
    """Return the identity provider of this site, whose published keys are kept."""
    return _provider(
        Registration(
            settings.ECLUSE_FRANCECONNECT,
            settings.ECLUSE_FRANCECONNECT_ID,
            settings.ECLUSE_FRANCECONNECT_SECRET,
            f"{settings.ECLUSE_PUBLIC_URL}/identities/return/",
            f"{settings.ECLUSE_PUBLIC_URL}/identities/left/",
        )
    )


@cache
def _provider(registration: Registration) -> Provider:
    return Provider(registration)


def citizen_of(request: HttpRequest) -> Citizen:
    """Return what this session knows of its person; nothing, for a session of another account."""
    sealed = request.session.get(NAME, "")
    if not sealed:
        return Citizen()
    data = keys.from_base64url(sealed)
    try:
        opened = _cipher().decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], _owner(request))
    except InvalidTag:
        return Citizen()
    found: Citizen = codec.decode(json.loads(opened), Citizen)
    return found


def remember(request: HttpRequest, who: Citizen) -> None:
    """Keep who is before the screen, for the account of this session alone."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    told = json.dumps(codec.encode(who)).encode()
    sealed = nonce + _cipher().encrypt(nonce, told, _owner(request))
    request.session[NAME] = keys.to_base64url(sealed)


def remember_number(request: HttpRequest, number: str) -> None:
    """Keep the number that was found to be theirs."""
    remember(request, replace(citizen_of(request), number=number))


def leave_address(request: HttpRequest) -> str:
    """Return where the session at the provider ends too; empty if there is none, or no answer."""
    who = citizen_of(request)
    if not who.id_token:
        return ""
    try:
        return provider().leave(who.id_token)
    except EcluseError:
        return ""  # the session here ends all the same


def _owner(request: HttpRequest) -> bytes:
    return f"account {request.user.pk}".encode()


def _cipher() -> AESGCM:
    secret = settings.SECRET_KEY.encode()
    derive = HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=b"ecluse citizen session")
    return AESGCM(derive.derive(secret))
