"""A cohort tree that is invalid cannot be built."""

from collections.abc import Callable
from datetime import date
from functools import reduce

import pytest

from ecluse.domain.cohorts import (
    Aged,
    AllOf,
    AnyEvents,
    AnyOf,
    Around,
    AtLeast,
    BirthDay,
    Cohort,
    Comparison,
    Condition,
    Count,
    DayIs,
    DayOf,
    DayWithin,
    DeathDay,
    Events,
    EveryEvent,
    Exposure,
    Fact,
    FixedDay,
    HasSex,
    IndexDay,
    Known,
    LinkedEvents,
    LivesIn,
    Matching,
    Not,
    OneOfDays,
    Pick,
    Sex,
    Shifted,
    Step,
    Total,
    Variable,
    Where,
    cohort_of,
    columns,
    depth,
    facts,
    leaves,
    links,
    nodes,
    periods,
    sources,
)

DRUGS = Events("drug_atc", ("A10",))
STAYS = Events("stay_main_diagnosis", ("E11",))
TREATED = AtLeast(DRUGS, distinct_dates=3)
ILL = AtLeast(STAYS)
NEW_YEAR = date(2022, 1, 1)


def test_a_tree_knows_its_sources_and_its_depth() -> None:
    cohort = AllOf((AnyOf((TREATED, ILL)), Not(TREATED)))

    assert sources(cohort) == {"drug_atc", "stay_main_diagnosis"}
    assert depth(cohort) == 4  # all of, any of, at least, events
    assert [leaf.source for leaf in leaves(cohort)] == [
        "drug_atc",
        "stay_main_diagnosis",
        "drug_atc",
    ]


def test_a_tree_is_walked_from_the_top_and_from_the_left() -> None:
    cohort = AnyOf((Not(ILL), TREATED))

    assert list(nodes(cohort)) == [cohort, Not(ILL), ILL, STAYS, TREATED, DRUGS]


def test_a_cohort_knows_the_columns_it_reads_beside_codes() -> None:
    large = Where("PHA_GRD_CND", Comparison.IS_IN, ("O",))
    events = AnyEvents((Events("drug_atc", ("A10",), where=(large,)), STAYS))

    assert columns(Total(events, "PRS_PAI_MNT")) == {
        ("drug_atc", "PHA_GRD_CND"),
        ("drug_atc", "PRS_PAI_MNT"),
        ("stay_main_diagnosis", "PRS_PAI_MNT"),
    }


def test_a_cohort_knows_its_periods_and_links() -> None:
    births = LinkedEvents(STAYS.during(None, NEW_YEAR), "mother")

    assert list(periods(births)) == [(None, NEW_YEAR)]
    assert links(births) == {"mother"}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (ILL, set()),
        (Aged(FixedDay(NEW_YEAR), 18, None), {Fact.BIRTH}),
        (Known(BirthDay()), {Fact.BIRTH}),
        (Known(DeathDay()), {Fact.DEATH}),
        (HasSex(Sex.FEMALE), {Fact.SEX}),
        (LivesIn(("75",)), {Fact.DEPARTMENT}),
        (Matching(ILL), set(Fact)),
    ],
)
def test_a_cohort_knows_what_it_asks_of_the_register(asked: object, expected: set[Fact]) -> None:
    assert facts(asked) == expected


@pytest.mark.parametrize(
    "code", ["", "A10'; DROP TABLE persons; --", "A%", "A10 ", "é", "A" * 33, ".A"]
)
def test_a_code_is_letters_digits_and_dots(code: str) -> None:
    with pytest.raises(ValueError, match="not a code"):
        Events("drug_atc", (code,))


def test_an_exception_is_a_code_too() -> None:
    with pytest.raises(ValueError, match="not a code"):
        Events("drug_atc", ("A10",), but_not=("A10%",))


@pytest.mark.parametrize("codes", [(), ("A10",) * 10_001])
def test_a_code_list_is_neither_empty_nor_endless(codes: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="1 to 10000"):
        Events("drug_atc", codes)


@pytest.mark.parametrize("build", [lambda name: Events(name, ("A10",)), EveryEvent])
def test_a_source_is_a_plain_name(build: Callable[[str], object]) -> None:
    with pytest.raises(ValueError, match="event source"):
        build("../persons")


def test_a_link_is_a_plain_name() -> None:
    with pytest.raises(ValueError, match="name of a link"):
        LinkedEvents(STAYS, "mother; --")


@pytest.mark.parametrize("column", ["", "1A", "PRS_PAI_MNT)", "a b", 'x"y'])
def test_a_column_is_a_plain_name(column: str) -> None:
    with pytest.raises(ValueError, match="name of a column"):
        Total(DRUGS, column)
    with pytest.raises(ValueError, match="name of a column"):
        Where(column, Comparison.IS_PRESENT)


