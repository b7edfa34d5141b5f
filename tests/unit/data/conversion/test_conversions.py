"""Converting: blocks, periods, numbers that last, and snapshots that the rest of the lake reads."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ecluse.data.conversion import Choices, convert
from ecluse.data.conversion.blocks import Block
from ecluse.data.engines import connect
from ecluse.data.lake import Lake, read, read_persons, verify
from ecluse.domain.errors import InvalidInput
from ecluse.trust.zone.lake_keys import draw_lake_key
from tests.unit.data.conversion.converting import (
    CONVERTED_AT,
    YEAR_2022,
    claim,
    converted,
    detail,
    registered,
    rows,
    snds,
    stay,
)
from tests.unit.data.lakes import publish_in

MAY_2 = date(2022, 5, 2)
LATER = datetime(2026, 2, 6, 8, tzinfo=UTC)
FOUR = tuple((key, f"person-{key}", f"opt-{key}") for key in (1, 2, 3, 7))


def visits_of(*keys: int) -> dict[str, list[dict[str, object]]]:
    """One consultation of each person."""
    return {
        "ER_PRS_F": [{**claim(key, MAY_2), "person_key": key, "event_date": MAY_2} for key in keys]
    }


def test_blocks_of_persons_give_the_same_rows_as_one_block(tmp_path: Path) -> None:
    tables = visits_of(1, 2, 3, 7)

    whole = converted(tmp_path / "a", tables, persons=FOUR)
    cut = converted(
        tmp_path / "b", tables, persons=FOUR, choices=replace(YEAR_2022, rows_a_block=3)
    )

    columns = "visit_occurrence_id, person_id"
    assert rows(whole, "visit_occurrence", columns) == [(1, 1), (2, 2), (3, 3), (4, 7)]
    assert rows(cut, "visit_occurrence", columns) == rows(whole, "visit_occurrence", columns)
    assert cut.told == whole.told


def test_a_block_reads_only_the_parts_that_hold_its_persons(tmp_path: Path) -> None:
    # One part a month: person 1 in May, person 2 in June, both in July.
    months = {5: (1,), 6: (2,), 7: (1, 2)}
    lines = [
        claim(10 * month + key, MAY_2, person_key=key, FLX_DIS_DTD=date(2022, month, 1))
        for month, keys in months.items()
        for key in keys
    ]
    source = snds(tmp_path, {"ER_PRS_F": lines, "IR_PHA_R": [{"PHA_CIP_C13": 1}]})

    narrowed = Block(2, 2).parts_of(source)

    assert narrowed.table("ER_PRS_F").slices == ("2022-06", "2022-07")
    assert narrowed.table("IR_PHA_R").rows == 1
    assert Block(9, 9).parts_of(source).table("ER_PRS_F").slices == ("2022-05",)


def test_a_block_of_nobody_leaves_no_part_behind(tmp_path: Path) -> None:
    # Keys 4, 5 and 6 name nobody: their block is empty.
    choices = replace(YEAR_2022, rows_a_block=2)

    made = converted(tmp_path, visits_of(1, 7), persons=FOUR, choices=choices)

    assert all(part.rows for part in made.snapshot.table("person").parts)
    assert made.snapshot.table("drug_exposure").rows == 0


def test_persons_keep_their_keys_and_names_from_one_dataset_to_the_other(tmp_path: Path) -> None:
    made = converted(tmp_path, {}, persons=FOUR)

    with connect(readable=[made.snapshot.folder]) as connection:
        found = sorted(read_persons(connection, made.snapshot).fetchall())
    assert found == [(key, f"person-{key}", f"opt-{key}") for key in (1, 2, 3, 7)]


def test_who_has_no_row_of_person_is_not_of_the_dataset(tmp_path: Path) -> None:
    register = [registered(1), registered(2, BEN_NAI_ANN=None)]

    made = converted(tmp_path, {"IR_BEN_R": register})

    assert made.snapshot.person_count == 1


def test_a_code_keeps_its_number_at_the_next_conversion(tmp_path: Path) -> None:
    made = converted(tmp_path, stay(21, MAY_2, MAY_2, DGN_PAL="I501"))
    before = dict(rows(made, "concept", "concept_code, concept_id"))
    source = snds(tmp_path, stay(21, MAY_2, MAY_2, DGN_PAL="A001"))

    again = convert(source, lake=Lake(tmp_path), dataset="omop", now=LATER, choices=YEAR_2022)

    after = dict(rows(again, "concept", "concept_code, concept_id"))
    assert after["I501"] == before["I501"]
    assert after["A001"] == max(before.values()) + 1


def test_the_period_is_that_of_the_months_with_claims(tmp_path: Path) -> None:
    # March to May have two lines each; one stray line of 1999 and one of July do not count.
    days = [date(2022, month, day) for month in (3, 4, 5) for day in (2, 9)]
    stray = [date(1999, 1, 1)]
    lines = [claim(key, day) for key, day in enumerate([*stray, *days, *days, *days])]

    made = converted(tmp_path, {"ER_PRS_F": lines}, choices=Choices())

    assert (made.told.first_day, made.told.last_day) == (date(2022, 3, 1), date(2022, 5, 31))


def test_the_period_of_stays_alone_is_that_of_their_years(tmp_path: Path) -> None:
    made = converted(tmp_path, stay(21, MAY_2, MAY_2), choices=Choices())

    assert (made.told.first_day, made.told.last_day) == (date(2022, 1, 1), date(2022, 12, 31))


def test_a_dataset_without_care_needs_a_period(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="give --first-day and --last-day"):
        converted(tmp_path, {}, choices=Choices())


def test_a_period_that_ends_before_it_begins_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="is empty"):
        converted(tmp_path, {}, choices=replace(YEAR_2022, last_day=date(2021, 1, 1)))


def test_a_dataset_is_not_converted_into_itself(tmp_path: Path) -> None:
    source = snds(tmp_path, {})

    with pytest.raises(InvalidInput, match="into itself"):
        convert(source, lake=Lake(tmp_path), dataset="snds", now=CONVERTED_AT)


def test_a_dataset_of_another_model_is_not_converted(tmp_path: Path) -> None:
    made = converted(tmp_path, {})

    with pytest.raises(InvalidInput, match="is of the model omop"):
        convert(made.snapshot, lake=Lake(tmp_path), dataset="again", now=CONVERTED_AT)


def test_a_lake_under_a_key_is_converted_under_it(tmp_path: Path) -> None:
    lake = Lake(tmp_path, key=draw_lake_key())
    source = publish_in(lake, "snds", {"IR_BEN_R": [registered(1)]}, FOUR[:1])

    made = convert(source, lake=lake, dataset="omop", now=CONVERTED_AT, choices=YEAR_2022)

    assert made.snapshot.encryption == source.encryption
    reopened = lake.snapshot("omop")
    with connect(readable=[reopened.folder]) as connection:
        assert len(read(connection, reopened, "person").fetchall()) == 1


def test_what_is_published_verifies_and_keeps_its_account(tmp_path: Path) -> None:
    made = converted(tmp_path, visits_of(1))

    verify(Lake(tmp_path).snapshot("omop"))
    report = (made.snapshot.path / "report.json").read_text(encoding="utf-8")
    assert '"source":"snds ' in report
    assert {table.slices for table in made.snapshot.tables.values()} == {("all",)}


def test_a_claim_key_shared_by_two_lines_does_not_multiply_the_rows(tmp_path: Path) -> None:
    tables = {
        "ER_PRS_F": [claim(11, MAY_2, 3211), claim(11, MAY_2, 3211, PFS_EXE_NUM="LAB")],
        "ER_BIO_F": [detail(11, MAY_2, BIO_PRS_IDE=1577)],
    }

    made = converted(tmp_path, tables)

    assert len(rows(made, "measurement", "measurement_id")) == 1
