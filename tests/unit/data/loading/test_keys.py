"""The event key: the same number in the engine, in plain Python and for ever."""

from collections.abc import Iterator
from datetime import date

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecluse.data.loading.keys import keyed, of
from ecluse.data.schemas import Column, ColumnType
from ecluse.domain.errors import InvalidInput

COLUMNS = (
    Column("DAY", "date", "date", "", ""),
    Column("NUMBER", "integer", "link", "", ""),
    Column("LARGE", "bigint", "link", "", ""),
    Column("FUND", "text", "link", "", ""),
)
EVENTS = st.tuples(
    st.none() | st.dates(date(1700, 1, 1)),
    st.none() | st.integers(-(2**31), 2**31 - 1),
    st.none() | st.integers(-(2**63), 2**63 - 1),
    st.none() | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
)


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE events (DAY DATE, NUMBER INTEGER, LARGE BIGINT, FUND VARCHAR)"
        )
        yield connection


def key_in(engine: duckdb.DuckDBPyConnection, event: tuple[object, ...]) -> int:
    engine.execute("DELETE FROM events")
    engine.execute("INSERT INTO events VALUES (?, ?, ?, ?)", list(event))
    (row,) = engine.sql(keyed("SELECT * FROM events", COLUMNS)).fetchall()
    return int(row[0])


@settings(max_examples=200, deadline=None)
@given(EVENTS)
def test_the_engine_and_plain_python_make_the_same_key(
    engine: duckdb.DuckDBPyConnection,
    event: tuple[date | None, int | None, int | None, str | None],
) -> None:
    assert key_in(engine, event) == of(event)


def test_the_key_of_a_claim_is_this_number_for_ever() -> None:
    claim = (date(2023, 2, 1), date(2023, 1, 10), 1, 7, 1, "01C751000", 100, 1, 1)

    assert of(claim) == 9410479992682908443


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((1, 2), (2, 1)),
        (("A", None), (None, "A")),
        (("", 0), (None, 0)),
        (("A", "BC"), ("AB", "C")),
        ((0,), (None,)),
        (("0123456789abcdef0",), ("0123456789abcdef1",)),
    ],
)
def test_events_that_look_alike_have_different_keys(
    one: tuple[int | str | None, ...], other: tuple[int | str | None, ...]
) -> None:
    assert of(one) != of(other)


def test_a_million_neighbouring_claims_have_a_million_keys() -> None:
    columns = [Column(name, "integer", "link", "", "") for name in ("A", "B", "C")]

    with duckdb.connect() as connection:
        claims = (
            "SELECT i // 10000 AS A, i // 100 % 100 AS B, i % 100 AS C FROM range(1000000) AS r(i)"
        )
        keys = connection.sql(keyed(claims, columns))
        found = keys.aggregate("count(DISTINCT event_key)").fetchall()

    assert found == [(1_000_000,)]


@pytest.mark.parametrize("kind", ["number", "timestamp"])
def test_a_column_with_fractions_cannot_be_part_of_a_key(kind: ColumnType) -> None:
    with pytest.raises(InvalidInput, match="AMOUNT"):
        keyed("SELECT 1", [Column("AMOUNT", kind, "amount", "", "")])


def test_a_key_is_made_of_sixteen_columns_at_most() -> None:
    with pytest.raises(InvalidInput, match="16"):
        keyed("SELECT 1", [Column("A", "integer", "link", "", "")] * 17)
