"""The purposes and criteria of a data access application; its states are a machine's.

Source: EHDS art. 53(1), 68(1), 68(3).
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from ecluse.domain.errors import InvalidInput, NotAllowed


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