@pytest.mark.parametrize(
    ("comparison", "values"),
    [
        (Comparison.IS_MISSING, ("1",)),
        (Comparison.IS_PRESENT, ("1",)),
        (Comparison.AT_LEAST, ()),
        (Comparison.AT_MOST, ("1", "2")),
        (Comparison.IS_IN, ()),
        (Comparison.IS_NOT_IN, ("1",) * 1_001),
        (Comparison.IS_IN, ("x" * 65,)),
    ],
)
def test_a_comparison_has_the_values_it_needs(
    comparison: Comparison, values: tuple[str, ...]
) -> None:
    with pytest.raises(ValueError, match="value"):
        Where("PRS_NAT_REF", comparison, values)


def test_an_empty_window_is_refused() -> None:
    with pytest.raises(ValueError, match="window"):
        DRUGS.during(date(2022, 2, 1), NEW_YEAR)


def test_a_window_of_one_day_is_a_window() -> None:
    assert DRUGS.during(NEW_YEAR, NEW_YEAR).on_or_after == NEW_YEAR


@pytest.mark.parametrize(
    "build",
    [
        lambda: DRUGS.during(None, None),
        lambda: DRUGS.around(BirthDay()),
        lambda: DayWithin(BirthDay(), DeathDay(), None, None),
        lambda: DRUGS.around(BirthDay(), from_days=2, to_days=1),
        lambda: DRUGS.around(BirthDay(), from_days=-60_000),
        lambda: BirthDay().plus(60_000),
        lambda: DayOf(DRUGS, number=0),
        lambda: AtLeast(DRUGS, 0),
        lambda: OneOfDays(Pick.EARLIEST, ()),
        lambda: AllOf(()),
        lambda: AnyOf(()),
        lambda: AnyEvents(()),
        lambda: LivesIn(()),
        lambda: LivesIn(("Paris",)),
        lambda: Aged(BirthDay(), None, None),
        lambda: Aged(BirthDay(), 20, 10),
        lambda: Aged(BirthDay(), 0, 151),
        lambda: Exposure(DRUGS, purchases=0),
        lambda: Exposure(DRUGS, grace_days=10),
        lambda: Exposure(DRUGS, covered_days=0),
        lambda: Exposure(DRUGS, delay_days=-1),
        lambda: Exposure(DRUGS, within_days=-1),
        lambda: Matching(ILL, per_case=0),
        lambda: Matching(ILL, per_case=51),
        lambda: Matching(ILL, birth_years_apart=21),
        lambda: Step(" ", ILL),
        lambda: Step("x" * 201, ILL),
        lambda: Variable("Âge", Count(DRUGS), "Âge"),
        lambda: Variable("age", Count(DRUGS), ""),
        lambda: Cohort(()),
        lambda: Cohort((Step("Malades", ILL),) * 51),
        lambda: Cohort((Step("Malades", ILL),), variables=(Variable("n", Count(DRUGS), "n"),) * 2),
    ],
)
def test_what_describes_nothing_is_refused(build: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        build()


def test_a_tree_too_deep_to_be_read_is_refused() -> None:
    start: Condition = TREATED

    with pytest.raises(ValueError, match="24 levels"):
        cohort_of(reduce(lambda condition, _: Not(condition), range(24), start))


def test_a_tree_too_large_to_be_read_is_refused() -> None:
    row = AnyOf((TREATED,) * 1000)

    with pytest.raises(ValueError, match="5000 nodes"):
        cohort_of(AnyOf((row, row, row)))


@pytest.mark.parametrize(
    "build",
    [
        lambda: cohort_of(Known(IndexDay())),
        lambda: Cohort((Step("Malades", Known(IndexDay())),), index=STAYS.first()),
        lambda: Cohort((Step("Malades", ILL),), matching=Matching(TREATED)),
        lambda: Cohort((Step("Malades", ILL),), index=Shifted(IndexDay(), 1)),
        lambda: Cohort(
            (Step("Malades", ILL),), index=STAYS.first(), matching=Matching(Known(IndexDay()))
        ),
        lambda: Cohort(
            (Step("Malades", ILL),),
            index=STAYS.first(),
            variables=(
                Variable(
                    "mother",
                    Count(LinkedEvents(Around(DRUGS, IndexDay(), 0, 9), "mother")),
                    "Délivrances à la mère",
                ),
            ),
        ),
    ],
)
def test_an_index_day_is_ruled_before_it_is_used(build: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match="index day"):
        build()


def test_conditions_and_events_read_as_they_are_spoken() -> None:
    cohort = (AtLeast(DRUGS | STAYS) & ILL) | ~TREATED

    assert cohort == AnyOf((AllOf((AtLeast(AnyEvents((DRUGS, STAYS))), ILL)), Not(TREATED)))
    assert DayIs(DRUGS.last(2).plus(-3)).day == Shifted(DayOf(DRUGS, DRUGS.last().end, 2), -3)
    assert AllOf((TREATED, ILL, TREATED)) == TREATED & ILL & TREATED
    assert AnyOf((TREATED, ILL, TREATED)) == TREATED | ILL | TREATED
    assert AnyEvents((DRUGS, STAYS, DRUGS)) == DRUGS | STAYS | DRUGS
    assert DRUGS.in_year(2022) == DRUGS.during(NEW_YEAR, date(2022, 12, 31))
