"""AI Act art. 9 to 15, 26, 27, 49, 72, 73 and 113: what is owed, where, and from which day."""

from datetime import date

import pytest

from ecluse.domain.aisystems.duties import slots_of
from ecluse.domain.aisystems.rules import Facts, classify, rulebook_on
from ecluse.portal.aisystems.rulebook import rule_sets

TRIAGE: Facts = {"ai": True, "uses": ("emergency_call_triage",)}
DEVICE: Facts = {"ai": True, "medical_purpose": True, "significance": "informs_management"}
PUBLISHED, AMENDED = date(2026, 7, 1), date(2026, 11, 23)


def due(facts: Facts, *, on: date) -> dict[str, date]:
    """The day of each duty, under the rules of a day."""
    book = rulebook_on(on, rule_sets())
    slots = slots_of(facts, classify(facts, book), book=book, given=(), today=on)
    return {slot.duty.code: slot.due_on for slot in slots}


@pytest.mark.parametrize(
    ("facts", "on", "expected"),
    [
        (TRIAGE, PUBLISHED, date(2026, 8, 2)),
        (TRIAGE, AMENDED, date(2027, 12, 2)),
        (DEVICE, PUBLISHED, date(2027, 8, 2)),
        (DEVICE, AMENDED, date(2028, 8, 2)),
    ],
)
def test_article_113_says_when_each_kind_of_high_risk_is_bound(
    facts: Facts, on: date, expected: date
) -> None:
    owed = due(facts, on=on)

    assert {
        owed[code]
        for code in (
            *("risk-management", "data-governance", "technical-documentation", "logs"),
            *("instructions", "human-oversight", "accuracy", "quality-management", "deployer"),
            *("post-market", "serious-incidents"),
        )
    } == {expected}


def test_the_amended_days_are_marked_as_unsure_until_somebody_verifies_them() -> None:
    published, amended = rulebook_on(PUBLISHED, rule_sets()), rulebook_on(AMENDED, rule_sets())

    assert published.moment("annex-iii").is_sure
    assert not amended.moment("annex-iii").is_sure
    assert not amended.moment("devices").is_sure


def test_article_27_the_impact_assessment_is_owed_for_annex_iii_alone() -> None:
    assert "fundamental-rights" in due(TRIAGE, on=AMENDED)
    assert "fundamental-rights" not in due(DEVICE, on=AMENDED)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (TRIAGE, {"Annex VIII A", "national"}),
        ({**TRIAGE, "public_deployer": True}, {"Annex VIII A", "Annex VIII C", "national"}),
        (
            {**TRIAGE, "exemption": "preparatory_task", "profiling": False},
            {"Annex VIII B", "national"},
        ),
        (DEVICE, {"EUDAMED", "national"}),
        ({**DEVICE, "in_house": True}, {"national"}),
        ({"ai": True}, {"national"}),
    ],
)
def test_article_49_says_where_each_system_is_registered(facts: Facts, expected: set[str]) -> None:
    book = rulebook_on(AMENDED, rule_sets())

    assert set(classify(facts, book).of("registers")) == expected


def test_article_4_literacy_is_owed_for_any_ai_system_since_february_2025() -> None:
    assert due({"ai": True}, on=AMENDED)["literacy"] == date(2025, 2, 2)
    assert "literacy" not in due({"ai": False}, on=AMENDED)
