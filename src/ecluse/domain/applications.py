"""A data access application: its states, its turns, its criteria, and who may decide it.

States follow EHDS art. 68: draft → submitted → (awaiting-information ⇄) complete → assessed →
granted | refused; withdrawn from any open state by the applicant.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ecluse.domain.errors import InvalidInput, NotAllowed


class State(StrEnum):
    """Where the file stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    AWAITING_INFORMATION = "awaiting-information"
    COMPLETE = "complete"
    ASSESSED = "assessed"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Turn(StrEnum):
    """Whose turn it is to act; every state has one."""

    APPLICANT = "applicant"
    ASSESSOR = "assessor"
    DECIDER = "decider"
    NOBODY = "nobody"


TURNS: Mapping[State, Turn] = {
    State.DRAFT: Turn.APPLICANT,
    State.SUBMITTED: Turn.ASSESSOR,
    State.AWAITING_INFORMATION: Turn.APPLICANT,
    State.COMPLETE: Turn.ASSESSOR,
    State.ASSESSED: Turn.DECIDER,
    State.GRANTED: Turn.NOBODY,
    State.REFUSED: Turn.NOBODY,
    State.WITHDRAWN: Turn.NOBODY,
}

NEXT: Mapping[str, State] = {
    "application.submit": State.SUBMITTED,
    "application.withdraw": State.WITHDRAWN,
    "application.ask-information": State.AWAITING_INFORMATION,
    "application.declare-complete": State.COMPLETE,
    "application.assess": State.ASSESSED,
    "application.grant": State.GRANTED,
    "application.refuse": State.REFUSED,
}


class Purpose(StrEnum):
    """The purposes of EHDS art. 53(1), by letter; a to c are for public bodies (art. 53(2))."""

    PUBLIC_HEALTH = "a"
    POLICY = "b"
    STATISTICS = "c"
    EDUCATION = "d"
    RESEARCH = "e"
    CARE_IMPROVEMENT = "f"


class Criterion(StrEnum):
    """The conditions of EHDS art. 68(1): all must hold for a permit."""

    PURPOSE = "a"
    NECESSITY = "b"
    LAWFULNESS = "c"
    QUALIFICATION = "d"
    SAFEGUARDS = "e"
    ETHICS = "f"
    OPT_OUT_EXCEPTION = "g"
    OTHER_REQUIREMENTS = "h"


@dataclass(frozen=True)
class CriterionOutcome:
    """What the assessor found on one criterion, with the reason."""

    criterion: Criterion
    is_met: bool
    reason: str


def check_assessment(outcomes: Collection[CriterionOutcome]) -> None:
    """Pass if every criterion has one outcome, and each failure its reason. Raises InvalidInput.

    Source: EHDS art. 68(1).
    """
    found = sorted(outcome.criterion for outcome in outcomes)
    if found != sorted(Criterion):
        raise InvalidInput(f"One outcome is needed for each criterion a to h, not {found}.")
    for outcome in outcomes:
        if not outcome.is_met and not outcome.reason.strip():
            raise InvalidInput(f"Criterion {outcome.criterion} is not met: say why.")


def check_grant(outcomes: Collection[CriterionOutcome]) -> None:
    """Pass if a permit may be issued. Raises NotAllowed naming the criteria not met.

    Source: EHDS art. 68(3): where a condition is not fulfilled, the permit is refused.
    """
    failed = [outcome.criterion.value for outcome in outcomes if not outcome.is_met]
    if failed:
        raise NotAllowed(
            f"Criteria not met: {', '.join(failed)}. Refuse the application (EHDS art. 68(3))."
        )


def check_independent(
    actor: str, *, applicants: Collection[str], assessors: Collection[str] = ()
) -> None:
    """Pass if `actor` may assess or decide this file. Raises NotAllowed.

    Nobody decides their own file, and who assessed it does not decide it. Source: EHDS art. 55(3)
    to 55(5) for conflicts of interest; the second rule is this project's reading.
    """
    if actor in applicants:
        raise NotAllowed("You are a person of this file: somebody else must act on it.")
    if actor in assessors:
        raise NotAllowed("You assessed this file: somebody else must decide it.")
