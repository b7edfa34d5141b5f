"""A key in the hands of another process, spoken to over a Unix socket.

One question a connection: 4 bytes that give its length, then canonical JSON. The answer has the
same form. Who asks is not said but known: the kernel tells the other side the account.
"""

import socket
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ecluse.domain.codec import JSON
from ecluse.domain.errors import (
    EcluseError,
    InvalidInput,
    Malformed,
    NotAllowed,
    NotFound,
    Unreachable,
)
from ecluse.trust import canonical
from ecluse.trust.custody.secrets import Secret

LENGTH: Final = struct.Struct(">I")
PEER: Final = struct.Struct("3i")
MOST_BYTES: Final = 32 << 20
SECONDS: Final = 30
PIECE: Final = 1 << 16
ERRORS: Final[dict[str, type[EcluseError]]] = {
    one.code: one for one in (NotAllowed, InvalidInput, NotFound, Malformed)
}


@dataclass(frozen=True, slots=True)
class SocketKey:
    """A key behind a socket: it is asked what it derives, one purpose at a time."""

    path: Path

    def derive(self, purpose: str) -> Secret:
        """Return HMAC-SHA-256 of a purpose, made by the other process.

        Raises:
            NotAllowed: this account may not ask, or asked for too much.
            Unreachable: the process does not answer.
        """
        return self._ask({"ask": "derive", "purpose": purpose})[0]

    def derive_batch(
        self, purposes: list[str], *, nonce: str = "", approvals: list[JSON] | None = None
    ) -> list[Secret]:
        """Return what the key derives for each purpose, in the order given.

        `approvals`, over the digest of the batch with its `nonce`, are for a small one. Raises as
        `derive`.
        """
        told: list[JSON] = list(purposes)
        return self._ask(
            {"approvals": approvals or [], "ask": "batch", "nonce": nonce, "purposes": told}
        )

    def _ask(self, question: dict[str, JSON]) -> list[Secret]:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
                link.settimeout(SECONDS)
                link.connect(str(self.path))
                send(link, question)
                answer = receive(link)
        except (OSError, Malformed):
            raise Unreachable(
                f"The key service at {self.path} does not answer: check that it runs, then retry."
            ) from None
        return _values(answer)


def send(link: socket.socket, content: JSON) -> None:
    """Send one message. Raises OSError."""
    data = canonical.encode(content)
    link.sendall(LENGTH.pack(len(data)) + data)


def receive(link: socket.socket) -> JSON:
    """Return one message. Raises Malformed: too long, cut off, or not canonical; OSError."""
    (size,) = LENGTH.unpack(_exactly(link, LENGTH.size))
    if size > MOST_BYTES:
        raise Malformed(f"A message of {size} bytes: {MOST_BYTES} is the most. Send less at once.")
    return canonical.decode(_exactly(link, size))


def peer_uid(link: socket.socket) -> int:
    """Return the account at the other end of a Unix socket, as the kernel knows it."""
    told = link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, PEER.size)
    _, uid, _ = PEER.unpack(told)
    return int(uid)


def _exactly(link: socket.socket, size: int) -> bytes:
    found = bytearray()
    while len(found) < size:
        piece = link.recv(min(PIECE, size - len(found)))
        if not piece:
            raise Malformed("A message was cut off: send it again.")
        found += piece
    return bytes(found)


def _values(answer: JSON) -> list[Secret]:
    told = answer if isinstance(answer, dict) else {}
    values = told.get("values")
    if isinstance(values, list):
        return [Secret(bytes.fromhex(str(value))) for value in values]
    kind = ERRORS.get(str(told.get("code")), Unreachable)
    raise kind(str(told.get("message", "The key service gave no answer that can be read.")))
