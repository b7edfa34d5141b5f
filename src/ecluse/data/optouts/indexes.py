"""A long list made quick to search: the cost of an extraction follows its cohort, not the list.

Beside the file of the identifiers, 16 bytes for each: the two halves of their MD5, sorted. Not a
secret, nor a proof (those are the commitments): a way to find equal texts. That two different
identifiers of a country share all 128 bits by chance is less likely than any failure of a machine.
"""

from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from duckdb import ColumnExpression, DuckDBPyRelation, FunctionExpression

from ecluse.domain.errors import StaleOptOuts
from ecluse.trust import durable

SUFFIX: Final = ".index"
HALF: Final = np.dtype("<u8")
Halves = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]


def write_index(path: Path, listed: DuckDBPyRelation, column: str) -> None:
    """Write the index of the texts of a column: upper halves, then lower. Raises StorageFull."""
    upper, lower = _halves(listed, column)
    order = np.lexsort((lower, upper))
    with durable.replacing(path) as file:
        file.write(upper[order].tobytes())
        file.write(lower[order].tobytes())


def are_listed(path: Path, rows: DuckDBPyRelation, column: str, *, count: int) -> Flags:
    """Return, for each row in its order, whether its text is in the index of so many.

    Raises StaleOptOuts: the index was cut off.
    """
    if path.stat().st_size != 2 * count * HALF.itemsize:
        raise StaleOptOuts(f"{path} was cut off: remove it, and receive the list again.")
    wanted_upper, wanted_lower = _halves(rows, column)
    if not count:
        return np.zeros(len(wanted_upper), np.bool_)
    index = np.memmap(path, HALF, mode="r")  # only the pages that are searched are read
    upper, lower = index[:count], index[count:]
    # In the order of the index, each search begins in pages that the last one read.
    order = np.argsort(wanted_upper)
    place = np.searchsorted(upper, wanted_upper[order], side="left")
    found: Flags = np.zeros(len(wanted_upper), np.bool_)
    while True:  # once, but where texts share their upper half by chance
        is_here = place < count
        order, place = order[is_here], place[is_here]
        is_same = upper[place] == wanted_upper[order]
        order, place = order[is_same], place[is_same]
        if not len(order):
            return found
        found[order] |= lower[place] == wanted_lower[order]
        place = place + 1


def _halves(rows: DuckDBPyRelation, column: str) -> tuple[Halves, Halves]:
    chosen = [
        FunctionExpression(f"md5_number_{half}", ColumnExpression(column)).alias(half)
        for half in ("upper", "lower")
    ]
    read = rows.select(*chosen).fetchnumpy()
    return read["upper"].astype(HALF), read["lower"].astype(HALF)
