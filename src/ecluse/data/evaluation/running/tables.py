"""The inputs of a run, read by schema: one row a case, features of plain types, nothing else."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from ecluse.data.evaluation.arrays import Ints
from ecluse.data.evaluation.running.plans import TEXT_CHARACTERS, RunPlan
from ecluse.domain.errors import InvalidInput

MOST_CASES: Final = 20_000_000


@dataclass(frozen=True, slots=True)
class Inputs:
    """The key of each case, and its features in the order of the plan."""

    keys: pa.ChunkedArray
    features: pa.Table

    def __len__(self) -> int:
        return len(self.keys)


def read_table(path: Path) -> pa.Table:
    """Return a table of Parquet or CSV. Raises InvalidInput without quoting any of its values."""
    try:
        if path.suffix == ".csv":
            return pyarrow.csv.read_csv(path)
        return pq.read_table(path)
    except (pa.ArrowException, OSError):
        raise InvalidInput(
            f"{path.name} is no table that can be read: give Parquet, or CSV with a header."
        ) from None


def read_inputs(path: Path, plan: RunPlan) -> Inputs:
    """Return the cases and their features; columns that the plan does not name are left out.

    Raises:
        InvalidInput: a column is missing, of a type that models do not take, or lacks values that
            the plan does not allow to lack; a case is named twice.
    """
    table = read_table(path)
    absent = [name for name in (plan.key, *plan.features) if name not in table.column_names]
    if absent:
        raise InvalidInput(f"{path.name} lacks the column {absent[0]}: the plan names it.")
    if not 0 < len(table) <= MOST_CASES:
        raise InvalidInput(f"{path.name} has {len(table)} cases: 1 to {MOST_CASES} can be run.")
    keys = check_keys(table[plan.key], where=path.name)
    columns = [_feature(table[name], name, missing=plan.missing) for name in plan.features]
    return Inputs(keys, pa.table(columns, names=list(plan.features)))


def check_keys(keys: pa.ChunkedArray, *, where: str) -> pa.ChunkedArray:
    """Return the names of cases as texts, each once. Raises InvalidInput."""
    texts = pc.cast(keys, pa.string())
    distinct = pc.count_distinct(texts, mode="all").as_py()
    if texts.null_count or distinct != len(texts):
        raise InvalidInput(
            f"{where} names {distinct} cases in {len(texts)} rows, {texts.null_count} of them "
            "without a name: give one row a case."
        )
    return texts


def _feature(column: pa.ChunkedArray, name: str, *, missing: bool) -> pa.ChunkedArray:
    """Return a feature as numbers or as texts. Raises InvalidInput."""
    kind = column.type
    if pa.types.is_dictionary(kind) or pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _text(column, name, missing=missing)
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)):
        raise InvalidInput(f"The feature {name} is of type {kind}: give numbers or texts.")
    if pa.types.is_boolean(kind):
        column = pc.cast(column, pa.int8())
    numbers = pc.cast(column, pa.float64())
    filled = pc.fill_null(numbers, float("nan"))
    values = filled.to_numpy()
    absent, infinite = int(np.isnan(values).sum()), int(np.isinf(values).sum())
    if infinite or (absent and not missing):
        raise InvalidInput(
            f"The feature {name} lacks {absent} values and has {infinite} infinite: the protocol "
            "says how missing inputs are treated, treat them first."
        )
    return filled


def _text(column: pa.ChunkedArray, name: str, *, missing: bool) -> pa.ChunkedArray:
    texts = pc.cast(column, pa.string())
    if texts.null_count and not missing:
        raise InvalidInput(f"The feature {name} lacks {texts.null_count} texts.")
    longest = pc.max(pc.utf8_length(texts)).as_py() or 0
    if longest > TEXT_CHARACTERS:
        raise InvalidInput(f"A text of {name} has {longest} characters: {TEXT_CHARACTERS} at most.")
    return pc.fill_null(texts, "")


def drawn_order(count: int, seed: int) -> Ints:
    """Return the order in which cases reach the model: it says nothing of who they are."""
    return np.random.default_rng(seed).permutation(count).astype(np.int64)
