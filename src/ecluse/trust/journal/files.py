"""A journal kept in a folder: one line per entry, one checkpoint per entry, both on the disk.

An entry counts once its checkpoint is on the disk too: what a crash left beyond the last checkpoint
was acknowledged to nobody, and the next opening cuts it. An export for an auditor is the same pair
of files.
"""

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import BinaryIO, Final, Self

from ecluse.domain.errors import JournalBroken, Malformed, NotAllowed, Refused, StorageFull
from ecluse.trust import canonical, durable, keys
from ecluse.trust.journal import checkpoints, tree
from ecluse.trust.journal.entries import Details, Entry
from ecluse.trust.keys import Keyring, SigningKey

ENTRIES: Final = "journal.jsonl"
CHECKPOINTS_SUFFIX: Final = ".checkpoints"
LOCK_SUFFIX: Final = ".lock"


@dataclass(frozen=True, slots=True)
class Export:
    """The lines of a journal, oldest first, and its signed checkpoints, in the order given."""

    lines: Iterable[bytes]
    checkpoints: tuple[str, ...]


def checkpoints_path(path: Path) -> Path:
    """Return the file of checkpoints that goes with the file of entries `path`."""
    return path.with_name(path.name + CHECKPOINTS_SUFFIX)


def read(path: Path) -> Export:
    """Return what counts in a journal's file of entries, also while its owner is writing.

    One line beyond the last checkpoint was never acknowledged and is left out; more than one is
    not the trace of a crash, so all are given for `verification` to find.
    """
    notes = _read_notes(checkpoints_path(path))
    return Export(_countable(path, notes), notes)


def write_export(path: Path, lines: Iterable[bytes], notes: Iterable[str]) -> None:
    """Write a journal as the pair of files that `read` takes. Raises StorageFull."""
    with durable.replacing(path, mode=keys.PUBLIC_MODE) as file:
        file.writelines(line + b"\n" for line in lines)
    data = b"".join(canonical.encode(note) + b"\n" for note in notes)
    durable.write(checkpoints_path(path), data, mode=keys.PUBLIC_MODE)


class FileJournal:
    """The journal of `folder`, open for its only writer. Use as a context, or `close` it.

    `keyring` holds the former keys of the same writer: the last checkpoint must be one of theirs.

    Raises:
        NotAllowed: another process writes this journal.
        JournalBroken: the entries are not those of the last checkpoint.
    """

    def __init__(
        self, folder: Path, *, origin: str, key: SigningKey, keyring: Keyring | None = None
    ) -> None:
        self.path = folder / ENTRIES
        self.origin = origin
        self._key = key
        self._frontier = tree.Frontier()
        self._note: str | None = None
        self._thread_lock = Lock()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with ExitStack() as opened:
            self._lock = opened.enter_context(_take_lock(self.path))
            self._entries = _Appended(opened.enter_context(_open(self.path)))
            self._notes = _Appended(opened.enter_context(_open(checkpoints_path(self.path))))
            durable.sync_folder(folder)
            self._recover((keyring or Keyring()).with_key(key.public()))
            opened.pop_all()

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
        """Let another process write. What was appended is already on the disk."""
        for file in (self._entries.file, self._notes.file, self._lock):
            file.close()

    def append(
        self,
        action: str,
        *,
        actor: str,
        subject: str,
        digest: str | None = None,
        details: Details | None = None,
        at: datetime,
    ) -> Entry:
        """Return the entry once it and its checkpoint are on the disk.

        Raises:
            StorageFull: no space is left; the entry does not count, the others do.
            JournalBroken: the disk failed; open the journal again to see what it holds.
        """
        with self._thread_lock:
            if self._lock.closed:
                raise JournalBroken(f"The journal {self.origin} is closed: open it again.")
            entry = Entry(
                sequence=self._frontier.size + 1,
                at=keys.to_milliseconds(at),
                actor=actor,
                action=action,
                subject=subject,
                digest=digest,
                details=dict(details or {}),
            )
            self._write(entry.line())
            return entry

    def entries(self) -> Iterator[Entry]:
        """Yield the entries that count, oldest first."""
        return (Entry.parse(line) for line in read(self.path).lines)

    def checkpoint(self) -> str:
        """Return the last checkpoint, for the other sides to witness."""
        if self._note is not None:
            return self._note
        return checkpoints.sign_checkpoint(self.origin, 0, tree.EMPTY_ROOT, self._key)

    def _write(self, line: bytes) -> None:
        frontier = self._frontier.copy()
        frontier.append(tree.leaf_hash(line))
        note = checkpoints.sign_checkpoint(self.origin, frontier.size, frontier.root(), self._key)
        signed = canonical.encode(note) + b"\n"
        try:
            self._entries.append(line + b"\n")
            self._notes.append(signed)
        except OSError as error:
            self._undo(error)
        self._entries.keep(line + b"\n")
        self._notes.keep(signed)
        self._frontier, self._note = frontier, note

    def _undo(self, error: OSError) -> None:
        try:
            # Last written, first undone: never a checkpoint without its entry.
            self._notes.cut(self._notes.size)
            self._entries.cut(self._entries.size)
        except OSError:
            self.close()
        if error.errno in durable.NO_SPACE:
            raise StorageFull(
                f"No space is left for entry {self._frontier.size + 1} of {self.origin}: free "
                "some, then do the same again; the entries before it are safe."
            ) from error
        self.close()
        raise JournalBroken(
            f"Entry {self._frontier.size + 1} of {self.origin} could not be written "
            f"({os.strerror(error.errno or 0)}): check the disk, then start again."
        ) from error

    def _recover(self, keyring: Keyring) -> None:
        """Read both files, check them against each other, and cut what never counted."""
        self._notes.cut(_whole_lines(self._notes.file))
        notes = _read_notes(checkpoints_path(self.path))
        size, root = 0, tree.EMPTY_ROOT
        self._note = notes[-1] if notes else None
        if self._note is not None:
            size, root = self._check_last(self._note, keyring)
        self._frontier, kept = _replay(self._entries.file, size)
        if self._frontier.size != size or self._frontier.root() != root:
            raise JournalBroken(
                f"{self.origin}: the entries are not those of the checkpoint of {size} entries. "
                "Run `ecluse journal verify`, keep a copy, and restore both files together."
            )
        self._entries.cut(kept)

    def _check_last(self, note: str, keyring: Keyring) -> tuple[int, bytes]:
        try:
            last = checkpoints.verify_checkpoint(note, keyring)
        except Refused as error:
            raise JournalBroken(f"{self.origin}: the last checkpoint fails: {error}") from error
        if last.origin != self.origin:
            raise JournalBroken(f"{self.path} is the journal {last.origin}, not {self.origin}.")
        return last.size, last.root


