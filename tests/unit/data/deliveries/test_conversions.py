"""The fast reading of text accepts nothing that the exact one reads otherwise."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecluse.data.deliveries.conversions import exact, fast_date_format, typed
from ecluse.data.deliveries.finding import find
from ecluse.data.deliveries.projections import good_rows
from ecluse.data.engines import connect
from ecluse.data.schemas import Column, ColumnType
from tests.unit.data.deliveries.readings import SNDS, read

HEADER = "BEN_NIR_PSA;BEN_RNG_GEM;IMB_ALD_NUM;IMB_ALD_DTD;IMB_ALD_DTF;NEW\n"
CLEAN = "ANNA;1;8;05/01/2021;06/01/2021;x\n"
NUMBERS = st.one_of(
    st.integers(-(10**12), 10**12).map(str),
    st.floats(width=32).map(str),
    st.text("0123456789+-.,eE xX_", max_size=6),
    st.sampled_from(["1.6", "+5", " 7", "1e3", "1,5", "1,0", "nan", "inf", "0x1F", ".", "1_000"]),
)
DATES = st.one_of(
    st.dates().map(lambda day: day.strftime("%d/%m/%Y")),
    st.dates().map(lambda day: day.strftime("%d%m%Y")),
    st.dates().map(lambda day: day.isoformat()),
    st.text("0123456789/- ", max_size=11),
    st.sampled_from(["01/01/1600", "1/1/1600", "01/01/0001", "01/02/23", "1012008", "infinity"]),
)


def often(clean: str, dirty: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Draw the clean value two times in three: a line is then wrong in one column at most."""
    return st.one_of(st.just(clean), st.just(clean), dirty)


LINES = st.lists(
    st.tuples(
        often("1", NUMBERS),
        often("8", NUMBERS),
        often("05/01/2021", DATES),
        often("", DATES),
        st.text("aé 0.", max_size=3),
    ),
    max_size=60,
)


@settings(max_examples=40, deadline=None)
@given(drawn=LINES)
def test_fast_then_exact_reading_gives_the_rows_of_the_exact_reading(
    drawn: list[tuple[str, str, str, str, str]],
) -> None:
    lines = "".join(f"ANNA;{';'.join(values)}\n" for values in drawn)
    with tempfile.TemporaryDirectory() as folder:
        # the sampled lines are clean, so that every column is read fast
        reading = read(Path(folder), "IR_IMB_R.csv", HEADER + CLEAN * 150 + lines)

        expected = read_exactly(Path(folder), drawn)

    assert sorted(map(str, reading.rows[150 : 150 + len(expected)])) == sorted(map(str, expected))
    assert len(reading.rows) == 150 + len(expected)
    assert len(reading.refused) == len(drawn) - len(expected)


def read_exactly(folder: Path, drawn: Sequence[tuple[str, ...]]) -> list[dict[str, object]]:
    """Read the values as text, all by the exact conversions."""
    file = find(folder / "delivery", model=SNDS).files[0]
    names = [item.column.name for item in file.columns]
    texts = [["ANNA"] * len(drawn), *([row[index] for row in drawn] for index in range(5))]
    conversions = [
        exact(item.column, delivered=item.column.name, date_formats=file.date_formats)
        for item in file.columns
    ]
    columns = {
        name: pa.array(values, pa.string()) for name, values in zip(names, texts, strict=True)
    }
    with connect(readable=[folder]) as connection:
        connection.from_arrow(pa.table(columns)).create_view("texts")
        rows = connection.sql(good_rows("texts", file, conversions))
        return [dict(zip(rows.columns, row, strict=True)) for row in rows.fetchall()]


