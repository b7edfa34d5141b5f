"""AI Act art. 2, 3, 5, 6 and 50: what a system is, answer by answer."""

from datetime import date

import pytest

from ecluse.domain.aisystems.rules import Facts, classify, rulebook_on
from ecluse.portal.aisystems.rulebook import rule_sets

RULES = rulebook_on(date(2026, 11, 23), rule_sets())
ANNEX_III_5A: Facts = {"ai": True, "uses": ("care_eligibility",)}


def aia(facts: Facts) -> tuple[str, ...]:
    """The categories of the AI Act."""
    return classify(facts, RULES).of("aia")


def test_article_2_6_what_serves_research_alone_is_out_of_scope() -> None:
    assert aia({"ai": True, "medical_purpose": True, "research_only": True}) == (
        *("out_of_scope_2_6",),
    )


def test_article_2_8_development_is_out_of_scope_until_it_is_tested_in_the_real_world() -> None:
    assert aia({"ai": True, "in_development": True}) == ("out_of_scope_2_8",)
    assert aia({"ai": True, "in_development": True, "real_world_testing": True}) == ("minimal",)


def test_article_3_1_rules_written_by_humans_alone_are_no_ai_system() -> None:
    assert aia({"ai": False, "uses": ("emergency_call_triage",)}) == ("not_ai",)


@pytest.mark.parametrize(
    "use", ["social_scoring", "emotion_recognition_at_work", "exploiting_vulnerability"]
)
def test_article_5_a_prohibited_practice_is_told(use: str) -> None:
    assert aia({"ai": True, "uses": (use,)}) == ("prohibited",)


def test_article_6_1_a_device_is_of_high_risk_where_a_notified_body_assesses_it() -> None:
    device: Facts = {"ai": True, "medical_purpose": True}

    assert aia({**device, "significance": "informs_management"}) == ("high_risk_6_1",)
    assert aia(device) == ("minimal",)
    assert aia({**device, "qualifier": "measuring"}) == ("high_risk_6_1",)


@pytest.mark.parametrize(
    ("use", "point"),
    [
        ("biometric_categorisation", "1(b)"),
        ("emotion_recognition", "1(c)"),
        ("staff_management", "4"),
        ("care_eligibility", "5(a)"),
        ("insurance_pricing", "5(c)"),
        ("emergency_call_triage", "5(d)"),
        ("emergency_patient_triage", "5(d)"),
    ],
)
def test_article_6_2_a_use_of_annex_iii_is_of_high_risk(use: str, point: str) -> None:
    found = classify({"ai": True, "uses": (use,)}, RULES)

    assert (found.of("aia"), found.of("annex_iii")) == (("high_risk_annex_iii",), (point,))


@pytest.mark.parametrize(
    "ground",
    [
        "narrow_procedural_task",
        "improves_completed_human_activity",
        "detects_decision_patterns_without_replacing",
        "preparatory_task",
    ],
)
def test_article_6_3_each_of_its_four_grounds_exempts_without_profiling(ground: str) -> None:
    limited: Facts = {**ANNEX_III_5A, "exemption": ground}

    assert aia({**limited, "profiling": False}) == ("annex_iii_exempt_6_3",)
    assert aia({**limited, "profiling": True}) == ("high_risk_annex_iii",)


@pytest.mark.parametrize("fact", ["talks_to_people", "generates_content"])
def test_article_50_adds_transparency_to_any_other_category(fact: str) -> None:
    assert aia({"ai": True, fact: True}) == ("transparency_art_50",)
    assert aia({**ANNEX_III_5A, fact: True}) == ("high_risk_annex_iii", "transparency_art_50")
