"""Under little memory, joins and aggregates spill; no row may be lost on the way.

DuckDB issue 25702: a hash join whose build side spilled dropped rows. Kept for every new version.
"""

from pathlib import Path

import pytest
from duckdb import ColumnExpression, ConstantExpression, FunctionExpression

from ecluse.data.engines import connect

ROWS, KEYS = 3_000_000, 1_000_000


@pytest.mark.parametrize("how", ["inner", "left", "semi"])
def test_a_join_that_spills_loses_no_row(tmp_path: Path, how: str) -> None:
    folder = tmp_path / "spill"
    folder.mkdir()
    with connect(memory_limit="80MB", readable=[tmp_path], writable=[folder]) as connection:
        number = ColumnExpression("range")
        text = FunctionExpression("concat", ConstantExpression("a long text " * 3), number)
        probe = (
            connection.table_function("range", [ROWS])
            .select((number % ConstantExpression(KEYS)).alias("key"))
            .set_alias("probe")
        )
        build = (
            connection.table_function("range", [KEYS])
            .select(number.alias("other"), text.alias("text"))
            .set_alias("build")
        )
        joined = probe.join(build, ColumnExpression("key") == ColumnExpression("other"), how=how)
        counted = joined.aggregate([FunctionExpression("count_star").alias("rows")]).fetchall()

    assert counted == [(ROWS,)]
