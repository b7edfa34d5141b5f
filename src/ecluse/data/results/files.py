"""A request as a file: one line that tells, then plain arrays. Read as the work of an adversary.

The line is `ECLUSE-RESULT-1` and the bytes of the header (JSON), which follows; then comes zlib of
the persons as little-endian uint64, and of each column as int32 or float64.
"""

import json
import zlib
from pathlib import Path
from typing import Any, Final

import numpy as np

from ecluse.data.results.requests import (
    Asked,
    Category,
    Column,
    Figure,
    Model,
    Number,
    Regression,
    Request,
    Survival,
    Tabulation,
)
from ecluse.domain.errors import InvalidInput

SUFFIX: Final = ".result"
_MAGIC = "ECLUSE-RESULT-1"
_MOST_HEADER: Final = 4_000_000
_MOST_ROWS: Final = 50_000_000
_MOST_COLUMNS: Final = 60
_PERSON_BYTES: Final = 8


def write_request(request: Request, path: Path) -> None:
    """Write a request; the same request gives the same bytes."""
    header = {
        "name": request.name,
        "kind": type(request.asked).__name__,
        "asked": {field: getattr(request.asked, field) for field in request.asked.__slots__},
        "rows": int(request.persons.size),
        "columns": [
            {"name": name, "labels": _labels(column)} for name, column in request.columns.items()
        ],
    }
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    arrays = [request.persons.astype("<u8").tobytes(), *map(_bytes, request.columns.values())]
    body = zlib.compress(b"".join(arrays), 6)
    path.write_bytes(f"{_MAGIC} {len(text)}\n".encode() + text + body)


def read_request(data: bytes) -> Request:
    """Return the request of a file.

    Raises:
        InvalidInput: not such a file, or one that cannot be computed. Nothing in it is run.
    """
    try:
        return _read(data)
    except (KeyError, TypeError, ValueError, zlib.error, RecursionError, AttributeError):
        raise InvalidInput(
            "Not a result that `ecluse.data.results` wrote: write it again."
        ) from None


def _labels(column: Column) -> list[str] | None:
    return list(column.labels) if isinstance(column, Category) else None


def _bytes(column: Column) -> bytes:
    if isinstance(column, Category):
        return column.codes.astype("<i4").tobytes()
    return column.values.astype("<f8").tobytes()


def _read(data: bytes) -> Request:
    first, _, rest = data.partition(b"\n")
    magic, length = first[:64].decode("ascii").split(" ")
    size = int(length)
    if magic != _MAGIC or not 0 < size <= min(_MOST_HEADER, len(rest)):
        raise ValueError
    header = json.loads(rest[:size])
    rows, columns = int(header["rows"]), header["columns"]
    if not 0 <= rows <= _MOST_ROWS or len(columns) > _MOST_COLUMNS:
        raise ValueError
    widths = [_PERSON_BYTES, *(4 if column["labels"] is not None else 8 for column in columns)]
    body = _unpacked(rest[size:], rows * sum(widths))
    persons = np.frombuffer(body, "<u8", count=rows).astype(np.uint64)
    found: dict[str, Column] = {}
    start = rows * _PERSON_BYTES
    for column, width in zip(columns, widths[1:], strict=True):
        found[str(column["name"])] = _column(column, body[start : start + rows * width])
        start += rows * width
    return Request(str(header["name"]), _asked(header["kind"], header["asked"]), persons, found)


def _unpacked(packed: bytes, size: int) -> bytes:
    """Unpack exactly `size` bytes: a bomb is stopped by what it makes, not by what it says."""
    unpacker = zlib.decompressobj()
    body = unpacker.decompress(packed, size + 1)
    if len(body) != size or not unpacker.eof or unpacker.unused_data:
        raise ValueError
    return body


def _column(told: dict[str, Any], body: bytes) -> Column:
    if told["labels"] is None:
        return Number(np.frombuffer(body, "<f8").astype(np.float64))
    labels = tuple(str(label) for label in told["labels"])
    return Category(np.frombuffer(body, "<i4").astype(np.int32), labels)


def _asked(kind: str, told: dict[str, Any]) -> Asked:
    if kind == "Tabulation":
        return Tabulation(
            by=tuple(map(str, told["by"])),
            amount=_name(told["amount"]),
            percentiles=tuple(map(int, told["percentiles"])),
            sensitive=tuple(map(str, told["sensitive"])),
            figure=Figure(told["figure"]),
            epsilon_thousandths=int(told.get("epsilon_thousandths", 0)),
            cells_per_person=int(told.get("cells_per_person", 1)),
        )
    if kind == "Regression":
        on = tuple(map(str, told["on"]))
        return Regression(Model(told["model"]), str(told["outcome"]), on, _name(told["duration"]))
    if kind == "Survival":
        by, figure = _name(told["by"]), Figure(told["figure"])
        return Survival(str(told["duration"]), str(told["event"]), by, figure)
    raise ValueError


def _name(told: object) -> str | None:
    return None if told is None else str(told)
