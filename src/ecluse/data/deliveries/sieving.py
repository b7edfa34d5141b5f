"""Records of a text file one by one: taking out those that no parser should see, finding others."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from ecluse.data.deliveries.lines import LONGEST, Lines, Marks, blocks, record_ends
from ecluse.data.deliveries.quarantine import Positions, Refused, check_count
from ecluse.domain.errors import LoadFailed

WINDOWS: Final = "windows-1252"
QUOTED: Final = re.compile(rb'"[^"]*"')


@dataclass(frozen=True, slots=True)
class Record:
    """A record, its number, and the line of the file where it starts."""

    number: int
    line: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Sieve:
    """How the records of a file called `name` are judged.

    `columns`: the names of its columns when rows of another width must go, for the engine keeps
    the text of each of them in memory; none when the few that there are may stay.
    """

    name: str
    separator: str
    seen: Lines
    columns: tuple[str, ...] = ()


def sieve(path: Path, copy: Path, how: Sieve) -> list[Refused]:
    """Write `copy`: the file as clean UTF-8 lines, blank where a record was refused.

    So every line keeps its number. Windows-1252 becomes UTF-8; all lines end alike. Refused: what
    is not a letter of the alphabet, NUL, a line end inside a line, a line over `LONGEST` bytes,
    where the quotes of the file do not close, a line whose own do not, and what `how.columns` says.
    """
    refused: list[Refused] = []
    line = 1
    by_lines = not how.seen.quotes_close
    reason_of = _Reasons(how)
    with copy.open("wb") as target:
        for block in blocks(path, by_lines=by_lines):
            whole = _transcoded(block) if how.seen.encoding == WINDOWS else block
            if reason_of.is_plain(whole):
                target.write(whole.replace(b"\r\n", b"\n"))
                line += whole.count(b"\n")
                continue
            for content in _split(whole, by_lines=by_lines):
                found = reason_of(content)
                target.write(b"\n" * content.count(b"\n") if found else _ended_alike(content))
                if found:
                    refused.append(Refused(line, *found))
                line += content.count(b"\n")
            _check(how.name, refused)
    return refused


def gather(path: Path, numbers: Positions, *, marks: Marks, by_lines: bool) -> Iterator[Record]:
    """Yield the records of `path` with these numbers, which are sorted and exist.

    Only the pieces of the file that hold one of them are read; `marks` tells where they are.
    """
    places = np.searchsorted(marks.records, numbers - 1, side="right") - 1
    with path.open("rb") as file:
        for place in np.unique(places).tolist():
            file.seek(int(marks.bytes[place]))
            is_last = place + 1 == len(marks.bytes)
            piece = file.read(-1 if is_last else int(marks.bytes[place + 1] - marks.bytes[place]))
            before, feeds = int(marks.records[place]), int(marks.feeds[place])
            for record in _records(piece, numbers[places == place] - before, by_lines=by_lines):
                yield replace(record, number=record.number + before, line=record.line + feeds)


def _records(piece: bytes, numbers: Positions, *, by_lines: bool) -> Iterator[Record]:
    """Yield the records of these numbers, the first of the piece being 1, on line 1."""
    newlines = np.flatnonzero(record_ends(piece, by_lines=True))
    ends = np.flatnonzero(record_ends(piece, by_lines=by_lines))
    if not piece.endswith(b"\n"):
        ends = np.append(ends, len(piece) - 1)
    for number in numbers.tolist():
        start = int(ends[number - 2]) + 1 if number > 1 else 0
        line = 1 + int(np.searchsorted(newlines, start))
        yield Record(number, line, piece[start : int(ends[number - 1]) + 1])


class _Reasons:
    """Why a record is refused before it is parsed, and at which column; None when it is not."""

    def __init__(self, how: Sieve) -> None:
        self._by_lines = not how.seen.quotes_close
        self._columns = how.columns
        self._separator = how.separator.encode()
        end = re.escape(self._separator)
        quoted = rb' *"(?:[^"]|"")*"'
        bare = rb'(?! *")[^' + end + rb"]*"
        value = b"(?:" + quoted + b"|" + bare + b")"
        self._closed = re.compile(value + b"(?:" + end + value + b")*", re.DOTALL)

    def is_plain(self, block: bytes) -> bool:
        """Say whether no record of `block` can be refused, and none needs to be looked at."""
        return not (
            self._columns
            or b'"' in block
            or b"\0" in block
            or len(block) > LONGEST
            or block.count(b"\r") != block.count(b"\r\n")
            or not _is_utf8(block)
        )

    def __call__(self, record: bytes) -> tuple[str, str] | None:
        content = record.rstrip(b"\r\n")
        reason = self._bytes(content)
        if reason:
            return "", reason
        return self._width(content) if self._columns and content else None

    def _bytes(self, content: bytes) -> str | None:
        if len(content) > LONGEST:
            return "line-too-long"
        if b"\0" in content:
            return "nul-byte"
        if not _is_utf8(content):
            return "bad-byte"
        if b'"' not in content:
            return "stray-line-end" if b"\r" in content else None
        return self._open_quote(content) if self._by_lines else None

    def _open_quote(self, content: bytes) -> str | None:
        if b"\r" in content:
            return "stray-line-end"
        return None if self._closed.fullmatch(content) else "open-quote"

    def _width(self, content: bytes) -> tuple[str, str] | None:
        bare = QUOTED.sub(b"", content) if b'"' in content else content
        values = bare.count(self._separator) + 1
        if values > len(self._columns):
            return "", "too-many-columns"
        return (self._columns[values], "too-few-columns") if values < len(self._columns) else None


def _check(name: str, refused: list[Refused]) -> None:
    if refused and refused[0].line == 1:
        raise LoadFailed(
            f"{name}: its first line cannot be read ({refused[0].reason}), so that its columns "
            "have no names; ask for it again. Nothing was loaded."
        )
    check_count(name, refused)


def _transcoded(block: bytes) -> bytes:
    # the five bytes that Windows-1252 leaves without a letter stay, and are refused
    return block.decode("cp1252", "surrogateescape").encode("utf-8", "surrogateescape")


def _is_utf8(content: bytes) -> bool:
    if content.isascii():
        return True
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _split(block: bytes, *, by_lines: bool) -> Iterator[bytes]:
    start = 0
    for end in np.flatnonzero(record_ends(block, by_lines=by_lines)).tolist():
        yield block[start : end + 1]
        start = end + 1
    if start < len(block):
        yield block[start:]


def _ended_alike(record: bytes) -> bytes:
    return record.rstrip(b"\r\n") + b"\n"
