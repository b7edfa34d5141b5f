"""The mailbox between the secure zone and a site: the zone pulls and delivers, nothing enters.

`HttpMailbox` speaks to a site that is switched on; `FolderMailbox` is a folder carried by hand.
Neither judges a document: what is pulled is verified by the reader.
"""

import hashlib
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Protocol, Self

import httpx

from ecluse.domain.codec import JSON
from ecluse.domain.documents import AGENT
from ecluse.domain.errors import (
    BadSignature,
    InvalidInput,
    Malformed,
    NotFound,
    Replayed,
    Unreachable,
)
from ecluse.trust import canonical, durable
from ecluse.trust.answers import CHUNK_BYTES, raise_for, read_bytes, read_object
from ecluse.trust.documents import MAX_BYTES
from ecluse.trust.keys import SigningKey
from ecluse.trust.tokens import make_token

ATTEMPTS: Final = 4
FIRST_PAUSE_SECONDS: Final = 0.25
TIMEOUT: Final = httpx.Timeout(30, connect=5)
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_DIGEST: Final = re.compile(r"sha256:([0-9a-f]{64})")
_DELIVERED: Final = re.compile(r"(\d{8})-[A-Za-z]+\.json")


@dataclass(frozen=True, slots=True)
class Delivery:
    """A signed document as it arrived, with its number in this mailbox: 1 comes first."""

    sequence: int
    data: bytes


class Mailbox(Protocol):
    """What the agent may do with a site."""

    def pull(self, after: int) -> Sequence[Delivery]:
        """Return up to 100 documents numbered above `after`, in order."""

    def deliver(self, data: bytes) -> None:
        """Hand over a signed document. Raises Refused."""

    def fetch_blob(self, digest: str, target: Path) -> None:
        """Put the file of this digest at `target`. Raises NotFound, BadSignature."""

    def store_blob(self, path: Path) -> str:
        """Hand over a file and return its digest."""

    def exchange_checkpoint(self, note: str) -> str:
        """Show our journal's checkpoint and return the other side's."""


