"""Files of controls: who makes each sum of a table, row by row. They are read, and never leave.

Columns `column`, `row` (from 1), `total`, `first`, `second`: of the persons behind the sum, the
magnitudes added up and the two largest, in the smallest unit, without signs.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from ecluse.data.disclosure.tables import NotATable, read_csv
from ecluse.domain.disclosure import (
    Contribution,
    Contributions,
    DisclosurePolicy,
    Table,
    TableDeclaration,
)
from ecluse.domain.disclosure.reading import INTEGER

HEADERS: Final = ("column", "row", "total", "first", "second")


def names(declarations: Mapping[str, TableDeclaration]) -> frozenset[str]:
    """Return the files that declarations name as controls."""
    return frozenset(name for one in declarations.values() for name in one.amounts.values())


def contributions(
    declaration: TableDeclaration, paths: Mapping[str, Path], policy: DisclosurePolicy
) -> Contributions:
    """Return who makes the sums of a table; of what cannot be read, nothing is known."""
    found: dict[tuple[str, int], Contribution] = {}
    for name in dict.fromkeys(declaration.amounts.values()):
        path = paths.get(name)
        if path is not None and path.stat().st_size <= policy.maximum_bytes:
            try:
                table = read_csv(path.read_bytes(), maximum_rows=policy.maximum_rows)
            except NotATable:
                continue
            found.update(_read(table))
    return found


def _read(table: Table) -> Iterator[tuple[tuple[str, int], Contribution]]:
    if table.headers != HEADERS:
        return
    for column, *cells in table.rows:
        if all(INTEGER.fullmatch(cell) for cell in cells):
            row, total, first, second = map(int, cells)
            if first >= second and first + second <= total:
                yield (column, row), Contribution(total, first, second)
