"""What is told of a child through the mother, when the mother has opted out."""

from dataclasses import replace
from datetime import date
from pathlib import Path

from ecluse.data.extraction import extract
from ecluse.data.lake import Lake
from ecluse.domain.cohorts import AtLeast, Events, LinkedEvents, cohort_of
from ecluse.domain.documents import DatasetScope, OptOutList, TableScope
from tests.unit.data import studies
from tests.unit.data.lakes import publish
from tests.unit.data.studies import CELECOXIB, EARLY_FLOW, KEY, NOW, PERMIT

CHILD_OF_FIRST, CHILD_OF_SECOND, FIRST_MOTHER, SECOND_MOTHER = 1, 2, 3, 4
PERSONS = [(key, f"PSA-OF-{key}", f"OPT-{key}") for key in (1, 2, 3, 4)]
"""Known to the register; the second mother opts out."""


def numbered(person: int, number: str) -> dict[str, object]:
    return {
        "person_key": person,
        "event_date": date(2022, 5, 1),
        "event_key": person,
        "TABLE_YEAR": 2022,
        "ETA_NUM": "990000001",
        "RSA_NUM": str(person),
        "NIR_ANO_17": f"PSA-OF-{person}",
        "NIR_ANO_MAM": number,
        "EXE_SOI_DTD": date(2022, 5, 1),
    }


def told(person: int, years: int, days: int | None) -> dict[str, object]:
    own = {"person_key": person, "event_date": date(2022, 5, 1), "event_key": person}
    marks = {"AGE_ANN": years, "AGE_JOU": days, "ENT_MOD": "8", "COD_SEX": "2"}
    return {**own, "TABLE_YEAR": 2022, "ETA_NUM": "990000001", "RSA_NUM": str(person), **marks}


def test_a_child_is_not_told_of_by_a_mother_who_opted_out(tmp_path: Path) -> None:
    drugs = [
        studies._drug(mother, date(2022, 1, 10), mother, CELECOXIB, EARLY_FLOW)
        for mother in (FIRST_MOTHER, SECOND_MOTHER)
    ]
    tables = {
        "ER_PHA_F": drugs,
        "T_MCOaaC": [
            numbered(CHILD_OF_FIRST, "1F" * 16),
            numbered(FIRST_MOTHER, "1F" * 16),
            numbered(CHILD_OF_SECOND, "2F" * 16),
            numbered(SECOND_MOTHER, "2F" * 16),
        ],
        "T_MCOaaB": [
            told(CHILD_OF_FIRST, 0, 0),
            told(FIRST_MOTHER, 30, None),
            told(CHILD_OF_SECOND, 0, 0),
            told(SECOND_MOTHER, 30, None),
        ],
    }
    snapshot = publish(tmp_path / "lake", studies.DATASET, tables, PERSONS)
    asked = (
        TableScope("T_MCOaaC", ("ETA_NUM", "NIR_ANO_MAM", "event_date")),
        TableScope("T_MCOaaB", ("AGE_ANN", "AGE_JOU", "ENT_MOD", "COD_SEX")),
        TableScope("ER_PHA_F", ("PHA_PRS_C13", "event_date")),
    )
    scope = DatasetScope(studies.DATASET, asked, date(2022, 1, 1), date(2023, 12, 31))
    permit = replace(PERMIT, datasets=(scope,))
    exposed = LinkedEvents(Events("drug_cip", ("34009",)), "mother")
    order = studies.order(snapshot, tables=asked, cohort=cohort_of(AtLeast(exposed)))
    opt_outs = OptOutList(permit.permit_number, permit.decided_at, ("OPT-4",))

    receipt = extract(
        studies.warrant(order, permit, opt_outs),
        lake=Lake(tmp_path / "lake"),
        key=KEY,
        target=tmp_path / "extract",
        clock=lambda: NOW,
    )

    assert [(step.step, step.person_count) for step in receipt.attrition] == [
        ("persons-of-dataset", 4),
        ("Critères de la cohorte", 2),
        ("known-to-the-opt-out-register", 2),
        ("not-opted-out", 2),
        ("linked-persons-not-opted-out", 1),
        ("with-rows-in-care-period", 1),
    ]