class HttpMailbox:
    """The mailbox of the site at `url`. Each request bears a token of its own.

    A site that does not answer is asked again, four times in all. The clock is read here because a
    token lives 60 seconds of real time.

    Raises, from every method:
        Unreachable: no answer, or the site failed, at each attempt.
        NotAllowed: the site does not know this agent's key, or the clocks differ.
    """

    def __init__(
        self,
        url: str,
        key: SigningKey,
        agent: str = AGENT,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        address = httpx.URL(url)
        if address.scheme != "https" and address.host not in LOOPBACK:
            raise InvalidInput(
                f"The mailbox at {url} is not reached over https: its token could be read on the"
                " way. Give an https address."
            )
        self.url = url.rstrip("/")
        self._key, self._agent, self._clock, self._pause = key, agent, clock, pause
        # No redirection followed and no proxy of the environment: the address is the one agreed.
        self._client = httpx.Client(base_url=self.url, timeout=TIMEOUT, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def pull(self, after: int) -> Sequence[Delivery]:
        """Return up to 100 documents numbered above `after`, in order."""
        answer = self._ask("GET", f"/mailbox/documents?after={after}")
        deliveries = _read_deliveries(read_object(answer, url=self.url))
        numbers = [delivery.sequence for delivery in deliveries]
        if numbers != sorted(set(numbers)) or (numbers and numbers[0] <= after):
            raise Malformed(f"{self.url} numbers its documents {numbers[:5]}… after {after}.")
        return deliveries

    def deliver(self, data: bytes) -> None:
        """Hand over a signed document; done too when only the answer of an attempt was lost.

        Raises:
            Replayed: the site had it before this call.
            Refused: the site refuses it, by the class of the code that it gave.
        """
        lost: list[int] = []
        try:
            self._ask("POST", "/mailbox/documents", content=data, lost=lost)
        except Replayed:
            if not lost:
                raise

    def fetch_blob(self, digest: str, target: Path) -> None:
        """Put the file of this digest at `target`, whole or not at all.

        Raises:
            NotFound: the site has no such file.
            BadSignature: what the site sent has another digest.
            StorageFull: no space is left.
        """

        def receive() -> None:
            with self._send("GET", f"/mailbox/blobs/{_hex(digest)}") as response:
                raise_for(response, url=self.url)
                _save(response.iter_bytes(CHUNK_BYTES), digest=digest, target=target)

        self._insist(receive, lost=[])

    def store_blob(self, path: Path) -> str:
        """Hand over a file and return its digest."""
        digest = canonical.digest_file(path)

        def give() -> None:
            with (
                path.open("rb") as file,
                self._send("PUT", f"/mailbox/blobs/{_hex(digest)}", content=file) as reply,
            ):
                raise_for(reply, url=self.url)

        self._insist(give, lost=[])
        return digest

    def exchange_checkpoint(self, note: str) -> str:
        """Show our journal's checkpoint and return the site's."""
        body = canonical.encode({"checkpoint": note})
        answer = read_object(self._ask("POST", "/mailbox/checkpoints", content=body), url=self.url)
        theirs = answer.get("checkpoint")
        if not isinstance(theirs, str):
            raise Malformed(f"{self.url} gave no checkpoint.")
        return theirs

    def _ask(
        self, method: str, path: str, *, content: bytes | None = None, lost: list[int] | None = None
    ) -> bytes:
        answers: list[bytes] = []

        def exchange() -> None:
            with self._send(method, path, content=content) as response:
                raise_for(response, url=self.url)
                answers.append(read_bytes(response, url=self.url))

        self._insist(exchange, lost=[] if lost is None else lost)
        return answers[-1]

    @contextmanager
    def _send(
        self, method: str, path: str, *, content: bytes | BinaryIO | None = None
    ) -> Iterator[httpx.Response]:
        now = self._clock()
        token = make_token(self._key, audience=self.url, now=now, agent=self._agent)
        headers = {"Authorization": f"Bearer {token}"}
        if content is not None:
            headers["Content-Type"] = "application/octet-stream"
        with self._client.stream(method, path, content=content, headers=headers) as response:
            yield response

    def _insist(self, exchange: Callable[[], None], *, lost: list[int]) -> None:
        """Try an exchange again while the site does not answer; note in `lost` the failed ones."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                exchange()
            except (httpx.RequestError, Unreachable) as error:
                lost.append(attempt)
                if attempt == ATTEMPTS:
                    raise Unreachable(
                        f"{self.url} did not answer {ATTEMPTS} times ({type(error).__name__}): "
                        "check that the site runs and that the zone may reach it."
                    ) from error
                self._pause(FIRST_PAUSE_SECONDS * 2 ** (attempt - 1))
            else:
                return


class FolderMailbox:
    """A mailbox in a folder, for a zone without any network: `in`, `out` and `blobs`.

    The other side fills `in` with `<8 digits>-<Kind>.json` and empties `out`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        for name in ("in", "out", "blobs"):
            (path / name).mkdir(mode=0o700, parents=True, exist_ok=True)

    def pull(self, after: int) -> Sequence[Delivery]:
        """Return up to 100 documents numbered above `after`, in order."""
        numbered = _numbered(self.path / "in")
        return [Delivery(number, path.read_bytes()) for number, path in numbered if number > after][
            :100
        ]

    def deliver(self, data: bytes) -> None:
        """Put a signed document in `out` under the next number. Raises Replayed, Malformed."""
        out = self.path / "out"
        numbered = _numbered(out)
        kind = _kind(data)
        if any(path.name.endswith(f"-{kind}.json") and _holds(path, data) for _, path in numbered):
            raise Replayed(f"This {kind} is already in {out}.")
        number = max((number for number, _ in numbered), default=0) + 1
        durable.write(out / f"{number:08}-{kind}.json", data)

    def fetch_blob(self, digest: str, target: Path) -> None:
        """Put the file of this digest at `target`. Raises NotFound, BadSignature, StorageFull."""
        source = self.path / "blobs" / _hex(digest)
        if not source.is_file():
            raise NotFound(f"{source} is missing: copy it into the mailbox.")
        with source.open("rb") as file:
            _save(_pieces(file), digest=digest, target=target)

    def store_blob(self, path: Path) -> str:
        """Put a file in `blobs` and return its digest. Raises StorageFull."""
        digest = canonical.digest_file(path)
        target = self.path / "blobs" / _hex(digest)
        if not target.exists():
            with path.open("rb") as file:
                _save(_pieces(file), digest=digest, target=target)
        return digest

    def exchange_checkpoint(self, note: str) -> str:
        """Put our checkpoint in `out/checkpoint` and return the one in `in/checkpoint`.

        Raises:
            Unreachable: the other side has put none there.
        """
        durable.write(self.path / "out" / "checkpoint", note.encode())
        theirs = self.path / "in" / "checkpoint"
        try:
            return theirs.read_text(encoding="utf-8")
        except FileNotFoundError as error:
            raise Unreachable(f"{theirs} is missing: copy the site's checkpoint there.") from error


def _hex(digest: str) -> str:
    match = _DIGEST.fullmatch(digest)
    if match is None:
        raise InvalidInput(f"{digest[:80]!r} is not a digest like sha256:<64 hexadecimal digits>.")
    return match.group(1)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(CHUNK_BYTES):
        yield piece


def _save(pieces: Iterator[bytes], *, digest: str, target: Path) -> None:
    """Write the pieces to `target` when they have the digest; else leave no trace."""
    hasher = hashlib.sha256()
    with durable.replacing(target) as file:
        for piece in pieces:
            hasher.update(piece)
            file.write(piece)
        if hasher.hexdigest() != _hex(digest):
            raise BadSignature(
                f"A file came with digest sha256:{hasher.hexdigest()} instead of {digest}: it was "
                "altered or cut on the way; fetch it again."
            )


def _numbered(folder: Path) -> list[tuple[int, Path]]:
    matches = ((_DELIVERED.fullmatch(path.name), path) for path in folder.iterdir())
    return sorted((int(match.group(1)), path) for match, path in matches if match)


def _holds(path: Path, data: bytes) -> bool:
    return path.stat().st_size == len(data) and path.read_bytes() == data


def _kind(data: bytes) -> str:
    envelope = canonical.decode(data)
    document = envelope.get("document") if isinstance(envelope, dict) else None
    kind = document.get("kind") if isinstance(document, dict) else None
    if not isinstance(kind, str) or not re.fullmatch("[A-Za-z]+", kind):
        raise Malformed("Only a signed document can be delivered.")
    return kind


def _read_deliveries(answer: Mapping[str, JSON]) -> list[Delivery]:
    listed = answer.get("documents")
    if not isinstance(listed, list):
        raise Malformed("The mailbox gave no list of documents.")
    return [_read_delivery(item) for item in listed]


def _read_delivery(item: JSON) -> Delivery:
    number = item.get("sequence") if isinstance(item, dict) else None
    text = item.get("data") if isinstance(item, dict) else None
    if type(number) is not int or not 0 < number <= canonical.MAX_INTEGER:
        raise Malformed("The mailbox gave a document without a number from 1.")
    if not isinstance(text, str) or len(text) > MAX_BYTES:
        raise Malformed("The mailbox gave a document without text, or too long.")
    return Delivery(number, text.encode("utf-8", "surrogatepass"))
