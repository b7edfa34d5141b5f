"""The tracks of a file: which rules run, which one gives the due day shown, what runs beside it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ecluse.domain.clocks.clock import Clock, due_on


class Track(StrEnum):
    """The procedure that a file follows."""

    STANDARD = "standard"
    ACCELERATED = "accelerated"
    TRUSTED_HOLDER = "trusted-holder"
    CROSS_BORDER = "cross-border"
    REQUEST = "request"


@dataclass(frozen=True, slots=True)
class TrackPlan:
    """The rules of a track.

    `decides` are the rules whose clock gives the due day shown, one running after the other;
    `decision` is the rule of the act of deciding; `from_what` says from which day it counts.
    """

    decides: tuple[str, ...]
    decision: str
    from_what: str
    source: str


TRACKS: Mapping[Track, TrackPlan] = {
    Track.STANDARD: TrackPlan(("decision",), "decision", "the complete application", "68(4)"),
    Track.ACCELERATED: TrackPlan(
        ("decision-accelerated",), "decision-accelerated", "the complete application", "68(6)"
    ),
    Track.TRUSTED_HOLDER: TrackPlan(
        ("trusted-holder-assessment", "decision-after-trusted-holder"),
        "decision-after-trusted-holder",
        "the file's receipt by the trusted holder, then by the access body",
        "72(5)",
    ),
    Track.CROSS_BORDER: TrackPlan(
        ("decision",),
        "decision",
        "the complete application, as received by the system of the deciding country, whose"
        " calendar counts",
        "67(3), 68(4)",
    ),
    Track.REQUEST: TrackPlan(
        ("request-assessment", "request-answer"),
        "request-assessment",
        "the request's receipt, then its assessment",
        "69(4)",
    ),
}

PARALLEL = ("committee-opinion", "authority-authorisation")
"""French steps that run beside the decision and must end inside it (see `outlasting`)."""


def governing(track: Track, clocks: Collection[Clock]) -> Clock | None:
    """The running clock that gives the due day of a file on that track; None if none runs."""
    for rule_id in TRACKS[track].decides:
        for clock in clocks:
            if clock.rule.rule_id == rule_id and clock.is_running:
                return clock
    return None


def outlasting(track: Track, clocks: Collection[Clock], *, today: date) -> tuple[Clock, ...]:
    """The parallel steps due after the decision that needs them: ask for an extension in time."""
    decision = governing(track, clocks)
    due = None if decision is None else due_on(decision, today=today)
    if due is None:
        return ()
    steps = [clock for clock in clocks if clock.rule.rule_id in PARALLEL and clock.is_running]
    return tuple(step for step in steps if (due_on(step, today=today) or due) > due)
