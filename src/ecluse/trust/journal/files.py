"""A journal kept in a folder: a line per entry and a checkpoint per group, both on the disk.

An entry counts once a checkpoint over it is on the disk too: what a crash left beyond the last
checkpoint was acknowledged to nobody, and the next opening cuts it. Those who append at the same
time share one checkpoint and one wait for the disk. The tree's hashes lie beside, so that opening
hashes the last tile alone and a proof reads a few slices; they are made again when they are lost.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from ecluse.domain.errors import EcluseError, JournalBroken, Refused, StorageFull
from ecluse.trust import canonical, durable, keys
from ecluse.trust.journal import checkpoints, proofs, tree
from ecluse.trust.journal.appended import Appended, open_appended, take_lock
from ecluse.trust.journal.entries import Details, Entry
from ecluse.trust.journal.exports import (
    ENTRIES,
    Export,
    checkpoints_path,
    is_group,
    read,
    read_note,
    write_export,
)
from ecluse.trust.journal.group_commit import GroupCommit, Waiting
from ecluse.trust.journal.hashes import HashFiles, hashes_path
from ecluse.trust.journal.personal import PersonalFiles
from ecluse.trust.keys import Keyring, SigningKey

__all__ = ["ENTRIES", "Export", "FileJournal", "checkpoints_path", "read", "write_export"]

Numbered = Callable[[int], Entry]
"""An entry that waits for its number."""


@dataclass(frozen=True, slots=True)
class _Group:
    """What one write adds: lines, the hashes of each, and the tree after them."""

    entries: Sequence[Entry]
    lines: Sequence[bytes]
    leaves: Sequence[bytes]
    frontier: tree.Frontier


class FileJournal:
    """The journal of `folder`, open for its only writer. Use as a context, or `close` it.

    Any number of threads may append. `keyring` holds the former keys of the same writer: the last
    checkpoint must be one of theirs.

    Raises:
        NotAllowed: another process writes this journal.
        JournalBroken: the entries are not those of the last checkpoint.
    """

    def __init__(
        self, folder: Path, *, origin: str, key: SigningKey, keyring: Keyring | None = None
    ) -> None:
        self.path = folder / ENTRIES
        self.origin = origin
        self.personal = PersonalFiles(self.path)
        self._key = key
        self._frontier = tree.Frontier()
        self._note: str | None = None
        self._group: GroupCommit[Numbered, Entry] = GroupCommit(self._write)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with ExitStack() as opened:
            self._lock = opened.enter_context(take_lock(self.path))
            self._entries = Appended(opened.enter_context(open_appended(self.path)))
            self._notes = Appended(opened.enter_context(open_appended(checkpoints_path(self.path))))
            self._hashes = HashFiles(hashes_path(self.path), writable=True)
            opened.callback(self._hashes.close)
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
        self._hashes.close()
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
        """Return the entry once it and a checkpoint over it are on the disk.

        Details that hold personal data go through `personal.commit`, so that they can be erased.

        Raises:
            Malformed: the entry cannot be spelled, or is too long.
            StorageFull: no space is left; the entry does not count, the others do.
            JournalBroken: the disk failed; open the journal again to see what it holds.
        """
        when, kept = keys.to_milliseconds(at), dict(details or {})

        def numbered(sequence: int) -> Entry:
            return Entry(sequence, when, actor, action, subject, digest, kept)

        return self._group.keep(numbered)

    def entries(self) -> Iterator[Entry]:
        """Yield the entries that count, oldest first."""
        return (Entry.parse(line) for line in read(self.path).lines)

    def checkpoint(self) -> str:
        """Return the last checkpoint, for the other sides to witness."""
        if self._note is not None:
            return self._note
        return checkpoints.sign_checkpoint(self.origin, 0, tree.EMPTY_ROOT, self._key)

    @property
    def tree(self) -> HashFiles:
        """The tree of the entries that count, to make proofs from. Not for another thread."""
        return self._hashes

    def _write(self, waiting: Sequence[Waiting[Numbered, Entry]]) -> None:
        if self._lock.closed:
            raise JournalBroken(f"The journal {self.origin} is closed: open it again.")
        accepted, group = self._build(waiting)
        if not accepted:
            return
        note = checkpoints.sign_checkpoint(
            self.origin, group.frontier.size, group.frontier.root(), self._key
        )
        data = b"".join(line + b"\n" for line in group.lines)
        signed = canonical.encode(note) + b"\n"
        try:
            self._entries.append(data)
            self._notes.append(signed)
        except OSError as error:
            self._undo(error)
        ends = _ends(group.lines, after=self._entries.size)
        self._entries.keep(data)
        self._notes.keep(signed)
        self._frontier, self._note = group.frontier, note
        self._keep_hashes(group.leaves, ends)
        for one, entry in zip(accepted, group.entries, strict=True):
            one.kept = entry

    def _build(
        self, waiting: Sequence[Waiting[Numbered, Entry]]
    ) -> tuple[list[Waiting[Numbered, Entry]], _Group]:
        """Number the entries of a group; one that cannot be spelled takes no number."""
        frontier = self._frontier.copy()
        accepted, entries, lines, leaves = [], [], [], []
        for one in waiting:
            entry = one.fact(frontier.size + 1)
            try:
                lines.append(entry.line())
            except EcluseError as error:
                one.error = error
                continue
            leaves.append(tree.leaf_hash(lines[-1]))
            frontier.append(leaves[-1])
            entries.append(entry)
            accepted.append(one)
        return accepted, _Group(entries, lines, leaves, frontier)

    def _keep_hashes(self, leaves: Sequence[bytes], ends: Sequence[int]) -> None:
        """Add to the tree beside, unless it lost something: the next opening makes it again."""
        if self._hashes.size == self._frontier.size - len(leaves):
            try:
                self._hashes.extend(leaves, ends)
            except (OSError, ValueError):
                self._hashes.size = -1

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
        """Check the last tile against the last checkpoint, and cut what never counted.

        The tiles before it are believed for their root, which is signed: `journal verify` reads
        every entry again.
        """
        self._notes.cut(self._notes.whole_lines())
        last = self._notes.last_line()
        size, root = 0, tree.EMPTY_ROOT
        if last is not None:
            self._note = read_note(last)
            size, root = self._check_last(self._note, keyring)
        if not (self._replay(size, root, kept=self._hashes.usable(size)) or self._anew(size, root)):
            raise JournalBroken(
                f"{self.origin}: the entries are not those of the checkpoint of {size} entries. "
                "Run `ecluse journal verify`, keep a copy, and restore both files together."
            )
        self._entries.cut(self._entries.size)

    def _anew(self, size: int, root: bytes) -> bool:
        """Make the tree again from the entries alone: the hashes beside them may be lost."""
        return self._replay(size, root, kept=0)

    def _replay(self, size: int, root: bytes, *, kept: int) -> bool:
        """Take the entries after the first `kept`; say whether they are those of the checkpoint."""
        self._hashes.cut(kept)
        self._frontier = tree.Frontier(kept, proofs.frontier_nodes(self._hashes, kept))
        at = self._hashes.end(kept)
        self._entries.file.seek(at)
        lines = (line for line in self._entries.file)
        for batch in _batches(lines, size - kept):
            leaves = [tree.leaf_hash(line[:-1]) for line in batch]
            self._hashes.extend(leaves, _ends([line[:-1] for line in batch], after=at))
            for leaf in leaves:
                self._frontier.append(leaf)
            at += sum(map(len, batch))
        self._entries.size = at
        beyond = [line.removesuffix(b"\n") for line in lines]
        is_signed = (self._frontier.size, self._frontier.root()) == (size, root)
        return is_signed and (not beyond or is_group(beyond, after=size))

    def _check_last(self, note: str, keyring: Keyring) -> tuple[int, bytes]:
        try:
            last = checkpoints.verify_checkpoint(note, keyring)
        except Refused as error:
            raise JournalBroken(f"{self.origin}: the last checkpoint fails: {error}") from error
        if last.origin != self.origin:
            raise JournalBroken(f"{self.path} is the journal {last.origin}, not {self.origin}.")
        return last.size, last.root


def _ends(lines: Sequence[bytes], *, after: int) -> list[int]:
    """Return the byte where each line ends, its end of line included."""
    ends = []
    for line in lines:
        after += len(line) + 1
        ends.append(after)
    return ends


def _batches(lines: Iterator[bytes], count: int) -> Iterator[list[bytes]]:
    """Yield the first `count` lines, a tile's worth at a time; fewer when there are fewer."""
    left = count
    while left > 0:
        batch = [line for _, line in zip(range(min(left, 256)), lines, strict=False)]
        if not batch:
            return
        left -= len(batch)
        yield batch
