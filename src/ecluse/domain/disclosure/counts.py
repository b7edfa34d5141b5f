"""Numbers of persons in a table: R1, R2, R3, R9, R11."""

import math
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from ecluse.domain.disclosure.declarations import Ratio
from ecluse.domain.disclosure.policy import secret
from ecluse.domain.disclosure.reading import DECIMAL, INTEGER, TableReading, is_suppressed
from ecluse.domain.documents import Finding


def check_counts(reading: TableReading) -> Iterator[Finding]:
    """Yield what stands against the counts of a table, its shares and its ratios."""
    yield from _cells_that_are_no_count(reading)
    yield from _counts(reading)
    yield from _parts(reading)
    yield from _classes(reading)
    yield from _ratios(reading)


def _cells_that_are_no_count(reading: TableReading) -> Iterator[Finding]:
    for name in reading.counts:
        for row, cell in enumerate(reading.table.column(name), start=1):
            if not is_suppressed(cell, reading.policy) and not INTEGER.fullmatch(cell.strip()):
                text = "not a number of persons: write an integer, or * where suppressed"
                yield reading.found("D2", reading.at(row, name), text)


def _counts(reading: TableReading) -> Iterator[Finding]:
    """R1 minimum count, R2 zeros, R9 rounding."""
    policy = reading.policy
    for name in reading.counts:
        for row, number in reading.numbers(name):
            place, base = reading.at(row, name), policy.rounding_base
            if reading.is_small(number):
                text = f"{secret(number)} persons < {policy.minimum_count}"
                yield reading.found("R1", place, text)
            elif number == 0 and policy.zeros_disclose:
                yield reading.found("R2", place, "0 persons tells that nobody is concerned")
            elif number % base:
                yield reading.found("R9", place, f"not rounded to a multiple of {base}")


def _parts(reading: TableReading) -> Iterator[Finding]:
    """R3, a count that is nearly all of the count it is part of."""
    for part, whole in reading.declaration.parts.items():
        wholes = dict(reading.numbers(whole))
        for row, number in reading.numbers(part):
            if row in wholes:
                yield from _share(reading, number, wholes[row], reading.at(row, part))


def _share(reading: TableReading, number: int, whole: int, place: str) -> Iterator[Finding]:
    rest = whole - number
    if rest < 0:
        yield reading.found("D2", place, "the part is greater than the whole it is part of")
    elif rest == 0 and whole > 0:
        text = f"all {reading.shown(whole)} persons of the group share it (100 %)"
        yield reading.found("R3", place, text)
    elif reading.is_small(rest) and number > 0:
        text = f"only {secret(rest)} of {reading.shown(whole)} persons do not share it"
        yield reading.found("R3", place, f"{text} (< {reading.policy.minimum_count})")


def _classes(reading: TableReading) -> Iterator[Finding]:
    """R3, a group whose persons all have the same sensitive attribute."""
    sensitive = reading.declaration.sensitive
    if not sensitive:
        return
    groups = _groups(reading)
    for name in reading.counts:
        numbers = dict(reading.numbers(name))
        for members in groups.values():
            yield from _zeros(reading, members, numbers, name)
            if all(row in numbers for row in members):
                whole = sum(numbers[row] for row in members)
                for row in members:
                    if numbers[row]:
                        yield from _share(reading, numbers[row], whole, reading.at(row, name))


def _zeros(
    reading: TableReading, members: Sequence[int], numbers: Mapping[int, int], name: str
) -> Iterator[Finding]:
    """R2, zeros that leave one hidden value to all persons of a group."""
    shown = [row for row in members if row in numbers]
    if shown and len(shown) == len(members) - 1 and not any(numbers[row] for row in shown):
        for row in shown:
            text = "0 persons tells that all of the group have the value that is hidden"
            yield reading.found("R2", reading.at(row, name), text)


def _groups(reading: TableReading) -> dict[tuple[str, ...], list[int]]:
    """Return the rows that differ by nothing but their sensitive attributes and numbers."""
    declaration = reading.declaration
    hidden = {*declaration.sensitive, *reading.counts, *declaration.ratios}
    keys = [name for name in reading.table.headers if name not in hidden]
    totals = reading.total_rows(declaration.sensitive)
    groups: dict[tuple[str, ...], list[int]] = {}
    for row in range(1, len(reading.table.rows) + 1):
        if row not in totals:
            groups.setdefault(reading.cells(row, keys), []).append(row)
    return groups


def _ratios(reading: TableReading) -> Iterator[Finding]:
    """R11, a printed ratio that only a small number of persons can give."""
    for name, ratio in reading.declaration.ratios.items():
        wholes = dict(reading.numbers(ratio.of))
        for row, cell in enumerate(reading.table.column(name), start=1):
            text = cell.strip()
            if DECIMAL.fullmatch(text) and wholes.get(row):
                place = reading.at(row, name)
                yield from _ratio(reading, Decimal(text), (wholes[row], ratio), place)


def _ratio(
    reading: TableReading, value: Decimal, over: tuple[int, Ratio], place: str
) -> Iterator[Finding]:
    (whole, ratio), least = over, reading.policy.minimum_count
    half = Fraction(10) ** int(value.as_tuple().exponent) / 2
    scale = Fraction(whole, ratio.per)
    low = max(0, math.ceil((Fraction(value) - half) * scale))
    high = min(whole, math.floor((Fraction(value) + half) * scale))
    if low > high:
        yield reading.found("D2", place, "no number of persons gives this ratio")
    elif reading.is_small(low) and reading.is_small(high):
        text = f"the ratio tells {secret(low)} to {secret(high)} persons"
        yield reading.found("R11", place, f"{text} < {least}")
    elif reading.is_small(whole - low) and reading.is_small(whole - high):
        text = f"the ratio tells that {secret(whole - high)} to {secret(whole - low)} persons"
        yield reading.found("R11", place, f"{text} remain < {least}")
