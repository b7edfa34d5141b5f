"""EHDS art. 68(1) to 68(3): each condition and each risk is answered, and all must hold."""

import pytest

from ecluse.domain.applications import Criterion, CriterionOutcome, check_grant
from ecluse.domain.assessments import QUESTIONS, Answer, Question, Risk, concluded, left
from ecluse.domain.errors import InvalidInput, NotAllowed

WHY = "Motif écrit."
HOLDS: dict[Question, Answer] = {one: Answer(one, is_met=True, reason="") for one in QUESTIONS}


def failing(question: Question, reason: str = WHY) -> dict[Question, Answer]:
    """Everything holds but this."""
    return {**HOLDS, question: Answer(question, is_met=False, reason=reason)}


def outcomes_but(question: Question) -> tuple[CriterionOutcome, ...]:
    """What an assessment concludes where everything holds but this."""
    return concluded(failing(question))


def test_68_1_every_condition_holds_then_a_permit_may_be_issued() -> None:
    check_grant(concluded(HOLDS))

    assert len(concluded(HOLDS)) == 8


@pytest.mark.parametrize(
    "criterion",
    [
        pytest.param(Criterion.PURPOSE, id="68(1)(a) purpose of art. 53"),
        pytest.param(Criterion.NECESSITY, id="68(1)(b) necessary, adequate, proportionate"),
        pytest.param(Criterion.LAWFULNESS, id="68(1)(c) GDPR ground, anonymised not enough"),
        pytest.param(Criterion.QUALIFICATION, id="68(1)(d) qualified applicant"),
        pytest.param(Criterion.SAFEGUARDS, id="68(1)(e) safeguards"),
        pytest.param(Criterion.ETHICS, id="68(1)(f) ethics of national law"),
        pytest.param(Criterion.OPT_OUT_EXCEPTION, id="68(1)(g) opt-out exception justified"),
        pytest.param(Criterion.OTHER_REQUIREMENTS, id="68(1)(h) all other requirements"),
    ],
)
def test_68_1_and_68_3_one_condition_that_fails_forbids_the_permit(criterion: Criterion) -> None:
    with pytest.raises(NotAllowed, match=f"not met: {criterion.value}"):
        check_grant(outcomes_but(criterion))


@pytest.mark.parametrize(
    "risk",
    [
        pytest.param(Risk.SECURITY, id="68(2)(a) defence, security, public order"),
        pytest.param(Risk.REGULATORS, id="68(2)(b) confidentiality at regulators"),
    ],
)
def test_68_2_and_68_3_a_risk_that_is_not_mitigated_forbids_the_permit(risk: Risk) -> None:
    with pytest.raises(NotAllowed, match="not met: h"):
        check_grant(outcomes_but(risk))


def test_68_2_both_risks_are_told_with_the_reason_of_the_condition_itself() -> None:
    answers = {
        **failing(Criterion.OTHER_REQUIREMENTS, "Redevance impayée."),
        Risk.SECURITY: Answer(Risk.SECURITY, is_met=False, reason="Casernes reconnaissables."),
        Risk.REGULATORS: Answer(Risk.REGULATORS, is_met=False, reason="Signalements en cours."),
    }

    assert concluded(answers)[-1].reason == (
        "Redevance impayée.\nCasernes reconnaissables.\nSignalements en cours."
    )


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda one: one.value)
def test_68_1_and_68_2_no_question_may_be_left_out(question: Question) -> None:
    answers = {one: answer for one, answer in HOLDS.items() if one is not question}

    assert left(answers) == (question,)
    with pytest.raises(InvalidInput, match=f"Not answered yet: {question.value}"):
        concluded(answers)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda one: one.value)
def test_68_9_what_is_not_met_says_why(question: Question) -> None:
    with pytest.raises(InvalidInput, match="say why"):
        concluded(failing(question, reason="  "))
