"""Asking for a result from inside a job."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ecluse.data.results import estimates, lifetimes, tables
from ecluse.data.results.files import SUFFIX, write_request
from ecluse.data.results.requests import (
    Amount,
    Asked,
    Category,
    Column,
    Figure,
    Model,
    Number,
    Persons,
    Regression,
    Request,
    Survival,
    Tabulation,
)
from ecluse.domain.errors import InvalidInput

THOUSAND: Final = 1000
PERSON: Final = "person_pseudonym"
MISSING: Final = "missing"
_HEXADECIMAL: Final = 16


@dataclass(frozen=True, slots=True)
class Results:
    """Where results are left, and the column that names persons."""

    folder: Path = Path("/outputs")
    person: str = PERSON

    def tabulate(
        self,
        frame: Any,
        *,
        name: str,
        by: Sequence[str],
        amount: str | Amount | None = None,
        sensitive: Sequence[str] = (),
    ) -> list[dict[str, object]]:
        """Count distinct persons by variables, with an amount added up by person.

        Returns the cells as they are, for the analysis alone. Raises InvalidInput.
        """
        of = Amount(amount) if isinstance(amount, str) else amount
        asked = Tabulation(
            by=tuple(by),
            amount=of.column if of else None,
            percentiles=of.percentiles if of else (),
            sensitive=tuple(sensitive),
        )
        return tables.rows(self._ask(frame, name, asked))

    def tabulate_with_noise(
        self,
        frame: Any,
        *,
        name: str,
        by: Sequence[str],
        epsilon: float,
        cells_per_person: int = 1,
    ) -> list[dict[str, object]]:
        """Count distinct persons by variables; what leaves bears noise and hides no cell.

        `epsilon` is spent from what the project may lose of privacy on the dataset, each time. Of a
        person in more than `cells_per_person` combinations of the variables, the others are left
        out. Labels must be known before the data are read. Returns the cells as they are, for the
        analysis alone. Raises InvalidInput.
        """
        asked = Tabulation(
            by=tuple(by),
            epsilon_thousandths=max(1, round(epsilon * THOUSAND)),
            cells_per_person=cells_per_person,
        )
        return tables.rows(self._ask(frame, name, asked))

    def plot(
        self,
        frame: Any,
        *,
        name: str,
        by: Sequence[str],
        amount: str | None = None,
        kind: Figure = Figure.BARS,
    ) -> list[dict[str, object]]:
        """Draw distinct persons, or the mean of an amount, by one or two variables.

        The engine draws the figure from the protected table, which leaves beside it; `bins` makes
        a variable of numbers, for a histogram. Raises InvalidInput.
        """
        asked = Tabulation(by=tuple(by), amount=amount, figure=Figure(kind))
        return tables.rows(self._ask(frame, name, asked))

    def regress(
        self,
        frame: Any,
        *,
        name: str,
        outcome: str,
        on: Sequence[str],
        model: Model = Model.LINEAR,
        duration: str | None = None,
    ) -> "estimates.Fit":
        """Fit a model, one row a person; labels are indicators against their first one.

        Returns the estimates as they are, for the analysis alone. Raises InvalidInput.
        """
        asked = Regression(Model(model), outcome, tuple(on), duration)
        return estimates.fit(self._ask(frame, name, asked))

    def survival(
        self,
        frame: Any,
        *,
        name: str,
        duration: str,
        event: str,
        by: str | None = None,
        figure: Figure = Figure.NONE,
    ) -> dict[str, "lifetimes.Curve"]:
        """Estimate survival by group (Kaplan-Meier), one row a person.

        Returns every step, for the analysis alone. Raises InvalidInput.
        """
        asked = Survival(duration, event, by, Figure(figure))
        return lifetimes.curves(self._ask(frame, name, asked))

    def _ask(self, frame: Any, name: str, asked: Asked) -> Request:
        """Leave the request for the engine, rows shuffled by person so that order tells nothing."""
        kinds = dict(asked.needs())
        if isinstance(asked, Regression):
            kinds.update({one: object for one in asked.on if one not in kinds})
        persons = _persons(_values(frame, self.person))
        order = np.argsort(persons, kind="stable")
        columns = {
            column: _column(_values(frame, column)[order], kind) for column, kind in kinds.items()
        }
        request = Request(name, asked, persons[order], columns)
        write_request(request, self.folder / f"{name}{SUFFIX}")
        return request


def bins(values: Any, edges: Sequence[float]) -> list[str]:
    """Return the bin of each number: `[0, 10)`; the first and the last have no outer edge.

    So that no edge is the least or the largest value of a person.
    """
    rising = [float(edge) for edge in edges]
    if not rising or sorted(set(rising)) != rising:
        raise InvalidInput("Bins: give inner edges, rising.")
    inner = [f"[{low:g}, {high:g})" for low, high in pairwise(rising)]
    labels = [f"< {rising[0]:g}", *inner, f">= {rising[-1]:g}"]
    ranks = np.searchsorted(rising, np.asarray(values, np.float64), side="right")
    return [labels[rank] for rank in ranks]


def _values(frame: Any, name: str) -> npt.NDArray[Any]:
    """Return a column of a mapping, an Arrow table, a pandas frame or a DuckDB relation."""
    try:
        if not isinstance(frame, Mapping) and hasattr(frame, "fetchnumpy"):
            frame = frame.select(f'"{name.replace(chr(34), chr(34) * 2)}"').fetchnumpy()
        column = frame[name]
    except (KeyError, AttributeError):
        raise InvalidInput(f"The table has no column {name[:40]!r}.") from None
    if hasattr(column, "to_numpy"):
        column = column.to_numpy()
    if isinstance(column, np.ma.MaskedArray):
        hidden, column = np.ma.getmaskarray(column), column.data.astype(object)
        column[hidden] = None
    array = np.asarray(column)
    return array.astype(object) if array.dtype.kind in "SUOM" else array


def _persons(names: npt.NDArray[Any]) -> Persons:
    """Return 64 bits for each person: of the pseudonym, or of a digest of another name."""
    found, ranks = np.unique(names.astype(str), return_inverse=True)
    return np.array([_bits(name) for name in found.tolist()], np.uint64)[ranks]


def _bits(name: str) -> int:
    if len(name) == 4 * _HEXADECIMAL:
        try:
            return int(name[:_HEXADECIMAL], 16)
        except ValueError:
            pass
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big")


def _column(values: npt.NDArray[Any], kind: type) -> Column:
    if kind is Number or (kind is object and values.dtype.kind in "biuf"):
        try:
            return Number(np.where(_missing(values), np.nan, values).astype(np.float64))
        except (TypeError, ValueError):
            raise InvalidInput("A column that holds no numbers was given for one.") from None
    texts = np.where(_missing(values), MISSING, values).astype(str)
    labels, codes = np.unique(texts, return_inverse=True)
    return Category(codes.astype(np.int32), tuple(labels.tolist()))


def _missing(values: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Say where a value is None or not a number: what differs from itself is not a number."""
    if values.dtype.kind in "biu":
        return np.zeros(values.size, np.bool_)
    return np.array([value is None or value != value for value in values.tolist()], np.bool_)  # noqa: PLR0124
