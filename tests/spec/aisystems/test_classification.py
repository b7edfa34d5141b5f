"""What the register answers a provider: a class, why, under which article, from which rules."""

from datetime import date

import pytest

from ecluse.domain.aisystems.changes import changes_of
from ecluse.domain.aisystems.reading import rule_sets_from
from ecluse.domain.aisystems.rules import Facts, classify, rulebook_on
from ecluse.domain.errors import InvalidInput
from ecluse.portal.aisystems.rulebook import rule_sets

BEFORE, TODAY = date(2026, 7, 1), date(2026, 11, 23)
RULES = rulebook_on(TODAY, rule_sets())
TRIAGE: Facts = {
    "ai": True,
    "medical_purpose": True,
    "significance": "drives_management",
    "situation": "critical",
    "uses": ("emergency_patient_triage",),
    "profiling": False,
}
TUMOUR: Facts = {"ai": True, "medical_purpose": True, "in_vitro": True, "ivd_use": "cancer"}


def test_each_answer_says_because_of_what_and_under_which_article() -> None:
    found = classify(TRIAGE, RULES)

    why = {name: [one.article for one in found.why(name)] for name in ("mdr_class", "annex_iii")}
    assert why == {
        "mdr_class": ["MDR Annex VIII, rule 11(a), second indent; MDCG 2019-11"],
        "annex_iii": ["AI Act Annex III, point 5(d)"],
    }
    assert (
        found.why("mdr_class")[0].because["en"] == "It drives management in a critical situation."
    )


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"monitors": "physiological"}, "IIa"),
        ({"monitors": "vital"}, "IIb"),
        (
            {"monitors": "vital", "significance": "treat_or_diagnose", "situation": "critical"},
            "III",
        ),
        ({"closed_loop": True}, "III"),
        ({}, "I"),
    ],
)
def test_the_strictest_rule_that_applies_gives_the_class(facts: Facts, expected: str) -> None:
    assert classify({"medical_purpose": True, **facts}, RULES).one("mdr_class") == expected


@pytest.mark.parametrize(
    ("use", "expected"),
    [
        ("laboratory_product", "A"),
        ("control_without_value", "B"),
        ("something_else", "B"),
        ("self_testing", "C"),
        ("cancer", "C"),
        ("blood_grouping", "C"),
        ("major_blood_group", "D"),
        ("transmissible_agent", "D"),
    ],
)
def test_rules_1_to_7_class_what_serves_in_vitro_diagnosis(use: str, expected: str) -> None:
    found = classify({**TUMOUR, "ivd_use": use}, RULES)

    assert (found.one("ivdr_class"), found.of("mdr_class")) == (expected, ())


def test_what_is_made_and_used_in_one_hospital_needs_no_notified_body() -> None:
    found = classify({**TRIAGE, "in_house": True, "uses": ()}, RULES)

    assert (found.one("mdr_class"), found.of("notified_body")) == ("IIb", ())
    assert (found.of("aia"), found.of("flags")) == (("minimal",), ("in_house",))
    assert found.of("registers") == ("national",)


def test_profiling_takes_the_exemption_away() -> None:
    limited = {"ai": True, "uses": ("care_eligibility",), "exemption": "narrow_procedural_task"}

    exempt = classify({**limited, "profiling": False}, RULES)
    profiled = classify({**limited, "profiling": True}, RULES)

    assert exempt.of("aia") == ("annex_iii_exempt_6_3",)
    assert profiled.of("aia") == ("high_risk_annex_iii",)


def test_an_unanswered_question_exempts_nobody() -> None:
    found = classify(
        {"ai": True, "uses": ("care_eligibility",), "exemption": "preparatory_task"}, RULES
    )

    assert found.of("aia") == ("high_risk_annex_iii",)


def test_nothing_is_classified_of_a_system_of_which_nothing_is_said() -> None:
    assert classify({}, RULES).values == {"registers": ("national",)}


@pytest.mark.parametrize(
    ("flop", "expected"),
    [
        (9.9e22, ("minimal",)),
        (1e23, ("general_purpose_model",)),
        (1e25, ("general_purpose_model", "general_purpose_model_systemic")),
    ],
)
def test_the_compute_of_training_tells_a_general_purpose_model(
    flop: float, expected: tuple[str, ...]
) -> None:
    facts: Facts = {"ai": True, "provides_general_model": True, "training_flop": flop}

    assert classify(facts, RULES).of("aia") == expected


