"""The lines of a text file, looked at and counted apart from the engine that will parse them.

A *record* is what should become one row: a line, or several when a quoted value holds line breaks.
Records are numbered from 1 and the header is the first; blank ones are numbered too. In a file
where a quote is out of place nobody can tell where a value ends, so there every line is a record.
"""

import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Encoding = Literal["utf-8", "windows-1252"]
Flags = NDArray[np.bool_]
Counts = NDArray[np.int64]

LONGEST: Final = 1 << 20
"""Bytes of a line beyond which it is refused."""
BLOCK: Final = 1 << 17
"""Bytes looked at together: what a processor keeps close (larger blocks are twice as slow)."""
LONGEST_OPEN: Final = 2 << 20
"""Bytes after which a quote that was not closed is taken for a mistake."""
FEWEST_HIGH_BYTES: Final = 3
"""With fewer, bytes that are not UTF-8 are damage; with more, French letters and no valid UTF-8,
they are another alphabet."""
LINE_FEED: Final = 10
RETURN: Final = 13
QUOTE: Final = 34
NOT_UTF8: Final = re.compile("[\udc80-\udcff]")
WINDOWS_LETTERS: Final = frozenset(
    chr(0xDC00 + byte)
    for byte in "àâäçèéêëîïôöùûüñÀÂÄÇÈÉÊËÎÏÔÖÙÛÜŒœæ’‘“”«»°€–…²³µ".encode("cp1252")
)
"""What French text in Windows-1252 has beyond ASCII, as UTF-8 fails to read it."""
ENOUGH_HIGH_BYTES: Final = 10_000


@dataclass(frozen=True, slots=True)
class Marks:
    """Places of a clean file where a record starts, some 100 kB apart, so that one can be found.

    For each: its byte, and how many records and how many line feeds come before it.
    """

    bytes: Counts
    records: Counts
    feeds: Counts


@dataclass(frozen=True, slots=True)
class Lines:
    """What a look at a text file tells.

    `rows`: records that are neither the header nor blank. `blanks`: numbers of the blank records.
    `quotes_close`: every quote opens or closes a value. `is_clean`: the engine's parser can read
    it as it is: UTF-8, one kind of line end, no NUL, no line over `LONGEST` bytes. `ragged_bytes`:
    about how many bytes are in rows that have more or fewer values than they should, at most.
    `marks`: where records are, when it is clean.
    """

    rows: int
    blanks: tuple[int, ...]
    has_quotes: bool
    quotes_close: bool
    encoding: Encoding
    is_clean: bool
    ragged_bytes: int
    marks: Marks = field(repr=False, compare=False)


class Unclosed(Exception):
    """A quote opens that nothing closes."""


def look(path: Path, *, separator: str, width: int | None = None, by_lines: bool = False) -> Lines:
    """Return what `path` holds, in one pass (about 2 GB/s where there are no quotes).

    `width`: the values that a row should have, when they are to be counted. `by_lines`: quotes do
    not join lines into records.
    """
    seen = _Look(ord(separator), width=width, by_lines=by_lines)
    try:
        for block in blocks(path, by_lines=by_lines):
            seen.add(block)
    except Unclosed:
        seen.quotes_close = False
    return seen.lines()


def blocks(path: Path, *, by_lines: bool) -> Iterator[bytes]:
    """Yield the bytes of `path` by whole records. Raises Unclosed.

    A line over `LONGEST` bytes is cut short, never below that length, so that it can be refused
    without being held in memory.
    """
    rest = b""
    for block in _lines(path):
        whole = rest + block if rest else block
        if by_lines or b'"' not in whole:
            rest = b""
            yield whole
            continue
        end = _end_of_records(whole)
        rest = whole[end:]
        if len(rest) > LONGEST_OPEN:
            raise Unclosed
        if end:
            yield whole[:end]
    if rest:
        if rest.count(b'"') % 2:
            raise Unclosed
        yield rest


def record_ends(block: bytes, *, by_lines: bool) -> Flags:
    """Return, for each byte of `block`, whether a record ends there."""
    ends: Flags = _bytes(block) == LINE_FEED
    if not by_lines and b'"' in block:
        ends &= ~_inside_quotes(block)
    return ends


