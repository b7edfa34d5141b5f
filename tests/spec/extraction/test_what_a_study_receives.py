"""What a study receives, and what it never does."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ecluse.data.extraction import extract
from ecluse.data.pseudonyms import Label
from ecluse.domain.documents import ExtractionReceipt
from ecluse.domain.errors import Expired, OutOfScope
from tests.unit.data import studies
from tests.unit.data.studies import KEY, NOW, PERMIT, Study


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return Study(tmp_path)


@pytest.fixture
def receipt(study: Study) -> ExtractionReceipt:
    """What the receipt of the study's order says."""
    return extract(
        studies.warrant(studies.order(study.snapshot)),
        lake=study.lake,
        key=KEY,
        target=study.target,
        clock=lambda: NOW,
    )


def column(study: Study, table: str, name: str) -> list[object]:
    found: list[object] = pq.read_table(study.target / f"{table}.parquet")[name].to_pylist()
    return found


def test_the_receipt_tells_how_many_persons_were_left_after_each_step(
    receipt: ExtractionReceipt,
) -> None:
    assert [step.person_count for step in receipt.attrition] == [4, 3, 3, 2, 2]


def test_who_opted_out_is_not_in_the_extract(study: Study, receipt: ExtractionReceipt) -> None:
    everyone = KEY.project(PERMIT.permit_number).of(
        Label.PERSON, ["IDENTITY-OF-1", "IDENTITY-OF-2"]
    )

    assert sorted(map(str, column(study, "IR_BEN_R", "person_pseudonym"))) == sorted(everyone)


def test_care_before_the_period_and_claims_after_the_cut_off_are_left_out(
    study: Study, receipt: ExtractionReceipt
) -> None:
    days = sorted(map(str, column(study, "ER_PHA_F", "event_date")))

    assert days == ["2022-03-01", "2022-04-01"]


def test_a_claims_details_carry_its_date_of_care_when_the_permit_gives_it(
    study: Study, receipt: ExtractionReceipt
) -> None:
    assert date(2022, 3, 1) in column(study, "ER_PHA_F", "event_date")


def test_the_receipt_names_the_columns_that_stayed_in_the_secure_zone(
    receipt: ExtractionReceipt,
) -> None:
    register = receipt.tables[2]

    assert (register.table, register.columns_dropped) == (
        "IR_BEN_R",
        ("BEN_NIR_PSA", "ASS_NIR_ANO"),
    )


def test_rows_of_one_person_still_meet_across_tables(
    study: Study, receipt: ExtractionReceipt
) -> None:
    acts = set(column(study, "ER_PRS_F", "person_pseudonym"))

    assert acts == set(column(study, "ER_PHA_F", "person_pseudonym"))


def test_nothing_is_extracted_after_the_last_day_of_the_permit(study: Study) -> None:
    ended = replace(PERMIT, valid_until=date(2026, 2, 1))

    with pytest.raises(Expired):
        studies.warrant(studies.order(study.snapshot), ended).check(now=NOW)


def test_choosing_persons_by_a_code_needs_the_right_to_read_that_code(study: Study) -> None:
    scope = replace(PERMIT.datasets[0], tables=studies.SCOPE[2:])
    narrow = replace(PERMIT, datasets=(scope,))
    order = studies.order(study.snapshot, tables=studies.SCOPE[2:])

    with pytest.raises(OutOfScope, match=r"ER_PHA_F\.PHA_PRS_C13"):
        studies.warrant(order, narrow).check_cohort(study.snapshot)
