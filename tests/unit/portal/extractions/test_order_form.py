"""The form of an order becomes the steps of a cohort."""

from datetime import date

from ecluse.domain.cohorts import AnyOf, AtLeast, Cohort, Events, Not, Step, cohort_of
from ecluse.domain.documents import DatasetScope, TableScope
from ecluse.portal.extractions.forms import OrderForm
from tests.unit.portal.applications.road import NOTICE

SCOPE = DatasetScope(
    "snds-synthetic",
    (TableScope("ER_PHA_F", ("PHA_PRS_C13",)),),
    date(2021, 1, 1),
    date(2023, 12, 31),
)
FIRST = AtLeast(Events("drug_atc", ("A10",)), 3)
SECOND = AtLeast(Events("drug_atc", ("M01A",)))


def cohort(**changes: str) -> Cohort:
    """The cohort of two criteria, changed by keyword."""
    data = {
        "source_1": "drug_atc",
        "codes_1": "a10",
        "match_1": "prefix",
        "dates_1": "3",
        "source_2": "drug_atc",
        "codes_2": "M01A",
        "match_2": "prefix",
        "dates_2": "1",
        "match_3": "prefix",
        "dates_3": "1",
        "combination": "all",
        "care_from": "2022-01-01",
        "care_to": "2022-12-31",
        "flux_until": "2023-06",
        "tables_ER_PHA_F": ["PHA_PRS_C13"],
        **changes,
    }
    form = OrderForm(SCOPE, NOTICE, data)
    assert form.is_valid(), form.errors
    return form.request().cohort


def title() -> str:
    return next(one.title_fr for one in NOTICE.sources if one.name == "drug_atc")


def test_criteria_that_must_all_be_met_are_steps_of_the_flowchart() -> None:
    assert cohort() == Cohort(
        (
            Step(f"Critère 1 : {title()}", FIRST),
            Step(f"Critère 2 : {title()}", SECOND),
        )
    )


def test_a_criterion_that_excludes_says_so() -> None:
    steps = cohort(excludes_2="on").steps

    assert steps[1] == Step(f"Critère 2 : sans {title()}", Not(SECOND))


def test_criteria_of_which_one_suffices_are_one_step() -> None:
    assert cohort(combination="any") == cohort_of(AnyOf((FIRST, SECOND)), label="Dans la cohorte")


def test_one_criterion_is_one_step() -> None:
    assert cohort(source_2="", codes_2="") == cohort_of(FIRST, label="Dans la cohorte")
