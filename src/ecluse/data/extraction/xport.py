"""SAS transport files (XPORT version 5), which every SAS reads, from a Parquet file.

Source: SAS Institute, "The Record Layout of a Data Set in SAS Transport (XPORT) Format", TS-140.
Numbers are IBM doubles, texts have a fixed width of 200 bytes at most, names 8 characters.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

RECORD: Final = 80
NAME_LENGTH: Final = 8
MOST_BYTES: Final = 200
NUMBER_BYTES: Final = 8
SAS_EPOCH_DAYS: Final = 3_653
"""Days from 1 January 1960, where SAS dates begin, to 1 January 1970."""
SECONDS_A_DAY: Final = 86_400
STAMP: Final = b"01JAN60:00:00:00"
"""No date of making: the same rows give the same bytes."""
MISSING: Final = b"." + b"\0" * 7
IBM_BIAS: Final = 64


@dataclass(frozen=True, slots=True)
class Variable:
    """One column: its name in the file, its width in bytes, and how SAS shows it."""

    column: str
    name: str
    is_number: bool
    width: int
    format: str = ""


def short_names(columns: Iterable[str]) -> dict[str, str]:
    """Return the name that SAS gives to each column: 8 characters, all different.

    A name that is cut, or that another already has, ends with its rank.
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    for rank, column in enumerate(columns, start=1):
        name = column.upper()
        if len(name) > NAME_LENGTH or name in taken:
            name = f"{name[: NAME_LENGTH - len(str(rank))]}{rank}"
        while name in taken:
            name = f"V{rank:07d}"
        names[column] = name
        taken.add(name)
    return names


def write_xport(source: BinaryIO, out: BinaryIO, *, table: str) -> None:
    """Write the rows of a Parquet file as a SAS transport file. Longer texts are cut at 200."""
    with pq.ParquetFile(source) as file:
        variables = _variables(file)
        _write_headers(out, variables, short_names([table])[table])
        written = 0
        for batch in file.iter_batches():
            written += out.write(_observations(batch, variables))
        out.write(b" " * (-written % RECORD))


def _variables(file: pq.ParquetFile) -> list[Variable]:
    schema = file.schema_arrow
    names = short_names(schema.names)
    widths = {field.name: 1 for field in schema if not _is_number(field.type)}
    for batch in file.iter_batches(columns=list(widths)):
        for name, width in widths.items():
            longest = pc.max(pc.binary_length(_text(batch.column(name)))).as_py() or 0
            widths[name] = max(width, min(longest, MOST_BYTES))
    return [
        Variable(
            column=field.name,
            name=names[field.name],
            is_number=field.name not in widths,
            width=widths.get(field.name, NUMBER_BYTES),
            format=_format(field.type),
        )
        for field in schema
    ]


def _is_number(type_: pa.DataType) -> bool:
    is_counted = pa.types.is_integer(type_) or pa.types.is_floating(type_)
    return is_counted or pa.types.is_boolean(type_) or bool(_format(type_)) or _is_decimal(type_)


def _is_decimal(type_: pa.DataType) -> bool:
    return bool(pa.types.is_decimal(type_))


def _format(type_: pa.DataType) -> str:
    if pa.types.is_date(type_):
        return "DATE"
    return "DATETIME" if pa.types.is_timestamp(type_) else ""


def _write_headers(out: BinaryIO, variables: list[Variable], table: str) -> None:
    zeros = b"0" * 30
    name = table.encode().ljust(8)
    library = b"SAS     SAS     SASLIB  6.06    bsd4.2  " + b" " * 24 + STAMP
    member = b"SAS     " + name + b"SASDATA 6.06    bsd4.2  " + b" " * 24 + STAMP
    described = b"".join(_described(rank, one, variables) for rank, one in enumerate(variables))
    records = (
        b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!" + zeros,
        library,
        STAMP,
        b"HEADER RECORD*******MEMBER  HEADER RECORD!!!!!!!000000000000000001600000000140",
        b"HEADER RECORD*******DSCRPTR HEADER RECORD!!!!!!!" + zeros,
        member,
        STAMP,
        b"HEADER RECORD*******NAMESTR HEADER RECORD!!!!!!!000000%04d" % len(variables) + b"0" * 20,
    )
    for record in records:
        out.write(record.ljust(RECORD))
    out.write(described + b" " * (-len(described) % RECORD))
    out.write((b"HEADER RECORD*******OBS     HEADER RECORD!!!!!!!" + zeros).ljust(RECORD))


