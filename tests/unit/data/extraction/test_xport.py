from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecluse.data.extraction.xport import short_names, write_xport

NOON = datetime.fromisoformat("2022-03-01T12:00:00")
SAS_ZERO = datetime.fromisoformat("1960-01-01T00:00:00")


def through(folder: Path, table: pa.Table) -> tuple[dict[str, list[object]], object]:
    """Write a table as SAS transport, read it back by another program."""
    pq.write_table(table, folder / "ROWS.parquet")
    with (folder / "ROWS.parquet").open("rb") as source, (folder / "ROWS.xpt").open("wb") as out:
        write_xport(source, out, table="ROWS")
    columns, about = pyreadstat.read_xport(folder / "ROWS.xpt", output_format="dict")
    return {name: list(values) for name, values in columns.items()}, about


def test_every_type_is_read_back(tmp_path: Path) -> None:
    table = pa.table(
        {
            "TEXT": ["été", None, "a"],
            "COUNT": [1, -2, None],
            "PRICE": [0.1, 1e9, None],
            "SHARE": pa.array([Decimal("1.2500"), None, Decimal("-3.0000")], pa.decimal128(18, 4)),
            "IS_IT": [True, None, False],
        }
    )

    columns, _ = through(tmp_path, table)
    assert columns["TEXT"] == ["été", "", "a"]
    assert columns["COUNT"][:2] == [1.0, -2.0]
    assert columns["PRICE"][:2] == pytest.approx([0.1, 1e9], rel=1e-15)
    assert (columns["SHARE"][0], columns["SHARE"][2]) == (1.25, -3.0)
    assert (columns["IS_IT"][0], columns["IS_IT"][2]) == (1.0, 0.0)
    assert str(columns["COUNT"][2]) in {"None", "nan"}
    assert str(columns["PRICE"][2]) in {"None", "nan"}


def test_days_and_instants_are_those_of_sas(tmp_path: Path) -> None:
    table = pa.table(
        {
            "DAY": [date(2022, 3, 1), date(1959, 12, 31)],
            "MOMENT": [NOON, SAS_ZERO],
        }
    )

    columns, _ = through(tmp_path, table)
    assert columns["DAY"] == [date(2022, 3, 1), date(1959, 12, 31)]
    assert columns["MOMENT"] == [NOON, SAS_ZERO]


def test_a_long_text_is_cut_at_two_hundred_bytes_and_never_inside_a_letter(tmp_path: Path) -> None:
    columns, _ = through(tmp_path, pa.table({"TEXT": ["a" + "é" * 200]}))

    assert columns["TEXT"] == ["a" + "é" * 99]


@settings(max_examples=60, deadline=None)
@given(numbers=st.lists(st.floats(-1e60, 1e60).filter(lambda x: abs(x) > 1e-60 or x == 0.0)))
def test_numbers_keep_their_fifteen_digits(
    tmp_path_factory: pytest.TempPathFactory, numbers: list[float]
) -> None:
    kept = [0.0, *numbers]

    columns, _ = through(tmp_path_factory.mktemp("x"), pa.table({"N": pa.array(kept)}))
    assert columns["N"] == pytest.approx(kept, rel=1e-15)


def test_names_have_eight_characters_and_are_all_different() -> None:
    names = short_names(["person_pseudonym", "PHA_PRS_C13", "PHA_PRS_IDE", "AGE", "age"])

    assert names == {
        "person_pseudonym": "PERSON_1",
        "PHA_PRS_C13": "PHA_PRS2",
        "PHA_PRS_IDE": "PHA_PRS3",
        "AGE": "AGE",
        "age": "AGE5",
    }


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    table = pa.table({"TEXT": ["a", "b"], "N": [1, 2]})
    through(tmp_path, table)
    first = (tmp_path / "ROWS.xpt").read_bytes()

    through(tmp_path, table)
    assert (tmp_path / "ROWS.xpt").read_bytes() == first
