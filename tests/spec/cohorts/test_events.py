"""Events: which rows of a source are taken, by code, by column, by period, by stay."""

import pytest

from ecluse.domain.cohorts import (
    AnyEvents,
    AnyEventSet,
    AtLeast,
    BirthDay,
    CodeAt,
    Comparison,
    Count,
    Counted,
    DeathDay,
    Events,
    EveryEvent,
    LinkedEvents,
    Match,
    Where,
)
from tests.spec.cohorts.engines import Engine
from tests.spec.cohorts.rows import (
    answers,
    associated,
    chosen,
    claim,
    dataset,
    day,
    delivery,
    long_illness,
    person,
    stay,
    ward,
)

MAIN = "stay_main_diagnosis"


def main(*codes: str, match: Match = Match.PREFIX, but_not: tuple[str, ...] = ()) -> Events:
    return Events(MAIN, codes, match, but_not)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        (main("E11"), {1, 2, 3}),
        (main("E11", match=Match.EXACT), {1}),
        (main("E11.9"), {2, 3}),
        (main("E119", match=Match.EXACT), {2}),
        (main("E11", but_not=("E1190",)), {1, 2}),
        (main("E11", but_not=("E11.9",)), {1}),
        (main("E11", "E119", match=Match.EXACT, but_not=("E11",)), {2}),
        (main("I", "E11.90"), {3, 4}),
        (main("e11"), set()),
    ],
)
def test_a_code_is_met_whole_or_by_its_beginning(
    engine: Engine, events: Events, expected: set[int]
) -> None:
    data = dataset(
        stay(1, "2022-01-01", "E11"),
        stay(2, "2022-01-01", " E11.9"),
        stay(3, "2022-01-01", "E1190"),
        stay(4, "2022-01-01", "I21"),
        stay(5, "2022-01-01", None),
        persons=range(1, 6),
    )

    assert chosen(engine, AtLeast(events), data) == expected


def test_a_drug_with_an_exception_is_not_taken_with_its_class(engine: Engine) -> None:
    """Benfluorex is classed among drugs for diabetes, and was sold against weight."""
    data = dataset(delivery(1, "2022-01-01", "A10BA02"), delivery(2, "2022-01-01", "A10BX06"))
    diabetes = Events("drug_atc", ("A10",), but_not=("A10BX06",))

    assert chosen(engine, AtLeast(diabetes), data) == {1}


def test_a_pack_with_two_classes_is_one_event_found_by_either(engine: Engine) -> None:
    data = dataset(delivery(1, "2022-01-01", "A10BA02"))
    reference = data.tables["IR_PHA_R"]
    reference.append({**reference[0], "PHA_ATC_C07": "C10AA01"})  # type: ignore[attr-defined]
    either = Events("drug_atc", ("A10", "C10"))

    assert answers(engine, Count(either, Counted.EVENTS), data)[1] == 1
    assert answers(engine, CodeAt(either), data)[1] == "A10BA02"
    assert answers(engine, CodeAt(EveryEvent("drug_atc")), data)[1] == "A10BA02"
    assert chosen(engine, AtLeast(Events("drug_atc", ("A10", "C10"), but_not=("A10",))), data) == {
        1
    }
    assert chosen(engine, AtLeast(Events("drug_atc", ("A10",), but_not=("A10",))), data) == set()


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (Where("PRS_ACT_QTE", Comparison.IS_IN, ("1", "2")), {1, 2}),
        (Where("PRS_ACT_QTE", Comparison.IS_NOT_IN, ("1",)), {2, 3, 4}),
        (Where("PRS_ACT_QTE", Comparison.AT_LEAST, ("2",)), {2, 3}),
        (Where("PRS_ACT_QTE", Comparison.AT_MOST, ("2",)), {1, 2}),
        (Where("PRS_ACT_QTE", Comparison.IS_MISSING), {4}),
        (Where("PRS_ACT_QTE", Comparison.IS_PRESENT), {1, 2, 3}),
        (Where("PRS_PAI_MNT", Comparison.AT_LEAST, ("9.5",)), {2, 3}),
        (Where("PRE_PRE_DTD", Comparison.AT_MOST, ("2022-01-02",)), {1, 2}),
        (Where("PRE_PRE_DTD", Comparison.IS_IN, ("2022-01-03",)), {3}),
        (Where("DRG_AFF_NAT", Comparison.IS_IN, ("2", "B")), {2, 3}),
        (Where("DRG_AFF_NAT", Comparison.AT_LEAST, ("A",)), {2}),
    ],
)
def test_rows_are_kept_by_what_a_column_holds(
    engine: Engine, where: Where, expected: set[int]
) -> None:
    data = dataset(
        claim(1, "2022-02-01", PRS_ACT_QTE=1, PRS_PAI_MNT=-3.0, PRE_PRE_DTD=day("2022-01-01")),
        claim(
            2,
            "2022-02-01",
            PRS_ACT_QTE=2,
            PRS_PAI_MNT=9.5,
            PRE_PRE_DTD=day("2022-01-02"),
            DRG_AFF_NAT=" B",
        ),
        claim(
            3,
            "2022-02-01",
            PRS_ACT_QTE=10,
            PRS_PAI_MNT=10.0,
            PRE_PRE_DTD=day("2022-01-03"),
            DRG_AFF_NAT="2",
        ),
        claim(4, "2022-02-01"),
        persons=range(1, 5),
    )

    assert chosen(engine, AtLeast(EveryEvent("act_nature", (where,))), data) == expected


