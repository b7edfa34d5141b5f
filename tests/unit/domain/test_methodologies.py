"""A declaration is enough where every rule of its methodology is met; each rule says why."""

import pytest

from ecluse.domain.methodologies import Methodology, Rule, conforms, evaluate

ASKED = Rule("impact", {"fr": "Analyse faite ?"}, True, {"fr": "Elle est exigée."})
FORBIDDEN = Rule("outside", {"fr": "Hors d’Europe ?"}, False, {"fr": "Procédure complète."})
MR = Methodology("MR-000", 2, {"fr": "Essai"}, False, "essai", (ASKED, FORBIDDEN))


def test_a_declaration_that_meets_every_rule_is_enough() -> None:
    assert conforms(MR, {"impact": True, "outside": False})


@pytest.mark.parametrize(
    "answers",
    [{"impact": False, "outside": False}, {"impact": True, "outside": True}, {"impact": True}, {}],
)
def test_one_rule_broken_or_unanswered_needs_the_full_procedure(answers: dict[str, bool]) -> None:
    assert not conforms(MR, answers)


def test_each_rule_is_told_with_its_answer_in_the_order_of_the_methodology() -> None:
    found = evaluate(MR, {"outside": True})

    assert [(one.rule.rule_id, one.answer, one.is_met) for one in found] == [
        ("impact", None, False),
        ("outside", True, False),
    ]


def test_a_version_has_its_own_key() -> None:
    assert MR.key == "MR-000@2"
