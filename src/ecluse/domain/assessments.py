"""What an assessment answers: the conditions of EHDS art. 68(1) and the risks of art. 68(2).

Each is answered on its own, with who answered and when; the assessment ends once none is left.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ecluse.domain.applications import Criterion, CriterionOutcome, check_assessment
from ecluse.domain.errors import InvalidInput


class Risk(StrEnum):
    """The risks of EHDS art. 68(2), which the access body takes into account."""

    SECURITY = "risk-a"  # national defence, security, public security, public order
    REGULATORS = "risk-b"  # confidentiality of data in databases of regulatory authorities


Question = Criterion | Risk
QUESTIONS: Final[tuple[Question, ...]] = (*Criterion, *Risk)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found on one question; for a risk, `is_met` says that it is absent or mitigated."""

    question: Question
    is_met: bool
    reason: str


def question_of(name: str) -> Question:
    """The question of that name. Raises InvalidInput."""
    for question in QUESTIONS:
        if question.value == name:
            return question
    raise InvalidInput(f"{name!r} is neither a condition of art. 68(1) nor a risk of art. 68(2).")


def check_answer(answer: Answer) -> None:
    """Pass if a question answered against the file says why. Raises InvalidInput."""
    if not answer.is_met and not answer.reason.strip():
        raise InvalidInput(f"{answer.question.value} is not met: say why.")


def left(answers: Mapping[Question, Answer]) -> tuple[Question, ...]:
    """The questions that nobody has answered yet, in the order of the law."""
    return tuple(question for question in QUESTIONS if question not in answers)


def concluded(answers: Mapping[Question, Answer]) -> tuple[CriterionOutcome, ...]:
    """The outcome of each condition of art. 68(1); a risk that stands counts against (h).

    A permit is issued only if the conditions hold and the risks are mitigated; both are one test
    for the decider, and (h) is the condition on all other requirements of the chapter.

    Raises InvalidInput: a question is left, or a refusal of one says no reason.
    """
    remaining = left(answers)
    if remaining:
        names = ", ".join(question.value for question in remaining)
        raise InvalidInput(f"Not answered yet: {names}. Answer each, then conclude.")
    for answer in answers.values():
        check_answer(answer)
    risks = [answers[risk] for risk in Risk if not answers[risk].is_met]
    outcomes = [_outcome(answers[criterion], risks) for criterion in Criterion]
    check_assessment(outcomes)
    return tuple(outcomes)


def _outcome(answer: Answer, risks: Collection[Answer]) -> CriterionOutcome:
    criterion = Criterion(answer.question)
    if criterion is not Criterion.OTHER_REQUIREMENTS or not risks:
        return CriterionOutcome(criterion, answer.is_met, answer.reason)
    reasons = [answer.reason, *(risk.reason for risk in risks)]
    return CriterionOutcome(
        criterion, is_met=False, reason="\n".join(one for one in reasons if one.strip())
    )
