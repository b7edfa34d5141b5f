"""A tabulation plan: the tables that a data request asks for, and how they are protected.

The answer to a data request is statistics in anonymised form; its applicant never reaches the data
(EHDS art. 69(1)). The plan is the mandatory annex of the request and the order that is run.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import prod

from ecluse.domain.errors import InvalidInput
from ecluse.domain.tabulation.variables import AgeBands, CodeGroups, Variable, Years, check_name

MOST_CELLS = 200_000
MOST_AXES = 5
CODEBOOK = "codebook"
"""The file that tells the categories stands beside those of the tables."""


class MeasureKind(StrEnum):
    """What a cell counts: distinct persons, events, or an amount, added up or on average."""

    PERSONS = "persons"
    EVENTS = "events"
    TOTAL = "total"
    MEAN = "mean"


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure; `column` is that of the amount or quantity, for totals and means (per event)."""

    kind: MeasureKind
    column: str | None = None

    def __post_init__(self) -> None:
        """Raise InvalidInput for a count with a column or an amount without one."""
        if (self.column is not None) != (self.kind in (MeasureKind.TOTAL, MeasureKind.MEAN)):
            raise InvalidInput(f"The measure {self.kind} has a column if and only if it adds up.")

    @property
    def name(self) -> str:
        """How the measure is called in results."""
        return self.kind.value if self.column is None else f"{self.kind.value}_{self.column}"


@dataclass(frozen=True, slots=True)
class Source:
    """The events counted: rows of a table from `first` to `last` included, whose code fits.

    `codes` are beginnings of the codes of `code_column`; without a column, all rows count.
    """

    table: str
    first: date
    last: date
    code_column: str | None = None
    codes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raise InvalidInput for a period that ends before it begins, or codes of no column."""
        if self.last < self.first:
            raise InvalidInput(f"{self.table}: the period ends before it begins.")
        if (self.code_column is None) == bool(self.codes) or not all(self.codes):
            raise InvalidInput(f"{self.table}: give a code column with its codes, or neither.")


@dataclass(frozen=True, slots=True)
class TableOrder:
    """One table: measures broken down by variables, with the total of each.

    Without a source, the persons of the population are counted by what they are.
    """

    name: str
    title: str
    by: tuple[str, ...]
    measures: tuple[Measure, ...]
    source: Source | None = None

    def __post_init__(self) -> None:
        """Raise InvalidInput for a table without a measure, or measures without events."""
        check_name(self.name)
        if self.name.lower() == CODEBOOK:
            raise InvalidInput(
                f"A table cannot be called {self.name}: that is the codebook's name."
            )
        if not self.measures or len(set(self.measures)) < len(self.measures):
            raise InvalidInput(f"Table {self.name}: give each measure once, one at least.")
        if len(set(self.by)) < len(self.by) or len(self.by) > MOST_AXES:
            raise InvalidInput(f"Table {self.name}: at most {MOST_AXES} variables, each once.")
        if self.source is None and any(m.kind is not MeasureKind.PERSONS for m in self.measures):
            raise InvalidInput(f"Table {self.name}: without a source, it can count persons alone.")


@dataclass(frozen=True, slots=True)
class Suppression:
    """Cells at risk are left out, then as many others as keep them from being computed back.

    `rounding_base` above 1 also rounds each number shown to its nearest multiple: rounded numbers
    do not add up.
    """

    rounding_base: int = 1


@dataclass(frozen=True, slots=True)
class ControlledRounding:
    """Each number of persons becomes a neighbouring multiple of the base, and all still add up."""

    base: int


@dataclass(frozen=True, slots=True)
class Noise:
    """Differential privacy: discrete Laplace noise for numbers of persons.

    `epsilon_thousandths` is spent for each table. Two datasets are neighbours if one person is
    added or removed; each person counts in at most `cells_per_person` smallest cells of a table.
    """

    epsilon_thousandths: int
    cells_per_person: int = 1

    def __post_init__(self) -> None:
        """Raise InvalidInput for a privacy loss that is not one."""
        if self.epsilon_thousandths < 1 or self.cells_per_person < 1:
            raise InvalidInput("Noise: give an epsilon and a number of cells from 1.")


Protection = Suppression | ControlledRounding | Noise


@dataclass(frozen=True, slots=True)
class TabulationPlan:
    """The tables of one data request; `number` is that of the request.

    `population` names who is counted, the same words for the same definition: answers given about
    it from another snapshot are compared with this one.
    """

    number: str
    title: str
    population: str
    variables: tuple[Variable, ...]
    tables: tuple[TableOrder, ...]
    protection: Suppression | ControlledRounding | Noise

    def __post_init__(self) -> None:
        """Raise InvalidInput for a plan that cannot be run, whatever the data."""
        names = [variable.name for variable in self.variables]
        titles = [table.name for table in self.tables]
        if len(set(names)) < len(names) or len(set(titles)) < len(titles) or not titles:
            raise InvalidInput("Plan: give each variable and each table a name of its own.")
        for table in self.tables:
            self._check_table(table)
        self._check_protection()

    def variable(self, name: str) -> Variable:
        """Return a variable by its name. Raises InvalidInput."""
        found = {variable.name: variable for variable in self.variables}.get(name)
        if found is None:
            raise InvalidInput(f"Plan: no variable is called {name}.")
        return found

    def is_of_events(self, variable: Variable, source: Source | None) -> bool:
        """Say whether a person may be in several categories, having several events."""
        if isinstance(variable, Years):
            return True
        return source is not None and variable.table == source.table

    def cell_count(self, table: TableOrder) -> int:
        """Return how many cells a table has, its totals included."""
        return prod(len(self.variable(name).categories()) for name in table.by)

    def _check_table(self, table: TableOrder) -> None:
        cells = self.cell_count(table)
        if cells > MOST_CELLS:
            raise InvalidInput(f"Table {table.name}: {cells} cells, at most {MOST_CELLS}.")
        dated = [name for name in table.by if isinstance(self.variable(name), Years)]
        if dated and table.source is None:
            raise InvalidInput(f"Table {table.name}: {dated[0]} needs a source of events.")

    def _check_protection(self) -> None:
        kinds = {measure.kind for table in self.tables for measure in table.measures}
        if not isinstance(self.protection, Suppression) and kinds != {MeasureKind.PERSONS}:
            raise InvalidInput(
                "Controlled rounding and noise protect numbers of persons: ask for these alone, or "
                "for suppression."
            )


Cell = tuple[tuple[str, str], ...]
"""A cell: (variable, code) by name of variable, totals left out, so that a number asked in two
tables is one cell. The grand total is ()."""


def sources(plan: TabulationPlan) -> Mapping[Source | None, tuple[TableOrder, ...]]:
    """Return the tables that count the same events together, since they tell of each other."""
    found: dict[Source | None, tuple[TableOrder, ...]] = {}
    for table in plan.tables:
        found[table.source] = (*found.get(table.source, ()), table)
    return found


__all__ = [
    "AgeBands",
    "Cell",
    "CodeGroups",
    "ControlledRounding",
    "Measure",
    "MeasureKind",
    "Noise",
    "Protection",
    "Source",
    "Suppression",
    "TableOrder",
    "TabulationPlan",
    "Variable",
    "Years",
    "sources",
]
