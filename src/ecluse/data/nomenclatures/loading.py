"""A code list as its publisher gives it, CSV or Parquet, kept as a version of a nomenclature."""

import csv
import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from ecluse.data.engines import storage_failures
from ecluse.data.nomenclatures.versions import (
    CODE_COLUMN,
    DIGEST_DIGITS,
    TITLE,
    Nomenclatures,
    Version,
    check_name,
)
from ecluse.domain.errors import InvalidInput
from ecluse.trust import canonical, durable

SEPARATORS: Final = ";,\t|"
LONGEST_CODE: Final = 64


@dataclass(frozen=True, slots=True)
class Layout:
    """Which columns of the file are the code and its label, and what the list is called."""

    code: str
    label: str | None
    title: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """The version kept, and how many lines of the file had no code or repeated one."""

    version: Version
    without_code: int
    repeated: int


def load(
    file: Path,
    nomenclatures: Nomenclatures,
    *,
    name: str,
    valid_from: date,
    code_column: str | None = None,
    label_column: str | None = None,
) -> Loaded:
    """Keep the code list of `file` as the version of `name` that begins on `valid_from`.

    A Table Schema of the same name beside the file (`MS_CIM_V.json`) tells the columns: the field
    of role `code`, else the primary key, and the field of role `label`. Without one, the code is
    the first column unless told. A version that begins on the same day is replaced.

    Raises:
        InvalidInput: the file cannot be read, lacks the column, or holds no code.
        StorageFull: no space is left; the former version is still there.
    """
    header = _header(file)
    layout = _layout(file, header, code_column, label_column)
    labels: dict[str, str] = {}
    lines = without_code = 0
    for code, label in _pairs(file, layout, header):
        lines += 1
        without_code += not code
        if code:
            labels.setdefault(code, label)
    if not labels:
        raise InvalidInput(f"{file.name}: the column {layout.code} holds no code.")
    if not all(len(code) <= LONGEST_CODE and code.isprintable() for code in labels):
        raise InvalidInput(
            f"{file.name}: {layout.code} holds values over {LONGEST_CODE} characters, or with "
            "signs that cannot be printed, which are no codes: give --code-column."
        )
    _keep(labels, layout, nomenclatures.path / check_name(name), valid_from)
    kept = nomenclatures.get(name)
    version = next(item for item in kept.versions if item.valid_from == valid_from)
    return Loaded(version, without_code, lines - without_code - len(labels))


def _keep(labels: Mapping[str, str], layout: Layout, folder: Path, valid_from: date) -> None:
    codes = sorted(labels)
    table = pa.table(
        {"code": codes, "label": [labels[code] for code in codes]},
        schema=pa.schema(
            [("code", pa.string()), ("label", pa.string())],
            metadata={TITLE: layout.title, CODE_COLUMN: layout.code},
        ),
    )
    with storage_failures(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = folder / f".{secrets.token_hex(8)}.part"
        try:
            pq.write_table(table, part, compression="zstd")
            part.chmod(0o600)
            digest = canonical.digest_file(part).partition(":")[2][:DIGEST_DIGITS]
            kept = folder / f"{valid_from}-{digest}.parquet"
            part.rename(kept)
        finally:
            part.unlink(missing_ok=True)
        for former in folder.glob(f"{valid_from}-*.parquet"):
            if former != kept:
                former.unlink()
        durable.sync_folder(folder)


def _layout(
    file: Path, header: list[str], code_column: str | None, label_column: str | None
) -> Layout:
    described = _described(file.with_suffix(".json"))
    try:
        code = code_column or _role(described, "code") or _key(described) or header[0]
        label = label_column or _role(described, "label")
    except (AttributeError, KeyError, TypeError):
        raise InvalidInput(
            f"{file.stem}.json is not a Table Schema: take it away or mend it."
        ) from None
    for name in (code, label):
        if name is not None and name not in header:
            raise InvalidInput(
                f"{file.name} has no column {name}: it has {', '.join(header[:20])}."
            )
    title = " ".join(str(described.get("title") or file.stem).split())
    return Layout(code, label, "".join(filter(str.isprintable, title)))


def _described(file: Path) -> Mapping[str, Any]:
    if not file.is_file():
        return {}
    try:
        content = json.loads(file.read_text(encoding="utf-8-sig"))
    except (UnicodeDecodeError, RecursionError, json.JSONDecodeError):
        raise InvalidInput(f"{file.name} is not JSON text: take it away or mend it.") from None
    return content if isinstance(content, dict) else {}


def _role(described: Mapping[str, Any], role: str) -> str | None:
    names = [field["name"] for field in described.get("fields", ()) if field.get("role") == role]
    return names[0] if names else None


def _key(described: Mapping[str, Any]) -> str | None:
    key = described.get("primaryKey") or ()
    names = [key] if isinstance(key, str) else list(key)
    return str(names[-1]) if names else None


def _header(file: Path) -> list[str]:
    if not file.is_file():
        raise InvalidInput(f"{file} does not exist: give the file of a code list.")
    if file.suffix.lower() == ".parquet":
        with _parquet(file):
            return [str(name) for name in pq.read_schema(file).names]
    header = next(_lines(file), [])
    if not header:
        raise InvalidInput(f"{file.name} is empty: give the file of a code list.")
    return header


def _pairs(file: Path, layout: Layout, header: list[str]) -> Iterator[tuple[str, str]]:
    if file.suffix.lower() == ".parquet":
        wanted = [layout.code] if layout.label is None else [layout.code, layout.label]
        with _parquet(file):
            columns = pq.read_table(file, columns=wanted, partitioning=None)
        codes = columns[layout.code].to_pylist()
        labels = columns[layout.label].to_pylist() if layout.label else [""] * len(codes)
        for code, label in zip(codes, labels, strict=True):
            yield _text(code), _text(label)
        return
    code_at = header.index(layout.code)
    label_at = None if layout.label is None else header.index(layout.label)
    for number, line in enumerate(_lines(file)):
        if number and line:
            if len(line) <= max(code_at, label_at or 0):
                raise InvalidInput(f"{file.name}, record {number + 1}: a column is missing.")
            label = "" if label_at is None else line[label_at].strip()
            # The published CCAM breaks four of its codes over two lines: `JANH798\n[A]`.
            yield " ".join(line[code_at].split()), label


@contextmanager
def _parquet(file: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, pa.ArrowException):
        raise InvalidInput(f"{file.name} is not a code list in Parquet: convert it.") from None


def _lines(file: Path) -> Iterator[list[str]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            first = text.readline()
            text.seek(0)
            separator = max(SEPARATORS, key=first.count)
            yield from csv.reader(text, delimiter=separator)
    except (UnicodeDecodeError, csv.Error):
        raise InvalidInput(f"{file.name} is not CSV text in UTF-8: convert it.") from None


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # a code that a data frame turned into a number
    return str(value).strip()
