"""Where codes stand in the SNDS: the positions of a diagnosis, the places of an act."""

from datetime import date
from typing import Final

from ecluse.domain.cohorts import (
    AgeOn,
    AnyEvents,
    AnyEventSet,
    Comparison,
    DayWithin,
    DeathDay,
    DepartmentIs,
    Events,
    EveryEvent,
    FixedDay,
    IndexDay,
    Not,
    SexIs,
    Step,
    Variable,
    Where,
)
from ecluse.domain.studies.study import CodeList

EXEMPTING: Final = Where("IMB_ETM_NAT", Comparison.IS_IN, ("41", "43", "45"))
"""Kinds of long-term illness that exempt from the person's share: listed, unlisted, several."""

WHO: Final = (
    Variable("age", AgeOn(IndexDay()), "Âge au jour index"),
    Variable("sex", SexIs(), "Sexe"),
    Variable("department", DepartmentIs(), "Département de résidence"),
)


def alive(year: int) -> Step:
    """Return the step that keeps those who had not died before a year.

    An illness without an end goes on in the register after the person has died.
    """
    dead = DayWithin(DeathDay(), FixedDay(date(year, 1, 1)), None, -1)
    return Step("Vivants au 1er janvier", Not(dead))


def drugs(codes: CodeList, *, but_not: tuple[str, ...] = ()) -> Events:
    """Return the deliveries of these ATC classes by pharmacies."""
    return Events("drug_atc", codes.codes, codes.match, but_not)


def long_term_illness(codes: CodeList) -> Events:
    """Return the exempting long-term illnesses of these codes."""
    return Events("long_term_illness", codes.codes, codes.match, where=(EXEMPTING,))


def every_long_term_illness() -> EveryEvent:
    """Return all the exempting long-term illnesses."""
    return EveryEvent("long_term_illness", (EXEMPTING,))


def main(codes: CodeList) -> Events:
    """Return the stays of which it is the main diagnosis."""
    return Events("stay_main_diagnosis", codes.codes, codes.match)


def related(codes: CodeList) -> Events:
    """Return the stays of which it is the related diagnosis."""
    return Events("stay_related_diagnosis", codes.codes, codes.match)


def main_or_related(codes: CodeList) -> AnyEvents:
    """Return the stays of which it is the main or the related diagnosis."""
    return _diagnosed(codes, "stay_main_diagnosis", "stay_related_diagnosis")


def associated(codes: CodeList) -> Events:
    """Return the associated diagnoses of stays."""
    return Events("stay_associated_diagnosis", codes.codes, codes.match)


def stay_or_ward(codes: CodeList) -> AnyEvents:
    """Return the main and related diagnoses of stays and of their wards."""
    return _diagnosed(
        codes,
        "stay_main_diagnosis",
        "stay_related_diagnosis",
        "ward_main_diagnosis",
        "ward_related_diagnosis",
    )


def any_position(codes: CodeList) -> AnyEvents:
    """Return the diagnoses of stays in any position, those of the wards included."""
    return AnyEvents((*stay_or_ward(codes).parts, associated(codes)))


def stay_acts(codes: CodeList) -> Events:
    """Return the acts of hospital stays."""
    return Events("stay_act_ccam", codes.codes, codes.match)


def outpatient_acts(codes: CodeList) -> AnyEvents:
    """Return the acts outside hospital and those of hospital outpatient care."""
    sources = ("act_ccam", "outpatient_act_ccam")
    return AnyEvents(tuple(Events(source, codes.codes, codes.match) for source in sources))


def acts(codes: CodeList) -> AnyEvents:
    """Return the acts, wherever they are done."""
    return AnyEvents((stay_acts(codes), *outpatient_acts(codes).parts))


def two_years(events: AnyEventSet, year: int) -> AnyEventSet:
    """Return the events of a year and of the one before."""
    return events.during(date(year - 1, 1, 1), date(year, 12, 31))


def _diagnosed(codes: CodeList, *sources: str) -> AnyEvents:
    return AnyEvents(tuple(Events(source, codes.codes, codes.match) for source in sources))
