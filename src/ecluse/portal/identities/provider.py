"""Sign-in by OpenID Connect: authorisation code, PKCE, signed identity, signed user information.

    Provider.begin → the person signs in there → Provider.finish → who they are

FranceConnect is such a provider. Nothing is believed that its published keys did not sign, that is
for another site, another attempt, or weaker than asked. Source: OpenID Connect Core 1.0, RFC 7636.
"""

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

import jwt

from ecluse.domain.civil_identity import CivilIdentity
from ecluse.domain.errors import (
    BadSignature,
    Expired,
    Malformed,
    NotAllowed,
    OutOfScope,
    Replayed,
    UnknownKey,
)
from ecluse.portal.identities.answers import check_address, fetch, members

SCOPES: Final = "openid given_name family_name birthdate gender birthplace birthcountry"
LEVEL: Final = "eidas1"
LEVELS: Final = frozenset({"eidas1", "eidas2", "eidas3"})
"""The least strong level asked, and those accepted."""
ALGORITHMS: Final = ("ES256", "RS256")
REQUIRED: Final = ("iss", "aud", "exp", "iat", "sub")
LEEWAY_SECONDS: Final = 30
KEPT_SECONDS: Final = 3600
"""How long keys and addresses of a provider are believed before they are read again."""
SOONEST_SECONDS: Final = 10
"""An unknown key makes them be read again, not more often than this."""
DISCOVERY: Final = "/.well-known/openid-configuration"
ADDRESSES: Final = (
    *("authorization_endpoint", "token_endpoint", "userinfo_endpoint"),
    *("end_session_endpoint", "jwks_uri"),
)


@dataclass(frozen=True, slots=True)
class Registration:
    """This site as the provider knows it."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    return_address: str
    leave_address: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to sign in: what its answer must repeat, and the proof that we asked."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody, as the provider signed it: `subject` is its name for them on this site alone."""

    subject: str = field(repr=False)
    identity: CivilIdentity = field(repr=False)
    id_token: str = field(repr=False)


@dataclass(slots=True)
class Published:
    """What the provider publishes of itself, and when it was read (monotonic seconds)."""

    addresses: Mapping[str, str]
    keys: Mapping[str, jwt.PyJWK]
    read_at: float


