"""RFC 3161 stamps: a third party's clock says that a checkpoint existed at an instant.

Stamps lie beside the entries, one a line: the note and the authority's answer (DER, base64). The
stamped bytes are those of the note as its journal signed it, so that any tool can verify them.
"""

import base64
import binascii
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import httpx
from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from ecluse.domain.errors import BadSignature, InvalidInput, Malformed, Unreachable
from ecluse.trust import canonical, durable, keys
from ecluse.trust.journal.cosignatures import split

STAMPS_SUFFIX: Final = ".stamps"
TIMEOUT_SECONDS: Final = 30.0
MAX_ANSWER_BYTES: Final = 1 << 20

Ask = Callable[[bytes], bytes]
"""Give an authority a request and return its answer, both DER."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """The answer of an authority on a note: `answer` is DER."""

    note: str
    answer: bytes

    def line(self) -> bytes:
        """Return the stamp as a line of its file, without its end."""
        answer = base64.b64encode(self.answer).decode()
        return canonical.encode({"answer": answer, "note": self.note})

    @classmethod
    def parse(cls, line: bytes) -> "Stamp":
        """Return the stamp of a line. Raises Malformed."""
        value = canonical.decode(line)
        if not isinstance(value, dict) or value.keys() != {"answer", "note"}:
            raise Malformed("A stamp has two members: `answer` and `note`.")
        try:
            answer = base64.b64decode(str(value["answer"]), validate=True)
        except binascii.Error as error:
            raise Malformed("A stamp's answer is not base64.") from error
        return cls(str(value["note"]), answer)


def stamps_path(path: Path) -> Path:
    """Return the file of stamps that goes with the file of entries `path`."""
    return path.with_name(path.name + STAMPS_SUFFIX)


def over_http(address: str) -> Ask:
    """Return how to ask the authority at an `https` address."""
    if not address.startswith(("https://", "http://127.0.0.1:")):
        raise InvalidInput(f"{address[:80]!r} is not the https address of a stamping authority.")

    def ask(request: bytes) -> bytes:
        headers = {"content-type": "application/timestamp-query"}
        try:
            answer = httpx.post(address, content=request, headers=headers, timeout=TIMEOUT_SECONDS)
            answer.raise_for_status()
        except httpx.HTTPError as error:
            raise Unreachable(
                f"The stamping authority {address} does not answer ({type(error).__name__}): "
                "try again; nothing was lost."
            ) from error
        return answer.content

    return ask


def stamp(note: str, ask: Ask, roots: Iterable[x509.Certificate]) -> Stamp:
    """Return the stamp of a note, verified.

    Raises:
        Unreachable: the authority does not answer.
        BadSignature: its answer is not a stamp of this note under these roots.
    """
    own = split(note)[0]
    builder = TimestampRequestBuilder().data(own.encode()).hash_algorithm(HashAlgorithm.SHA256)
    request = builder.nonce(nonce=True).cert_request(cert_request=True).build()
    answer = ask(request.as_bytes())[:MAX_ANSWER_BYTES]
    made = Stamp(own, answer)
    verify_stamp(made, roots, nonce=request.nonce)
    return made


def verify_stamp(
    made: Stamp, roots: Iterable[x509.Certificate], *, nonce: int | None = None
) -> datetime:
    """Return the instant that the authority gives. Raises BadSignature."""
    try:
        answer = decode_timestamp_response(made.answer)
        verifier = VerifierBuilder(roots=list(roots), nonce=nonce).build()
        verifier.verify_message(answer, made.note.encode())
    except (VerificationError, ValueError) as error:
        raise BadSignature(
            f"A stamp does not hold ({error}): give the root certificate of its authority, or "
            "ask it to stamp the checkpoint again."
        ) from error
    return answer.tst_info.gen_time


def load_roots(paths: Iterable[Path]) -> tuple[x509.Certificate, ...]:
    """Return the certificates of PEM files. Raises InvalidInput."""
    found: list[x509.Certificate] = []
    for path in paths:
        try:
            found += x509.load_pem_x509_certificates(path.read_bytes())
        except (OSError, ValueError) as error:
            raise InvalidInput(f"{path} holds no certificate in PEM form.") from error
    return tuple(found)


def read_stamps(path: Path) -> tuple[Stamp, ...]:
    """Return the stamps of a file, oldest first; a missing file has none. Raises Malformed."""
    if not path.exists():
        return ()
    return tuple(Stamp.parse(line) for line in path.read_bytes().splitlines())


def add_stamp(path: Path, made: Stamp) -> None:
    """Add a stamp to a file. Raises StorageFull."""
    stamps: Sequence[Stamp] = (*read_stamps(path), made)
    durable.write(path, b"".join(one.line() + b"\n" for one in stamps), mode=keys.PUBLIC_MODE)
