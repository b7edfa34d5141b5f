"""The one interpreter of every machine: may this role do this now, and what does it entail?"""

from dataclasses import dataclass

from ecluse.domain.actors import Actor
from ecluse.domain.clocks.tracks import TRACKS, Track
from ecluse.domain.errors import NotAllowed
from ecluse.domain.machines.machine import (
    DECISION,
    Action,
    Call,
    ClockEffect,
    Machine,
    Verb,
)


@dataclass(frozen=True, slots=True)
class Step:
    """What an action entails: the next state and its owner, and what the caller must now do."""

    state: str
    owner: Actor
    track: Track
    clocks: tuple[ClockEffect, ...]
    calls: tuple[Call, ...]
    letter: str | None
    messages: tuple[str, ...]
    needs_reason: bool
    after_lapse: tuple[str, ...]
    not_while: tuple[str, ...]


def step(
    machine: Machine, state: str, action: str, role: Actor, *, track: Track = Track.STANDARD
) -> Step:
    """What follows when `role` does `action` on an object in `state`.

    Raises:
        NotFound: no such state or action.
        NotAllowed: not this role, not in this state, not on this track; the message says who
            could, and when.
    """
    reason = why_not(machine, state, action, role, track=track)
    if reason is not None:
        raise NotAllowed(reason)
    row = next(row for row in machine.named(action) if _matches(row, state, role, track))
    after = machine.state(row.to or state)
    next_track = row.to_track or track
    return Step(
        after.name,
        after.owner,
        next_track,
        tuple(
            _resolve(one, next_track if one.verb is Verb.REROUTE else track) for one in row.clocks
        ),
        row.calls,
        row.letter,
        row.messages,
        row.needs_reason,
        row.after_lapse,
        row.not_while,
    )


def why_not(
    machine: Machine, state: str, action: str, role: Actor, *, track: Track = Track.STANDARD
) -> str | None:
    """Why `role` cannot do `action` now, in one sentence; None if it can. Raises NotFound."""
    machine.state(state)
    rows = machine.named(action)
    if any(_matches(row, state, role, track) for row in rows):
        return None
    here = [row for row in rows if row.applies(state, track)]
    if here:
        actors = sorted({actor.value for row in here for actor in row.by})
        return f"{action} is for: {', '.join(actors)}; not for {role}."
    states = sorted({source for row in rows for source in row.sources})
    tracks = sorted({one.value for row in rows for one in row.tracks})
    on_track = f" on the track {' or '.join(tracks)}" if tracks else ""
    return (
        f"{action} is possible while the {machine.kind} is {' or '.join(states)}{on_track};"
        f" it is {state} on the track {track}."
    )


def actions_for(
    machine: Machine, state: str, role: Actor, *, track: Track = Track.STANDARD
) -> tuple[str, ...]:
    """The actions open to `role` in `state`, in the order of the table. Raises NotFound."""
    machine.state(state)
    found = (row.name for row in machine.actions if _matches(row, state, role, track))
    return tuple(dict.fromkeys(found))


def _matches(row: Action, state: str, role: Actor, track: Track) -> bool:
    return row.applies(state, track) and role in row.by


def _resolve(one: ClockEffect, track: Track) -> ClockEffect:
    if one.rule_id != DECISION:
        return one
    return ClockEffect(one.verb, TRACKS[track].decision)