class Provider:
    """An identity provider, seen from this site; its published keys are kept for an hour."""

    def __init__(self, registration: Registration) -> None:
        self.registration = registration
        self._published: Published | None = None

    def begin(self) -> tuple[Attempt, str]:
        """Return a new attempt, and the address where the person signs in. Raises Unreachable."""
        attempt = Attempt(*(secrets.token_urlsafe(32) for _ in range(3)))
        challenge = hashlib.sha256(attempt.verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self.registration.client_id,
            "redirect_uri": self.registration.return_address,
            "scope": SCOPES,
            "acr_values": LEVEL,
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": base64.urlsafe_b64encode(challenge).decode().rstrip("="),
            "code_challenge_method": "S256",
            "prompt": "login",
        }
        return attempt, self._address("authorization_endpoint", asked)

    def finish(self, attempt: Attempt, *, state: str, code: str) -> SignedIn:
        """Return who signed in.

        Raises:
            Replayed: the answer is not that of this attempt.
            BadSignature, UnknownKey, OutOfScope, Expired, Malformed: see `_signed`.
            NotAllowed: the person proved too little.
            Unreachable: the provider does not answer.
        """
        _check_same(state, attempt.state, "state")
        tokens = self._redeem(attempt, code)
        id_token = str(tokens.get("id_token", ""))
        claims = self._signed(id_token, needs=(*REQUIRED, "nonce", "acr"))
        _check_same(str(claims["nonce"]), attempt.nonce, "nonce")
        if claims["acr"] not in LEVELS:
            raise NotAllowed("This sign-in is weaker than the level that was asked.")
        told = self._person(str(tokens.get("access_token", "")))
        if told["sub"] != claims["sub"]:
            raise OutOfScope("The provider speaks of two different persons.")
        return SignedIn(str(claims["sub"]), identity_of(told), id_token)

    def leave(self, id_token: str) -> str:
        """Return the address that ends the session at the provider too."""
        told = {
            "id_token_hint": id_token,
            "state": secrets.token_urlsafe(32),
            "post_logout_redirect_uri": self.registration.leave_address,
        }
        return self._address("end_session_endpoint", told)

    def _address(self, name: str, query: Mapping[str, str]) -> str:
        return f"{self._known().addresses[name]}?{urlencode(query)}"

    def _redeem(self, attempt: Attempt, code: str) -> Mapping[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.registration.return_address,
            "client_id": self.registration.client_id,
            "client_secret": self.registration.client_secret,
            "code_verifier": attempt.verifier,
        }
        return members(fetch("POST", self._known().addresses["token_endpoint"], form=form))

    def _person(self, access_token: str) -> Mapping[str, Any]:
        headers = {"Authorization": f"Bearer {access_token}"}
        answer = fetch("GET", self._known().addresses["userinfo_endpoint"], headers=headers)
        if not answer.headers["Content-Type"].startswith("application/jwt"):
            raise BadSignature("The provider does not sign what it says of the person.")
        return self._signed(answer.text, needs=("iss", "aud", "sub"))

    def _signed(self, token: str, *, needs: tuple[str, ...]) -> Mapping[str, Any]:
        """Return what a token says.

        Raises:
            UnknownKey: the provider does not publish that key.
            BadSignature: its key did not sign it.
            OutOfScope: of another provider, or for another site.
            Expired: its time is past.
            Malformed: no token.
        """
        key = self._key(_header(token))
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=list(ALGORITHMS),
                audience=self.registration.client_id,
                issuer=self.registration.issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": list(needs), "strict_aud": True},
            )
        except jwt.ExpiredSignatureError:
            raise Expired("This sign-in is too old: begin again.") from None
        except (jwt.InvalidAudienceError, jwt.InvalidIssuerError):
            raise OutOfScope("This identity is for another site, or of another provider.") from None
        except jwt.MissingRequiredClaimError:
            raise Malformed("The provider leaves out what an identity must say.") from None
        except (jwt.PyJWTError, TypeError, ValueError):
            raise BadSignature("The provider did not sign this identity.") from None
        if claims.get("azp", self.registration.client_id) != self.registration.client_id:
            raise OutOfScope("This identity was given to another site.")
        return claims

    def _key(self, key_id: str) -> jwt.PyJWK:
        published = self._known()
        is_old = time.monotonic() - published.read_at >= SOONEST_SECONDS
        if key_id not in published.keys and is_old:
            published = self._published = self._read()
        if key_id not in published.keys:
            raise UnknownKey("The provider does not publish the key of this identity.")
        return published.keys[key_id]

    def _known(self) -> Published:
        known = self._published
        if known is None or time.monotonic() - known.read_at > KEPT_SECONDS:
            known = self._published = self._read()
        return known

    def _read(self) -> Published:
        told = members(fetch("GET", f"{self.registration.issuer}{DISCOVERY}"))
        if told.get("issuer") != self.registration.issuer:
            raise OutOfScope("The provider says that it is another one: check its address.")
        addresses = {name: check_address(str(told.get(name, ""))) for name in ADDRESSES}
        keys = members(fetch("GET", addresses["jwks_uri"])).get("keys")
        found = [_key_of(one) for one in keys] if isinstance(keys, list) else []
        return Published(addresses, dict(one for one in found if one), time.monotonic())


def identity_of(told: Mapping[str, Any]) -> CivilIdentity:
    """Return the identity that a provider tells. Raises Malformed: one without sex or birth."""
    birthdate, gender = str(told.get("birthdate", "")), told.get("gender")
    if len(birthdate) != len("YYYY-MM-DD") or gender not in ("male", "female"):
        raise Malformed("The provider tells neither birth nor sex: the number cannot be checked.")
    return CivilIdentity(
        family_name=str(told.get("family_name", "")),
        given_names=tuple(str(told.get("given_name", "")).split()),
        birthdate=birthdate,
        is_male=gender == "male",
        birthplace=str(told.get("birthplace", "")),
        birthcountry=str(told.get("birthcountry", "")),
    )


def _header(token: str) -> str:
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError:
        raise Malformed("The provider answers with no token.") from None
    if header.get("alg") not in ALGORITHMS:
        raise BadSignature("The provider signs in a way that is not accepted.")
    return str(header.get("kid", ""))


def _key_of(told: object) -> tuple[str, jwt.PyJWK] | None:
    """Return a published key and its name; None for one that is not for signing as accepted."""
    try:
        key = jwt.PyJWK.from_dict(told)  # type: ignore[arg-type]  # refused below if no object
    except (jwt.PyJWTError, AttributeError, TypeError, ValueError):
        return None
    is_for_signing = key.public_key_use in (None, "sig") and key.algorithm_name in ALGORITHMS
    return (str(key.key_id), key) if key.key_id and is_for_signing else None


def _check_same(given: str, expected: str, what: str) -> None:
    if not hmac.compare_digest(given.encode(), expected.encode()):
        raise Replayed(f"This answer is not that of this attempt (its {what} differs).")
