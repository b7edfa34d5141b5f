"""How a cohort chooses persons: events, distinct days, windows, combinations."""

from datetime import date

from ecluse.data.cohorts import Reading, reference
from ecluse.data.schemas import model
from ecluse.domain.cohorts import AllOf, AtLeast, Cohort, Events, Not
from tests.unit.data.lakes import delivery, diagnosis, drug

METFORMIN, INSULIN = 3400930000001, 3400930000002
DATASET = reference.Dataset(
    persons=(1, 2, 3),
    tables={
        "ER_PHA_F": [
            delivery(1, date(2022, 1, 10), METFORMIN),
            delivery(1, date(2022, 2, 10), METFORMIN),
            delivery(1, date(2022, 3, 10), INSULIN),
            delivery(2, date(2022, 1, 10), METFORMIN),
            delivery(2, date(2022, 1, 10), INSULIN),
        ],
        "IR_PHA_R": [drug(METFORMIN, "A10BA02"), drug(INSULIN, "A10AB01")],
        "T_MCOaaB": [diagnosis(1, date(2022, 4, 1), "E109")],
    },
    sources=model("snds").sources,
)
YEAR = Reading(date(2022, 1, 1), date(2022, 12, 31), flux_until=date(2023, 6, 1))
TREATED = AtLeast(Events("drug_atc", ("A10",)), distinct_dates=3)
TYPE_1 = AtLeast(Events("stay_main_diagnosis", ("E10",)))


def chosen(cohort: Cohort, reading: Reading = YEAR) -> set[int]:
    return set(reference.select(cohort, DATASET, reading))


def test_three_deliveries_on_three_days_make_a_treated_person() -> None:
    assert chosen(TREATED) == {1}


def test_a_class_of_drugs_takes_all_the_drugs_in_it() -> None:
    assert chosen(AtLeast(Events("drug_atc", ("A10",)))) == {1, 2}
    assert chosen(AtLeast(Events("drug_atc", ("A10A",)))) == {1, 2}
    assert chosen(AtLeast(Events("drug_atc", ("A10BA",)), distinct_dates=2)) == {1}


def test_two_boxes_on_one_day_are_one_delivery() -> None:
    assert chosen(AtLeast(Events("drug_atc", ("A10",)), distinct_dates=2)) == {1}


def test_persons_with_a_diagnosis_can_be_left_out() -> None:
    assert chosen(AllOf((TREATED, Not(TYPE_1)))) == set()


def test_the_others_are_all_the_other_persons_of_the_dataset() -> None:
    assert chosen(Not(TREATED)) == {2, 3}


def test_care_outside_the_period_of_the_order_is_not_looked_at() -> None:
    spring = Reading(date(2022, 2, 1), date(2022, 12, 31), flux_until=date(2023, 6, 1))

    assert chosen(TREATED, spring) == set()


def test_claims_that_came_after_the_cut_off_are_not_looked_at() -> None:
    early = Reading(date(2022, 1, 1), date(2022, 12, 31), flux_until=date(2022, 5, 1))

    assert chosen(TREATED, early) == set()
