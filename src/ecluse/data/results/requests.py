"""What an analysis asks the engine to compute: a kind of result, and one row per row of the frame.

A person is named by the first 64 bits of the pseudonym: enough to tell persons of an extract apart.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from ecluse.domain.errors import InvalidInput

Persons = npt.NDArray[np.uint64]
Codes = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

MOST_AXES: Final = 5
MOST_LABELS: Final = 2_000
MOST_TERMS: Final = 50
MOST_EPSILON: Final = 100_000
LONGEST_LABEL: Final = 80
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,47}", re.ASCII)


class Figure(StrEnum):
    """How a result is drawn: bars or lines by the first variable, or the steps of survival."""

    NONE = "none"
    BARS = "bars"
    LINES = "lines"
    STEPS = "steps"


class Model(StrEnum):
    """Models of `regress`: ordinary least squares, logit, Poisson (log link), Cox (Breslow)."""

    LINEAR = "linear"
    LOGISTIC = "logistic"
    POISSON = "poisson"
    COX = "cox"


@dataclass(frozen=True, slots=True)
class Category:
    """A column of labels: the label of each row, by its rank."""

    codes: Codes
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Number:
    """A column of numbers, NaN where there is none."""

    values: Floats


Column = Category | Number


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount added up by person: total, mean by person, percentiles over persons (1 to 99)."""

    column: str
    percentiles: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Tabulation:
    """Distinct persons by all combinations of some variables, totals included, with an amount.

    With `epsilon_thousandths`, numbers of persons bear noise instead of being hidden; a person
    counts in at most `cells_per_person` combinations of all the variables.
    """

    by: tuple[str, ...]
    amount: str | None = None
    percentiles: tuple[int, ...] = ()
    sensitive: tuple[str, ...] = ()
    figure: Figure = Figure.NONE
    epsilon_thousandths: int = 0
    cells_per_person: int = 1

    def needs(self) -> tuple[tuple[str, type], ...]:
        """Return the columns it reads, with what each holds."""
        by: list[tuple[str, type]] = [(name, Category) for name in self.by]
        return (*by, *([(self.amount, Number)] if self.amount else []))

    def check(self) -> None:
        """Pass if it can be computed. Raises InvalidInput."""
        if len(set(self.by)) < len(self.by) or len(self.by) > MOST_AXES:
            raise InvalidInput(f"A table has at most {MOST_AXES} variables, each once.")
        if set(self.sensitive) - set(self.by):
            raise InvalidInput("A sensitive variable is one of those of the table.")
        if self.percentiles and not self.amount:
            raise InvalidInput("Percentiles are those of an amount: name it.")
        if self.figure is Figure.STEPS or (self.figure is not Figure.NONE and not self.by):
            raise InvalidInput("A table is drawn as bars or lines, by one variable at least.")
        self._check_noise()

    def _check_noise(self) -> None:
        if not 0 <= self.epsilon_thousandths <= MOST_EPSILON or self.cells_per_person < 1:
            raise InvalidInput("Noise: epsilon from 0.001 to 100, and cells by person from 1.")
        if self.epsilon_thousandths and (self.amount or self.figure is not Figure.NONE):
            raise InvalidInput("Noise is for numbers of persons: without amount, without figure.")


@dataclass(frozen=True, slots=True)
class Regression:
    """A model of `outcome` on variables; `duration` for Cox alone, whose outcome is the event."""

    model: Model
    outcome: str
    on: tuple[str, ...]
    duration: str | None = None

    def needs(self) -> tuple[tuple[str, type], ...]:
        """Return the numbers it reads; its variables may be of either kind."""
        return ((self.outcome, Number), *([(self.duration, Number)] if self.duration else []))

    def check(self) -> None:
        """Pass if it can be computed. Raises InvalidInput."""
        if (self.duration is not None) != (self.model is Model.COX):
            raise InvalidInput("A duration is given to the model of Cox, and to no other.")
        if not 1 <= len(set(self.on)) == len(self.on) <= MOST_TERMS:
            raise InvalidInput(f"A regression has 1 to {MOST_TERMS} variables, each once.")


@dataclass(frozen=True, slots=True)
class Survival:
    """Kaplan-Meier survival by group; `event` is 1 where it happened, 0 where it did not."""

    duration: str
    event: str
    by: str | None = None
    figure: Figure = Figure.NONE

    def needs(self) -> tuple[tuple[str, type], ...]:
        """Return the columns it reads, with what each holds."""
        by: list[tuple[str, type]] = [(self.by, Category)] if self.by else []
        return ((self.duration, Number), (self.event, Number), *by)

    def check(self) -> None:
        """Pass if it can be computed. Raises InvalidInput."""
        if self.figure not in (Figure.NONE, Figure.STEPS):
            raise InvalidInput("Survival is drawn in steps.")


Asked = Tabulation | Regression | Survival


@dataclass(frozen=True, slots=True)
class Request:
    """One result asked: its name, what to compute, who is in each row, the columns."""

    name: str
    asked: Asked
    persons: Persons
    columns: Mapping[str, Column]

    def __post_init__(self) -> None:
        """Raise InvalidInput when it cannot be computed, or a name or a label could deceive."""
        if _NAME.fullmatch(self.name) is None:
            raise InvalidInput("A result is called by 1 to 48 of A-Z a-z 0-9 _ -, a letter first.")
        self.asked.check()
        for name, kind in self.asked.needs():
            if not isinstance(self.columns.get(name), kind):
                raise InvalidInput(f"Result {self.name}: a column is missing or of another kind.")
        if isinstance(self.asked, Regression) and set(self.asked.on) - self.columns.keys():
            raise InvalidInput(f"Result {self.name}: a variable of the regression is missing.")
        for name, column in self.columns.items():
            self._check_column(name, column)

    def _check_column(self, name: str, column: Column) -> None:
        check_labels([name], of="the columns")
        rows = column.codes.size if isinstance(column, Category) else column.values.size
        if rows != self.persons.size:
            raise InvalidInput(f"Result {self.name}: a column has {rows} rows.")
        if isinstance(column, Category):
            check_labels(column.labels, of=f"the variable {name}")
            codes = column.codes
            if codes.size and not 0 <= codes.min() <= codes.max() < len(column.labels):
                raise InvalidInput(f"Result {self.name}: a row has a label that is not listed.")

    def category(self, name: str) -> Category:
        """Return a column of labels."""
        column = self.columns[name]
        if not isinstance(column, Category):
            raise InvalidInput(f"Result {self.name}: {name} holds no labels.")
        return column

    def number(self, name: str) -> Floats:
        """Return a column of numbers."""
        column = self.columns[name]
        if not isinstance(column, Number):
            raise InvalidInput(f"Result {self.name}: {name} holds no numbers.")
        return column.values


def check_labels(labels: Iterable[str], *, of: str) -> None:
    """Pass if labels are few, short, visible and different. Raises InvalidInput."""
    kept = list(labels)
    if len(kept) > MOST_LABELS or len(set(kept)) < len(kept):
        raise InvalidInput(f"At most {MOST_LABELS} labels, each once, in {of[:40]}.")
    for label in kept:
        if not 0 < len(label) <= LONGEST_LABEL or not label.isprintable():
            raise InvalidInput(
                f"A label of {of[:40]} is empty, longer than {LONGEST_LABEL} characters, or holds "
                "one that is not seen."
            )
