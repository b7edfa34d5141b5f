"""Random cohorts, and random small datasets for them, with every node of the language.

`cohorts()` draws any valid cohort over SOURCES; `datasets()` draws persons, facts, links and rows.
Values come from short lists, so that codes meet, days fall together and edges are hit.
"""

from datetime import date, timedelta
from functools import cache
from typing import Any

from hypothesis import strategies as st

from ecluse.data.cohorts.reference import Dataset, PersonFacts, Row
from ecluse.data.schemas import model
from ecluse.domain.cohorts import (
    Aged,
    AgeOn,
    AllOf,
    AnyEvents,
    AnyEventSet,
    AnyOf,
    Around,
    AtLeast,
    BirthDay,
    CodeAt,
    Cohort,
    ColumnAt,
    Comparison,
    Condition,
    Count,
    Counted,
    Day,
    DayIs,
    DayOf,
    DaysBetween,
    DayWithin,
    DeathDay,
    DepartmentIs,
    During,
    End,
    Events,
    EveryEvent,
    ExposedDays,
    ExposedOn,
    Exposure,
    ExposureDay,
    FixedDay,
    HasSex,
    IndexDay,
    IsMet,
    Known,
    LinkedEvents,
    LivesIn,
    Match,
    Matching,
    Not,
    OneOfDays,
    OtherRecord,
    Pick,
    SameRecord,
    Sex,
    SexIs,
    Shifted,
    Step,
    Total,
    Value,
    Variable,
    Where,
)
from tests.cohort_births import numbered_stays

STAYS = ("stay_main_diagnosis", "stay_related_diagnosis", "stay_associated_diagnosis")
CLAIMS = ("drug_atc", "drug_cip", "act_nature")
SOURCES = (*STAYS, *CLAIMS, "long_term_illness")

FIRST = date(2022, 1, 1)
DIAGNOSES = ("E10", "E11", "E119", "E11.90", " I21", "I210")
PACKS = (3400930000001, 3400930000002, 3400930000003)
CLASSES = ("A10BA02", "A10AB01", "A10BX06", "M01AH01")
NATURES = (1111, 1112, 3313)
CODES = {
    **dict.fromkeys((*STAYS, "long_term_illness"), ("E1", "E11", "E11.9", "E119", "I", "Z99")),
    "drug_atc": ("A10", "A10B", "A10BX06", "M01", "Z99"),
    "drug_cip": ("3400930000001", "34009300", "3400930000002"),
    "act_nature": ("1111", "11", "3313"),
}
AMOUNTS = {"drug_cip": "PHA_ACT_QSN", "act_nature": "BSE_REM_MNT"}
COLUMNS = {
    "drug_cip": ("PHA_ACT_QSN", "PHA_DEC_TOP"),
    "act_nature": ("BSE_REM_MNT", "PRE_PRE_DTD", "PRS_ACT_QTE"),
    "stay_main_diagnosis": ("GRG_GHM", "SEJ_NBJ"),
}
WHERES = (
    ("drug_cip", Where("PHA_DEC_TOP", Comparison.IS_IN, ("D",))),
    ("drug_cip", Where("PHA_ACT_QSN", Comparison.AT_LEAST, ("2",))),
    ("act_nature", Where("BSE_REM_MNT", Comparison.AT_MOST, ("12.5",))),
    ("act_nature", Where("PRE_PRE_DTD", Comparison.IS_MISSING)),
    ("act_nature", Where("PRE_PRE_DTD", Comparison.AT_LEAST, ("2022-01-31",))),
    ("act_nature", Where("PRS_ACT_QTE", Comparison.IS_NOT_IN, ("1", "2"))),
    ("stay_main_diagnosis", Where("GRG_GHM", Comparison.IS_PRESENT)),
    ("stay_main_diagnosis", Where("GRG_GHM", Comparison.AT_MOST, ("05M09",))),
    ("stay_main_diagnosis", Where("SEJ_NBJ", Comparison.AT_LEAST, ("3",))),
)