def _described(rank: int, one: Variable, variables: list[Variable]) -> bytes:
    """Return the 140 bytes that describe one variable."""
    place = sum(other.width for other in variables[:rank])
    kind = (1 if one.is_number else 2, 0, one.width, rank + 1)
    numbers = np.array(kind, ">i2").tobytes()
    names = one.name.encode().ljust(8) + one.column.encode()[:40].ljust(40)
    shown = one.format.encode().ljust(8) + np.array((9 if one.format else 0, 0, 0), ">i2").tobytes()
    read = b"\0\0" + b" " * 8 + b"\0" * 4
    return (numbers + names + shown + read + np.array(place, ">i4").tobytes()).ljust(140, b"\0")


def _observations(batch: pa.RecordBatch, variables: list[Variable]) -> bytes:
    columns = [
        (_numbers if one.is_number else _texts)(batch.column(one.column), one.width)
        for one in variables
    ]
    return np.hstack(columns).tobytes() if columns else b""


def _text(values: pa.Array) -> pa.Array:
    return values.cast(pa.string())


def _texts(values: pa.Array, width: int) -> npt.NDArray[np.uint8]:
    # Cut in bytes, never inside a letter of several.
    cut = (
        text.encode()[:width].decode(errors="ignore").encode().ljust(width)
        for text in pc.fill_null(_text(values), "").to_pylist()
    )
    return np.frombuffer(b"".join(cut), np.uint8).reshape(-1, width)


def _numbers(values: pa.Array, _width: int) -> npt.NDArray[np.uint8]:
    """Return eight bytes for each value; what is absent is SAS's missing value."""
    is_known = values.is_valid().to_numpy(zero_copy_only=False)
    floats = _as_floats(values)
    is_known &= np.isfinite(floats)
    made = _ibm(np.where(is_known, floats, 0.0))
    made[~is_known] = np.frombuffer(MISSING, np.uint8)
    return made


def _as_floats(values: pa.Array) -> npt.NDArray[np.float64]:
    """Return numbers; a date is the days, an instant the seconds, since 1 January 1960."""
    if pa.types.is_date(values.type):
        days = values.cast(pa.date32()).cast(pa.int32())
        return _filled(days) + SAS_EPOCH_DAYS
    if pa.types.is_timestamp(values.type):
        micros = values.cast(pa.timestamp("us")).cast(pa.int64())
        return _filled(micros) / 1e6 + SAS_EPOCH_DAYS * SECONDS_A_DAY
    return _filled(values)


def _filled(values: pa.Array) -> npt.NDArray[np.float64]:
    numbers = values.cast(pa.int8()) if pa.types.is_boolean(values.type) else values
    found = pc.fill_null(numbers.cast(pa.float64(), safe=False), 0.0)
    made: npt.NDArray[np.float64] = found.to_numpy(zero_copy_only=False)
    return made


def _ibm(values: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    """Return IBM doubles: a sign, an exponent of 16 over 64, a fraction of 56 bits, big-endian."""
    fraction, exponent = np.frexp(np.abs(values))
    power = -(-exponent // 4)
    scaled = np.ldexp(fraction, exponent - 4 * power + 56).astype(np.uint64)
    signs = np.signbit(values).astype(np.uint64) << np.uint64(63)
    high = (power + IBM_BIAS).astype(np.uint64) << np.uint64(56)
    words = np.where(values == 0, np.uint64(0), signs | high | scaled)
    return words.astype(">u8").view(np.uint8).reshape(-1, NUMBER_BYTES)
