"""Duties with their days, and how far a system was evaluated."""

from dataclasses import replace
from datetime import date

import pytest

from ecluse.domain.aisystems.duties import Standing, counts_of, slots_of
from ecluse.domain.aisystems.entries import Basis, Design, Entry, Evidence
from ecluse.domain.aisystems.levels import Level, level_of
from ecluse.domain.aisystems.rules import Facts, classify, rulebook_on
from ecluse.portal.aisystems.rulebook import rule_sets
from tests.unit.domain.aisystems.build import (
    IIB,
    READING,
    RULES,
    STUDY,
    TODAY,
    found,
    system,
)

PROOF = Evidence(duty="risk-management", reference="dossier 4", on=date(2026, 3, 1))
BOTH: Facts = {**IIB, "uses": ("emergency_patient_triage",)}


def due(code: str, facts: Facts = IIB, *, on: date = TODAY) -> date:
    """The day on which a duty begins, under the rules of a day."""
    book = rulebook_on(on, rule_sets())
    slots = slots_of(facts, classify(facts, book), book=book, given=(), today=on)
    return next(slot.due_on for slot in slots if slot.duty.code == code)


def standing(*given: Evidence, today: date = TODAY) -> Standing:
    """How the duty of risk management stands."""
    slots = slots_of(IIB, found(), book=RULES, given=given, today=today)
    return next(slot.standing for slot in slots if slot.duty.code == "risk-management")


def test_a_device_is_bound_from_the_day_of_devices_and_a_triage_from_that_of_annex_iii() -> None:
    assert due("risk-management") == date(2028, 8, 2)
    assert due("risk-management", {"ai": True, "uses": ("emergency_call_triage",)}) == date(
        *(2027, 12, 2)
    )


def test_what_is_of_both_kinds_is_bound_from_the_first_day() -> None:
    assert due("risk-management", BOTH) == date(2027, 12, 2)


def test_under_the_act_as_published_the_days_were_earlier() -> None:
    assert due("risk-management", on=date(2026, 7, 1)) == date(2027, 8, 2)


def test_a_patient_is_informed_of_a_device_with_ai_already() -> None:
    slots = slots_of(IIB, found(), book=RULES, given=(), today=TODAY)

    information = next(one for one in slots if one.duty.code == "patient-information")
    assert (information.standing, information.duty.article) == (
        Standing.OVERDUE,
        "CSP art. L. 4001-3",
    )


def test_a_system_of_minimal_risk_owes_neither_risk_file_nor_certificate() -> None:
    facts: Facts = {"ai": True}

    slots = slots_of(facts, classify(facts, RULES), book=RULES, given=(), today=TODAY)

    assert [slot.duty.code for slot in slots] == ["literacy", "dpia"]


@pytest.mark.parametrize(
    ("given", "today", "expected"),
    [
        ((), date(2028, 2, 3), Standing.LATER),
        ((), date(2028, 2, 4), Standing.SOON),
        ((), date(2028, 8, 2), Standing.OVERDUE),
        ((PROOF,), date(2028, 8, 2), Standing.PROVED),
        ((replace(PROOF, expires_on=TODAY),), TODAY, Standing.PROVED),
        ((replace(PROOF, expires_on=date(2026, 11, 22)),), TODAY, Standing.EXPIRED),
    ],
)
def test_a_duty_stands_as_its_day_and_its_proof_say(
    given: tuple[Evidence, ...], today: date, expected: Standing
) -> None:
    assert standing(*given, today=today) is expected


def test_the_proof_given_last_stands() -> None:
    old = replace(PROOF, on=date(2025, 1, 1), expires_on=date(2026, 1, 1))

    assert standing(PROOF, old) is Standing.PROVED


def test_every_standing_is_counted() -> None:
    counts = counts_of(slots_of(IIB, found(), book=RULES, given=(PROOF,), today=TODAY))

    # In force and unproved: literacy, certificate, vigilance, patient information, DPIA. Before
    # 2 August 2028: the eleven duties of high risk, one of which is proved.
    assert counts == {
        Standing.PROVED: 1,
        Standing.EXPIRED: 0,
        Standing.OVERDUE: 5,
        Standing.SOON: 0,
        Standing.LATER: 10,
    }


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ((), Level.E0),
        ((replace(STUDY, basis=Basis.CLAIMED, design=Design.RANDOMISED),), Level.E0),
        ((replace(STUDY, basis=Basis.PUBLISHED),), Level.E1),
        ((replace(STUDY, is_external=False),), Level.E1),
        ((STUDY,), Level.E2),
        ((STUDY, replace(STUDY, basis=Basis.PUBLISHED, design=Design.PROSPECTIVE)), Level.E3),
        ((replace(STUDY, basis=Basis.PUBLISHED, design=Design.RANDOMISED),), Level.E4),
        ((STUDY, READING), Level.E4),
        ((STUDY, replace(READING, measured_on=date(2026, 10, 1))), Level.E2),
        ((READING,), Level.E0),
    ],
)
def test_the_level_is_the_highest_that_something_proves(
    entries: tuple[Entry, ...], expected: Level
) -> None:
    told = system(*entries)

    assert level_of(told.evaluations, told.readings, today=TODAY).level is expected


def test_a_level_names_what_it_rests_on() -> None:
    assert level_of((STUDY,), (), today=TODAY).because == ("sha256:report",)
