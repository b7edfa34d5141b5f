"""Records of a text file one by one: taking out those that no parser should see, finding others."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from ecluse.data.deliveries.lines import LONGEST, Lines, blocks, record_ends
from ecluse.data.deliveries.quarantine import Positions, Refused, check_count
from ecluse.domain.errors import LoadFailed

WINDOWS: Final = "windows-1252"


@dataclass(frozen=True, slots=True)
class Record:
    """A record, its number, and the line of the file where it starts."""

    number: int
    line: int
    content: bytes


def sieve(path: Path, copy: Path, *, seen: Lines, separator: str, name: str) -> list[Refused]:
    """Write `copy`: the file as clean UTF-8 lines, blank where a record was refused.

    So every line keeps its number. Windows-1252 becomes UTF-8; all lines end alike. Refused: what
    is not a letter of the alphabet, NUL, a line end inside a line, a line over `LONGEST` bytes,
    and, where the quotes of the file do not close, a line whose own do not.
    """
    refused: list[Refused] = []
    line = 1
    reason_of = _Reasons(separator, by_lines=not seen.quotes_close)
    with copy.open("wb") as target:
        for block in blocks(path, by_lines=not seen.quotes_close):
            whole = _transcoded(block) if seen.encoding == WINDOWS else block
            if reason_of.is_plain(whole):
                target.write(whole.replace(b"\r\n", b"\n"))
                line += whole.count(b"\n")
                continue
            for content in _split(whole, by_lines=not seen.quotes_close):
                reason = reason_of(content)
                target.write(b"\n" * content.count(b"\n") if reason else _ended_alike(content))
                if reason:
                    refused.append(Refused(line, "", reason))
                line += content.count(b"\n")
            _check(name, refused)
    return refused


def gather(path: Path, numbers: Positions, *, by_lines: bool) -> Iterator[Record]:
    """Yield the records of `path` with these numbers, which are sorted and exist."""
    before, line = 0, 1
    for block in blocks(path, by_lines=by_lines):
        newlines = np.flatnonzero(record_ends(block, by_lines=True))
        ends = np.flatnonzero(record_ends(block, by_lines=by_lines))
        if not block.endswith(b"\n"):
            ends = np.append(ends, len(block) - 1)
        first, last = np.searchsorted(numbers, [before + 1, before + len(ends) + 1])
        for number in numbers[first:last].tolist():
            index = number - before - 1
            start = int(ends[index - 1]) + 1 if index else 0
            content = block[start : int(ends[index]) + 1]
            yield Record(number, line + int(np.searchsorted(newlines, start)), content)
        before += len(ends)
        line += len(newlines)


class _Reasons:
    """Why a record is refused before it is parsed; None when it is not."""

    def __init__(self, separator: str, *, by_lines: bool) -> None:
        self._by_lines = by_lines
        end = re.escape(separator.encode())
        quoted = rb' *"(?:[^"]|"")*"'
        bare = rb'(?! *")[^' + end + rb"]*"
        value = b"(?:" + quoted + b"|" + bare + b")"
        self._closed = re.compile(value + b"(?:" + end + value + b")*", re.DOTALL)

    def is_plain(self, block: bytes) -> bool:
        """Say whether no record of `block` can be refused, and none needs to be looked at."""
        return not (
            b'"' in block
            or b"\0" in block
            or len(block) > LONGEST
            or block.count(b"\r") != block.count(b"\r\n")
            or not _is_utf8(block)
        )

    def __call__(self, record: bytes) -> str | None:
        content = record.rstrip(b"\r\n")
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
