"""Matching: the draw is fair, exact, and the same wherever it is made."""

from collections.abc import Mapping
from datetime import date
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from ecluse.domain.cohorts import AtLeast, EveryEvent, Matching
from ecluse.domain.cohorts.matching import Candidate, MatchedSet, draw, turn

ANYBODY = AtLeast(EveryEvent("act_nature"))
births = st.one_of(
    st.none(),
    st.dates(date(1950, 1, 1), date(1953, 12, 31)),
    st.dates(date(2022, 1, 1), date(2022, 1, 10)),  # some are not born on the index day
)
deaths = st.one_of(st.none(), st.dates(date(2022, 1, 1), date(2022, 1, 10)))
index_days = st.dates(date(2022, 1, 1), date(2022, 1, 10))
words = st.sampled_from(["a", "b", None])
keys = st.integers(1, 20)
rules = st.builds(
    Matching,
    st.just(ANYBODY),
    st.integers(1, 3),
    st.integers(0, 2),
    st.booleans(),
    st.booleans(),
)
people = st.dictionaries(keys, st.tuples(births, deaths, words, words), min_size=4).map(
    lambda told: {key: Candidate(key, *facts) for key, facts in told.items()}
)
cases = st.dictionaries(keys, index_days, max_size=5)


@given(cases=cases, people=people, controls=st.sets(keys), rule=rules)
def test_each_case_has_a_set_and_controls_that_it_may_have(
    cases: Mapping[int, date], people: Mapping[int, Candidate], controls: set[int], rule: Matching
) -> None:
    sets = draw(cases, people.values(), controls, rule)

    drawn = [control for found in sets for control in found.controls]
    assert [found.case for found in sets] == sorted(cases)
    assert len(drawn) == len(set(drawn))
    assert set(drawn) <= controls - cases.keys()
    assert all(len(found.controls) <= rule.per_case for found in sets)
    assert all(
        may_match(people[found.case], people[control], cases[found.case], rule)
        for found in sets
        for control in found.controls
    )


@given(cases=cases, people=people, controls=st.sets(keys), rule=rules)
def test_nobody_is_left_who_could_still_be_drawn(
    cases: Mapping[int, date], people: Mapping[int, Candidate], controls: set[int], rule: Matching
) -> None:
    sets = draw(cases, people.values(), controls, rule)

    drawn = {control for found in sets for control in found.controls}
    left = (controls & people.keys()) - cases.keys() - drawn
    short = [found.case for found in sets if len(found.controls) < rule.per_case]
    assert not any(
        may_match(people[case], people[control], cases[case], rule)
        for case in short
        if case in people
        for control in left
    )


@given(cases=cases, people=people, controls=st.sets(keys), rule=rules, order=st.randoms())
def test_the_order_in_which_persons_are_told_changes_nothing(
    cases: Mapping[int, date],
    people: Mapping[int, Candidate],
    controls: set[int],
    rule: Matching,
    order: Random,
) -> None:
    told, shuffled = list(people.values()), list(cases.items())
    order.shuffle(told)
    order.shuffle(shuffled)

    assert draw(dict(shuffled), told, sorted(controls), rule) == draw(
        cases, people.values(), controls, rule
    )


def may_match(case: Candidate, control: Candidate, on: date, rule: Matching) -> bool:
    """The rule, said another way."""
    if case.born_on is None or control.born_on is None:
        return False
    return (
        abs(case.born_on.year - control.born_on.year) <= rule.birth_years_apart
        and control.born_on <= on
        and (control.died_on is None or control.died_on > on)
        and (not rule.same_sex or (case.sex == control.sex and case.sex is not None))
        and (
            not rule.same_department
            or (case.department == control.department and case.department is not None)
        )
    )


def test_the_order_of_the_draw_is_that_of_splitmix64() -> None:
    """First outputs of the published generator for the seeds 0 and 1: any engine can draw again."""
    assert turn(0) == 0xE220A8397B1DCDAF
    assert turn(1) == 0x910A2DEC89025CC1


def test_cases_and_controls_take_their_turn() -> None:
    """In the order 3, 5, 4, 1, 2: case 1 draws 3, case 2 draws 5, then case 1 draws 4."""
    alike = [Candidate(key, date(1950, 1, 1), None, "a", "b") for key in range(1, 6)]
    on = {1: date(2022, 1, 1), 2: date(2022, 1, 1)}

    assert sorted(range(1, 6), key=turn) == [3, 5, 4, 1, 2]
    assert draw(on, alike, [3, 4, 5], Matching(ANYBODY, 2)) == (
        MatchedSet(1, (3, 4)),
        MatchedSet(2, (5,)),
    )


def test_the_turn_of_a_control_counts_whatever_the_year_of_birth() -> None:
    """In the order 3, 5, 4: of 3, born in 1951, and 5, born in 1950, case 1 draws 3."""
    born = {1: 1950, 3: 1951, 4: 1950, 5: 1950}
    known = [Candidate(key, date(year, 1, 1), None, "a", "b") for key, year in born.items()]
    rule = Matching(ANYBODY, birth_years_apart=1)

    assert draw({1: date(2022, 1, 1)}, known, [3, 4, 5], rule) == (MatchedSet(1, (3,)),)
