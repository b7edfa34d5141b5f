"""What a cohort reads, held against the permit."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ecluse.data.extraction.readings import Readings
from ecluse.data.lake import Snapshot
from ecluse.domain.cohorts import (
    Aged,
    AgeOn,
    AtLeast,
    BirthDay,
    CodeAt,
    Cohort,
    ColumnAt,
    Comparison,
    Condition,
    Count,
    Day,
    DayIs,
    DaysBetween,
    DeathDay,
    Events,
    EveryEvent,
    FixedDay,
    HasSex,
    LinkedEvents,
    Match,
    Matching,
    Sex,
    Step,
    Total,
    Value,
    Variable,
    Where,
)
from ecluse.domain.documents import Coarsening, DatasetScope, Precision, TableScope
from ecluse.domain.errors import OutOfScope
from tests.unit.data.lakes import diagnosis, publish
from tests.unit.data.studies import DATASET, PERSONS, TABLES

DRUGS = Events("drug_cip", ("34009",))
ANY = AtLeast(DRUGS)
REGISTER = [
    {
        "person_key": person,
        "event_date": None,
        "BEN_SEX_COD": 1,
        "BEN_NAI_ANN": 1950,
        "BEN_NAI_MOI": "03",
        "BEN_DCD_DTE": None,
    }
    for person in (1, 2, 3, 4)
]
STAYS = {"T_MCOaaB": [diagnosis(1, date(2022, 5, 1), "E119")]}
PHA = ("PHA_PRS_C13", "PHA_ACT_QSN", "event_date", "DCT_ORD_NUM")
WHOLE = TableScope("ER_PHA_F", PHA)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    lake: Path = tmp_path_factory.mktemp("lake")
    return publish(lake, DATASET, {**TABLES, **STAYS, "IR_BEN_R": REGISTER}, PERSONS)


def check(
    snapshot: Snapshot,
    condition: Condition = ANY,
    *values: Value,
    index: Day | None = None,
    matching: Matching | None = None,
    pha: TableScope = WHOLE,
    more: tuple[TableScope, ...] = (),
) -> None:
    """Hold a cohort of one condition and some variables against a permit."""
    variables = tuple(
        Variable(f"v{number}", value, "a variable") for number, value in enumerate(values)
    )
    cohort = Cohort((Step("kept", condition),), index, variables, matching)
    scope = DatasetScope(DATASET, (pha, *more), date(2022, 1, 1), date(2023, 12, 31))
    Readings(cohort, scope, snapshot).check()


def coarse(column: str, to: Precision, step: int | None = None) -> TableScope:
    return TableScope("ER_PHA_F", PHA, (Coarsening(column, to, step),))


def test_what_the_permit_gives_may_be_read_and_told(snapshot: Snapshot) -> None:
    quantity = Events(
        "drug_cip", ("34009",), where=(Where("PHA_ACT_QSN", Comparison.IS_IN, ("1",)),)
    )

    check(
        snapshot,
        AtLeast(quantity),
        DayIs(DRUGS.first()),
        Count(DRUGS),
        Total(DRUGS, "PHA_ACT_QSN"),
        CodeAt(DRUGS),
        index=DRUGS.first(),
    )


@pytest.mark.parametrize(
    "condition",
    [
        AtLeast(Events("stay_main_diagnosis", ("E11",))),
        AtLeast(EveryEvent("stay_main_diagnosis")),
        AtLeast(
            Events("drug_cip", ("3",), where=(Where("PHA_DEC_TOP", Comparison.IS_IN, ("1",)),))
        ),
        HasSex(Sex.FEMALE),
        Aged(FixedDay(date(2022, 1, 1)), 18, None),
        AtLeast(LinkedEvents(DRUGS, "mother")),
        AtLeast(Events("horoscope", ("3",))),
    ],
    ids=["code", "any code", "where", "sex", "age", "link", "no such source"],
)
def test_no_one_is_chosen_by_what_the_permit_does_not_give(
    snapshot: Snapshot, condition: Condition
) -> None:
    with pytest.raises(OutOfScope):
        check(snapshot, condition)


DAY = date(2022, 5, 1)
STAY = {"person_key": 1, "event_date": DAY, "event_key": 1}
BIRTHS = {
    "T_MCOaaC": [{**STAY, "NIR_ANO_MAM": "1F" * 16, "ETA_NUM": "1", "EXE_SOI_DTD": DAY}],
    "T_MCOaaB": [{**STAY, "AGE_JOU": 0, "AGE_ANN": 0, "ENT_MOD": "8", "COD_SEX": "2"}],
}
IN_C = TableScope("T_MCOaaC", ("NIR_ANO_MAM", "ETA_NUM", "event_date"))
MARKS = ("AGE_JOU", "AGE_ANN", "ENT_MOD", "COD_SEX")
IN_B = TableScope("T_MCOaaB", MARKS)
CHOICE = tuple(Coarsening(name, Precision.CHOICE_ONLY) for name in MARKS)


def check_link(folder: Path, *scopes: TableScope) -> None:
    snapshot = publish(folder, DATASET, {**TABLES, **BIRTHS}, PERSONS)
    check(snapshot, AtLeast(LinkedEvents(DRUGS, "mother")), more=scopes)


@pytest.mark.parametrize("marks", [IN_B, TableScope("T_MCOaaB", MARKS, CHOICE)])
def test_a_link_is_followed_where_the_permit_gives_what_it_reads(
    tmp_path: Path, marks: TableScope
) -> None:
    check_link(tmp_path, IN_C, marks)


@pytest.mark.parametrize(
    ("scopes", "told"),
    [
        ((IN_B,), "T_MCOaaC.NIR_ANO_MAM"),
        ((TableScope("T_MCOaaC", ("NIR_ANO_MAM", "event_date")), IN_B), "T_MCOaaC.ETA_NUM"),
        ((TableScope("T_MCOaaC", ("NIR_ANO_MAM", "ETA_NUM")), IN_B), "T_MCOaaC.EXE_SOI_DTD"),
        ((IN_C, TableScope("T_MCOaaB", MARKS[1:])), "T_MCOaaB.AGE_JOU"),
        (
            (IN_C, TableScope("T_MCOaaB", MARKS, (Coarsening("AGE_ANN", Precision.AGE_BAND, 5),))),
            "less of T_MCOaaB.AGE_ANN",
        ),
    ],
    ids=["number", "place", "day", "mark", "mark in bands"],
)
def test_a_link_is_not_followed_by_what_the_permit_does_not_give(
    tmp_path: Path, scopes: tuple[TableScope, ...], told: str
) -> None:
    with pytest.raises(OutOfScope, match=told):
        check_link(tmp_path, *scopes)


@pytest.mark.parametrize("column", ["BEN_NIR_PSA", "person_key", "DCT_ORD_NUM"])
def test_no_one_is_chosen_by_what_names(snapshot: Snapshot, column: str) -> None:
    where = (Where(column, Comparison.IS_IN, ("101",)),)
    pha = TableScope("ER_PHA_F", (*PHA, column))

    with pytest.raises(OutOfScope, match=column):
        check(snapshot, AtLeast(Events("drug_cip", ("34009",), where=where)), pha=pha)


def test_a_name_may_choose_where_the_permit_gives_it_for_choosing(snapshot: Snapshot) -> None:
    where = (Where("DCT_ORD_NUM", Comparison.IS_IN, ("101",)),)

    check(
        snapshot,
        AtLeast(Events("drug_cip", ("34009",), where=where)),
        pha=coarse("DCT_ORD_NUM", Precision.CHOICE_ONLY),
    )


@pytest.mark.parametrize(
    "value",
    [
        ColumnAt(DRUGS, "DCT_ORD_NUM"),
        ColumnAt(DRUGS, "BEN_NIR_PSA"),
        Total(DRUGS, "DCT_ORD_NUM"),
    ],
    ids=["a link", "a person", "a sum of links"],
)
def test_no_variable_delivers_what_leaves_as_a_pseudonym(snapshot: Snapshot, value: Value) -> None:
    with pytest.raises(OutOfScope):
        check(
            snapshot,
            ANY,
            value,
            pha=coarse("DCT_ORD_NUM", Precision.CHOICE_ONLY),
        )


def test_a_column_given_for_choosing_is_not_delivered_by_a_variable(snapshot: Snapshot) -> None:
    hidden = coarse("PHA_ACT_QSN", Precision.CHOICE_ONLY)
    chosen = Events("drug_cip", ("34009",), where=(Where("PHA_ACT_QSN", Comparison.IS_IN, ("2",)),))

    check(snapshot, AtLeast(chosen), pha=hidden)
    with pytest.raises(OutOfScope, match="PHA_ACT_QSN"):
        check(snapshot, ANY, Total(DRUGS, "PHA_ACT_QSN"), pha=hidden)


def test_a_coarsened_code_is_only_asked_by_beginnings_as_short(snapshot: Snapshot) -> None:
    scope = TableScope(
        "T_MCOaaB",
        ("DGN_PAL",),
        (Coarsening("DGN_PAL", Precision.FIRST_CHARACTERS, 3),),
    )

    check(snapshot, AtLeast(Events("stay_main_diagnosis", ("E11",))), more=(scope,))
    with pytest.raises(OutOfScope, match="shorten"):
        check(snapshot, AtLeast(Events("stay_main_diagnosis", ("E11.9",))), more=(scope,))
    exact = Events("stay_main_diagnosis", ("E11",), Match.EXACT)
    with pytest.raises(OutOfScope, match="shorten"):
        check(snapshot, AtLeast(exact), more=(scope,))


def test_a_coarsened_code_is_not_told_by_a_variable(snapshot: Snapshot) -> None:
    scope = TableScope(
        "T_MCOaaB",
        ("DGN_PAL",),
        (Coarsening("DGN_PAL", Precision.FIRST_CHARACTERS, 3),),
    )

    with pytest.raises(OutOfScope, match="DGN_PAL"):
        check(snapshot, ANY, CodeAt(Events("stay_main_diagnosis", ("E11",))), more=(scope,))


class TestDays:
    """The permit gives the months of deliveries."""

    MONTHS = coarse("event_date", Precision.MONTH)

    @pytest.mark.parametrize(
        "value",
        [
            DayIs(DRUGS.first()),
            DaysBetween(FixedDay(date(2022, 1, 1)), DRUGS.first()),
            Count(DRUGS.during(date(2022, 3, 17), date(2022, 3, 17))),
            Count(DRUGS.around(FixedDay(date(2022, 3, 17)), from_days=0, to_days=0)),
        ],
        ids=["day", "days from a fixed day", "one day's count", "count around a day"],
    )
    def test_no_variable_tells_the_day(self, snapshot: Snapshot, value: Value) -> None:
        with pytest.raises(OutOfScope, match=r"day|month"):
            check(snapshot, ANY, value, pha=self.MONTHS)

    def test_the_index_day_does_not_tell_it(self, snapshot: Snapshot) -> None:
        with pytest.raises(OutOfScope, match="days of ER_PHA_F"):
            check(snapshot, ANY, index=DRUGS.first(), pha=self.MONTHS)

    def test_no_step_searches_for_it(self, snapshot: Snapshot) -> None:
        one_day = AtLeast(DRUGS.during(date(2022, 3, 17), date(2022, 3, 17)))

        with pytest.raises(OutOfScope, match="month"):
            check(snapshot, one_day, pha=self.MONTHS)

    def test_whole_months_may_be_asked(self, snapshot: Snapshot) -> None:
        march = DRUGS.during(date(2022, 3, 1), date(2022, 3, 31))

        check(snapshot, AtLeast(march), Count(march), pha=self.MONTHS)

    def test_months_are_too_precise_where_years_are_given(self, snapshot: Snapshot) -> None:
        march = DRUGS.during(date(2022, 3, 1), date(2022, 3, 31))

        with pytest.raises(OutOfScope, match="year"):
            check(snapshot, AtLeast(march), pha=coarse("event_date", Precision.YEAR))
        check(snapshot, AtLeast(DRUGS.in_year(2022)), pha=coarse("event_date", Precision.YEAR))


class TestBirth:
    """The permit delivers the year of birth; the month is for choosing alone."""

    REGISTER = TableScope(
        "IR_BEN_R",
        ("BEN_SEX_COD", "BEN_NAI_ANN", "BEN_NAI_MOI"),
        (Coarsening("BEN_NAI_MOI", Precision.CHOICE_ONLY),),
    )

    def ages(self, number: int) -> tuple[AgeOn, ...]:
        return tuple(AgeOn(FixedDay(date(2022, month, 1))) for month in range(1, number + 1))

    def test_persons_may_be_chosen_by_age(self, snapshot: Snapshot) -> None:
        adult = Aged(FixedDay(date(2022, 1, 1)), 18, None)

        check(snapshot, ANY & adult, *self.ages(2), more=(self.REGISTER,))

    def test_ages_on_many_days_would_tell_the_month(self, snapshot: Snapshot) -> None:
        with pytest.raises(OutOfScope, match="month of birth"):
            check(snapshot, ANY, *self.ages(3), more=(self.REGISTER,))

    @pytest.mark.parametrize(
        "value",
        [
            DayIs(BirthDay()),
            DaysBetween(BirthDay(), FixedDay(date(2022, 1, 1))),
            DayIs(BirthDay().plus(9)),
        ],
    )
    def test_the_birth_day_is_not_told(self, snapshot: Snapshot, value: Value) -> None:
        with pytest.raises(OutOfScope, match="BEN_NAI_MOI"):
            check(snapshot, ANY, value, more=(self.REGISTER,))

    def test_a_permit_that_delivers_the_month_lets_it_be_told(self, snapshot: Snapshot) -> None:
        whole = replace(self.REGISTER, coarsened=())

        check(snapshot, ANY, DayIs(BirthDay()), *self.ages(12), more=(whole,))


def test_the_day_of_death_is_told_where_the_permit_delivers_it_alone(snapshot: Snapshot) -> None:
    given = TableScope("IR_BEN_R", ("BEN_DCD_DTE",))
    month = replace(given, coarsened=(Coarsening("BEN_DCD_DTE", Precision.MONTH),))

    check(snapshot, ANY, DayIs(DeathDay()), more=(given,))
    with pytest.raises(OutOfScope, match="BEN_DCD_DTE"):
        check(snapshot, ANY, DayIs(DeathDay()), more=(month,))


def test_a_matching_reads_what_it_matches_on(snapshot: Snapshot) -> None:
    columns = ("BEN_NAI_ANN", "BEN_NAI_MOI", "BEN_DCD_DTE")
    matching = Matching(ANY, same_sex=False)

    check(
        snapshot,
        index=DRUGS.first(),
        matching=matching,
        more=(TableScope("IR_BEN_R", columns),),
    )
    with pytest.raises(OutOfScope, match="BEN_SEX_COD"):
        check(
            snapshot,
            index=DRUGS.first(),
            matching=replace(matching, same_sex=True),
            more=(TableScope("IR_BEN_R", columns),),
        )