@pytest.mark.parametrize(
    ("formats", "values", "chosen"),
    [
        (["%d/%m/%Y", "%Y-%m-%d"], ["05/01/2021"], "%d/%m/%Y"),
        (["%d/%m/%Y", "%Y-%m-%d"], ["2021-01-05"], "%Y-%m-%d"),
        (["%d/%m/%Y", "%Y-%m-%d"], ["2021-01-05", "05/01/2021"], None),
        (["%d%m%Y"], ["05012021"], None),  # 5012021 would be the 50th
        (["%m/%d/%Y", "%d/%m/%Y"], ["31/01/2021"], "%m/%d/%Y"),  # refused lines are read again
        (["%d%b%Y:%H:%M:%S"], ["05Jan2021:00:00:00"], None),
    ],
)
def test_the_fast_date_format_is_one_that_cannot_be_mistaken(
    formats: list[str], values: list[str], chosen: str | None
) -> None:
    assert fast_date_format(formats, values) == chosen


@pytest.mark.parametrize(
    ("kind", "delivered", "value"),
    [
        ("text", pa.array([180256009.0]), "180256009"),
        ("text", pa.array([1.5]), "1.5"),
        ("text", pa.array([7]), "7"),
        ("text", pa.array([""]), None),
        ("yearmonth", pa.array([202103]), "202103"),
        ("integer", pa.array([7.0]), 7),
        ("integer", pa.array([float("nan")]), None),
        ("integer", pa.array([True]), 1),
        ("integer", pa.array(["1111.0"]), 1111),
        ("bigint", pa.array([9007199254740993]), 9007199254740993),
        ("bigint", pa.array(["9007199254740993"]), 9007199254740993),
        ("bigint", pa.array(["12,00"]), 12),
        ("year", pa.array([1600]), None),
        ("number", pa.array([2], pa.int8()), 2.0),
        ("number", pa.array([None], pa.float64()), None),
        ("date", pa.array(["2021-01-05"]), "2021-01-05"),
        ("date", pa.array([1609804800000], pa.timestamp("ms")), "2021-01-05"),
        ("date", pa.array([-135140], pa.date32()), None),  # 1600-01-01
        ("timestamp", pa.array(["2021-01-05 10:30:00"]), "2021-01-05 10:30:00"),
        ("timestamp", pa.array(["05Jan2021:10:30:00"]), "2021-01-05 10:30:00"),
        ("timestamp", pa.array(["9999-12-31 23:59:59"]), "9999-12-31 23:59:59"),
    ],
)
def test_parquet_values_become_those_of_the_schema(
    kind: ColumnType, delivered: pa.Array, value: object
) -> None:
    found, refused = convert(kind, delivered)

    assert (found, refused) == (value, False)


@pytest.mark.parametrize(
    ("kind", "delivered"),
    [
        ("integer", pa.array([1.6])),
        ("integer", pa.array([2**40])),
        ("bigint", pa.array([2.0**63])),
        ("number", pa.array([float("inf")])),
        ("bigint", pa.array(["9007199254740993.5"])),
        ("date", pa.array(["31/02/2021"])),
        ("date", pa.array([-700000], pa.date32())),  # before the year 100
        ("year", pa.array([21])),
        ("yearmonth", pa.array([202113])),
    ],
)
def test_parquet_values_that_the_schema_cannot_hold_are_refused(
    kind: ColumnType, delivered: pa.Array
) -> None:
    _, refused = convert(kind, delivered)

    assert refused


def convert(kind: ColumnType, delivered: pa.Array) -> tuple[object, bool]:
    """Convert a one-row Parquet column; return its value (dates as text) and whether refused."""
    column = Column("COL", kind, "attribute", "", "")
    with connect(readable=[]) as connection:
        rows = connection.from_arrow(pa.table({"COL": delivered}))
        conversion = typed(
            column,
            delivered="COL",
            delivered_type=str(rows.types[0]),
            date_formats=SNDS.date_formats,
        )
        value, refused = rows.project(
            f"{conversion.value} AS v, coalesce({conversion.refused or 'false'}, false) AS r"
        ).fetchall()[0]
    return (str(value) if kind in {"date", "timestamp"} and value else value), refused


def test_a_column_name_cannot_leave_its_quotes_in_a_conversion() -> None:
    conversion = exact(Column('a"b', "text", "text", "", ""), delivered='a"b', date_formats=[])

    assert conversion.value == 'nullif("a""b", \'\')'