days = st.integers(-2, 14).map(lambda number: FIRST + timedelta(days=number * 15))
maybe_days = st.one_of(st.none(), days)
spans = st.tuples(
    st.one_of(st.none(), st.integers(-40, 20)), st.one_of(st.none(), st.integers(-20, 60))
).filter(lambda pair: pair != (None, None) and (None in pair or pair[0] <= pair[1]))
periods = st.tuples(maybe_days, maybe_days).filter(
    lambda pair: pair != (None, None) and (None in pair or pair[0] <= pair[1])
)


def _few(parts: st.SearchStrategy[Any], most: int = 3) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(parts, min_size=1, max_size=most).map(tuple)


@cache
@st.composite
def leaves(draw: st.DrawFn, sources: tuple[str, ...] = SOURCES) -> AnyEventSet:
    source = draw(st.sampled_from(sources))
    asked = [where for name, where in WHERES if name == source]
    where = tuple(draw(st.lists(st.sampled_from(asked), max_size=2))) if asked else ()
    if draw(st.integers(0, 4)) == 0:
        return EveryEvent(source, where)
    listed = st.sampled_from(CODES[source])
    codes = draw(_few(listed))
    but_not = tuple(draw(st.lists(listed, max_size=1)))
    return Events(source, codes, draw(st.sampled_from(Match)), but_not, where)


@cache
@st.composite
def event_sets(
    draw: st.DrawFn,
    levels: int = 2,
    *,
    sources: tuple[str, ...] = SOURCES,
    has_index: bool = False,
) -> AnyEventSet:
    kind = draw(st.integers(0, 9)) if levels else 0
    below = event_sets(levels - 1, sources=sources, has_index=has_index)
    if kind <= 3:
        return draw(leaves(sources))
    if kind == 4:
        return During(draw(below), *draw(periods))
    if kind == 5:
        return Around(draw(below), draw(day_rules(levels - 1, has_index=has_index)), *draw(spans))
    if kind == 6:
        node = draw(st.sampled_from([SameRecord, OtherRecord]))
        return node(*draw(_same_records(levels - 1, sources, has_index=has_index)))
    if kind == 7:
        return LinkedEvents(draw(event_sets(levels - 1, sources=sources)), "mother")
    return AnyEvents(draw(_few(below)))


@cache
@st.composite
def _same_records(
    draw: st.DrawFn, levels: int, sources: tuple[str, ...], *, has_index: bool
) -> tuple[AnyEventSet, AnyEventSet]:
    families = [
        kept for family in (STAYS, CLAIMS) if (kept := tuple(s for s in family if s in sources))
    ]
    if not families:  # long-term illnesses have no records
        return draw(_same_records(levels, STAYS, has_index=has_index))
    family = draw(st.sampled_from(families))
    one = event_sets(levels, sources=family, has_index=has_index)
    return draw(one), draw(one)


@cache
@st.composite
def exposures(draw: st.DrawFn, levels: int, *, has_index: bool) -> Exposure:
    covered = draw(st.one_of(st.none(), st.integers(1, 40)))
    return Exposure(
        draw(event_sets(levels, has_index=has_index)),
        draw(st.integers(1, 3)),
        draw(st.one_of(st.none(), st.integers(0, 60))),
        draw(st.integers(0, 20)),
        covered,
        draw(st.integers(0, 20)) if covered else 0,
    )


@cache
@st.composite
def day_rules(draw: st.DrawFn, levels: int = 2, *, has_index: bool = False) -> Day:
    kind = draw(st.integers(0, 8)) if levels > 0 else draw(st.integers(5, 8))
    if kind <= 1:
        events = draw(event_sets(levels - 1, has_index=has_index))
        return DayOf(events, draw(st.sampled_from(End)), draw(st.integers(1, 3)))
    if kind == 2:
        return Shifted(draw(day_rules(levels - 1, has_index=has_index)), draw(st.integers(-40, 40)))
    if kind == 3:
        several = draw(_few(day_rules(levels - 1, has_index=has_index)))
        return OneOfDays(draw(st.sampled_from(Pick)), several)
    if kind == 4:
        asked = draw(exposures(levels - 1, has_index=has_index))
        return ExposureDay(asked, draw(st.sampled_from(End)))
    last = IndexDay() if has_index else FixedDay(draw(days))
    return (FixedDay(draw(days)), BirthDay(), DeathDay(), last)[kind - 5]


