"""Ranges of dates, percentiles of numbers, frequent codes: each held by enough persons."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import duckdb

from ecluse.data.engines import quoted
from ecluse.data.quality.table_profiles.counting import Told
from ecluse.data.quality.table_profiles.sources import (
    LABEL_LONGEST,
    VIEW,
    ColumnSource,
    TableSource,
)
from ecluse.domain.metadata.tables.profiles import Percentile, ValueShare

PERCENTS: Final = (5, 25, 50, 75, 95)
DIGITS: Final = (2, 1)
"""Significant digits of a percentile: fewer where too few persons share the value."""
LARGEST: Final = 1e12
"""Numbers beyond are identifiers."""
CODES_SHOWN: Final = 30
CODE_LONGEST: Final = 40
MONTH, YEAR = "%Y-%m", "%Y"


@dataclass(frozen=True, slots=True)
class Sampled:
    """The rows of a table that details are of: those of one person in `one_in`."""

    source: TableSource
    connection: duckdb.DuckDBPyConnection
    told: Told
    one_in: int

    @property
    def persons(self) -> str:
        """The number of persons of a group of rows."""
        person = self.source.person
        return f"count(DISTINCT {quoted(person)})" if person else "count(*)"

    def rows(self, column: str) -> str:
        """The rows with a value in a column, as `v`, from which to count."""
        kept = f"{quoted(column)} IS NOT NULL"
        if self.one_in > 1 and self.source.person:
            kept += f" AND hash({quoted(self.source.person)}) % {self.one_in:d} = 0"
        return f"{VIEW} WHERE {kept}"

    def ask(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query whose names are quoted and whose values are bound."""
        return self.connection.execute(sql, list(values)).fetchall()


def span(sampled: Sampled, column: str) -> tuple[str | None, str | None]:
    """Return the first and last months in which enough persons have a date, or else years."""
    for form in (MONTH, YEAR):
        lowest, highest = _ends(sampled, column, f"strftime({quoted(column)}, '{form}')")
        if lowest:
            return lowest, highest
    return None, None


def years(sampled: Sampled, column: str) -> tuple[str | None, str | None]:
    """Return the first and last years, of a column of years, that enough persons share."""
    return _ends(sampled, column, f"printf('%04d', {quoted(column)}::INTEGER)")


def _ends(sampled: Sampled, column: str, written: str) -> tuple[str | None, str | None]:
    found = sampled.ask(
        f"SELECT min(w), max(w) FROM (SELECT {written} AS w FROM {sampled.rows(column)} "  # noqa: S608
        f"GROUP BY w HAVING {sampled.persons} >= ?)",
        [sampled.told.minimum],
    )
    lowest, highest = found[0]
    return lowest, highest


def percentiles(sampled: Sampled, column: str) -> tuple[Percentile, ...]:
    """Return percentiles, each rounded to a value that enough persons share; others are left out.

    Never the value of a person: what is told is what their values have in common once rounded.
    """
    found: dict[int, str] = {}
    for digits in DIGITS:
        if len(found) < len(PERCENTS):
            found = {**_percentiles(sampled, column, digits), **found}
    return tuple(Percentile(percent, found[percent]) for percent in PERCENTS if percent in found)


def _percentiles(sampled: Sampled, column: str, digits: int) -> dict[int, str]:
    value = f"{quoted(column)}::DOUBLE"
    # Halves away from zero; the logarithm of 0 is never asked for.
    scale = f"pow(10, floor(log10(abs({value}))) - {digits - 1:d})"
    rounded = f"CASE WHEN {value} = 0 THEN 0 ELSE round({value} / {scale}) * {scale} END"
    bins = sampled.ask(
        f"SELECT {rounded} AS b, count(*), {sampled.persons} FROM {sampled.rows(column)} "  # noqa: S608
        f"AND isfinite({value}) AND abs({value}) < {LARGEST:.0f} GROUP BY b ORDER BY b"
    )
    total, seen = sum(rows for _, rows, _ in bins), 0
    found = {}
    for at, rows, persons in bins:
        for percent in PERCENTS:
            is_in = 100 * seen < percent * total <= 100 * (seen + rows)
            if is_in and persons >= sampled.told.minimum:
                found[percent] = f"{at:.6g}" if abs(at) < 1 else f"{at:.12g}"
        seen += rows
    return found


def codes(sampled: Sampled, column: ColumnSource) -> tuple[ValueShare, ...]:
    """Return the most frequent codes with the share of persons who have each.

    A code of few persons is left out, as is one that few persons do not have where the share would
    tell how many; then the smallest others, until those left out are of enough persons.
    """
    name, minimum = quoted(column.name), sampled.told.minimum
    ((having,),) = sampled.ask(f"SELECT {sampled.persons} FROM {sampled.rows(column.name)}")  # noqa: S608
    found = sampled.ask(
        f"SELECT w, p, (sum(p) OVER ())::BIGINT FROM ("  # noqa: S608 — names are quoted
        f"SELECT {name}::VARCHAR AS w, {sampled.persons} AS p FROM {sampled.rows(column.name)} "
        "GROUP BY w) ORDER BY p DESC, w LIMIT ?",
        [CODES_SHOWN],
    )
    is_fine = having < 100 * minimum
    shown = [
        (code, persons)
        for code, persons, _ in found
        if persons >= minimum
        and len(code) <= CODE_LONGEST
        and code.isprintable()
        and not (is_fine and sampled.told.is_few(having - persons))
    ]
    total = found[0][2] if found else 0
    while shown and sampled.told.is_few(total - sum(persons for _, persons in shown)):
        shown.pop()
    return tuple(
        ValueShare(code, column.labels.get(code, "")[:LABEL_LONGEST], round(100 * persons / having))
        for code, persons in shown
    )
