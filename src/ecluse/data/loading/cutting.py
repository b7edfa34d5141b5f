"""A sorted Parquet file cut into several at the borders of its row groups, nothing decoded.

An engine that writes in parallel keeps the order of rows within one file only, so a slice is
written as one file and cut afterwards: the bytes of row groups are copied as they are and each new
file gets a footer with their places moved. The footer is Thrift in its compact protocol
(https://parquet.apache.org/docs/file-format/metadata/).
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from ecluse.domain.errors import LoadFailed

MAGIC: Final = b"PAR1"
TAIL_BYTES: Final = 8
TRUE, FALSE, BYTE, DOUBLE, BINARY, LIST, SET, STRUCT = 1, 2, 3, 7, 8, 9, 10, 12
INTEGERS: Final = frozenset({4, 5, 6})
LONG_LIST: Final = 15

Struct = dict[int, tuple[int, Any]]
"""Fields of a Thrift structure: number, then kind and value."""
Items = tuple[int, list[Any]]
"""A Thrift list: the kind of its items, and the items."""

# Field numbers of FileMetaData, RowGroup, ColumnChunk, ColumnMetaData.
FILE_ROWS, FILE_GROUPS = 3, 4
GROUP_COLUMNS, GROUP_ROWS, GROUP_OFFSET, GROUP_ORDINAL = 1, 3, 5, 7
CHUNK_OFFSET, CHUNK_METADATA = 2, 3
CHUNK_SIZE, DATA_OFFSET, DICTIONARY_OFFSET = 7, 9, 11
BESIDE_CHUNK: Final = frozenset({4, 5, 6, 7})
BESIDE_COLUMN: Final = frozenset({14, 15})
"""Page indexes and Bloom filters: kept out of the cut files, which readers do without."""


@dataclass(frozen=True, slots=True)
class Footer:
    """The metadata of a Parquet file, as the file spells them."""

    fields: Struct

    @property
    def groups(self) -> list[Struct]:
        """The row groups, in order."""
        return cast("Items", self.fields[FILE_GROUPS][1])[1]


def footer_of(path: Path) -> Footer:
    """Return the footer of the Parquet file `path`. Raises LoadFailed if it has none."""
    with path.open("rb") as file:
        file.seek(-TAIL_BYTES, os.SEEK_END)
        tail = file.read()
        size = int.from_bytes(tail[:4], "little")
        if tail[4:] != MAGIC:
            raise LoadFailed(f"{path.name} is not a complete Parquet file.")
        file.seek(-TAIL_BYTES - size, os.SEEK_END)
        return Footer(_Reader(file.read(size)).struct())


def group_rows(footer: Footer) -> list[int]:
    """Return how many rows each row group holds."""
    return [group[GROUP_ROWS][1] for group in footer.groups]


def cut(path: Path, footer: Footer, target: Path, *, groups: range) -> None:
    """Write to `target` the row groups `groups` of the file `path`."""
    chosen = [footer.groups[index] for index in groups]
    first = min(_first_byte(group) for group in chosen)
    last = max(_last_byte(group) for group in chosen)
    moved = [_moved(group, by=len(MAGIC) - first, ordinal=n) for n, group in enumerate(chosen)]
    kind = cast("Items", footer.fields[FILE_GROUPS][1])[0]
    fields = {
        **footer.fields,
        FILE_ROWS: (6, sum(group[GROUP_ROWS][1] for group in chosen)),
        FILE_GROUPS: (LIST, (kind, moved)),
    }
    writer = _Writer()
    writer.struct(fields)
    with path.open("rb") as source, target.open("wb") as file:
        file.write(MAGIC)
        _copy(source, file, first, last - first)
        file.write(bytes(writer.data))
        file.write(len(writer.data).to_bytes(4, "little") + MAGIC)


def _chunks(group: Struct) -> list[Struct]:
    return cast("Items", group[GROUP_COLUMNS][1])[1]


def _start(chunk: Struct) -> int:
    column = cast("Struct", chunk[CHUNK_METADATA][1])
    places = [column[field][1] for field in (DATA_OFFSET, DICTIONARY_OFFSET) if field in column]
    # Some writers say 0 where there is no dictionary.
    return min(int(place) for place in places if place)


def _first_byte(group: Struct) -> int:
    return min(_start(chunk) for chunk in _chunks(group))


def _last_byte(group: Struct) -> int:
    return max(
        _start(chunk) + int(cast("Struct", chunk[CHUNK_METADATA][1])[CHUNK_SIZE][1])
        for chunk in _chunks(group)
    )


def _moved(group: Struct, *, by: int, ordinal: int) -> Struct:
    """Return the row group with the places of its bytes moved."""
    kind, chunks = cast("Items", group[GROUP_COLUMNS][1])
    moved = {**group, GROUP_COLUMNS: (LIST, (kind, [_moved_chunk(item, by) for item in chunks]))}
    if GROUP_OFFSET in moved:
        moved[GROUP_OFFSET] = (moved[GROUP_OFFSET][0], moved[GROUP_OFFSET][1] + by)
    if GROUP_ORDINAL in moved:
        moved[GROUP_ORDINAL] = (moved[GROUP_ORDINAL][0], ordinal)
    return moved


def _moved_chunk(chunk: Struct, by: int) -> Struct:
    column = cast("Struct", chunk[CHUNK_METADATA][1])
    column = {field: item for field, item in column.items() if field not in BESIDE_COLUMN}
    for field in (DATA_OFFSET, DICTIONARY_OFFSET):
        if column.get(field, (0, 0))[1]:
            column[field] = (column[field][0], column[field][1] + by)
    kept = {field: item for field, item in chunk.items() if field not in BESIDE_CHUNK}
    kind, place = kept[CHUNK_OFFSET]
    kept[CHUNK_OFFSET] = (kind, place + by if place else place)
    kept[CHUNK_METADATA] = (STRUCT, column)
    return kept


def _copy(source: BinaryIO, target: BinaryIO, start: int, size: int) -> None:
    target.flush()
    left = size
    while left:
        copied = os.sendfile(target.fileno(), source.fileno(), start + size - left, left)
        if not copied:
            raise LoadFailed("A sorted file ended before its last row group.")
        left -= copied
    target.seek(0, os.SEEK_END)


class _Reader:
    """Reads Thrift's compact protocol."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def struct(self) -> Struct:
        fields: Struct = {}
        number = 0
        while head := self._byte():
            number = number + (head >> 4) if head >> 4 else _unzigzag(self._varint())
            kind = head & 15
            fields[number] = (kind, kind == TRUE if kind in {TRUE, FALSE} else self._value(kind))
        return fields

    def _byte(self) -> int:
        self._at += 1
        return self._data[self._at - 1]

    def _varint(self) -> int:
        value = shift = 0
        while (byte := self._byte()) & 128:
            value |= (byte & 127) << shift
            shift += 7
        return value | byte << shift

    def _bytes(self, size: int) -> bytes:
        self._at += size
        return self._data[self._at - size : self._at]

    def _value(self, kind: int) -> object:
        if kind in INTEGERS:
            return _unzigzag(self._varint())
        if kind == BINARY:
            return self._bytes(self._varint())
        if kind == STRUCT:
            return self.struct()
        if kind in {LIST, SET}:
            return self._items()
        if kind == DOUBLE:
            return self._bytes(8)
        if kind in {TRUE, FALSE, BYTE}:
            return self._byte()
        raise LoadFailed("The footer of a sorted file cannot be read.")

    def _items(self) -> Items:
        head = self._byte()
        kind = head & 15
        size = head >> 4 if head >> 4 != LONG_LIST else self._varint()
        return kind, [self._value(kind) for _ in range(size)]


