"""A table beside its declaration: which columns count persons, where a cell is, what is hidden."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from ecluse.domain.disclosure.declarations import Table, TableDeclaration
from ecluse.domain.disclosure.policy import DisclosurePolicy, finding, secret
from ecluse.domain.documents import Finding

INTEGER = re.compile(r"[0-9]{1,15}", re.ASCII)
DECIMAL = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
TOTAL_LABELS = frozenset({"total", "ensemble", "all", "tous", "toutes", "overall"})
_COUNT_NAME = re.compile(
    r"(?:^|[_ .-])(n|nb|nbre|nombre|num|number|count|counts|cnt|freq|frequency|effectif|effectifs"
    r"|patients?|personnes?|persons?|people|individus?|cases?|cas|deces|décès|deaths?|total)"
    r"(?:$|[_ .-])",
    re.IGNORECASE,
)
_SUPPRESSED = frozenset({"", "*", "na", "n/a", "c", "s", "secret"})
_PLAIN_NAME = re.compile(r"[\w%()][\w .%()-]{0,39}")


@dataclass(frozen=True, slots=True)
class TableReading:
    """A table whose headers fit its declaration, read for a policy; rows count from 1.

    `counts`: the declared counts, and any column of integers that bears the name of one.
    """

    table: Table
    declaration: TableDeclaration
    policy: DisclosurePolicy
    counts: tuple[str, ...]

    def numbers(self, name: str) -> Iterator[tuple[int, int]]:
        """Yield (row, count) of a column, suppressed cells left out."""
        for row, cell in enumerate(self.table.column(name), start=1):
            if INTEGER.fullmatch(cell.strip()):
                yield row, int(cell)

    def at(self, row: int, name: str) -> str:
        """Say where a cell is; row 0 is that of the headers."""
        return f"row {row}, {self.in_column(name)}"

    def in_column(self, name: str) -> str:
        """Say which column, by its position where its name could deceive."""
        position = self.table.headers.index(name) + 1
        return f"column {name if _PLAIN_NAME.fullmatch(name) else position}"

    def found(self, rule: str, place: str, text: str) -> Finding:
        """Return a finding under the policy."""
        return finding(rule, place, text, self.policy)

    def is_small(self, number: int | Fraction) -> bool:
        """Say whether a number of persons may not be shown."""
        return 0 < number < self.policy.minimum_count

    def shown(self, number: int) -> str:
        """Write a number of persons, between marks when it may not be shown."""
        return secret(number) if self.is_small(number) else str(number)

    def cells(self, row: int, names: Sequence[str]) -> tuple[str, ...]:
        """Return the cells of some columns."""
        indexes = [self.table.headers.index(name) for name in names]
        return tuple(self.table.rows[row - 1][index] for index in indexes)

    def total_rows(self, names: Sequence[str]) -> set[int]:
        """Return the rows that one of the columns calls a total."""
        return {
            row
            for row in range(1, len(self.table.rows) + 1)
            if any(is_total(cell) for cell in self.cells(row, names))
        }


def read_table(
    table: Table, declaration: TableDeclaration, policy: DisclosurePolicy
) -> TableReading:
    """Return the reading of a table whose headers fit its declaration."""
    declared = {
        *declaration.counts,
        *declaration.parts,
        *declaration.parts.values(),
        *(ratio.of for ratio in declaration.ratios.values()),
        *(rank.of for rank in declaration.percentiles.values()),
    }
    counts = tuple(
        name
        for name in table.headers
        if name in declared or (_COUNT_NAME.search(name) and _holds_integers(table, name, policy))
    )
    return TableReading(table, declaration, policy, counts)


def is_total(cell: str) -> bool:
    """Say whether a label names a total."""
    return cell.strip().casefold() in TOTAL_LABELS


def is_suppressed(cell: str, policy: DisclosurePolicy) -> bool:
    """Say whether a cell is marked as hidden; `<11` is, when 11 is the minimum count or less."""
    text = cell.strip().casefold()
    floor = text.removeprefix("<").strip()
    if text.startswith("<") and INTEGER.fullmatch(floor):
        return int(floor) >= policy.minimum_count
    return text in _SUPPRESSED


def _holds_integers(table: Table, name: str, policy: DisclosurePolicy) -> bool:
    cells = [cell for cell in table.column(name) if not is_suppressed(cell, policy)]
    return bool(cells) and all(INTEGER.fullmatch(cell.strip()) for cell in cells)