@cache
def conditions(levels: int = 3, *, has_index: bool = False) -> st.SearchStrategy[Condition]:
    below = max(levels - 1, 0)
    counted = st.builds(AtLeast, event_sets(below, has_index=has_index), st.integers(1, 3))
    if levels <= 0:
        return counted
    return st.one_of(
        counted, counted, counted, *_of_persons(below, has_index), *_joined(below, has_index)
    )


def _of_persons(levels: int, has_index: bool) -> list[st.SearchStrategy[Condition]]:
    day = day_rules(levels, has_index=has_index)
    return [
        st.builds(Known, day),
        st.builds(lambda one, other, span: DayWithin(one, other, *span), day, day, spans),
        st.builds(lambda on, age, more: Aged(on, age, age + more), day, *[st.integers(0, 75)] * 2),
        st.builds(Aged, day, st.integers(0, 75), st.none()),
        st.sampled_from([HasSex(Sex.FEMALE), HasSex(Sex.MALE), LivesIn(("75", "2A"))]),
        st.builds(ExposedOn, exposures(levels, has_index=has_index), day),
    ]


def _joined(levels: int, has_index: bool) -> list[st.SearchStrategy[Condition]]:
    below = st.deferred(lambda: conditions(levels, has_index=has_index))
    return [st.builds(Not, below), st.builds(AllOf, _few(below)), st.builds(AnyOf, _few(below))]


@cache
def values(levels: int = 2, *, has_index: bool = False) -> st.SearchStrategy[Value]:
    events = event_sets(levels, has_index=has_index)
    day = day_rules(levels, has_index=has_index)
    end = st.sampled_from(End)
    return st.one_of(
        st.builds(IsMet, conditions(levels, has_index=has_index)),
        st.builds(DayIs, day),
        st.builds(Count, events, st.sampled_from(Counted)),
        st.builds(CodeAt, events, end),
        st.builds(AgeOn, day),
        st.sampled_from([SexIs(), DepartmentIs()]),
        st.builds(DaysBetween, day, day),
        st.builds(ExposedDays, exposures(levels - 1, has_index=has_index), day, day),
        *[
            st.builds(Total, _held(source, levels, has_index), st.just(column))
            for source, column in AMOUNTS.items()
        ],
        *[
            st.builds(ColumnAt, _held(source, levels, has_index), st.sampled_from(columns), end)
            for source, columns in COLUMNS.items()
        ],
    )


@cache
def _held(source: str, levels: int, has_index: bool) -> st.SearchStrategy[AnyEventSet]:
    return _of(event_sets(levels, sources=(source,), has_index=has_index), source)


def _of(events: st.SearchStrategy[AnyEventSet], source: str) -> st.SearchStrategy[AnyEventSet]:
    """Those whose every leaf has the columns of `source`: `Around` reads other leaves for a day."""
    from ecluse.domain.cohorts import leaves as leaves_of  # noqa: PLC0415 - the name is ours here

    return events.filter(lambda asked: all(leaf.source == source for leaf in leaves_of(asked)))


EVERYONE = Known(FixedDay(FIRST))
"""A condition that all meet: most random ones leave nobody, and variables nothing to say."""


