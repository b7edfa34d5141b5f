"""A matched cohort: a control is delivered with its case, or not at all."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq

from ecluse.data.extraction import extract
from ecluse.data.lake import Lake
from ecluse.data.pseudonyms import Label
from ecluse.domain.cohorts import AtLeast, Cohort, Events, Matching, Step
from ecluse.domain.documents import DatasetScope, OptOutList, TableScope
from tests.unit.data import studies
from tests.unit.data.lakes import diagnosis, publish
from tests.unit.data.studies import EARLY_FLOW, KEY, METFORMIN, NOW, PERMIT

CASE_WITH_ROWS, ITS_CONTROL, CASE_WITHOUT, ALONE = 1, 2, 3, 4
PERSONS = [(key, f"IDENTITY-OF-{key}", f"OPT-{key}") for key in (1, 2, 3, 4)]
YEARS = {CASE_WITH_ROWS: 1950, ITS_CONTROL: 1950, CASE_WITHOUT: 1970, ALONE: 1970}


def register(person: int) -> dict[str, object]:
    return {
        "person_key": person,
        "event_date": None,
        "BEN_SEX_COD": 1,
        "BEN_NAI_ANN": YEARS[person],
        "BEN_DCD_DTE": None,
    }


def test_the_controls_of_a_case_without_a_row_are_left_out(tmp_path: Path) -> None:
    """Both cases have a stay, which is not ordered; only one of them has a delivery."""
    stays = [
        diagnosis(person, date(2022, 2, 1), "E11") for person in (CASE_WITH_ROWS, CASE_WITHOUT)
    ]
    drugs = [
        studies._drug(person, date(2022, 3, 1), person, METFORMIN, EARLY_FLOW)
        for person in (CASE_WITH_ROWS, ITS_CONTROL, ALONE)
    ]
    tables = {
        "T_MCOaaB": stays,
        "ER_PHA_F": drugs,
        "IR_BEN_R": [register(person) for person in YEARS],
    }
    snapshot = publish(tmp_path / "lake", studies.DATASET, tables, PERSONS)
    asked = (TableScope("ER_PHA_F", ("PHA_PRS_C13", "event_date")),)
    given = (
        *asked,
        TableScope("T_MCOaaB", ("DGN_PAL", "event_date")),
        TableScope("IR_BEN_R", ("BEN_NAI_ANN", "BEN_SEX_COD", "BEN_DCD_DTE")),
    )
    scope = DatasetScope(studies.DATASET, given, date(2022, 1, 1), date(2023, 12, 31))
    permit = replace(PERMIT, datasets=(scope,))
    diabetes = Events("stay_main_diagnosis", ("E11",))
    cohort = Cohort(
        (Step("Diabète", AtLeast(diabetes)),),
        index=diabetes.first(),
        matching=Matching(AtLeast(Events("drug_cip", ("34009",))), per_case=1),
    )
    order = studies.order(snapshot, tables=asked, cohort=cohort)
    opt_outs = OptOutList(permit.permit_number, permit.decided_at, ())

    receipt = extract(
        studies.warrant(order, permit, opt_outs),
        lake=Lake(tmp_path / "lake"),
        key=KEY,
        target=tmp_path / "extract",
        clock=lambda: NOW,
    )

    named = KEY.project(permit.permit_number).of(Label.PERSON, ["IDENTITY-OF-1", "IDENTITY-OF-2"])
    sets = pq.read_table(tmp_path / "extract" / "study-cohort.parquet").to_pylist()
    drugs_given = pq.read_table(tmp_path / "extract" / "ER_PHA_F.parquet").to_pylist()
    assert {(row["person_pseudonym"], row["set_number"], row["is_case"]) for row in sets} == {
        (named[0], 1, True),
        (named[1], 1, False),
    }
    assert {row["person_pseudonym"] for row in drugs_given} == set(named)
    assert [(step.step, step.person_count) for step in receipt.attrition][-3:] == [
        ("in-a-set-with-its-case", 4),
        ("in-a-set-whose-case-has-rows", 2),
        ("with-rows-in-care-period", 2),
    ]