class _Look:
    """What the blocks seen so far tell."""

    def __init__(self, separator: int, *, width: int | None, by_lines: bool) -> None:
        self._separator = separator
        self._width = width
        self._ragged_bytes = 0
        self._by_lines = by_lines
        self._bytes = 0
        self._records = 0
        self._feeds = 0
        self._marks = array("q")
        self._returns = 0
        self._ends_open = False
        self._blanks: list[int] = []
        self._high_bytes = 0
        self._letters = 0
        self._has_utf8 = False
        self._is_clean = True
        self.has_quotes = False
        self.quotes_close = True

    def add(self, block: bytes) -> None:
        """Take a block of whole records into account."""
        self._marks.extend((self._bytes, self._records, self._feeds))
        ends = record_ends(block, by_lines=self._by_lines)
        has_returns = b"\r" in block
        if b'"' in block:
            self.has_quotes = True
            self.quotes_close &= _closes(block, self._separator)
        if has_returns:
            self._count_returns(block, ends)
        if not block.isascii():
            self._look_at_letters(block)
        self._is_clean &= b"\0" not in block and not _has_long_line(block)
        self._find_blanks(block, ends, has_returns=has_returns)
        found = int(np.count_nonzero(ends))
        if self._width is not None:
            self._count_values(block, found, self._width)
        is_joined = not self._by_lines and b'"' in block
        self._feeds += block.count(b"\n") if is_joined else found
        self._records += found
        self._bytes += len(block)
        self._ends_open = not block.endswith(b"\n")

    def lines(self) -> Lines:
        """Return what was seen."""
        records = self._records + self._ends_open
        are_letters = self._letters * 10 >= self._high_bytes * 9
        is_many = self._high_bytes >= FEWEST_HIGH_BYTES
        is_windows = is_many and are_letters and not self._has_utf8
        mixes_ends = 0 < self._returns < self._records
        return Lines(
            rows=max(records - 1, 0) - len(self._blanks),
            blanks=tuple(self._blanks),
            has_quotes=self.has_quotes,
            quotes_close=self.quotes_close,
            encoding="windows-1252" if is_windows else "utf-8",
            is_clean=self._is_clean and not mixes_ends and not self._high_bytes,
            ragged_bytes=self._ragged_bytes,
            marks=Marks(*np.array(self._marks, dtype=np.int64).reshape(-1, 3).T),
        )

    def _count_values(self, block: bytes, records: int, width: int) -> None:
        """Compare how many separators there are with how many there should be.

        Rows that lack some and rows that have too many hide each other within one block only.
        """
        separators: Flags = _bytes(block) == self._separator
        if not self._by_lines and b'"' in block:
            separators &= ~_inside_quotes(block)
        records = max(1, records)
        wrong = abs(int(np.count_nonzero(separators)) - records * (width - 1))
        self._ragged_bytes += len(block) * min(wrong, records) // records

    def _count_returns(self, block: bytes, ends: Flags) -> None:
        returns: Flags = _bytes(block) == RETURN
        if not self._by_lines and b'"' in block:
            returns &= ~_inside_quotes(block)
        before_end = int(np.count_nonzero(returns[:-1] & ends[1:]))
        self._returns += before_end
        self._is_clean &= before_end == int(np.count_nonzero(returns))

    def _look_at_letters(self, block: bytes) -> None:
        if self._high_bytes > ENOUGH_HIGH_BYTES:
            return
        try:
            block.decode()
            self._has_utf8 = True
        except UnicodeDecodeError:
            text = block.decode(errors="surrogateescape")
            found = NOT_UTF8.findall(text)
            self._high_bytes += len(found)
            self._letters += sum(map(WINDOWS_LETTERS.__contains__, found))
            self._has_utf8 |= not NOT_UTF8.sub("", text).isascii()

    def _find_blanks(self, block: bytes, ends: Flags, *, has_returns: bool) -> None:
        if not (has_returns or block[:1] == b"\n" or (ends[1:] & ends[:-1]).any()):
            return
        positions = np.flatnonzero(ends)
        lengths = np.diff(positions, prepend=-1) - 1
        is_return = _bytes(block)[positions - 1] == RETURN
        blank = (lengths == 0) | ((lengths == 1) & is_return)
        self._blanks += (np.flatnonzero(blank) + self._records + 1).tolist()


def _lines(path: Path) -> Iterator[bytes]:
    rest = b""
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(BLOCK):
            end = chunk.rfind(b"\n") + 1
            if end:
                yield rest + chunk[:end]
                rest = chunk[end:]
            else:
                rest = rest + chunk if len(rest) <= LONGEST else rest
    if rest:
        yield rest


def _bytes(block: bytes) -> NDArray[np.uint8]:
    return np.frombuffer(block, dtype=np.uint8)


def _inside_quotes(block: bytes) -> Flags:
    """Return whether each byte is inside quotes, an opening quote counting as inside."""
    inside: Flags = np.logical_xor.accumulate(_bytes(block) == QUOTE)
    return inside


def _end_of_records(block: bytes) -> int:
    ends = np.flatnonzero(record_ends(block, by_lines=False))
    return int(ends[-1]) + 1 if len(ends) else 0


def _closes(block: bytes, separator: int) -> bool:
    """Say whether each quote opens right after a separator, or closes right before one."""
    values = _bytes(block)
    quotes = np.flatnonzero(values == QUOTE)
    opening, closing = quotes[::2], quotes[1::2]
    # a doubled quote inside a value closes it and opens it again at once
    before = values[np.maximum(opening - 1, 0)]
    opens = np.isin(before, (separator, LINE_FEED, QUOTE)) | (opening == 0)
    after = values[np.minimum(closing + 1, len(values) - 1)]
    closes = np.isin(after, (separator, LINE_FEED, RETURN, QUOTE)) | (closing == len(values) - 1)
    return bool(len(opening) == len(closing) and opens.all() and closes.all())


def _has_long_line(block: bytes) -> bool:
    if len(block) <= LONGEST:
        return False
    gaps = np.diff(np.flatnonzero(_bytes(block) == LINE_FEED), prepend=-1, append=len(block))
    return bool(gaps.max() > LONGEST)
