"""Under little memory, joins and aggregates spill; no row may be lost on the way.

DuckDB issue 25702: a hash join whose build side spilled dropped rows. Kept for every new version.
"""

from pathlib import Path

import pytest
from duckdb import (
    ColumnExpression,
    ConstantExpression,
    DuckDBPyConnection,
    DuckDBPyRelation,
    Expression,
    FunctionExpression,
)

from ecluse.data.engines import connect

ROWS, KEYS = 3_000_000, 1_000_000


def long_text(number: Expression) -> Expression:
    """Return a text of forty characters: what is joined on is what fills the memory."""
    return FunctionExpression("concat", ConstantExpression("a long text " * 3), number)


def joined(connection: DuckDBPyConnection, how: str) -> DuckDBPyRelation:
    """Return three rows for each text, joined to that text."""
    number = ColumnExpression("range")
    many, few = (connection.table_function("range", [count]) for count in (ROWS, KEYS))
    probe = many.select(long_text(number % ConstantExpression(KEYS)).alias("text"))
    build = few.select(long_text(number).alias("other"))
    same = ColumnExpression("text") == ColumnExpression("other")
    return probe.set_alias("probe").join(build.set_alias("build"), same, how=how)


def spilled_bytes(folder: Path) -> int:
    """Return the size of what the engine has put on the disk by now."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("how", ["inner", "left", "semi"])
def test_a_join_that_spills_loses_no_row(tmp_path: Path, how: str) -> None:
    folder = tmp_path / "spill"
    folder.mkdir()
    with connect(
        memory_limit="80MB", readable=[tmp_path], writable=[folder], keeps_join_sides=True
    ) as connection:
        reader = joined(connection, how).to_arrow_reader(100_000)
        first = reader.read_next_batch().num_rows
        on_disk = spilled_bytes(folder)
        rest = sum(batch.num_rows for batch in reader)

    assert on_disk > 1_000_000, "nothing was spilled: the test proves nothing"
    assert first + rest == ROWS


def test_an_aggregate_that_spills_loses_no_group(tmp_path: Path) -> None:
    folder = tmp_path / "spill"
    folder.mkdir()
    with connect(memory_limit="40MB", readable=[tmp_path], writable=[folder]) as connection:
        key = ColumnExpression("key")
        texts = long_text(ColumnExpression("range")).alias("key")
        rows = connection.table_function("range", [KEYS]).select(texts)
        counted = rows.aggregate([key, FunctionExpression("count_star").alias("rows")])
        reader = counted.to_arrow_reader(100_000)
        first = reader.read_next_batch().num_rows
        on_disk = spilled_bytes(folder)
        rest = sum(batch.num_rows for batch in reader)

    assert on_disk > 1_000_000, "nothing was spilled: the test proves nothing"
    assert first + rest == KEYS