@dataclass(slots=True)
class _Appended:
    """A file that only grows, of which the first `size` bytes count."""

    file: BinaryIO
    size: int = 0

    def append(self, data: bytes) -> None:
        if os.fstat(self.file.fileno()).st_size != self.size:
            # What an interruption (Ctrl-C, say) left of an entry that was not acknowledged.
            self.cut(self.size)
        left = memoryview(data)
        while left:
            left = left[os.write(self.file.fileno(), left) :]
        os.fsync(self.file.fileno())

    def keep(self, data: bytes) -> None:
        self.size += len(data)

    def cut(self, size: int) -> None:
        os.ftruncate(self.file.fileno(), size)
        os.fsync(self.file.fileno())
        self.size = size


def _open(path: Path) -> BinaryIO:
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    return os.fdopen(descriptor, "rb")


def _take_lock(path: Path) -> BinaryIO:
    lock = path.with_name(path.name + LOCK_SUFFIX).open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise NotAllowed(
            f"Another process writes the journal {path}: stop it first (is an agent running?)."
        ) from error
    return lock


def _whole_lines(file: BinaryIO) -> int:
    """Return the bytes up to the last end of line."""
    file.seek(0)
    return sum(len(line) for line in file if line.endswith(b"\n"))


def _replay(file: BinaryIO, size: int) -> tuple[tree.Frontier, int]:
    """Return the tree of the first `size` lines and their bytes.

    At most one line more, whole or torn, is the trace of a crash: with two the tree returned holds
    the second, and does not match the checkpoint.
    """
    frontier, kept = tree.Frontier(), 0
    file.seek(0)
    for number, line in enumerate(file, start=1):
        if number == size + 1:
            continue
        frontier.append(tree.leaf_hash(line[:-1]))
        kept += len(line)
    return frontier, kept


def _read_notes(path: Path) -> tuple[str, ...]:
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return ()
    # After the last end of line stands nothing, or what a crash tore.
    return tuple(_note(line) for line in lines[:-1])


def _note(line: bytes) -> str:
    try:
        note = canonical.decode(line)
    except Malformed:
        return ""
    return note if isinstance(note, str) else ""


def _size_of_last(notes: tuple[str, ...]) -> int | None:
    """Return how many entries count, or None when the last checkpoint says nothing readable."""
    if not notes:
        return 0
    try:
        return checkpoints.read_checkpoint(notes[-1]).size
    except Malformed:
        return None


def _countable(path: Path, notes: tuple[str, ...]) -> Iterator[bytes]:
    acknowledged = _size_of_last(notes)
    beyond: list[bytes] = []
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if acknowledged is None or number <= acknowledged:
                yield line.removesuffix(b"\n")
            else:
                beyond.append(line.removesuffix(b"\n"))
    # A writer at work has added its checkpoints too; a hand that has no key has not.
    if len(beyond) > 1 and _read_notes(checkpoints_path(path)) == notes:
        yield from beyond