class _Writer:
    """Writes what `_Reader` reads."""

    def __init__(self) -> None:
        self.data = bytearray()

    def struct(self, fields: Struct) -> None:
        before = 0
        for number, (kind, value) in sorted(fields.items()):
            told = kind if kind not in {TRUE, FALSE} else TRUE if value else FALSE
            step = number - before
            self.data.append((step << 4 if step <= LONG_LIST else 0) | told)
            if step > LONG_LIST:
                self._varint(_zigzag(number))
            if told not in {TRUE, FALSE}:
                self._value(told, value)
            before = number
        self.data.append(0)

    def _varint(self, value: int) -> None:
        while value > 127:  # noqa: PLR2004 — seven bits a byte
            self.data.append(value & 127 | 128)
            value >>= 7
        self.data.append(value)

    def _value(self, kind: int, value: Any) -> None:
        if kind in INTEGERS:
            self._varint(_zigzag(value))
        elif kind == BINARY:
            self._varint(len(value))
            self.data += value
        elif kind == STRUCT:
            self.struct(value)
        elif kind in {LIST, SET}:
            self._items(value)
        elif kind == DOUBLE:
            self.data += value
        else:
            self.data.append(value)

    def _items(self, items: Items) -> None:
        kind, values = items
        if len(values) < LONG_LIST:
            self.data.append(len(values) << 4 | kind)
        else:
            self.data.append(LONG_LIST << 4 | kind)
            self._varint(len(values))
        for value in values:
            self._value(kind, value)


def _zigzag(value: int) -> int:
    return value << 1 if value >= 0 else (-value << 1) - 1


def _unzigzag(value: int) -> int:
    return -(value >> 1) - 1 if value & 1 else value >> 1


def spans(rows: Sequence[int], *, most: int) -> list[range]:
    """Return runs of row groups that hold at most `most` rows each, a single group at least."""
    found: list[range] = []
    start = held = 0
    for index, count in enumerate(rows):
        if index > start and held + count > most:
            found.append(range(start, index))
            start, held = index, 0
        held += count
    return [*found, range(start, len(rows))] if rows else []