def test_all_that_is_asked_of_columns_must_hold(engine: Engine) -> None:
    at_least = Where("PRS_ACT_QTE", Comparison.AT_LEAST, ("2",))
    at_most = Where("PRS_ACT_QTE", Comparison.AT_MOST, ("2",))
    data = dataset(*(claim(key, "2022-02-01", PRS_ACT_QTE=key) for key in (1, 2, 3)))

    assert chosen(engine, AtLeast(EveryEvent("act_nature", (at_least, at_most))), data) == {2}
    assert chosen(
        engine, AtLeast(Events("act_nature", ("1111",), where=(at_least, at_most))), data
    ) == {2}


def test_every_event_of_a_source_is_taken_even_without_a_code(engine: Engine) -> None:
    data = dataset(stay(1, "2022-01-01", None), stay(2, None, "E11"))

    assert chosen(engine, AtLeast(EveryEvent(MAIN)), data) == {1}


def test_a_period_includes_its_first_and_its_last_day(engine: Engine) -> None:
    data = dataset(
        stay(1, "2021-12-31", "E11"),
        stay(2, "2022-01-01", "E11"),
        stay(3, "2022-12-31", "E11"),
        stay(4, "2023-01-01", "E11"),
        persons=range(1, 5),
    )

    assert chosen(engine, AtLeast(main("E11").in_year(2022)), data) == {2, 3}
    assert chosen(engine, AtLeast(main("E11").during(None, day("2022-01-01"))), data) == {1, 2}
    assert chosen(engine, AtLeast(main("E11").during(day("2022-12-31"), None)), data) == {3, 4}


def test_events_around_a_day_are_those_of_the_same_person(engine: Engine) -> None:
    data = dataset(
        stay(1, "2022-03-02", "E11"),
        stay(2, "2022-03-03", "E11"),
        stay(3, "2022-02-28", "E11"),
        stay(4, "2022-03-01", "E11"),
        persons={
            1: person(died="2022-03-01"),
            2: person(died="2022-03-01"),
            3: person(died="2022-03-01"),
            4: person(),  # still alive: there is no day to be around
        },
    )
    death = DeathDay()

    assert chosen(engine, AtLeast(main("E11").around(death, from_days=0, to_days=1)), data) == {1}
    assert chosen(engine, AtLeast(main("E11").around(death, from_days=-1, to_days=1)), data) == {
        1,
        3,
    }
    assert chosen(engine, AtLeast(main("E11").around(death, from_days=1)), data) == {1, 2}
    assert chosen(engine, AtLeast(main("E11").around(death, to_days=-1)), data) == {3}


LONG = Events("long_term_illness", ("E11",))
ILL = dataset(
    long_illness(1, "2022-03-10", "E11", ends="2022-05-20"),
    long_illness(2, "2010-01-01", "E11"),
    long_illness(3, "2022-08-01", "E11", ends="2022-01-01"),  # ends before it begins
    persons={1: person("1980-01-01"), 2: person("2022-04-01"), 3: person("2022-09-01")},
)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        (LONG, {1, 2, 3}),
        (LONG.during(day("2022-05-20"), day("2022-05-31")), {1, 2}),
        (LONG.during(day("2022-05-21"), None), {2, 3}),
        (LONG.during(None, day("2022-03-10")), {1, 2}),
        (LONG.during(None, day("2022-03-09")), {2}),
        (LONG.during(day("2022-08-01"), day("2022-08-01")), {2, 3}),
        (LONG.during(day("2022-08-02"), None), {2}),
        (LONG.around(BirthDay(), from_days=10, to_days=20), {2}),
        (LONG.around(BirthDay(), to_days=-31), {2, 3}),  # 1 August is 31 days before 1 September
        (LONG.around(BirthDay(), from_days=-31), {1, 2, 3}),
        (LONG.around(BirthDay(), from_days=-30), {1, 2}),
    ],
)
def test_an_event_that_lasts_is_in_each_period_that_it_meets(
    engine: Engine, events: AnyEventSet, expected: set[int]
) -> None:
    assert chosen(engine, AtLeast(events), ILL) == expected


