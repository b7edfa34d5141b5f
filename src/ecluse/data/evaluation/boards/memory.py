"""What a board was asked and answered: on the disk before anybody is told.

One SQLite file, written to the disk at every change. A submission is judged and recorded in one
transaction: killed within it, the board has neither counted nor learnt; killed after it, the same
document gets the same answer.
"""

import json
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, cast

from ecluse.domain import codec
from ecluse.domain.documents import BoardResult, ScoreRelease, Submission
from ecluse.domain.errors import StorageFull
from ecluse.domain.evaluations.secrecy import SubmissionStatus, Usage

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS board (
    only INTEGER PRIMARY KEY CHECK (only = 1), opening_digest TEXT NOT NULL, secret BLOB NOT NULL,
    best REAL, best_file TEXT, latest_at TEXT, closing_digest TEXT, result TEXT);
CREATE TABLE IF NOT EXISTS entries (
    number INTEGER PRIMARY KEY, submission_digest TEXT NOT NULL UNIQUE,
    submission_number TEXT NOT NULL UNIQUE, entity TEXT NOT NULL, period INTEGER NOT NULL,
    purpose TEXT NOT NULL, claimed INTEGER, file_digest TEXT NOT NULL, status TEXT NOT NULL,
    has_explored INTEGER NOT NULL, answer TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS entries_entity ON entries (entity, period, status);
CREATE INDEX IF NOT EXISTS entries_moved ON entries (number)
    WHERE json_extract(answer, '$.has_moved');
"""
SECRET_BYTES: Final = 32
PRIMARY_CODE: Final = 0xFF
NO_SPACE: Final = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)


@dataclass(frozen=True, slots=True)
class Kept:
    """What a board remembers of itself. `best` is a score, that of the file `best_file`."""

    opening_digest: str
    secret: bytes
    best: float | None
    best_file: str | None
    latest_at: datetime | None
    closing_digest: str | None
    result: BoardResult | None


@dataclass(frozen=True, slots=True)
class Judged:
    """A submission with its answer, and what the board learnt: a better score, an exploration."""

    submission: Submission
    answer: ScoreRelease
    at: datetime
    best: float | None = None
    has_explored: bool = False


class Memory:
    """The memory of one board in the file `path`, made at its opening."""

    def __init__(self, path: Path, *, opening_digest: str) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.executescript(SCHEMA)
        with self.writing():
            self._connection.execute(
                "INSERT OR IGNORE INTO board (only, opening_digest, secret) VALUES (1, ?, ?)",
                (opening_digest, secrets.token_bytes(SECRET_BYTES)),
            )

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Keep all that the block writes, or nothing. Raises StorageFull."""
        try:
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                yield
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & PRIMARY_CODE not in NO_SPACE:
                raise
            raise StorageFull(
                "The memory of the board could not be written: free some space; nothing was lost."
            ) from error

    def kept(self) -> Kept:
        """Return what the board remembers of itself."""
        row = self._connection.execute("SELECT * FROM board").fetchone()
        latest, result = row["latest_at"], row["result"]
        return Kept(
            row["opening_digest"],
            row["secret"],
            row["best"],
            row["best_file"],
            None if latest is None else codec.parse_instant(latest),
            row["closing_digest"],
            None if result is None else codec.decode(json.loads(result), BoardResult),
        )

    def answer(self, submission_digest: str) -> ScoreRelease | None:
        """Return what this very document was answered."""
        query = "SELECT answer FROM entries WHERE submission_digest = ?"
        return self._one_answer(query, (submission_digest,))

    def earlier(self, submission: Submission) -> ScoreRelease | None:
        """Return what the same file of the same entity, for the same purpose, was answered."""
        query = (
            "SELECT answer FROM entries WHERE entity = ? AND purpose = ? AND claimed IS ?"
            " AND file_digest = ? AND status = ? ORDER BY number LIMIT 1"
        )
        asked = (submission.entity, submission.purpose, submission.claimed_millionths)
        file = (submission.file.digest, SubmissionStatus.SCORED)
        return self._one_answer(query, (*asked, *file))

    def is_number_used(self, submission_number: str) -> bool:
        """Say whether another document bore this number."""
        query = "SELECT 1 FROM entries WHERE submission_number = ?"
        return self._connection.execute(query, (submission_number,)).fetchone() is not None

    def usage(self, entity: str, period: int) -> Usage:
        """Return what was used by all, and by an entity in a period."""
        row = self._connection.execute(
            "SELECT count(*) FILTER (WHERE status = 'scored') AS answered,"
            " count(*) FILTER (WHERE status = 'scored' AND entity = ?1 AND period = ?2) AS counted,"
            " count(*) FILTER (WHERE status = 'failed' AND entity = ?1 AND period = ?2) AS failed,"
            " coalesce(sum(has_explored), 0) AS explored FROM entries",
            (entity, period),
        ).fetchone()
        return Usage(row["answered"], row["counted"], row["failed"], row["explored"])

    def records(self) -> list[tuple[str, ScoreRelease]]:
        """Return the answers that moved the board with their entities, in order."""
        query = (
            "SELECT entity, answer FROM entries WHERE json_extract(answer, '$.has_moved')"
            " ORDER BY number"
        )
        rows = self._connection.execute(query)
        return [(row["entity"], _answer(row["answer"])) for row in rows]

    def last_files(self) -> list[tuple[str, str, str]]:
        """Return entity, number and file of the last scored submission of each, in their order."""
        query = (
            "SELECT entity, submission_number, file_digest FROM entries WHERE number IN"
            " (SELECT max(number) FROM entries WHERE purpose = 'compete' AND status IN"
            " ('scored', 'repeated') GROUP BY entity) ORDER BY number"
        )
        return [tuple(row) for row in self._connection.execute(query)]

    def keep(self, judged: Judged, *, digest: str) -> None:
        """Write a submission with its answer and what the board learnt, within `writing`."""
        one, told = judged.submission, judged.answer
        self._connection.execute(
            "INSERT INTO entries (submission_digest, submission_number, entity, period, purpose,"
            " claimed, file_digest, status, has_explored, answer) VALUES (?,?,?,?,?,?,?,?,?,?)",
            (
                *(digest, one.submission_number, one.entity, told.period, one.purpose),
                *(one.claimed_millionths, one.file.digest, told.status, judged.has_explored),
                json.dumps(codec.encode(told)),
            ),
        )
        self._connection.execute(
            "UPDATE board SET latest_at = ?", (codec.format_instant(judged.at),)
        )
        if judged.best is not None:
            self._connection.execute(
                "UPDATE board SET best = ?, best_file = ?", (judged.best, one.file.digest)
            )

    def begin_closing(self, closing_digest: str) -> None:
        """Take no more submissions: the final slice is opened by this document and by no other."""
        with self.writing():
            self._connection.execute(
                "UPDATE board SET closing_digest = coalesce(closing_digest, ?)", (closing_digest,)
            )

    def keep_result(self, result: BoardResult) -> None:
        """Write how the board ended."""
        with self.writing():
            self._connection.execute(
                "UPDATE board SET result = ?", (json.dumps(codec.encode(result)),)
            )

    def _one_answer(self, query: str, values: tuple[object, ...]) -> ScoreRelease | None:
        row = self._connection.execute(query, values).fetchone()
        return None if row is None else _answer(row["answer"])


def _answer(text: str) -> ScoreRelease:
    return cast(ScoreRelease, codec.decode(json.loads(text), ScoreRelease))
