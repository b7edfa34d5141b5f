"""Files as the insurer delivers them: `;` CSV, no quotes; written block by block, in pieces.

A block of persons writes its rows, without headers, in files of its own; they are then put one
after the other. Two blocks can thus be written at once, and the delivery never depends on how many.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ecluse.data.synthetic.calendar import Ints

# numpy's scalar type is left open: columns are integers, flags or texts.
Column: TypeAlias = pa.Array | NDArray[np.integer] | NDArray[np.bool_]
Rendering = Literal["delivery", "portal"]
"""`delivery`: yearly tables of flux, project names (NUM_ENQ), as a project receives them.
`portal`: one folder per month of flux, the insurer's own names."""

OPTIONS: Final = pa_csv.WriteOptions(
    include_header=False, delimiter=";", quoting_style="none", batch_size=8192
)
PROJECT_NAMES: Final = {
    "BEN_NIR_PSA": "NUM_ENQ",
    "NIR_ANO_17": "NUM_ENQ",
    "BEN_NIR_ANO": "NUM_ENQ_ANO",
    "BEN_IDT_ANO": "NUM_ENQ_IDT",
}
COPIED_BYTES: Final = 1 << 22


@dataclass(frozen=True, slots=True)
class Pieces:
    """What a block has written: `rows` and `headers` by file of the delivery, truth by name."""

    folder: Path
    rendering: Rendering
    rows: dict[str, int] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    truths: dict[str, None] = field(default_factory=dict)

    def write(self, file: str, columns: Mapping[str, Column]) -> None:
        """Add rows to a file of the delivery."""
        names = [self._name(title) for title in columns]
        table = pa.table(dict(zip(names, (_array(item) for item in columns.values()), strict=True)))
        path = self.folder / "delivery" / file
        if file not in self.rows:
            path.parent.mkdir(parents=True, exist_ok=True)
            self.headers[file] = ";".join(names) + "\n"
        with path.open("ab") as sink:
            pa_csv.write_csv(table, sink, OPTIONS)
        self.rows[file] = self.rows.get(file, 0) + int(table.num_rows)

    def write_truth(self, name: str, columns: Mapping[str, Column]) -> None:
        """Write the truth `name` of this block, once."""
        table = pa.table({title: _array(column) for title, column in columns.items()})
        path = self.folder / "truth" / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, path, compression="zstd")
        self.truths[name] = None

    def _name(self, title: str) -> str:
        return PROJECT_NAMES.get(title, title) if self.rendering == "delivery" else title


class Gathering:
    """Puts the pieces of the blocks one after the other, in the delivery and in the truth."""

    def __init__(self, delivery: Path, truth: Path) -> None:
        self._delivery = delivery
        self._truth = truth
        self._truths: dict[str, pq.ParquetWriter] = {}
        self.rows: dict[str, int] = {}

    def add(self, pieces: Pieces) -> None:
        """Add what a block has written, then delete its pieces."""
        for file, rows in pieces.rows.items():
            self._append(pieces.folder / "delivery" / file, file, pieces.headers[file])
            self.rows[file] = self.rows.get(file, 0) + rows
        for name in pieces.truths:
            table = pq.read_table(pieces.folder / "truth" / f"{name}.parquet")
            if name not in self._truths:
                path = self._truth / f"{name}.parquet"
                path.parent.mkdir(parents=True, exist_ok=True)
                self._truths[name] = pq.ParquetWriter(path, table.schema, compression="zstd")
            self._truths[name].write_table(table)
        shutil.rmtree(pieces.folder, ignore_errors=True)

    def close(self) -> None:
        """Finish the truth files."""
        for writer in self._truths.values():
            writer.close()

    def _append(self, piece: Path, file: str, header: str) -> None:
        path = self._delivery / file
        if file not in self.rows:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(header, encoding="utf-8")
        with piece.open("rb") as source, path.open("ab") as sink:
            shutil.copyfileobj(source, sink, COPIED_BYTES)


def pick(
    texts: Sequence[str] | NDArray[np.str_] | pa.Array, positions: Ints | pa.Array
) -> pa.Array:
    """Return the text at each position: rows are many, distinct texts few."""
    known = texts if isinstance(texts, pa.Array) else pa.array(texts, pa.string())
    return known.take(pa.array(positions) if isinstance(positions, np.ndarray) else positions)


def constant(text: str, count: int) -> pa.Array:
    """Return `text`, `count` times."""
    return pa.repeat(pa.scalar(text, pa.string()), count)


def numbered(numbers: Ints, digits: int) -> pa.Array:
    """Return each number with zeros before it, so as to have as many `digits`."""
    return pc.utf8_lpad(pa.array(numbers).cast(pa.string()), digits, "0")


def euros(hundredths: Ints) -> pa.Array:
    """Return amounts in euros with a decimal point."""
    amounts = pa.array(hundredths).dictionary_encode()
    return pick([f"{value / 100:.2f}" for value in amounts.dictionary.to_pylist()], amounts.indices)


def at(columns: Mapping[str, Column], rows: Ints) -> dict[str, Column]:
    """Return the columns at these rows."""
    positions = pa.array(rows)
    return {
        name: column.take(positions) if isinstance(column, pa.Array) else np.asarray(column)[rows]
        for name, column in columns.items()
    }


def _array(column: Column) -> pa.Array:
    return column if isinstance(column, pa.Array) else pa.array(column)
