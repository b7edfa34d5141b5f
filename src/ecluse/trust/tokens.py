"""Bearer tokens of the mailbox: the agent proves, for one request, that it holds its key."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import jwt

from ecluse.domain.documents import AGENT, Signer
from ecluse.domain.errors import NotAllowed, Refused
from ecluse.trust.documents import ALGORITHM
from ecluse.trust.keys import Keyring, PublicKey, SigningKey

LIFETIME: Final = timedelta(seconds=60)
CLOCK_TOLERANCE: Final = timedelta(seconds=30)
_CLAIMS: Final = frozenset({"iss", "aud", "iat", "exp", "jti"})


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request. Its `jti` may be used once: remember it until `forget_at`."""

    agent: str
    key_id: str
    jti: str
    forget_at: datetime


def make_token(key: SigningKey, *, audience: str, now: datetime, agent: str = AGENT) -> str:
    """Return a token that opens the mailbox of site `audience` once, within 60 seconds."""
    issued = int(now.timestamp())
    claims = {
        "iss": agent,
        "aud": audience,
        "iat": issued,
        "exp": issued + int(LIFETIME.total_seconds()),
        "jti": str(uuid.uuid4()),
    }
    return jwt.encode(claims, key.private, algorithm=ALGORITHM, headers={"kid": key.key_id})


def verify_token(token: str, keyring: Keyring, *, audience: str, now: datetime) -> Caller:
    """Return who sent a request to site `audience`. Whether `jti` is new is for the caller.

    Raises:
        NotAllowed: not a token of an agent for this site, altered, too old, or of a retired key.
    """
    key = _key_of(token, keyring, now=now)
    try:
        claims = jwt.decode(
            token,
            key.verifier(),
            algorithms=[ALGORITHM],
            audience=audience,
            # The instants are compared below, with the clock that the caller read.
            options={"require": sorted(_CLAIMS), "verify_exp": False, "verify_iat": False},
        )
    except jwt.PyJWTError as error:
        raise NotAllowed(
            f"The token of {key.key_id} is not one for {audience} ({type(error).__name__}): "
            "compare the address configured in the agent with this site's own."
        ) from error
    texts = (claims["iss"], claims["jti"])
    if claims.keys() != _CLAIMS or not all(isinstance(text, str) for text in texts):
        raise NotAllowed(f"The token of {key.key_id} holds other claims than {sorted(_CLAIMS)}.")
    expires_at = _check_instants(claims["iat"], claims["exp"], now=now)
    return Caller(claims["iss"], key.key_id, claims["jti"], expires_at + CLOCK_TOLERANCE)


def _key_of(token: str, keyring: Keyring, *, now: datetime) -> PublicKey:
    try:
        header = jwt.get_unverified_header(token)
        key = keyring.find(str(header.get("kid")))
    except (jwt.PyJWTError, Refused) as error:
        raise NotAllowed(f"The token is not signed by a key of this keyring: {error}") from error
    if header != {"alg": ALGORITHM, "kid": key.key_id, "typ": "JWT"}:
        raise NotAllowed(f"The token's header is not that of an {ALGORITHM} token.")
    if key.signer is not Signer.AGENT:
        raise NotAllowed(f"{key.key_id} is not an agent's key: only agents use the mailbox.")
    if key.valid_until is not None and key.valid_until < now:
        raise NotAllowed(f"{key.key_id} was retired: the agent must use its present key.")
    return key


def _check_instants(issued: object, expires: object, *, now: datetime) -> datetime:
    if type(issued) is not int or type(expires) is not int:
        raise NotAllowed("The token's instants are not whole seconds.")
    # Subtractions of integers first: a huge one cannot become a date.
    seconds = int(now.timestamp())
    tolerance = int(CLOCK_TOLERANCE.total_seconds())
    if not 0 < expires - issued <= int(LIFETIME.total_seconds()):
        raise NotAllowed("The token lives longer than 60 seconds: make one per request.")
    if issued > seconds + tolerance or expires <= seconds - tolerance:
        raise NotAllowed(
            "The token is not of this minute: make a new one, and compare the clocks of both "
            "machines."
        )
    return datetime.fromtimestamp(expires, UTC)
