"""A permit may give a column with less than its values, and nothing gives more back.

Person 1 received two boxes on 17 March 2022.
"""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ecluse.data.extraction import extract
from ecluse.domain import permits
from ecluse.domain.cohorts import AtLeast, Cohort, DayIs, Events, Step, Variable, cohort_of
from ecluse.domain.documents import Coarsening, DatasetScope, Precision, TableScope
from ecluse.domain.errors import InvalidInput, OutOfScope
from tests.unit.data import studies
from tests.unit.data.lakes import publish
from tests.unit.data.studies import CELECOXIB, EARLY_FLOW, KEY, NOW, PERMIT, Study

DELIVERIES = Events("drug_atc", ("M01A",))
BY_MONTH = TableScope(
    "ER_PHA_F",
    ("PHA_PRS_C13", "PHA_ACT_QSN", "event_date"),
    (Coarsening("event_date", Precision.MONTH),),
)


@pytest.fixture
def study(tmp_path: Path) -> Study:
    found = Study(tmp_path)
    boxes = studies._drug(1, date(2022, 3, 17), 101, CELECOXIB, EARLY_FLOW) | {"PHA_ACT_QSN": 2}
    tables = {**studies.TABLES, "ER_PHA_F": [boxes]}
    found.snapshot = publish(found.lake.path, studies.DATASET, tables, studies.PERSONS)
    return found


def delivered(study: Study, permit_gives: TableScope, **order: object) -> list[object]:
    """The rows of an order under a permit that gives one table."""
    scope = DatasetScope(studies.DATASET, (permit_gives,), date(2022, 1, 1), date(2023, 12, 31))
    asked = {"tables": (replace(permit_gives, coarsened=()),), **order}
    extract(
        studies.warrant(studies.order(study.snapshot, **asked), replace(PERMIT, datasets=(scope,))),
        lake=study.lake,
        key=KEY,
        target=study.target,
        clock=lambda: NOW,
    )
    rows = pq.read_table(study.target / "ER_PHA_F.parquet")
    return [tuple(row.values())[1:] for row in rows.to_pylist()]


def test_a_day_given_by_month_is_its_first(study: Study) -> None:
    assert delivered(study, BY_MONTH) == [(CELECOXIB, 2, date(2022, 3, 1))]


def test_an_order_may_ask_for_still_less(study: Study) -> None:
    by_year = replace(BY_MONTH, coarsened=(Coarsening("event_date", Precision.YEAR),))

    assert delivered(study, BY_MONTH, tables=(by_year,)) == [(CELECOXIB, 2, date(2022, 1, 1))]


def test_an_order_cannot_ask_for_more(study: Study) -> None:
    by_year = replace(BY_MONTH, coarsened=(Coarsening("event_date", Precision.YEAR),))

    with pytest.raises(OutOfScope, match="event_date"):
        delivered(study, by_year, tables=(BY_MONTH,))


def test_a_column_for_choosing_only_chooses_and_does_not_leave(study: Study) -> None:
    chosen = replace(BY_MONTH, coarsened=(Coarsening("PHA_PRS_C13", Precision.CHOICE_ONLY),))

    assert delivered(study, chosen, cohort=cohort_of(AtLeast(DELIVERIES))) == [
        (2, date(2022, 3, 17))
    ]


def test_a_variable_does_not_tell_the_day_that_the_permit_gives_by_month(study: Study) -> None:
    cohort = Cohort(
        (Step("Traités", AtLeast(DELIVERIES)),),
        variables=(Variable("first_on", DayIs(DELIVERIES.first()), "Premier jour"),),
    )

    with pytest.raises(OutOfScope, match="to the day"):
        delivered(study, BY_MONTH, cohort=cohort)


def test_month_of_birth_and_day_of_care_are_not_given_together() -> None:
    tables = (
        TableScope("ER_PHA_F", ("event_date",)),
        TableScope("IR_BEN_R", ("BEN_NAI_ANN", "BEN_NAI_MOI")),
    )
    scope = DatasetScope(studies.DATASET, tables, date(2022, 1, 1), date(2023, 12, 31))

    with pytest.raises(InvalidInput, match="could identify"):
        permits.check_terms(replace(PERMIT, datasets=(scope,)))
