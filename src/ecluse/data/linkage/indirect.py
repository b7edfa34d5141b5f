"""Indirect matching by rule: equal traits and days of care that agree."""

from typing import Final

import duckdb
import pyarrow as pa

from ecluse.data.engines import quoted
from ecluse.data.linkage.assignment import assign
from ecluse.data.linkage.records import DAY, FIRST, PLACE, RECORD, SECOND, Matches, Records, Rule
from ecluse.domain.errors import InvalidInput

NO_DAYS: Final = 0


def match_exactly(
    first: Records, second: Records, rule: Rule, *, connection: duckdb.DuckDBPyConnection
) -> Matches:
    """Return who of `first` is who of `second` by `rule`; of several, the most days in common.

    Raises:
        InvalidInput: a trait of the rule is missing in a source.
    """
    people = _same_traits(first, second, rule, connection)
    if rule.least_days == NO_DAYS:
        found = people.project("*, 0 AS days")
    else:
        found = _days_in_common(people, first.care, second.care, rule, connection)
    rows = found.filter(f"days >= {rule.least_days}").fetchall()
    return assign(((one, other, days) for one, other, days in rows), margin=NO_DAYS)


def _same_traits(
    first: Records, second: Records, rule: Rule, connection: duckdb.DuckDBPyConnection
) -> duckdb.DuckDBPyRelation:
    """Return the pairs of records whose traits are known and equal."""
    missing = set(rule.traits) - (
        set(first.persons.column_names) & set(second.persons.column_names)
    )
    if missing:
        raise InvalidInput(
            f"Both sources need the traits of the rule: {', '.join(sorted(missing))}."
        )
    one, other = (
        connection.from_arrow(records.persons).project(
            ", ".join(
                [f"{RECORD} AS {side}"]
                + [f"{quoted(trait)} AS {quoted(f'{side} {trait}')}" for trait in rule.traits]
            )
        )
        for side, records in ((FIRST, first), (SECOND, second))
    )
    # What is unknown is null, and null is never equal.
    are_equal = " AND ".join(
        f"{quoted(f'{FIRST} {trait}')} = {quoted(f'{SECOND} {trait}')}" for trait in rule.traits
    )
    return one.join(other, are_equal).project(f"{FIRST}, {SECOND}")


def _days_in_common(
    people: duckdb.DuckDBPyRelation,
    care: pa.Table,
    other_care: pa.Table,
    rule: Rule,
    connection: duckdb.DuckDBPyConnection,
) -> duckdb.DuckDBPyRelation:
    """Return each pair with the days of the first that the second has too."""
    one = connection.from_arrow(care).project(f"{RECORD} AS {FIRST}, {DAY}, {PLACE}").distinct()
    other = connection.from_arrow(other_care).project(
        f"{RECORD} AS {SECOND}, {DAY} AS other_day, {PLACE} AS other_place"
    )
    near = f"abs(date_diff('day', {DAY}, other_day)) <= {rule.tolerance_days}"
    place = f"{PLACE} = other_place" if rule.same_place else "true"
    joined = people.join(one, FIRST).join(other.distinct(), SECOND).filter(f"{near} AND {place}")
    return joined.aggregate(f"{FIRST}, {SECOND}, count(DISTINCT ({DAY}, {PLACE})) AS days")
