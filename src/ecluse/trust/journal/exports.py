"""A journal as a pair of files: one line per entry, and the checkpoints beside them.

The journal of a zone is such a pair while it is written; an export for an auditor is one too.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ecluse.domain.errors import Malformed
from ecluse.trust import canonical, durable, keys
from ecluse.trust.journal import checkpoints
from ecluse.trust.journal.group_commit import MOST

ENTRIES: Final = "journal.jsonl"
CHECKPOINTS_SUFFIX: Final = ".checkpoints"


@dataclass(frozen=True, slots=True)
class Export:
    """The lines of a journal, oldest first, and its signed checkpoints, in the order given.

    `pending` counts the entries that have no number yet.
    """

    lines: Iterable[bytes]
    checkpoints: tuple[str, ...]
    pending: int = 0


def checkpoints_path(path: Path) -> Path:
    """Return the file of checkpoints that goes with the file of entries `path`."""
    return path.with_name(path.name + CHECKPOINTS_SUFFIX)


def read(path: Path) -> Export:
    """Return what counts in a journal's file of entries, also while its owner is writing.

    What a crash can leave beyond the last checkpoint, one group, was never acknowledged and is left
    out; anything else there is no trace of a crash, so all is given for `verification` to find.
    """
    notes = read_notes(checkpoints_path(path))
    return Export(_countable(path, notes), notes)


def write_export(path: Path, lines: Iterable[bytes], notes: Iterable[str]) -> None:
    """Write a journal as the pair of files that `read` takes. Raises StorageFull."""
    with durable.replacing(path, mode=keys.PUBLIC_MODE) as file:
        file.writelines(line + b"\n" for line in lines)
    data = b"".join(canonical.encode(note) + b"\n" for note in notes)
    durable.write(checkpoints_path(path), data, mode=keys.PUBLIC_MODE)


def is_group(lines: Iterable[bytes], *, after: int) -> bool:
    """Say whether lines beyond entry `after` are what a crash can leave: one group, or one line.

    The last may be torn; the others are whole entries that follow each other.
    """
    *whole, _ = lines
    return len(whole) < MOST and all(
        _sequence(line) == number for number, line in enumerate(whole, start=after + 1)
    )


def read_notes(path: Path) -> tuple[str, ...]:
    """Return the checkpoints of a file, oldest first; a line that is none gives an empty text."""
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return ()
    # After the last end of line stands nothing, or what a crash tore.
    return tuple(read_note(line) for line in lines[:-1])


def read_note(line: bytes) -> str:
    """Return the checkpoint of one line of the file, or an empty text."""
    try:
        note = canonical.decode(line)
    except Malformed:
        return ""
    return note if isinstance(note, str) else ""


def _sequence(line: bytes) -> object:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry.get("sequence") if isinstance(entry, dict) else None


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
    if not beyond or (acknowledged is not None and is_group(beyond, after=acknowledged)):
        return
    # A writer at work has added its checkpoints too; a hand that has no key has not.
    if read_notes(checkpoints_path(path)) == notes:
        yield from beyond