@st.composite
def cohorts(draw: st.DrawFn, levels: int = 3) -> Cohort:
    has_index = draw(st.booleans())
    steps = draw(st.lists(st.one_of(st.just(EVERYONE), conditions(levels)), min_size=1, max_size=2))
    index = draw(day_rules(2)) if has_index else None
    if index is not None and draw(st.booleans()):
        index = OneOfDays(Pick.FIRST_OF_LIST, (index, FixedDay(draw(days))))
    found = draw(st.lists(values(has_index=has_index), max_size=4))
    rule = (
        Matching(
            draw(st.one_of(st.just(EVERYONE), conditions(1))),
            draw(st.integers(1, 2)),
            draw(st.integers(0, 3)),
            draw(st.booleans()),
            draw(st.booleans()),
        )
        if has_index and draw(st.booleans())
        else None
    )
    return Cohort(
        tuple(Step(f"Étape {number}", keep) for number, keep in enumerate(steps, 1)),
        index,
        tuple(Variable(f"v{number}", value, "Une variable") for number, value in enumerate(found)),
        rule,
    )


keys = st.sampled_from([1, 2, 3, 1, 2, 3, 4, 5, 6, None])
flows = st.sampled_from(
    [date(2022, 3, 1), date(2022, 3, 1), date(2022, 9, 1), date(2023, 2, 1), None]
)
amounts = st.sampled_from([None, 0.0, 12.5, 12.25, -3.1, 100.0])
quantities = st.sampled_from([None, 1, 2, 3])
own = {
    "person_key": keys,
    "event_date": maybe_days,
    "event_key": st.one_of(st.none(), st.integers(1, 5)),
}
diagnoses = st.one_of(st.none(), st.sampled_from(DIAGNOSES))
TABLES = {
    "ER_PHA_F": {
        **own,
        "PHA_PRS_C13": st.one_of(st.none(), st.sampled_from(PACKS)),
        "PHA_ACT_QSN": quantities,
        "PHA_DEC_TOP": st.sampled_from([None, "D", "N"]),
        "FLX_DIS_DTD": flows,
    },
    "ER_PRS_F": {
        **own,
        "PRS_NAT_REF": st.one_of(st.none(), st.sampled_from(NATURES)),
        "BSE_REM_MNT": amounts,
        "PRE_PRE_DTD": maybe_days,
        "PRS_ACT_QTE": quantities,
        "FLX_DIS_DTD": flows,
    },
    "IR_PHA_R": {
        "PHA_CIP_C13": st.sampled_from(PACKS),
        "PHA_ATC_C07": st.one_of(st.none(), st.sampled_from(CLASSES)),
    },
    "T_MCOaaB": {
        **own,
        "DGN_PAL": diagnoses,
        "DGN_REL": diagnoses,
        "GRG_GHM": st.sampled_from([None, "05M09", "10M02", "05M091"]),
        "SEJ_NBJ": quantities,
    },
    "T_MCOaaD": {**own, "ASS_DGN": diagnoses},
    "IR_IMB_R": {
        "person_key": keys,
        "event_date": maybe_days,
        "MED_MTF_COD": diagnoses,
        "IMB_ALD_DTF": maybe_days,
    },
}
births = st.sampled_from([date(1950, 1, 1), date(1951, 6, 1), date(2022, 2, 1), None])
facts = st.builds(
    PersonFacts,
    births,
    maybe_days,
    st.sampled_from(["female", "male", None]),
    st.sampled_from(["75", "2A", "971", None]),
)


@st.composite
def datasets(draw: st.DrawFn) -> Dataset:
    persons = draw(st.sampled_from((3, 6, 5, 4, 2, 1, 0)))
    everyone = range(1, persons + 1)
    least = draw(st.sampled_from((5, 0)))
    tables: dict[str, list[Row]] = {
        name: draw(st.lists(st.fixed_dictionaries(columns), min_size=least, max_size=10))
        for name, columns in TABLES.items()
    }
    in_c, in_b = draw(numbered_stays(everyone, least=min(least, 2)))
    tables["T_MCOaaC"] = in_c
    tables["T_MCOaaB"] = [*tables["T_MCOaaB"], *in_b]
    return Dataset(
        persons=tuple(everyone),
        tables=tables,
        model=model("snds"),
        facts={person: draw(facts) for person in everyone},
    )
