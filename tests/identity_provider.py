"""A real OpenID Connect provider for tests: HTTP, PKCE, published keys, signed user information.

It speaks as FranceConnect does. `lies` alters what it signs, one claim or one signature at a time.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

Claims = dict[str, Any]
Lie = Callable[[Claims], Claims]

CLIENT_ID, CLIENT_SECRET = "ecluse-site", "a secret of two parties"
JEANNE = {
    "sub": "jeanne-at-this-site",
    "given_name": "Jeanne Marie",
    "family_name": "Petit",
    "birthdate": "1934-05-12",
    "gender": "male",
    "birthplace": "",
    "birthcountry": "99000",
}
"""Who signs in unless the test says otherwise."""


def as_number(number: str, sub: str = "jeanne-at-this-site") -> Claims:
    """The person whose civil data agree with an invented number of born abroad."""
    return {
        **JEANNE,
        "sub": sub,
        "gender": "male" if number[0] == "1" else "female",
        "birthdate": f"19{number[1:3]}-{number[3:5]}-12",
        "birthcountry": number[5:10],
    }


@dataclass
class Key:
    """A key that the provider publishes under a name."""

    key_id: str
    algorithm: str
    private: Any

    def published(self) -> Claims:
        """The public half, as JSON."""
        writer = ECAlgorithm if self.algorithm == "ES256" else RSAAlgorithm
        told = json.loads(writer.to_jwk(self.private.public_key()))
        return {**told, "kid": self.key_id, "alg": self.algorithm, "use": "sig"}


def new_key(key_id: str, algorithm: str = "ES256") -> Key:
    """A key drawn now."""
    if algorithm == "ES256":
        return Key(key_id, algorithm, ec.generate_private_key(ec.SECP256R1()))
    return Key(key_id, algorithm, rsa.generate_private_key(65537, 2048))


@dataclass
class IdentityProvider:
    """The provider: who is before its screen, its keys, and how it lies."""

    issuer: str = ""
    person: Claims = field(default_factory=lambda: dict(JEANNE))
    keys: list[Key] = field(default_factory=lambda: [new_key("k1")])
    signs_with: Key | None = None
    acr: str = "eidas1"
    id_lie: Lie = field(default=lambda claims: claims)
    info_lie: Lie = field(default=lambda claims: claims)
    signs_info: bool = True
    forged: Callable[[Claims], str] | None = None
    codes: dict[str, Claims] = field(default_factory=dict)
    accesses: dict[str, Claims] = field(default_factory=dict)
    ended: list[str] = field(default_factory=list)
    key_reads: int = 0

    def rotate(self, algorithm: str = "ES256") -> None:
        """Publish and use another key; the former one is gone."""
        self.keys = [new_key(f"k{secrets.token_hex(4)}", algorithm)]

    def sign(self, claims: Claims) -> str:
        """A token signed with the present key, or forged."""
        if self.forged is not None:
            return self.forged(claims)
        key = self.signs_with or self.keys[0]
        headers = {"kid": key.key_id}
        return jwt.encode(claims, key.private, algorithm=key.algorithm, headers=headers)

    def configuration(self) -> Claims:
        """What the provider publishes of itself."""
        names = {
            "authorization_endpoint": "authorize",
            "token_endpoint": "token",
            "userinfo_endpoint": "userinfo",
            "end_session_endpoint": "session/end",
            "jwks_uri": "jwks",
        }
        return {"issuer": self.issuer} | {
            name: f"{self.issuer}/{path}" for name, path in names.items()
        }

    def authorize(self, asked: Mapping[str, str]) -> str:
        """The address back to the site, for a person who signs in at once."""
        assert asked["client_id"] == CLIENT_ID
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert len(asked["nonce"]) >= 32
        code = secrets.token_urlsafe(24)
        self.codes[code] = {**asked, "person": dict(self.person)}
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, given: Mapping[str, str]) -> Claims | None:
        """The tokens of a code, once, for who began with its proof; None refuses."""
        asked = self.codes.pop(given.get("code", ""), None)
        if asked is None or given.get("client_secret") != CLIENT_SECRET:
            return None
        digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        same = challenge == asked["code_challenge"]
        if not same or given.get("redirect_uri") != asked["redirect_uri"]:
            return None
        access = secrets.token_urlsafe(24)
        self.accesses[access] = asked["person"]
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": asked["person"]["sub"],
            "iat": now,
            "exp": now + 60,
            "nonce": asked["nonce"],
            "acr": self.acr,
        }
        return {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": 60,
            "id_token": self.sign(self.id_lie(claims)),
        }

    def userinfo(self, access: str) -> str | None:
        """What the provider says of who has this access; None refuses."""
        person = self.accesses.get(access)
        if person is None:
            return None
        told = self.info_lie({**person, "iss": self.issuer, "aud": CLIENT_ID})
        return self.sign(told) if self.signs_info else json.dumps(told)


class _Door(BaseHTTPRequestHandler):
    """HTTP in front of a provider."""

    provider: IdentityProvider

    def do_GET(self) -> None:
        """Answer a page or a document."""
        parts = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        match parts.path:
            case "/.well-known/openid-configuration":
                self._json(self.provider.configuration())
            case "/jwks":
                self.provider.key_reads += 1
                self._json({"keys": [key.published() for key in self.provider.keys]})
            case "/authorize":
                self._go(self.provider.authorize(query))
            case "/userinfo":
                bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
                self._person(self.provider.userinfo(bearer))
            case "/session/end":
                self.provider.ended.append(query["id_token_hint"])
                self._go(query["post_logout_redirect_uri"])
            case _:
                self.send_error(404)

    def do_POST(self) -> None:
        """Give tokens for a code."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        given = {name: values[-1] for name, values in parse_qs(body).items()}
        tokens = self.provider.token(given)
        self._json(tokens or {"error": "invalid_grant"}, 200 if tokens else 400)

    def _person(self, told: str | None) -> None:
        media = "application/jwt" if self.provider.signs_info else "application/json"
        self._send((told or "").encode(), 200 if told else 401, media)

    def _json(self, told: Claims, status: int = 200) -> None:
        self._send(json.dumps(told).encode(), status, "application/json")

    def _send(self, body: bytes, status: int, media: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _go(self, address: str) -> None:
        self.send_response(302)
        self.send_header("Location", address)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's
        """Say nothing."""


@contextmanager
def serving() -> Iterator[IdentityProvider]:
    """A provider that listens on this machine."""
    provider = IdentityProvider()
    door = type("Door", (_Door,), {"provider": provider})
    server = ThreadingHTTPServer(("127.0.0.1", 0), door)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
