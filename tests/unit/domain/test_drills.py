"""What a drill must show: every goal, and none by default."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ecluse.domain.documents.drills import DrillPart, DrillReport, DrillStep
from ecluse.domain.drills import Goal, is_passed, judge, sent_twice

ROOT = "ab" * 32
GOOD = DrillReport(
    drill_number="DRILL-20260302-00aa11",
    software="ecluse 1",
    source="file:///old/",
    target="file:///new/",
    seed=1,
    begun_at=datetime(2026, 3, 2, tzinfo=UTC),
    objects=3,
    size=1000,
    sent_size=1050,
    root_before=ROOT,
    root_after=ROOT,
    kills_ms=(10, 20),
    struck=7,
    found=7,
    canaries=5,
    read_by_thief=0,
    read_with_key=5,
    parts=(
        DrillPart(DrillStep.MENDED, 30, 40, 2, 2),
        DrillPart(DrillStep.CUT_OVER, 40, 41, 1, 1),
        DrillPart(DrillStep.ROLLED_BACK, 41, 42, 1, 1),
        DrillPart(DrillStep.CUT_OVER, 42, 43, 1, 1),
    ),
)


def missed(report: DrillReport) -> list[Goal]:
    return [shown.goal for shown in judge(report) if not shown.is_met]


def test_a_twentieth_sent_twice_is_still_good() -> None:
    assert (is_passed(GOOD), sent_twice(GOOD)) == (True, 50)


@pytest.mark.parametrize(
    ("report", "goal"),
    [
        (replace(GOOD, sent_size=1051), Goal.SENT_ONCE),
        (replace(GOOD, root_after="cd" * 32), Goal.SAME_ROOT),
        (replace(GOOD, root_before="", root_after=""), Goal.SAME_ROOT),
        (replace(GOOD, found=6), Goal.ALL_FOUND),
        (replace(GOOD, struck=0, found=0), Goal.ALL_FOUND),
        (replace(GOOD, parts=GOOD.parts[1:]), Goal.MENDED),
        (replace(GOOD, parts=(*GOOD.parts[:2], GOOD.parts[3])), Goal.ROLLED_BACK),
        (replace(GOOD, read_by_thief=1), Goal.UNREAD),
    ],
)
def test_what_misses_one_goal_is_named_by_it(report: DrillReport, goal: Goal) -> None:
    assert missed(report) == [goal]


def test_canaries_that_the_key_does_not_read_either_prove_nothing() -> None:
    assert missed(replace(GOOD, read_with_key=4)) == [Goal.UNREAD]