def test_a_prohibited_practice_stops_everything_else() -> None:
    found = classify({**TRIAGE, "uses": ("social_scoring", "emergency_patient_triage")}, RULES)

    assert (found.of("aia"), found.of("annex_iii")) == (("prohibited",), ())


def test_the_rules_used_are_those_of_the_day() -> None:
    assert rulebook_on(BEFORE, rule_sets()).key == "mdr@2021+ivdr@2022+ai-act@2024+national@2021"
    assert rulebook_on(TODAY, rule_sets()).key == "mdr@2021+ivdr@2022+ai-act@2026+national@2021"


LATER = {
    "family": "mdr",
    "version": "2030",
    "amends": "mdr@2021",
    "used_from": date(2030, 1, 1),
    "title_fr": "Règle 11 assouplie (essai)",
    "title_en": "Softer rule 11 (a trial)",
    "source": "invented for this test",
    "drops": ["mdr-11-informs"],
    "rules": [
        {
            "id": "mdr-11-critical-drives",
            "article": "rule 11, as softened",
            "because_fr": "Essai.",
            "because_en": "A trial.",
            "gives": {"mdr_class": "IIa"},
            "when": {"significance": "drives_management", "situation": "critical"},
        }
    ],
}
MDR = {
    "family": "mdr",
    "version": "2021",
    "used_from": date(2021, 5, 26),
    "title_fr": "MDR",
    "title_en": "MDR",
    "source": "cut down for this test",
    "rules": [
        {
            "id": "mdr-other",
            "article": "rule 11, last indent",
            "because_fr": "Autre.",
            "because_en": "Other.",
            "gives": {"mdr_class": "I"},
            "when": {"medical_purpose": True},
        },
        {
            "id": "mdr-11-informs",
            "article": "rule 11(a)",
            "because_fr": "Informe.",
            "because_en": "Informs.",
            "gives": {"mdr_class": "IIa"},
            "when": {"significance": ["drives_management", "informs_management"]},
        },
        {
            "id": "mdr-11-critical-drives",
            "article": "rule 11(a), second indent",
            "because_fr": "Oriente.",
            "because_en": "Drives.",
            "gives": {"mdr_class": "IIb"},
            "when": {"significance": "drives_management", "situation": "critical"},
        },
    ],
}


def test_a_rule_set_dated_later_changes_the_class_and_says_why() -> None:
    sets = rule_sets_from([MDR, LATER])
    before = classify(TRIAGE, rulebook_on(date(2029, 12, 31), sets))
    after = classify(TRIAGE, rulebook_on(date(2030, 1, 1), sets))

    (change,) = changes_of(before, after)

    assert (change.name, change.before, change.after) == ("mdr_class", ("IIb",), ("IIa",))
    assert [(one.rule_set, one.article) for one in change.gained] == [
        ("mdr@2030", "rule 11, as softened")
    ]
    assert [one.rule_id for one in change.lost] == ["mdr-11-informs", "mdr-11-critical-drives"]


def test_what_an_amending_set_does_not_name_stands() -> None:
    former, amending = rule_sets_from([MDR, LATER])

    assert [one.rule_id for one in former.rules] == [
        *("mdr-other", "mdr-11-informs", "mdr-11-critical-drives")
    ]
    assert [one.rule_id for one in amending.rules] == ["mdr-other", "mdr-11-critical-drives"]


def test_the_same_answers_under_the_same_rules_change_nothing() -> None:
    assert changes_of(classify(TRIAGE, RULES), classify(TRIAGE, RULES)) == ()


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ({"source": None}, "lacks 'source'"),
        (
            {
                "duties": [
                    {
                        "code": "x",
                        "article": "y",
                        "title_fr": "z",
                        "title_en": "z",
                        "from": {"*": "never"},
                    }
                ]
            },
            "begins at never",
        ),
        ({"rules": [MDR["rules"][0], MDR["rules"][0]]}, "Two rules of one table"),  # type: ignore[index]
    ],
)
def test_a_table_with_a_fault_is_refused(fault: dict[str, object], told: str) -> None:
    table = {name: value for name, value in (MDR | fault).items() if value is not None}

    with pytest.raises(InvalidInput, match=told):
        rule_sets_from([table])
