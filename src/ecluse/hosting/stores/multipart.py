"""Objects sent to S3 in parts, so that the death of the sender costs one part at most.

The host remembers what it received: an upload is found again by its key, with nothing kept here.
"""

import base64
import hashlib
from dataclasses import dataclass
from typing import Final, Protocol
from xml.etree.ElementTree import Element

from ecluse.domain.errors import InvalidInput, Unreachable
from ecluse.hosting.stores.signed_requests import SignedRequests, checked, parse_answer

PART_BYTES: Final = 5 << 20
"""The smallest part that S3 takes: a kill loses half of one, on average."""
MAX_PARTS: Final = 10_000
MAX_LISTED: Final = 1000


class PutsWhole(Protocol):
    """What a small upload needs of its store."""

    def put_if_absent(self, key: str, data: bytes) -> bool:
        """Keep `data` under `key`, or return False."""


class WholeUpload:
    """A small object: sent at once when it is finished."""

    def __init__(self, store: PutsWhole, key: str) -> None:
        self._store, self._key = store, key
        self._waiting = bytearray()

    @property
    def received(self) -> int:
        """Bytes taken so far."""
        return len(self._waiting)

    def write(self, data: bytes) -> None:
        """Take the bytes that follow."""
        self._waiting += data

    def finish(self) -> bool:
        """Send it; False when the key was taken before."""
        return self._store.put_if_absent(self._key, bytes(self._waiting))

    def abandon(self) -> None:
        """Forget it: nothing was sent."""
        self._waiting.clear()


@dataclass(frozen=True, slots=True)
class _Part:
    number: int
    etag: str
    size: int


class MultipartUpload:
    """A large object, in parts that the host keeps until the object is finished."""

    def __init__(self, requests: SignedRequests, key: str, *, size: int) -> None:
        self._requests, self._key = requests, key
        self._part_bytes = max(PART_BYTES, _rounded(-(-size // MAX_PARTS)))
        self._upload_id = self._find() or self._begin()
        self._parts = self._leading_parts()
        self._waiting = bytearray()

    @property
    def received(self) -> int:
        """Bytes that the host keeps, and those that wait here for their part to be whole."""
        return sum(part.size for part in self._parts) + len(self._waiting)

    def write(self, data: bytes) -> None:
        """Take the bytes that follow; whole parts are sent at once."""
        self._waiting += data
        while len(self._waiting) >= self._part_bytes:
            self._send(bytes(self._waiting[: self._part_bytes]))
            del self._waiting[: self._part_bytes]

    def finish(self) -> bool:
        """Send the last part and make the object; False when the key was taken before."""
        if self._waiting:
            self._send(bytes(self._waiting))
            self._waiting.clear()
        parts = "".join(
            f"<Part><PartNumber>{part.number}</PartNumber><ETag>{part.etag}</ETag></Part>"
            for part in self._parts
        )
        body = f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>".encode()
        answer = self._requests.send("POST", self._key, query=self._query(), body=body)
        root = parse_answer(checked(answer, f"Finishing {self._key}"))
        # S3 may say 200 first and an error after it, in the same answer.
        if root.tag == "Error":
            raise Unreachable(f"Finishing {self._key}: the host answers {root.findtext('Code')}.")
        return True

    def abandon(self) -> None:
        """Let go of what waits here; the host keeps the whole parts."""
        self._waiting.clear()

    def _query(self) -> dict[str, str]:
        return {"uploadId": self._upload_id}

    def _begin(self) -> str:
        answer = self._requests.send("POST", self._key, query={"uploads": ""})
        found = parse_answer(checked(answer, f"Beginning {self._key}")).findtext("UploadId")
        if not found:
            raise Unreachable(f"Beginning {self._key}: the host names no upload.")
        return found

    def _find(self) -> str | None:
        query = {"uploads": "", "prefix": self._key}
        answer = self._requests.send("GET", query=query)
        if not answer.is_success:
            return None
        uploads = parse_answer(answer).findall("Upload")
        ours = [one for one in uploads if one.findtext("Key") == self._key]
        return ours[0].findtext("UploadId") if ours else None

    def _leading_parts(self) -> list[_Part]:
        """Return the parts kept from the first on, without a gap and each of the whole size."""
        found = {part.number: part for part in self._listed_parts()}
        parts: list[_Part] = []
        while (part := found.get(len(parts) + 1)) and part.size == self._part_bytes:
            parts.append(part)
        return parts

    def _listed_parts(self) -> list[_Part]:
        parts: list[_Part] = []
        while True:
            marker = {"part-number-marker": str(parts[-1].number)} if parts else {}
            answer = self._requests.send("GET", self._key, query=self._query() | marker)
            root = parse_answer(checked(answer, f"Parts of {self._key}"))
            page = [_part(one) for one in root.findall("Part")]
            parts += page
            if not page or root.findtext("IsTruncated") != "true":
                return parts

    def _send(self, data: bytes) -> None:
        number = len(self._parts) + 1
        if number > MAX_PARTS:
            raise InvalidInput(f"{self._key} needs more than {MAX_PARTS} parts.")
        query = {"partNumber": str(number), **self._query()}
        answer = checked(
            self._requests.send("PUT", self._key, query=query, body=data), f"Part of {self._key}"
        )
        self._parts.append(_Part(number, answer.headers.get("etag", ""), len(data)))


def content_md5(body: str) -> dict[str, str]:
    """Return the header that S3 asks of requests that change settings."""
    digest = hashlib.md5(body.encode(), usedforsecurity=False).digest()
    return {"content-md5": base64.b64encode(digest).decode()}


def _part(element: Element) -> _Part:
    return _Part(
        int(element.findtext("PartNumber") or 0),
        element.findtext("ETag") or "",
        int(element.findtext("Size") or 0),
    )


def _rounded(size: int) -> int:
    return -(-size // (1 << 20)) * (1 << 20)
