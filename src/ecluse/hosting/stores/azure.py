"""Azure Blob Storage, to read from and never to write to: where some hubs come from."""

# ruff: noqa: ARG002 — the methods that refuse take what the interface gives them

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final, NoReturn

import obstore
from obstore.exceptions import BaseError
from obstore.store import AzureStore as Client

from ecluse.domain.errors import NotAllowed, NotFound, Unreachable
from ecluse.hosting.stores.interface import CHUNK_BYTES, Stored, Upload, Version

READ_ONLY: Final = "Azure is read from and never written to: name another store as the target."


class AzureStore:
    """The blobs of a container, read only."""

    def __init__(self, *, endpoint: str, container: str, account: str, key: str) -> None:
        self.place = f"azure+{endpoint}/{container}/"
        self._client: Any = Client(
            container_name=container,
            account_name=account,
            account_key=key,
            endpoint=endpoint,
            client_options={"allow_http": endpoint.startswith("http://")},
        )

    def read(self, key: str, *, start: int = 0, length: int) -> bytes:
        """Return at most `length` bytes from `start`. Raises NotFound."""
        if length == 0:
            return b""
        try:
            return bytes(obstore.get_range(self._client, key, start=start, length=length))
        except FileNotFoundError:
            raise NotFound(f"{key} is not at {self.place}.") from None
        except (BaseError, OSError) as error:
            raise self._unreachable(error) from None

    def stream(self, key: str, *, start: int = 0) -> Iterator[bytes]:
        """Yield the bytes from `start` to the end, in pieces. Raises NotFound."""
        try:
            options: Any = {"range": {"offset": start}} if start else None
            for piece in obstore.get(self._client, key, options=options).stream(
                min_chunk_size=CHUNK_BYTES
            ):
                yield bytes(piece)
        except FileNotFoundError:
            raise NotFound(f"{key} is not at {self.place}.") from None
        except (BaseError, OSError) as error:
            raise self._unreachable(error) from None

    def head(self, key: str) -> Stored | None:
        """Return the blob, or None."""
        try:
            return Stored(key, obstore.head(self._client, key)["size"])
        except FileNotFoundError:
            return None
        except (BaseError, OSError) as error:
            raise self._unreachable(error) from None

    def list(self, prefix: str = "") -> Iterator[Stored]:
        """Yield the blobs whose name begins with `prefix`."""
        try:
            for page in obstore.list(self._client, prefix.rpartition("/")[0] or None):
                found = (Stored(one["path"], one["size"]) for one in page)
                yield from (one for one in found if one.key.startswith(prefix))
        except (BaseError, OSError) as error:
            raise self._unreachable(error) from None

    def put_if_absent(self, key: str, data: bytes) -> NoReturn:
        """Refuse. Raises NotAllowed."""
        raise NotAllowed(READ_ONLY)

    def upload(self, key: str, *, size: int) -> Upload:
        """Refuse. Raises NotAllowed."""
        raise NotAllowed(READ_ONLY)

    def versions(self, key: str) -> tuple[Version, ...]:
        """Refuse. Raises NotAllowed."""
        raise NotAllowed(READ_ONLY)

    def delete(self, key: str, *, version_id: str | None = None) -> None:
        """Refuse. Raises NotAllowed."""
        raise NotAllowed(READ_ONLY)

    def lock(self, key: str, *, until: datetime) -> None:
        """Refuse. Raises NotAllowed."""
        raise NotAllowed(READ_ONLY)

    def _unreachable(self, error: BaseException) -> Unreachable:
        return Unreachable(
            f"{self.place} does not answer as a store does ({type(error).__name__}): check the "
            "endpoint, the container and the account, then resume."
        )
