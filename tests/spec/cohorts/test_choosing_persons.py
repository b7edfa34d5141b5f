"""How a cohort chooses persons: events on distinct days, in a period, combined."""

from dataclasses import replace
from datetime import date

from ecluse.domain.cohorts import AllOf, AnyOf, AtLeast, Cohort, Events, Not, Step
from tests.spec.cohorts.engines import Engine
from tests.spec.cohorts.rows import PERIOD, chosen, claim, dataset, delivery, person, stay

METFORMIN, INSULIN = "A10BA02", "A10AB01"
DATA = dataset(
    delivery(1, "2022-01-10", METFORMIN),
    delivery(1, "2022-02-10", METFORMIN),
    delivery(1, "2022-03-10", INSULIN),
    delivery(2, "2022-01-10", METFORMIN),
    delivery(2, "2022-01-10", INSULIN),
    stay(1, "2022-04-01", "E109"),
)
DRUGS = Events("drug_atc", ("A10",))
TREATED = AtLeast(DRUGS, distinct_dates=3)
TYPE_1 = AtLeast(Events("stay_main_diagnosis", ("E10",)))


def test_three_deliveries_on_three_days_make_a_treated_person(engine: Engine) -> None:
    assert chosen(engine, TREATED, DATA) == {1}


def test_a_class_of_drugs_takes_all_the_drugs_in_it(engine: Engine) -> None:
    assert chosen(engine, AtLeast(DRUGS), DATA) == {1, 2}
    assert chosen(engine, AtLeast(Events("drug_atc", ("A10BA",)), 2), DATA) == {1}


def test_two_boxes_on_one_day_are_one_delivery(engine: Engine) -> None:
    assert chosen(engine, AtLeast(DRUGS, distinct_dates=2), DATA) == {1}


def test_persons_with_a_diagnosis_can_be_left_out(engine: Engine) -> None:
    assert chosen(engine, AllOf((TREATED, Not(TYPE_1))), DATA) == set()


def test_the_others_are_all_the_other_persons_of_the_dataset(engine: Engine) -> None:
    assert chosen(engine, Not(TREATED), DATA) == {2, 3}


def test_one_condition_of_several_is_enough_when_any_is_asked(engine: Engine) -> None:
    seldom = AtLeast(Events("drug_atc", ("A10AB",)), 2)

    assert chosen(engine, AnyOf((TYPE_1, seldom)), DATA) == {1}
    assert chosen(engine, AllOf((TYPE_1, seldom)), DATA) == set()
    assert chosen(engine, AllOf((TYPE_1, TREATED)), DATA) == {1}


def test_a_row_of_somebody_who_is_not_in_the_dataset_chooses_nobody(engine: Engine) -> None:
    assert chosen(engine, TREATED, dataset(*[delivery(9, "2022-01-01", METFORMIN)])) == set()


def test_a_row_without_a_day_is_no_event(engine: Engine) -> None:
    data = dataset(delivery(1, None, METFORMIN), delivery(2, "2022-01-10", METFORMIN))

    assert chosen(engine, AtLeast(DRUGS), data) == {2}


def test_care_outside_the_period_of_the_order_is_not_looked_at(engine: Engine) -> None:
    spring = replace(PERIOD, care_from=date(2022, 2, 10), care_to=date(2022, 3, 10))

    assert chosen(engine, AtLeast(DRUGS, 2), DATA, reading=spring) == {1}
    assert chosen(engine, TREATED, DATA, reading=spring) == set()


def test_claims_that_came_after_the_cut_off_are_not_looked_at(engine: Engine) -> None:
    data = dataset(
        delivery(1, "2022-01-10", METFORMIN, FLX_DIS_DTD=date(2022, 5, 1)),
        delivery(2, "2022-01-10", METFORMIN, FLX_DIS_DTD=date(2022, 6, 1)),
        delivery(3, "2022-01-10", METFORMIN, FLX_DIS_DTD=None),
    )
    early = replace(PERIOD, flux_until=date(2022, 5, 1))

    assert chosen(engine, AtLeast(DRUGS), data, reading=early) == {1}


def test_stays_have_no_flow_and_are_never_late(engine: Engine) -> None:
    early = replace(PERIOD, flux_until=date(2022, 1, 1))

    assert chosen(engine, TYPE_1, DATA, reading=early) == {1}


def test_steps_follow_each_other_and_each_is_counted(engine: Engine) -> None:
    treated = Step("Traités", AtLeast(DRUGS))
    often = Step("Au moins deux dates", AtLeast(DRUGS, 2))

    found = engine(Cohort((treated, often)), DATA, PERIOD)

    assert found.attrition == (
        ("persons-of-dataset", 3),
        ("Traités", 2),
        ("Au moins deux dates", 1),
    )
    assert found.rows.column_names == ["person_key"]
    assert found.rows["person_key"].to_pylist() == [1]


def test_who_has_no_index_day_leaves_the_cohort(engine: Engine) -> None:
    treated = Step("Traités", AtLeast(DRUGS))

    found = engine(Cohort((treated,), index=DRUGS.first(2)), DATA, PERIOD)

    assert found.attrition[-1] == ("index-day", 1)
    assert found.rows.to_pylist() == [{"person_key": 1, "index_day": date(2022, 2, 10)}]


def test_persons_are_given_in_the_order_of_their_keys(engine: Engine) -> None:
    data = dataset(persons={key: person() for key in (17, 9, 1, 25)})

    found = engine(Cohort((Step("Non traités", Not(TREATED)),)), data, PERIOD)

    assert found.rows["person_key"].to_pylist() == [1, 9, 17, 25]


def test_a_dataset_without_anybody_gives_nobody(engine: Engine) -> None:
    found = engine(Cohort((Step("Traités", TREATED),)), dataset(persons=range(0)), PERIOD)

    assert found.attrition == (("persons-of-dataset", 0), ("Traités", 0))
    assert found.rows.num_rows == 0


def test_claims_are_chosen_by_the_nature_of_the_act(engine: Engine) -> None:
    data = dataset(claim(1, "2022-01-10", 1111), claim(2, "2022-01-10", 3313))

    assert chosen(engine, AtLeast(Events("act_nature", ("1111",))), data) == {1}
