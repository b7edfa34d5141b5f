"""What the agent remembers: each delivery with its state, each document obeyed, what to deliver.

One SQLite file, written to the disk at every change. A delivery is `received`, then `obeying`,
then `done` or `refused`; its answers enter the outbox in the same transaction that ends it.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, cast

from ecluse.domain import codec
from ecluse.domain.documents import Document, from_json, number_of
from ecluse.domain.errors import StorageFull
from ecluse.trust import canonical
from ecluse.trust.mailbox import Delivery

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS deliveries (
    number INTEGER PRIMARY KEY, mailbox TEXT NOT NULL, sequence INTEGER NOT NULL,
    digest TEXT NOT NULL, data BLOB NOT NULL,
    status TEXT NOT NULL DEFAULT 'received'
        CHECK (status IN ('received', 'obeying', 'done', 'refused')),
    began_at TEXT, attempts INTEGER NOT NULL DEFAULT 0, code TEXT, reason TEXT,
    UNIQUE (mailbox, sequence));
CREATE TABLE IF NOT EXISTS documents (
    digest TEXT PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, number TEXT NOT NULL,
    data BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS documents_number ON documents (kind, number);
CREATE TABLE IF NOT EXISTS outbox (
    number INTEGER PRIMARY KEY, mailbox TEXT NOT NULL, digest TEXT NOT NULL, data BLOB, path TEXT,
    status TEXT NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'delivered', 'refused')),
    CHECK ((data IS NULL) <> (path IS NULL)));
CREATE INDEX IF NOT EXISTS outbox_waiting ON outbox (mailbox, number) WHERE status = 'waiting';
"""
PRIMARY_CODE: Final = 0xFF
NO_SPACE: Final = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
"""A quota that is met shows as an input-output error."""


@dataclass(frozen=True, slots=True)
class Received:
    """A delivery that waits to be obeyed; `began_at` when it was already begun once."""

    number: int
    mailbox: str
    sequence: int
    digest: str
    data: bytes
    began_at: datetime | None
    attempts: int