def test_an_event_that_lasts_counts_by_the_day_it_began(engine: Engine) -> None:
    renewed = dataset(
        long_illness(1, "2010-01-01", "E11"),
        long_illness(1, "2010-01-01", "E119"),
        long_illness(2, "2010-01-01", "E11"),
        long_illness(2, "2015-01-01", "E11"),
    )

    assert chosen(engine, AtLeast(LONG.in_year(2022), 2), renewed) == {2}


def test_an_event_that_ended_before_the_order_begins_does_not_exist(engine: Engine) -> None:
    data = dataset(
        long_illness(1, "2010-01-01", "E11", ends="2020-12-31"),
        long_illness(2, "2010-01-01", "E11", ends="2021-01-01"),
    )

    assert chosen(engine, AtLeast(LONG), data) == {2}


STAYS = dataset(
    stay(1, "2022-01-01", "I110", record=1),
    associated(1, "2022-01-01", "I500", record=1),
    stay(2, "2022-01-01", "I110", record=2),
    stay(2, "2022-02-01", "J18", record=3),
    associated(2, "2022-02-01", "I500", record=3),
    stay(3, "2022-01-01", "I110"),
    associated(3, "2022-01-01", "I500"),  # of no known stay
    ward(1, "2022-01-01", "I50", record=1),
)
FAILURE = Events("stay_associated_diagnosis", ("I50",))


def test_two_diagnoses_of_one_stay_are_in_the_same_record(engine: Engine) -> None:
    with_failure = main("I110").same_record(FAILURE)

    assert chosen(engine, AtLeast(with_failure), STAYS) == {1}


def test_a_ward_and_its_stay_are_in_the_same_record(engine: Engine) -> None:
    in_ward = Events("ward_main_diagnosis", ("I50",)).same_record(FAILURE)

    assert chosen(engine, AtLeast(in_ward), STAYS) == {1}


def test_the_other_event_of_the_record_must_be_one_that_is_asked(engine: Engine) -> None:
    in_february = FAILURE.during(day("2022-02-01"), None)

    assert chosen(engine, AtLeast(main("I110", "J18").same_record(in_february)), STAYS) == {2}


def test_an_event_may_be_asked_for_in_a_record_without_another(engine: Engine) -> None:
    """Person 1 had the failure in that stay, person 2 in another; the stay of 3 is not known."""
    without_failure = main("I110").other_record(FAILURE)

    assert chosen(engine, AtLeast(without_failure), STAYS) == {2, 3}


def test_events_of_several_sets_are_taken_together(engine: Engine) -> None:
    data = dataset(
        stay(1, "2022-01-01", "I50"),
        stay(2, "2022-01-01", "J18", related="I50"),
        stay(3, "2022-01-01", "I50", related="I50"),
    )
    either = main("I50") | Events("stay_related_diagnosis", ("I50",))

    assert chosen(engine, AtLeast(either), data) == {1, 2, 3}
    assert answers(engine, Count(either, Counted.EVENTS), data) == {1: 1, 2: 1, 3: 2}
    assert answers(engine, Count(either), data) == {1: 1, 2: 1, 3: 1}


def test_a_part_written_twice_is_one_part(engine: Engine) -> None:
    data = dataset(stay(1, "2022-01-01", "I50"), persons=range(1, 2))
    twice = AnyEvents((main("I50"), main("I50"), main("I50").in_year(2022)))

    assert answers(engine, Count(twice, Counted.EVENTS), data) == {1: 2}


def test_the_events_of_a_mother_are_those_of_her_child(engine: Engine) -> None:
    data = dataset(
        delivery(1, "2022-01-10", "N03AG01"),
        delivery(3, "2022-01-10", "N03AG01"),
        persons={1: person(), 2: person("2022-03-01"), 3: person()},
        mothers={2: 1},
    )
    of_mother = LinkedEvents(Events("drug_atc", ("N03AG01",)), "mother")

    assert chosen(engine, AtLeast(of_mother), data) == {2}
    before_birth = of_mother.around(BirthDay(), from_days=-270, to_days=-1)
    assert chosen(engine, AtLeast(before_birth), data) == {2}


def test_days_inside_a_link_are_those_of_the_person_linked(engine: Engine) -> None:
    data = dataset(
        stay(1, "2022-01-01", "O80"),
        persons={1: person("1990-01-01"), 2: person("2022-01-01")},
        mothers={2: 1},
    )
    grown = LinkedEvents(main("O80").around(BirthDay(), from_days=15 * 365), "mother")

    assert chosen(engine, AtLeast(grown), data) == {2}


def test_who_has_no_link_has_no_linked_event(engine: Engine) -> None:
    data = dataset(stay(1, "2022-01-01", "O80"), mothers={2: 3})

    assert chosen(engine, AtLeast(LinkedEvents(main("O80"), "mother")), data) == set()
