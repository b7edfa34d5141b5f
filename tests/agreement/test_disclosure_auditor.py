"""The auditor against enumeration: every table of whole numbers that shows the same is tried.

Tables of up to 4 by 4 small numbers, with totals, in which some numbers are hidden. The truth is
what all tables that agree with the numbers in sight have in common. Drawn at random from a seed;
`ECLUSE_TABLES` says how many of each size (40 here; for a longer run see
docs/reference/measurements.md). Tables of 2 by 2 numbers up to `ECLUSE_LARGEST` are all tried.
"""

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import pytest

from ecluse.data.disclosure.auditing import closed
from ecluse.data.disclosure.relations import table_system
from ecluse.domain.disclosure import DisclosurePolicy, Table, TableDeclaration, read_table

DRAWN = int(os.environ.get("ECLUSE_TABLES", "40"))
LARGEST = 6
MINIMUM = 4
SIZES = [(1, 2), (2, 2), (2, 3), (3, 3), (3, 4), (4, 4)]
Grid = tuple[tuple[int, ...], ...]
Spot = tuple[int, int]


@dataclass(frozen=True)
class Hidden:
    """A table and its hidden cells, totals shown."""

    numbers: Grid
    hidden: frozenset[Spot]

    def agreeing(self) -> Iterator[dict[Spot, int]]:
        """Yield the hidden cells of every table of whole numbers that shows the same."""
        rows = [sum(row) for row in self.numbers]
        columns = [sum(column) for column in zip(*self.numbers, strict=True)]
        for (i, j), number in self._shown():
            rows[i] -= number
            columns[j] -= number
        yield from _fillings(sorted(self.hidden), rows, columns, {})

    def _shown(self) -> Iterator[tuple[Spot, int]]:
        for i, row in enumerate(self.numbers):
            for j, number in enumerate(row):
                if (i, j) not in self.hidden:
                    yield (i, j), number

    def table(self) -> Table:
        """The table as an author would write it."""
        rows = []
        for i, row in enumerate(self.numbers):
            for j, number in enumerate(row):
                text = "*" if (i, j) in self.hidden else str(number)
                rows.append((f"r{i}", f"c{j}", text))
            rows.append((f"r{i}", "Total", str(sum(row))))
        for j, column in enumerate(zip(*self.numbers, strict=True)):
            rows.append(("Total", f"c{j}", str(sum(column))))
        rows.append(("Total", "Total", str(sum(map(sum, self.numbers)))))
        return Table(("row", "column", "persons"), tuple(rows))

    def row_of(self, spot: Spot) -> int:
        """The row of the written table, from 1."""
        return spot[0] * (len(self.numbers[0]) + 1) + spot[1] + 1


def _fillings(
    left: list[Spot], rows: list[int], columns: list[int], made: dict[Spot, int]
) -> Iterator[dict[Spot, int]]:
    if not left:
        if not any(rows) and not any(columns):
            yield dict(made)
        return
    (i, j), *rest = left
    # The last hidden cell of a row or a column has what is left: nothing else needs to be tried.
    lone = {rows[i]} if all(i != one[0] for one in rest) else None
    for number in lone or range(min(rows[i], columns[j]) + 1):
        if number <= min(rows[i], columns[j]):
            rows[i] -= number
            columns[j] -= number
            made[i, j] = number
            yield from _fillings(rest, rows, columns, made)
            rows[i] += number
            columns[j] += number


def truth(case: Hidden) -> dict[int, tuple[int, int]]:
    """By row of the table, the least and most of each hidden cell that is known or small."""
    low: dict[Spot, int] = {}
    high: dict[Spot, int] = {}
    for filling in case.agreeing():
        for spot, number in filling.items():
            low[spot] = min(number, low.get(spot, number))
            high[spot] = max(number, high.get(spot, number))
    return {
        case.row_of(spot): (low[spot], high[spot])
        for spot in case.hidden
        if low[spot] == high[spot] or high[spot] < MINIMUM
    }


def audited(case: Hidden) -> dict[int, tuple[int, int]]:
    """What the auditor finds of the same."""
    reading = read_table(
        case.table(),
        TableDeclaration(counts=("persons",)),
        DisclosurePolicy(minimum_count=MINIMUM),
    )
    made = table_system(reading)
    assert made is not None
    found = closed(made, MINIMUM) if made.hidden.any() else []
    assert found is not None
    return {one.row or 0: (round(one.low), round(one.high)) for one in found}


def drawn(size: Spot) -> Iterator[Hidden]:
    chance = random.Random(size[0] * 10 + size[1])  # noqa: S311 - the same tables each time
    for _ in range(DRAWN):
        numbers = tuple(
            tuple(chance.randrange(LARGEST) for _ in range(size[1])) for _ in range(size[0])
        )
        spots = list(product(range(size[0]), range(size[1])))
        hidden = chance.sample(spots, chance.randint(1, min(8, len(spots))))
        yield Hidden(numbers, frozenset(hidden))


@pytest.mark.parametrize("size", SIZES)
def test_the_auditor_finds_every_number_that_can_be_known(size: Spot) -> None:
    cases = list(drawn(size))

    assert [audited(case) for case in cases] == [truth(case) for case in cases]


def every(largest: int) -> Iterator[Hidden]:
    """Every table of 2 by 2 numbers up to `largest`, with every choice of hidden cells."""
    spots = list(product(range(2), range(2)))
    for a, b, c, d in product(range(largest + 1), repeat=4):
        for chosen in product((True, False), repeat=4):
            hidden = frozenset(
                spot for spot, is_chosen in zip(spots, chosen, strict=True) if is_chosen
            )
            yield Hidden(((a, b), (c, d)), hidden)


def test_the_auditor_is_right_on_every_small_table_of_two_by_two() -> None:
    cases = list(every(int(os.environ.get("ECLUSE_LARGEST", "1"))))

    assert [audited(case) for case in cases] == [truth(case) for case in cases]
