"""Requests to an S3 endpoint, signed by hand: what obstore has no word for.

Versions, locks, policies, and uploads that survive the death of the sender.

Source: AWS Signature Version 4, as S3-compatible servers implement it.
"""

import atexit
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Final
from urllib.parse import quote, urlsplit
from xml.etree.ElementTree import Element, ParseError

import httpx

from ecluse.domain.errors import InvalidInput, Malformed, Unreachable

ALGORITHM: Final = "AWS4-HMAC-SHA256"
TIMEOUT_SECONDS: Final = 120
RETRIES: Final = 3
SERVER_ERROR: Final = 500
MAX_ANSWER_BYTES: Final = 8 << 20


@dataclass(frozen=True, slots=True)
class Credentials:
    """An identity at a host. The secret is never printed."""

    access_key: str
    secret_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket of an endpoint: `https://host[:port]`, addressed by path."""

    endpoint: str
    name: str
    region: str = "us-east-1"

    def __post_init__(self) -> None:
        parts = urlsplit(self.endpoint)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            raise InvalidInput(f"{self.endpoint[:80]!r} is not the http(s) URL of an endpoint.")


class SignedRequests:
    """Sends requests as `credentials`, or as nobody when they are None."""

    def __init__(
        self,
        bucket: Bucket,
        credentials: Credentials | None,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.bucket = bucket
        self._credentials, self._clock = credentials, clock

    def send(
        self,
        method: str,
        key: str = "",
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> httpx.Response:
        """Return the answer, whatever its status. Raises Unreachable when none comes."""
        path = f"/{self.bucket.name}" + (f"/{quote(key)}" if key else "")
        asked = "&".join(f"{quote(n, safe='')}={quote(v, safe='')}" for n, v in _sorted(query))
        url = f"{self.bucket.endpoint.rstrip('/')}{path}" + (f"?{asked}" if asked else "")
        signed = self._sign(method, path, asked, dict(headers or {}), body)
        try:
            return _client().request(method, url, headers=signed, content=body)
        except httpx.HTTPError as error:
            raise Unreachable(
                f"{self.bucket.endpoint} does not answer ({type(error).__name__}): "
                "check the endpoint and the network, then resume."
            ) from error

    def _sign(
        self, method: str, path: str, query: str, headers: dict[str, str], body: bytes
    ) -> dict[str, str]:
        if self._credentials is None:
            return headers
        at = self._clock().strftime("%Y%m%dT%H%M%SZ")
        digest = headers.pop("x-amz-content-sha256", hashlib.sha256(body).hexdigest())
        host = urlsplit(self.bucket.endpoint).netloc
        headers |= {"x-amz-date": at, "x-amz-content-sha256": digest, "host": host}
        lines = sorted((name.lower(), value.strip()) for name, value in headers.items())
        names = ";".join(name for name, _ in lines)
        said = "".join(f"{name}:{value}\n" for name, value in lines)
        request = "\n".join((method, path, query, said, names, digest))
        scope = f"{at[:8]}/{self.bucket.region}/s3/aws4_request"
        summary = hashlib.sha256(request.encode()).hexdigest()
        signature = hmac.digest(
            _day_key(self._credentials.secret_key, scope),
            "\n".join((ALGORITHM, at, scope, summary)).encode(),
            "sha256",
        ).hex()
        credential = f"{self._credentials.access_key}/{scope}"
        headers["authorization"] = (
            f"{ALGORITHM} Credential={credential}, SignedHeaders={names}, Signature={signature}"
        )
        return headers


def parse_answer(answer: httpx.Response) -> Element:
    """Return the XML of an answer. Raises Malformed: too long, with entities, or not XML."""
    from xml.etree import ElementTree as Tree  # noqa: PLC0415 — entities are refused below

    data = answer.content
    if len(data) > MAX_ANSWER_BYTES or b"<!" in data:
        raise Malformed("The host's answer is not the XML that S3 describes.")
    try:
        root = Tree.fromstring(data)  # noqa: S314 — without `<!` there is no entity to expand
    except ParseError:
        raise Malformed("The host's answer is not XML.") from None
    for element in root.iter():
        # Servers differ by their namespace, or have none.
        element.tag = element.tag.rpartition("}")[2]
    return root


def checked(answer: httpx.Response, doing: str) -> httpx.Response:
    """Return a good answer. Raises Unreachable with the host's code for any other."""
    if answer.is_success:
        return answer
    raise Unreachable(f"{doing}: the host answers {answer.status_code} {code_of(answer)}.")


def code_of(answer: httpx.Response) -> str:
    """Return the code of an error that S3 names, or nothing."""
    try:
        return parse_answer(answer).findtext("Code") or ""
    except Malformed:
        return ""


@cache
def _client() -> httpx.Client:
    """Return the one client of this program, whose connections every bucket shares."""
    transport = httpx.HTTPTransport(retries=RETRIES)
    client = httpx.Client(timeout=TIMEOUT_SECONDS, transport=transport, trust_env=False)
    atexit.register(client.close)
    return client


def _sorted(query: Mapping[str, str] | None) -> list[tuple[str, str]]:
    return sorted((query or {}).items())


def _day_key(secret: str, scope: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
