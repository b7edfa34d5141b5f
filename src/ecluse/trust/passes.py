"""Passes of the checking room: a person who signed in there may enter one workspace, once.

A pass is a token signed by the checking room. It names the person and the permit, lives a minute,
and gives no right by itself: the secure zone still asks its own signed permit.
"""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import jwt

from ecluse.domain.documents import Signer
from ecluse.domain.errors import NotAllowed, Refused
from ecluse.trust.documents import ALGORITHM
from ecluse.trust.keys import Keyring, PublicKey, SigningKey

AUDIENCE: Final = "ecluse-workspaces"
LIFETIME: Final = timedelta(seconds=60)
CLOCK_TOLERANCE: Final = timedelta(seconds=5)
_CLAIMS: Final = frozenset({"aud", "exp", "iat", "jti", "permit", "sub"})


@dataclass(frozen=True, slots=True)
class Pass:
    """Who may enter which workspace. Its `number` serves once: remember it until `forget_at`."""

    subject: str
    permit_number: str
    number: str
    forget_at: datetime


def make_pass(key: SigningKey, *, subject: str, permit_number: str, now: datetime) -> str:
    """Return a pass for one person and one permit, good for one minute."""
    issued = int(now.timestamp())
    claims = {
        "aud": AUDIENCE,
        "exp": issued + int(LIFETIME.total_seconds()),
        "iat": issued,
        "jti": str(uuid.uuid4()),
        "permit": permit_number,
        "sub": subject,
    }
    return jwt.encode(claims, key.private, algorithm=ALGORITHM, headers={"kid": key.key_id})


def verify_pass(text: str, keyring: Keyring, *, now: datetime) -> Pass:
    """Return who may enter. Whether the pass is new is for the caller.

    Raises:
        NotAllowed: not a pass of the checking room, altered, too old, or of a retired key.
    """
    key = _key_of(text, keyring, now=now)
    try:
        claims = jwt.decode(
            text,
            key.verifier(),
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            # The instants are compared below, with the clock that the caller read.
            options={"require": sorted(_CLAIMS), "verify_exp": False, "verify_iat": False},
        )
    except jwt.PyJWTError as error:
        raise NotAllowed(_again(f"it is not a pass ({type(error).__name__})")) from error
    texts = [claims.get(name) for name in ("jti", "permit", "sub")]
    if claims.keys() != _CLAIMS or not all(isinstance(one, str) and one for one in texts):
        raise NotAllowed(_again("it holds other claims than a pass"))
    expires_at = _check_instants(claims["iat"], claims["exp"], now=now)
    number, permit_number, subject = texts
    return Pass(str(subject), str(permit_number), str(number), expires_at + CLOCK_TOLERANCE)


def _key_of(text: str, keyring: Keyring, *, now: datetime) -> PublicKey:
    try:
        header = jwt.get_unverified_header(text)
        key = keyring.find(str(header.get("kid")))
    except (jwt.PyJWTError, Refused) as error:
        raise NotAllowed(_again("no key believed here signed it")) from error
    if header != {"alg": ALGORITHM, "kid": key.key_id, "typ": "JWT"}:
        raise NotAllowed(_again(f"its header is not that of an {ALGORITHM} token"))
    if key.signer is not Signer.CHECKING_ROOM:
        raise NotAllowed(_again("only the checking room gives passes"))
    if key.valid_until is not None and key.valid_until < now:
        raise NotAllowed(_again("the key that signed it was retired"))
    return key


def _check_instants(issued: object, expires: object, *, now: datetime) -> datetime:
    if type(issued) is not int or type(expires) is not int:
        raise NotAllowed(_again("its instants are not whole seconds"))
    # Subtractions of integers first: a huge one cannot become a date.
    seconds, tolerance = int(now.timestamp()), int(CLOCK_TOLERANCE.total_seconds())
    if not 0 < expires - issued <= int(LIFETIME.total_seconds()):
        raise NotAllowed(_again("it lives longer than a minute"))
    if issued > seconds + tolerance or expires <= seconds:
        raise NotAllowed(_again("it is not of this minute"))
    return datetime.fromtimestamp(expires, UTC)


def _again(reason: str) -> str:
    return f"This pass opens nothing: {reason}. Enter again from the checking room."
