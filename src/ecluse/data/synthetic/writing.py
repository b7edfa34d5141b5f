"""Files as the insurer delivers them: `;` CSV, no quotes, dates as dd/mm/yyyy."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
from numpy.typing import NDArray

from ecluse.data.synthetic.calendar import Ints

# numpy's scalar type is left open: columns are integers, flags or texts.
Column: TypeAlias = pa.Array | NDArray[np.integer] | NDArray[np.bool_]
OPTIONS: Final = pa_csv.WriteOptions(delimiter=";", quoting_style="none", quoting_header="none")


def write_table(folder: Path, name: str, columns: Mapping[str, Column]) -> int:
    """Write one table of the delivery; return its rows."""
    table = pa.table({title: _array(column) for title, column in columns.items()})
    pa_csv.write_csv(table, folder / f"{name}.csv", OPTIONS)
    return int(table.num_rows)


def pick(texts: Sequence[str] | NDArray[np.str_], positions: Ints) -> pa.Array:
    """Return the text at each position: rows are many, distinct texts few."""
    return pa.array(texts, pa.string()).take(pa.array(positions))


def constant(text: str, count: int) -> pa.Array:
    """Return `text`, `count` times."""
    return pa.repeat(pa.scalar(text, pa.string()), count)


def euros(hundredths: Ints) -> pa.Array:
    """Return amounts in euros with a decimal point."""
    distinct, positions = np.unique(hundredths, return_inverse=True)
    return pick([f"{value / 100:.2f}" for value in distinct.tolist()], positions)


def _array(column: Column) -> pa.Array:
    return column if isinstance(column, pa.Array) else pa.array(column)
