"""Where a host is tried: two buckets of our own, and the identities that try them."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import httpx

from ecluse.domain.errors import EcluseError, Unreachable
from ecluse.hosting.stores.s3 import S3Store
from ecluse.hosting.stores.signed_requests import Bucket, Credentials, SignedRequests, code_of

OK: Final = 200
REFUSALS: Final = frozenset({400, 401, 403, 405, 409, 412})


class Departure(EcluseError):
    """The host does otherwise than a store must."""

    code = "departure"


class NotTried(EcluseError):
    """A check needs what was not given: a second identity, say."""

    code = "not-tried"


@dataclass(frozen=True, slots=True)
class Bench:
    """Two buckets of one endpoint; `versioned` was made with object lock."""

    owner: Credentials
    reader: Credentials | None
    plain: Bucket
    versioned: Bucket
    sent: list[str] = field(default_factory=list)

    @property
    def store(self) -> S3Store:
        """The plain bucket as everything else here uses it."""
        return S3Store(self.plain, self.owner)

    @property
    def locking(self) -> S3Store:
        """The bucket that keeps versions and locks."""
        return S3Store(self.versioned, self.owner)

    @property
    def raw(self) -> SignedRequests:
        """Requests to the plain bucket."""
        return SignedRequests(self.plain, self.owner)

    def key(self) -> str:
        """Return a key that was never used."""
        key = f"tried/{secrets.token_hex(8)}"
        self.sent.append(key)
        return key


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that is tried; a host that fails a `required` one keeps nothing of ours."""

    name: str
    title: str
    run: Callable[[Bench], None]
    required: bool = True


def open_bench(endpoint: str, owner: Credentials, reader: Credentials | None) -> Bench:
    """Make the two buckets. Raises Unreachable when the host does not let us."""
    name = f"ecluse-conformance-{secrets.token_hex(4)}"
    plain, versioned = Bucket(endpoint, name), Bucket(endpoint, f"{name}-lock")
    _make(plain, owner, {})
    _make(versioned, owner, {"x-amz-bucket-object-lock-enabled": "true"})
    return Bench(owner, reader, plain, versioned)


def close_bench(bench: Bench) -> None:
    """Delete what was put; what is locked stays until its day, in a bucket of its own."""
    store = bench.store
    for stored in list(store.list()):
        store.delete(stored.key)
    bench.raw.send("DELETE")


def expect(is_so: object, otherwise: str) -> None:
    """Raise Departure unless it is so."""
    if not is_so:
        raise Departure(otherwise)


def expect_refused(answer: httpx.Response, what: str) -> None:
    """Raise Departure unless the host refused."""
    expect(answer.status_code in REFUSALS, f"{what}: the host answers {answer.status_code}.")


def _make(bucket: Bucket, owner: Credentials, headers: dict[str, str]) -> None:
    answer = SignedRequests(bucket, owner).send("PUT", headers=headers)
    if answer.status_code != OK:
        raise Unreachable(
            f"The bucket {bucket.name} cannot be made ({answer.status_code} {code_of(answer)}): "
            "give an identity that may make buckets."
        )