@dataclass(frozen=True, slots=True)
class Stored:
    """A document that was obeyed, or that the agent signed itself."""

    document: Document
    digest: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Something to deliver to one mailbox: a signed document, or a file of the zone."""

    mailbox: str
    digest: str
    data: bytes | None = None
    path: Path | None = None
    number: int = 0


@dataclass(frozen=True, slots=True)
class Ending:
    """How a delivery ended: the state, and why if it was refused."""

    status: str
    code: str | None = None
    reason: str | None = None


class State:
    """The agent's memory in the file `path`."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.executescript(SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def position(self, mailbox: str) -> int:
        """Return the number of the last document taken from a mailbox; 0 at first."""
        query = "SELECT coalesce(max(sequence), 0) FROM deliveries WHERE mailbox = ?"
        return int(self._connection.execute(query, (mailbox,)).fetchone()[0])

    def receive(self, mailbox: str, deliveries: Sequence[Delivery]) -> int:
        """Keep what a mailbox gave, all or nothing; return how many were new."""
        before = self._connection.total_changes
        with self._writing():
            self._connection.executemany(
                "INSERT OR IGNORE INTO deliveries (mailbox, sequence, digest, data)"
                " VALUES (?, ?, ?, ?)",
                [
                    (mailbox, one.sequence, canonical.digest(one.data), one.data)
                    for one in deliveries
                ],
            )
        return self._connection.total_changes - before

    def pending(self) -> list[Received]:
        """Return what was received and not yet ended, in the order received."""
        query = "SELECT * FROM deliveries WHERE status IN ('received', 'obeying') ORDER BY number"
        return [_received(row) for row in self._connection.execute(query)]

    def is_pending(self, digest: str) -> bool:
        """Whether a document of this digest was received and not yet ended."""
        query = "SELECT 1 FROM deliveries WHERE digest = ? AND status IN ('received', 'obeying')"
        return self._connection.execute(query, (digest,)).fetchone() is not None

    def begin(self, received: Received, *, at: datetime) -> None:
        """Note that a delivery is being obeyed; the first instant stays."""
        with self._writing():
            self._connection.execute(
                "UPDATE deliveries SET status = 'obeying', began_at = coalesce(began_at, ?)"
                " WHERE number = ?",
                (codec.format_instant(at), received.number),
            )

    def postpone(self, received: Received, *, reason: str) -> None:
        """Note why a delivery could not be obeyed yet."""
        with self._writing():
            self._connection.execute(
                "UPDATE deliveries SET attempts = attempts + 1, reason = ? WHERE number = ?",
                (reason, received.number),
            )

    def end(
        self,
        received: Received,
        ending: Ending,
        *,
        documents: Iterable[Stored] = (),
        outgoing: Iterable[Outgoing] = (),
    ) -> None:
        """End a delivery, keep its documents and queue its answers, all or nothing."""
        with self._writing():
            self._connection.execute(
                "UPDATE deliveries SET status = ?, code = ?, reason = ? WHERE number = ?",
                (ending.status, ending.code, ending.reason, received.number),
            )
            self._keep(documents, outgoing)

    def keep(self, documents: Iterable[Stored], outgoing: Iterable[Outgoing]) -> None:
        """Keep documents that the agent signed by itself and queue them, all or nothing."""
        with self._writing():
            self._keep(documents, outgoing)

    def is_known(self, document: Document, digest: str) -> bool:
        """Whether this document, or another that bears its identifier, was obeyed."""
        query = "SELECT 1 FROM documents WHERE id = ? OR digest = ?"
        return self._connection.execute(query, (document.id, digest)).fetchone() is not None

    def by_digest(self, digest: str, kind: str) -> Stored | None:
        """Return the document of this digest, if it is known and of this kind."""
        query = "SELECT * FROM documents WHERE digest = ? AND kind = ?"
        row = self._connection.execute(query, (digest, kind)).fetchone()
        return None if row is None else _stored(row)

    def by_number(self, kind: str, number: str) -> list[Stored]:
        """Return the documents of a kind that bear a number, in the order they came."""
        query = "SELECT * FROM documents WHERE kind = ? AND number = ? ORDER BY rowid"
        return [_stored(row) for row in self._connection.execute(query, (kind, number))]

    def of_kind(self, kind: str) -> list[Stored]:
        """Return the documents of a kind, in the order they came."""
        query = "SELECT * FROM documents WHERE kind = ? ORDER BY rowid"
        return [_stored(row) for row in self._connection.execute(query, (kind,))]

    def waiting(self, mailbox: str) -> list[Outgoing]:
        """Return what is to be delivered to a mailbox, in order."""
        query = "SELECT * FROM outbox WHERE mailbox = ? AND status = 'waiting' ORDER BY number"
        return [_outgoing(row) for row in self._connection.execute(query, (mailbox,))]

    def mark(self, outgoing: Outgoing, status: str) -> None:
        """Note that something was delivered, or refused by the site."""
        with self._writing():
            self._connection.execute(
                "UPDATE outbox SET status = ? WHERE number = ?", (status, outgoing.number)
            )

    def _keep(self, documents: Iterable[Stored], outgoing: Iterable[Outgoing]) -> None:
        self._connection.executemany(
            "INSERT INTO documents (digest, id, kind, number, data) VALUES (?, ?, ?, ?, ?)",
            [
                (
                    one.digest,
                    one.document.id,
                    one.document.kind,
                    number_of(one.document.body),
                    one.data,
                )
                for one in documents
            ],
        )
        self._connection.executemany(
            "INSERT INTO outbox (mailbox, digest, data, path) VALUES (?, ?, ?, ?)",
            [
                (one.mailbox, one.digest, one.data, None if one.path is None else str(one.path))
                for one in outgoing
            ],
        )

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                yield
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & PRIMARY_CODE not in NO_SPACE:
                raise
            raise StorageFull(
                f"The agent's state could not be written ({error.sqlite_errorname}): free some "
                "space or check the disk; nothing was lost."
            ) from error


def open_document(data: bytes) -> Document:
    """Return the document of signed bytes that were verified before. Raises Malformed."""
    envelope = cast(dict[str, codec.JSON], canonical.decode(data))
    return from_json(envelope["document"])


def _received(row: sqlite3.Row) -> Received:
    began_at = row["began_at"]
    return Received(
        number=row["number"],
        mailbox=row["mailbox"],
        sequence=row["sequence"],
        digest=row["digest"],
        data=row["data"],
        began_at=None if began_at is None else codec.parse_instant(began_at),
        attempts=row["attempts"],
    )


def _stored(row: sqlite3.Row) -> Stored:
    return Stored(open_document(row["data"]), row["digest"], row["data"])


def _outgoing(row: sqlite3.Row) -> Outgoing:
    path = None if row["path"] is None else Path(row["path"])
    return Outgoing(row["mailbox"], row["digest"], row["data"], path, row["number"])
