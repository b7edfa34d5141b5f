"""The interpreter: what an action entails, who may do it, and why not."""

import pytest

from ecluse.domain.actors import Actor
from ecluse.domain.clocks.tracks import Track
from ecluse.domain.errors import NotAllowed, NotFound
from ecluse.domain.machines import MACHINES, Kind, actions_for, step, why_not
from ecluse.domain.machines.machine import ClockEffect, Verb

APPLICATION = MACHINES[Kind.APPLICATION]
UNIT = MACHINES[Kind.DECISION_UNIT]


def test_a_step_gives_the_next_state_its_owner_its_clocks_and_what_to_send() -> None:
    taken = step(APPLICATION, "pre-screening", "ask-information", Actor.ASSESSOR)

    assert (taken.state, taken.owner) == ("awaiting-information", Actor.DATA_USER)
    assert taken.clocks == (
        ClockEffect(Verb.COMPLETE, "completeness-check"),
        ClockEffect(Verb.START, "completion"),
    )
    assert (taken.letter, taken.messages) == ("incomplete-file", ("information-asked",))
    assert taken.needs_reason


@pytest.mark.parametrize(
    ("track", "state", "rule"),
    [
        (Track.STANDARD, "assessment", "decision"),
        (Track.ACCELERATED, "assessment", "decision-accelerated"),
        (Track.CROSS_BORDER, "assessment", "decision"),
        (Track.TRUSTED_HOLDER, "trusted-assessment", "trusted-holder-assessment"),
    ],
)
def test_the_track_says_which_clock_begins(track: Track, state: str, rule: str) -> None:
    taken = step(UNIT, "pending", "begin", Actor.ENTAILED, track=track)

    assert (taken.state, taken.clocks) == (state, (ClockEffect(Verb.START, rule),))


def test_a_reroute_puts_the_file_on_the_other_track_and_clock() -> None:
    taken = step(UNIT, "assessment", "reroute", Actor.ASSESSOR, track=Track.ACCELERATED)

    assert taken.track is Track.STANDARD
    assert taken.clocks == (ClockEffect(Verb.REROUTE, "decision"),)


@pytest.mark.parametrize(
    ("action", "state", "role", "track", "reason"),
    [
        ("grant", "deciding", Actor.ASSESSOR, Track.STANDARD, "grant is for: decider; not for"),
        ("grant", "assessment", Actor.DECIDER, Track.STANDARD, "while the decision-unit is deci"),
        ("reroute", "assessment", Actor.ASSESSOR, Track.STANDARD, "on the track accelerated"),
        ("extend", "deciding", Actor.DECIDER, Track.TRUSTED_HOLDER, "cross-border or standard"),
    ],
)
def test_a_refused_action_says_who_could_when_and_on_which_track(
    action: str, state: str, role: Actor, track: Track, reason: str
) -> None:
    assert reason in str(why_not(UNIT, state, action, role, track=track))
    with pytest.raises(NotAllowed, match=r"track|is for"):
        step(UNIT, state, action, role, track=track)


def test_the_actions_of_a_role_in_a_state_are_those_of_the_table() -> None:
    assert actions_for(UNIT, "deciding", Actor.DECIDER) == (
        *("extend", "send-back", "grant", "grant-with-conditions"),
        *("offer-answer", "refuse", "read"),
    )
    assert actions_for(UNIT, "deciding", Actor.DECIDER, track=Track.TRUSTED_HOLDER) == (
        *("grant", "grant-with-conditions", "offer-answer", "refuse", "read"),
    )
    assert actions_for(UNIT, "deciding", Actor.CITIZEN) == ()


def test_a_state_or_an_action_that_does_not_exist_is_told() -> None:
    with pytest.raises(NotFound, match="'limbo'"):
        step(UNIT, "limbo", "grant", Actor.DECIDER)
    with pytest.raises(NotFound, match="'bless'"):
        step(UNIT, "deciding", "bless", Actor.DECIDER)
