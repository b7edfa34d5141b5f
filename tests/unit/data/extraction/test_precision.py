from datetime import date, datetime

import duckdb
import pyarrow as pa
import pytest

from ecluse.data.extraction.precision import check_suits, coarse, type_of
from ecluse.data.schemas import Column
from ecluse.domain.documents import Coarsening, Precision
from ecluse.domain.errors import OutOfScope


def column(type_: str, **more: object) -> Column:
    return Column("value", type_, more.pop("role", "attribute"), "", "", **more)  # type: ignore[arg-type]


def given(type_: str, values: list[object], to: Precision, step: int | None = None) -> list[object]:
    coarsening = Coarsening("value", to, step)
    check_suits(column(type_, length="5"), coarsening)
    with duckdb.connect() as connection:
        rows = connection.from_arrow(pa.table({"value": values}))
        found = rows.select(coarse(column(type_), coarsening).alias("value"))
        return [row[0] for row in found.fetchall()]


def test_a_day_is_given_as_the_first_of_its_month_or_year() -> None:
    days: list[object] = [date(2022, 3, 17), date(2022, 12, 31), None]

    assert given("date", days, Precision.MONTH) == [date(2022, 3, 1), date(2022, 12, 1), None]
    assert given("date", days, Precision.YEAR) == [date(2022, 1, 1), date(2022, 1, 1), None]


def test_an_instant_is_given_as_a_day_without_its_hour() -> None:
    instants: list[object] = [datetime.fromisoformat("2022-03-17T23:59:00")]

    assert given("timestamp", instants, Precision.MONTH) == [date(2022, 3, 1)]
    assert type_of(column("timestamp"), Coarsening("value", Precision.MONTH)) == "date"


def test_a_month_in_six_digits_is_given_as_its_year() -> None:
    assert given("yearmonth", ["202203", None], Precision.YEAR) == ["2022", None]


def test_an_age_is_given_as_the_first_year_of_its_band() -> None:
    ages: list[object] = [0, 4, 5, 89, None]

    assert given("integer", ages, Precision.AGE_BAND, 5) == [0, 0, 5, 85, None]


def test_a_number_is_rounded_to_a_multiple() -> None:
    assert given("number", [12.4, 17.5, -3.0], Precision.ROUNDED, 10) == [10, 20, 0]


def test_a_text_is_given_by_its_first_characters() -> None:
    assert given("text", ["E1190", "I10", None], Precision.FIRST_CHARACTERS, 3) == [
        *("E11", "I10", None),
    ]


def test_a_municipality_is_given_as_its_department_or_region() -> None:
    places: list[object] = ["75056", "2A004", "97105", "01001", None]

    assert given("text", places, Precision.DEPARTMENT) == ["75", "2A", "971", "01", None]
    assert given("text", places, Precision.REGION) == ["11", "94", "01", "84", None]


def test_a_department_in_three_characters_is_given_as_its_region() -> None:
    assert given("text", ["075", "02A", "974", "099"], Precision.REGION) == ["11", "94", "04", None]


@pytest.mark.parametrize(
    ("of", "to", "step"),
    [
        (column("text"), Precision.MONTH, None),
        (column("date"), Precision.AGE_BAND, 5),
        (column("integer"), Precision.FIRST_CHARACTERS, 2),
        (column("text", role="link"), Precision.FIRST_CHARACTERS, 2),
        (column("text", role="person"), Precision.FIRST_CHARACTERS, 2),
        (column("text", length="3", nomenclature="IR_GEO_V"), Precision.DEPARTMENT, None),
    ],
    ids=["text by month", "day by band", "cut number", "cut link", "cut person", "short commune"],
)
def test_a_precision_that_does_not_suit_the_column_is_refused(
    of: Column, to: Precision, step: int | None
) -> None:
    with pytest.raises(OutOfScope, match="value"):
        check_suits(of, Coarsening("value", to, step))
