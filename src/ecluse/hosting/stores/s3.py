"""A store in a bucket of any S3 endpoint.

obstore moves the bytes; versions, locks and uploads that are resumed go by signed requests.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError
from obstore.store import S3Store as Client

from ecluse.domain import codec
from ecluse.domain.errors import Malformed, NotAllowed, NotFound, Unreachable
from ecluse.hosting.stores.interface import CHUNK_BYTES, Stored, Upload, Version, checked_key
from ecluse.hosting.stores.multipart import (
    PART_BYTES,
    MultipartUpload,
    WholeUpload,
    content_md5,
)
from ecluse.hosting.stores.signed_requests import (
    Bucket,
    Credentials,
    SignedRequests,
    checked,
    parse_answer,
)

RETRY_SECONDS: Final = 60
"""Some servers take 20 seconds to write again after a restart."""
NOT_FOUND: Final = 404
FORBIDDEN: Final = frozenset({400, 403, 405, 409})


class S3Store:
    """The objects of a bucket under `prefix` ("" or ending with a slash)."""

    def __init__(self, bucket: Bucket, credentials: Credentials, *, prefix: str = "") -> None:
        self.bucket, self._prefix = bucket, prefix
        self._requests = SignedRequests(bucket, credentials)
        self._client: Any = Client(
            bucket.name,
            prefix=prefix or None,
            endpoint=bucket.endpoint,
            region=bucket.region,
            access_key_id=credentials.access_key,
            secret_access_key=credentials.secret_key,
            virtual_hosted_style_request=False,
            client_options={"allow_http": bucket.endpoint.startswith("http://")},
            retry_config={"retry_timeout": timedelta(seconds=RETRY_SECONDS)},
        )

    @property
    def place(self) -> str:
        """The bucket's address."""
        return f"s3+{self.bucket.endpoint}/{self.bucket.name}/{self._prefix}"

    def put_if_absent(self, key: str, data: bytes) -> bool:
        """Keep `data` under `key`; False, and nothing changes, when the key is taken."""
        # A server that ignores the condition must not make us write over an object.
        if self.head(key) is not None:
            return False
        try:
            obstore.put(self._client, key, data, mode="create", use_multipart=False)
        except (AlreadyExistsError, PreconditionError):
            return False
        except (BaseError, OSError) as error:
            raise self._unreachable(error) from None
        return True

    def upload(self, key: str, *, size: int) -> Upload:
        """Begin an object, or resume one of several parts that was interrupted."""
        if size <= PART_BYTES:
            return WholeUpload(self, key)
        return MultipartUpload(self._requests, self._prefix + checked_key(key), size=size)

    def read(self, key: str, *, start: int = 0, length: int) -> bytes:
        """Return at most `length` bytes from `start`. Raises NotFound."""
        if length == 0:
            return b""
        try:
            return bytes(
                obstore.get_range(self._client, checked_key(key), start=start, length=length)
            )
        except FileNotFoundError:
            raise NotFound(f"{key} is not at {self.place}.") from None
        except (BaseError, OSError) as error:
            raise self._unreachable(error) from None

    def stream(self, key: str, *, start: int = 0) -> Iterator[bytes]:
        """Yield the bytes from `start` to the end, in pieces. Raises NotFound."""
        try:
            options: Any = {"range": {"offset": start}} if start else None
            found = obstore.get(self._client, checked_key(key), options=options)
            for piece in found.stream(min_chunk_size=CHUNK_BYTES):
                yield bytes(piece)
        except FileNotFoundError:
            raise NotFound(f"{key} is not at {self.place}.") from None
        except (BaseError, OSError) as error:
            raise self._unreachable(error) from None

    def head(self, key: str) -> Stored | None:
        """Return the object, or None."""
        try:
            found = obstore.head(self._client, checked_key(key))
        except FileNotFoundError:
            return None
        except (BaseError, OSError) as error:
            raise self._unreachable(error) from None
        return Stored(key, found["size"])

    def list(self, prefix: str = "") -> Iterator[Stored]:
        """Yield the objects whose key begins with `prefix`."""
        # obstore lists whole folders only: what lies beside is put aside here.
        folder = prefix.rpartition("/")[0]
        try:
            for page in obstore.list(self._client, folder or None):
                found = (Stored(one["path"], one["size"]) for one in page)
                yield from (one for one in found if one.key.startswith(prefix))
        except (BaseError, OSError) as error:
            raise self._unreachable(error) from None

    def versions(self, key: str) -> tuple[Version, ...]:
        """Return every version that the host keeps of this very key."""
        query = {"versions": "", "prefix": self._prefix + checked_key(key)}
        root = parse_answer(checked(self._requests.send("GET", query=query), f"Versions of {key}"))
        if root.findtext("IsTruncated") == "true":
            raise Malformed(f"{key} has more versions than one answer holds: ask the host.")
        return tuple(
            Version(key, one.findtext("VersionId") or "", is_deletion=one.tag == "DeleteMarker")
            for one in root
            if one.tag in ("Version", "DeleteMarker") and one.findtext("Key") == self._prefix + key
        )

    def delete(self, key: str, *, version_id: str | None = None) -> None:
        """Delete an object, or one version for good. Raises NotAllowed: locked, or no right."""
        query = None if version_id is None else {"versionId": version_id}
        answer = self._requests.send("DELETE", self._prefix + checked_key(key), query=query)
        if answer.status_code in FORBIDDEN:
            raise NotAllowed(f"The host refuses to delete {key}: it is locked, or not ours.")
        if answer.status_code != NOT_FOUND:
            checked(answer, f"Deleting {key}")

    def lock(self, key: str, *, until: datetime) -> None:
        """Have the host refuse any deletion before `until`, to everybody (compliance mode).

        Raises:
            NotAllowed: the bucket was made without object lock, or the lock would shrink.
            NotFound: no such object.
        """
        instant = codec.format_instant(until.astimezone(UTC))
        body = f"<Retention><Mode>COMPLIANCE</Mode><RetainUntilDate>{instant}</RetainUntilDate>"
        answer = self._requests.send(
            "PUT",
            self._prefix + checked_key(key),
            query={"retention": ""},
            headers=content_md5(body := f"{body}</Retention>"),
            body=body.encode(),
        )
        if answer.status_code == NOT_FOUND:
            raise NotFound(f"{key} is not at {self.place}, or its bucket knows no lock.")
        if answer.status_code in FORBIDDEN:
            raise NotAllowed(
                f"The host refuses to lock {key}: a bucket locks from its creation on."
            )
        checked(answer, f"Locking {key}")

    def _unreachable(self, error: BaseException) -> Unreachable:
        return Unreachable(
            f"{self.place} does not answer as a store does ({type(error).__name__}): check the "
            "endpoint, the bucket and the identity, then resume."
        )
