"""The file of the cohort, from orders on the small study."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecluse.data.extraction import extract
from ecluse.data.extraction.cohort_file import COHORT_FILE, write_cohort
from ecluse.data.extraction.files import ExtractFiles
from ecluse.data.extraction.naming import Kept
from ecluse.data.pseudonyms import Label
from ecluse.domain.cohorts import AtLeast, Cohort, Count, DayIs, Events, IndexDay, Step, Variable
from ecluse.domain.documents import ExtractionReceipt
from tests.unit.data import studies
from tests.unit.data.studies import KEY, NOW, PERMIT, Study

PAINKILLERS = Events("drug_atc", ("M01A",))
COHORT = Cohort(
    (Step("Traités", AtLeast(PAINKILLERS)),),
    index=PAINKILLERS.first(),
    variables=(
        Variable("deliveries", Count(PAINKILLERS), "Délivrances"),
        Variable("again_on", DayIs(IndexDay().plus(10)), "Dix jours après"),
    ),
)


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return Study(tmp_path)


def run(study: Study) -> ExtractionReceipt:
    return extract(
        studies.warrant(studies.order(study.snapshot, cohort=COHORT)),
        lake=study.lake,
        key=KEY,
        target=study.target,
        clock=lambda: NOW,
    )


def named(person: int) -> str:
    return KEY.project(PERMIT.permit_number).of(Label.PERSON, [f"IDENTITY-OF-{person}"])[0]


def test_the_file_holds_index_day_and_variables_of_the_persons_delivered(study: Study) -> None:
    run(study)

    rows = pq.read_table(study.target / COHORT_FILE).to_pylist()
    assert {row["person_pseudonym"]: row for row in rows} == {
        named(1): {
            "person_pseudonym": named(1),
            "index_day": date(2022, 3, 1),
            "deliveries": 1,
            "again_on": date(2022, 3, 11),
        },
        named(2): {
            "person_pseudonym": named(2),
            "index_day": date(2022, 4, 1),
            "deliveries": 1,
            "again_on": date(2022, 4, 11),
        },
    }
    assert [row["person_pseudonym"] for row in rows] == sorted([named(1), named(2)])


def test_the_dictionary_has_the_words_of_each_variable(study: Study) -> None:
    run(study)

    lines = (study.target / "dictionary.csv").read_text().splitlines()
    assert (
        "study-cohort,deliveries,integer,attribute,variable,Délivrances,Délivrances,,DELIVER3"
        in (lines)
    )


def test_a_cohort_that_says_nothing_of_its_persons_has_no_file(study: Study) -> None:
    plain = replace(COHORT, index=None, variables=())

    extract(
        studies.warrant(studies.order(study.snapshot, cohort=plain)),
        lake=study.lake,
        key=KEY,
        target=study.target,
        clock=lambda: NOW,
    )

    assert not (study.target / COHORT_FILE).exists()


def test_sets_are_numbered_by_the_pseudonyms_of_their_cases(tmp_path: Path) -> None:
    # Keys 1 and 2 are cases of sets 1 and 2; their pseudonyms come in the other order.
    rows = pa.table(
        {
            "person_key": pa.array([1, 2, 3, 4], pa.int32()),
            "set_number": pa.array([1, 2, 1, 2], pa.int32()),
            "is_case": [True, True, False, False],
        }
    )
    kept = Kept(np.array([4, 2, 3, 1], np.int32), pa.array(["a", "b", "c", "d"]))

    write_cohort(rows, kept, np.array([True, True, True, True]), ExtractFiles(tmp_path))

    assert pq.read_table(tmp_path / COHORT_FILE).to_pydict() == {
        "person_pseudonym": ["a", "b", "c", "d"],
        "set_number": [1, 1, 2, 2],
        "is_case": [False, True, False, True],
    }
