"""A study receives the OMOP form like any dataset, with the same persons and the same opt-outs."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq

from ecluse.data.conversion import convert
from ecluse.data.extraction import extract
from ecluse.data.lake import Lake
from ecluse.data.pseudonyms import Label
from ecluse.domain.cohorts import AtLeast, Events, cohort_of
from ecluse.domain.documents import DatasetScope, OptOutList, TableScope
from tests.unit.data import studies
from tests.unit.data.conversion.converting import (
    CONVERTED_AT,
    YEAR_2022,
    claim,
    detail,
    snds,
)
from tests.unit.data.studies import KEY, NOW, PERMIT

CELECOXIB = 3400930000001
MARCH_1 = date(2022, 3, 1)
PERSONS = ((1, "IDENTITY-OF-1", "OPT-1"), (2, "IDENTITY-OF-2", "OPT-2"))
COLUMNS = ("person_id", "drug_source_value", "drug_exposure_start_date", "visit_occurrence_id")
SCOPE = (TableScope("drug_exposure", COLUMNS),)
TABLES = {
    "ER_PRS_F": [
        claim(11, MARCH_1, 3313),
        claim(12, MARCH_1, 3313, person_key=2),
    ],
    "ER_PHA_F": [
        detail(11, MARCH_1, PHA_PRS_C13=CELECOXIB, PHA_ACT_QSN=1),
        detail(12, MARCH_1, PHA_PRS_C13=CELECOXIB, PHA_ACT_QSN=1, person_key=2),
    ],
}


def test_the_cohort_is_asked_in_national_codes_and_opt_outs_hold(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    source = snds(lake.path, TABLES, persons=PERSONS)
    made = convert(source, lake=lake, dataset="omop", now=CONVERTED_AT, choices=YEAR_2022)
    scope = DatasetScope("omop", SCOPE, date(2022, 1, 1), date(2023, 12, 31))
    permit = replace(PERMIT, datasets=(scope,))
    order = studies.order(
        made.snapshot,
        dataset="omop",
        tables=SCOPE,
        cohort=cohort_of(AtLeast(Events("drug_pack", (str(CELECOXIB),)))),
    )
    opt_outs = OptOutList(PERMIT.permit_number, PERMIT.decided_at, ("OPT-2",))

    extract(
        studies.warrant(order, permit, opt_outs),
        lake=lake,
        key=KEY,
        target=tmp_path / "extract",
        clock=lambda: NOW,
    )

    (row,) = pq.read_table(tmp_path / "extract" / "drug_exposure.parquet").to_pylist()
    of_person_1 = KEY.project(PERMIT.permit_number).of(Label.PERSON, ["IDENTITY-OF-1"])[0]
    assert of_person_1 in row.values()
    assert row["drug_source_value"] == str(CELECOXIB)
    assert row["visit_occurrence_id"] != "1"
    assert "person_id" not in row
