"""Files of predictions, `case,prediction` in CSV: what does not fit is told, and nothing else.

Text alone is read, by Python's own reader: no format that holds code, or that grows when it is
opened, comes near the labels. What is told of a file depends on the file and on the names of the
cases, never on an outcome.
"""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import numpy as np

from ecluse.data.evaluation.arrays import Floats
from ecluse.domain.evaluations.secrecy import Fault, FaultCode

HEADER: Final = ["case", "prediction"]
LONGEST_NUMBER: Final = 24
MARGIN: Final = 64
PLAIN: Final = frozenset("0123456789.+-eE")


def most_bytes(ranks: Mapping[str, int]) -> int:
    """Return how large a file about these cases may be."""
    return sum(len(case.encode()) + LONGEST_NUMBER + len(",\r\n") for case in ranks) + MARGIN


def read_predictions(
    path: Path, ranks: Mapping[str, int]
) -> tuple[Floats | None, tuple[Fault, ...]]:
    """Return the predictions in the order of `ranks`, from 0 to 1; or None and the faults.

    The file is held in memory: see first that it is no larger than `most_bytes`.
    """
    try:
        rows = list(_rows(path))
    except (UnicodeDecodeError, csv.Error):
        return None, (Fault(FaultCode.UNREADABLE, 0),)
    if not rows or rows[0] != HEADER or any(len(row) != len(HEADER) for row in rows):
        return None, (Fault(FaultCode.WRONG_COLUMNS, 0),)
    return _matched(rows[1:], ranks)


def _rows(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.reader(file, strict=True)


def _matched(
    rows: list[list[str]], ranks: Mapping[str, int]
) -> tuple[Floats | None, tuple[Fault, ...]]:
    values = [_number(text) for _, text in rows]
    places = [ranks.get(case) for case, _ in rows]
    told = {
        FaultCode.MISSING_CASES: len(ranks) - len({*places} - {None}),
        FaultCode.UNKNOWN_CASES: places.count(None),
        FaultCode.REPEATED_CASES: len(rows) - len({case for case, _ in rows}),
        FaultCode.NOT_A_NUMBER: values.count(None),
        FaultCode.OUT_OF_RANGE: sum(v is not None and not 0.0 <= v <= 1.0 for v in values),
    }
    faults = tuple(Fault(code, count) for code, count in told.items() if count)
    if faults:
        return None, faults
    found = np.empty(len(ranks))
    found[np.array(places, np.intp)] = values
    return found, ()


def _number(text: str) -> float | None:
    """Return a number in its plain spelling, so not nan; None for anything else."""
    if len(text) > LONGEST_NUMBER or not PLAIN.issuperset(text):
        return None
    try:
        return float(text)
    except ValueError:
        return None
