"""What a migration drill must show for a hub to say that it can leave its host."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

from ecluse.domain.documents.drills import DrillReport, DrillStep

MOST_SENT_TWICE: Final = Fraction(5, 100)
"""Bytes that killed copies send again, over those of the dataset."""


class Goal(StrEnum):
    """One thing that a drill must show."""

    SAME_ROOT = "same-root"
    SENT_ONCE = "sent-once"
    ALL_FOUND = "all-found"
    MENDED = "mended"
    CUT_OVER = "cut-over"
    ROLLED_BACK = "rolled-back"
    UNREAD = "unread"


@dataclass(frozen=True, slots=True)
class Shown:
    """Whether a goal is met; `done` of `asked`, in the units of the goal."""

    goal: Goal
    is_met: bool
    done: int
    asked: int


def sent_twice(report: DrillReport) -> int:
    """Return the bytes that left again after a kill."""
    return max(0, report.sent_size - report.size)


def judge(report: DrillReport) -> tuple[Shown, ...]:
    """Return each goal and whether the drill met it; a step that is missing meets none.

    Canaries count as unread only when who has the key reads every one of them: otherwise nothing
    was hidden that could have been found.
    """
    again = sent_twice(report)
    unread = report.canaries - report.read_by_thief
    readable = report.read_with_key == report.canaries > 0
    is_same = report.root_before == report.root_after != ""
    return (
        Shown(Goal.SAME_ROOT, is_same, int(is_same), 1),
        Shown(Goal.SENT_ONCE, again <= MOST_SENT_TWICE * report.size, again, report.size),
        Shown(Goal.ALL_FOUND, report.found == report.struck > 0, report.found, report.struck),
        *(
            _done(report, goal, step)
            for goal, step in (
                (Goal.MENDED, DrillStep.MENDED),
                (Goal.CUT_OVER, DrillStep.CUT_OVER),
                (Goal.ROLLED_BACK, DrillStep.ROLLED_BACK),
            )
        ),
        Shown(Goal.UNREAD, readable and unread == report.canaries, unread, report.canaries),
    )


def is_passed(report: DrillReport) -> bool:
    """Say whether every goal is met."""
    return all(shown.is_met for shown in judge(report))


def _done(report: DrillReport, goal: Goal, step: DrillStep) -> Shown:
    done = sum(part.done for part in report.parts if part.step is step)
    asked = sum(part.asked for part in report.parts if part.step is step)
    return Shown(goal, done == asked > 0, done, asked)
