"""From persons and events in sight to the numbers of a table."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from ecluse.data.tabulation import Memory
from ecluse.data.tabulation.counting import count_cells
from ecluse.data.tabulation.holdings import Asked, Holdings
from ecluse.domain.errors import InvalidInput, NotFound
from ecluse.domain.tabulation import CodeGroup, CodeGroups, Measure, MeasureKind, Source
from tests.unit.data.lakes import Row, publish
from tests.unit.data.tabulation.clinics import (
    AGE,
    CARE,
    EVENTS,
    LAXEST,
    MAN,
    PERSONS,
    WOMAN,
    Clinic,
    clinic,
    condition,
    person,
    plan,
    read,
    table,
)

MARCH, APRIL = date(2021, 3, 1), date(2022, 4, 1)


def test_persons_are_counted_by_what_they_are_with_every_total(tmp_path: Path) -> None:
    women = [person(key, born=1950) for key in range(20)]
    men = [person(key, sex=MAN, born=2000) for key in range(20, 35)]

    made = clinic(tmp_path, women + men).answer(plan(table("sex", "age")))

    shown = read(made)
    assert shown["_T", "_T"] == 35
    assert shown["F", "_T"] == 20
    assert shown["M", "_T"] == 15
    assert shown["F", "65+"] == 20
    assert shown["M", "0-39"] == 15
    assert shown["M", "65+"] == 0
    assert len(shown) == 4 * 5
    assert made.counts.primary == 0


def test_a_person_with_events_in_two_years_counts_once_in_the_total(tmp_path: Path) -> None:
    both = [condition(key, "E11", day) for key in range(12) for day in (MARCH, APRIL)]
    one = [condition(key, "I63", MARCH) for key in range(12, 24)]
    people = [person(key) for key in range(24)]

    made = clinic(tmp_path, people, both + one).answer(plan(table("year", "disease", of=CARE)))

    shown = read(made)
    assert shown["_T", "_T"] == 24
    assert shown["2021", "_T"] == 24
    assert shown["2022", "_T"] == 12
    assert shown["_T", "diabetes"] == 12
    assert shown["2022", "stroke"] == 0


def test_events_outside_the_period_or_of_other_codes_do_not_count(tmp_path: Path) -> None:
    rows = [condition(key, "E11", APRIL) for key in range(15)]
    rows += [condition(key, "E11", date(2020, 12, 31)) for key in range(15, 30)]
    rows += [condition(key, "J45", APRIL) for key in range(30, 45)]
    diabetes = replace(CARE, code_column="condition_source_value", codes=("E1",))

    made = clinic(tmp_path, [person(key) for key in range(45)], rows).answer(
        plan(table("sex", measures=(PERSONS, EVENTS), of=diabetes))
    )

    assert read(made)["_T",] == 15


def test_only_the_persons_given_are_counted(tmp_path: Path) -> None:
    here = clinic(tmp_path, [person(key) for key in range(40)])

    made = here.answer(plan(table("sex")), list(range(25)))

    assert read(made)["_T",] == 25


def test_a_person_whose_rows_disagree_is_of_the_other_category(tmp_path: Path) -> None:
    women = [person(key) for key in range(12)]
    both = [person(key, sex=sex) for key in range(12, 26) for sex in (MAN, WOMAN)]

    made = clinic(tmp_path, women + both).answer(plan(table("sex")))

    assert read(made) == {("_T",): 26, ("M",): 0, ("F",): 12, ("_O",): 14}


def test_an_amount_is_added_up_to_the_hundredth_and_averaged_per_event(tmp_path: Path) -> None:
    measure = Source("measurement", date(2021, 1, 1), date(2022, 12, 31))
    rows: list[Row] = [
        {
            "person_key": key,
            "event_date": MARCH,
            "person_id": key,
            "measurement_date": MARCH,
            "value_as_number": 10.25,
        }
        for key in range(20)
    ]
    people = [person(key) for key in range(20)]
    tables: dict[str, list[Row]] = {"person": people, "measurement": rows}
    names = [(key, str(key), None) for key in range(20)]
    snapshot = publish(tmp_path / "lake", "clinic", tables, names, model_name="omop")
    here = Clinic(snapshot, Memory(tmp_path / "memory"))
    measures = (
        Measure(MeasureKind.TOTAL, "value_as_number"),
        Measure(MeasureKind.MEAN, "value_as_number"),
    )

    made = here.answer(plan(table(measures=measures, of=measure)))

    assert made.tables[0].numbers[()] == (Decimal("205.00"), Decimal("10.25"))


def test_a_table_that_lacks_a_column_of_the_plan_is_named(tmp_path: Path) -> None:
    here = clinic(tmp_path, [person(key) for key in range(3)])
    wrong = CodeGroups("sex", "Sex", "person", "no_such", (CodeGroup("a", "A", ("1",)),))
    asked = replace(plan(table("sex")), variables=(wrong,))

    with pytest.raises(InvalidInput, match="person has no column no_such"):
        here.answer(asked)


def test_a_table_that_the_snapshot_lacks_is_named(tmp_path: Path) -> None:
    here = clinic(tmp_path, [person(key) for key in range(3)])

    with pytest.raises(NotFound, match="condition_occurrence"):
        here.answer(plan(table("year", of=CARE)))


def test_holdings_are_dropped_at_the_end(tmp_path: Path) -> None:
    here = clinic(tmp_path, [person(key) for key in range(30)])
    asked = plan(table("sex"))

    with here.connected() as connection:
        with Holdings(connection, here.snapshot) as holdings:
            held = Asked(asked, None, asked.tables)
            counts = count_cells(holdings.of(here.everybody, held), held)
        left = connection.execute("SELECT count(*) FROM duckdb_tables()").fetchone()

    assert counts.cells[()].persons == 30
    assert left == (0,)


def test_ages_are_those_of_the_day_of_the_plan(tmp_path: Path) -> None:
    of_39 = [person(key, born=1983) for key in range(15)]
    of_40 = [person(key, born=1982) for key in range(15, 40)]

    made = clinic(tmp_path, of_39 + of_40).answer(plan(table("age")), policy=LAXEST)

    assert AGE.on == date(2022, 7, 1)
    assert read(made)["0-39",] == 15
    assert read(made)["40-64",] == 25
