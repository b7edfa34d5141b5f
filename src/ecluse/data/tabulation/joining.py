"""The numbers of a plan with all that was published before: one system for one attacker.

Two counts of persons of which one is within the other give their difference away, so each pair of
counts is bound by what they share and what each has alone; these are never shown, and small ones
are guarded as any small cell.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from ecluse.data.tabulation.counting import Counts, Differences
from ecluse.data.tabulation.holdings import Asked, PersonKeys
from ecluse.data.tabulation.memory import population_digest
from ecluse.data.tabulation.systems import Builder, Flags, Guard, Spot, System, cells_of
from ecluse.domain import codec
from ecluse.domain.tabulation import PERSONS, Cell, Need, TabulationPolicy, tree
from ecluse.domain.tabulation.rules import EMPTY, class_need, needs

SHARED, FIRST, SECOND = "shared", "first alone", "second alone"


@dataclass(frozen=True, slots=True)
class Frame:
    """The numbers of one population and source, of a snapshot.

    `shown`: what was published of them before, by cell, None where it was hidden. The cells of an
    underlying frame are shown only if another frame asks for them.
    """

    key: str
    asked: Asked
    persons: PersonKeys
    counts: Counts
    shown: Mapping[Cell, int | None] = field(default_factory=dict)
    is_underlying: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """What two frames share and have alone, by cell."""

    first: str
    second: str
    differences: Differences


@dataclass(frozen=True, slots=True)
class Joint:
    """The system of all frames: what must be guarded, what is hidden from the start."""

    frames: tuple[Frame, ...]
    builder: Builder
    system: System
    guards: tuple[Guard, ...]
    hidden: Flags


def frame_key(snapshot: str, persons: PersonKeys, asked: Asked) -> str:
    """Return what tells frames apart: snapshot, persons, events.

    Variables are not part of it, being named by their definition in a canonical plan.
    """
    source = None if asked.source is None else codec.encode(asked.source)
    told = [snapshot, population_digest(persons), source]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:32]


def join(
    frames: Sequence[Frame],
    pairs: Iterable[Pair],
    past: Sequence[tuple[str, Mapping[Cell, int | None]]],
    *,
    policy: TabulationPolicy,
) -> Joint:
    """Return the system of the frames, those published before among them.

    `past`: the key of a new frame, with what an answer from another snapshot showed of the same
    population: who changed is unknown, so a small change counts as a difference.
    """
    builder = Builder()
    for frame in frames:
        builder.add(frame.key, frame.asked, frame.counts)
    small = [
        *_pair_numbers(builder, pairs),
        *_past_numbers(builder, past),
        *_outside_numbers(builder, policy),
    ]
    beneath = _beneath(frames)
    opened = {
        (frame.key, cell) for frame in frames for cell, n in frame.shown.items() if n is not None
    }
    opened |= {spot for spot in builder.spots if spot[0].startswith("past ")}
    # That nobody can be in two categories without a common value, any reader knows.
    opened |= {spot for spot, persons in beneath.items() if not persons}
    system = builder.made(opened, zeros_disclose=policy.zeros_disclose)
    # What was published under a laxer policy is known: nothing can protect it any more.
    guards = [
        guard
        for frame in frames
        for guard in _guards(builder, frame, policy, system)
        if not system.opened[guard.variable]
    ]
    for place, number in small:
        if 0 < number < policy.minimum_count:
            guards.append(Guard(place, float(policy.minimum_count - number)))
    hidden = _hidden(builder, frames)
    hidden[[builder.spots[spot] for spot, persons in beneath.items() if persons]] = True
    return Joint(tuple(frames), builder, system, tuple(guards), hidden)


def _beneath(frames: Sequence[Frame]) -> dict[Spot, int]:
    """Return the cells that underlying frames have alone, with their persons."""
    asked = {
        (frame.key, cell)
        for frame in frames
        if not frame.is_underlying
        for cell in cells_of(frame.asked)
    }
    return {
        (frame.key, cell): frame.counts.cells.get(cell, EMPTY).persons
        for frame in frames
        if frame.is_underlying
        for cell in cells_of(frame.asked)
        if (frame.key, cell) not in asked
    }


def _outside_numbers(builder: Builder, policy: TabulationPolicy) -> Iterator[tuple[int, int]]:
    """Bind small numbers of persons who are in a total and not in one of its parts; yield them.

    Who had care in 2021 or 2022, less who had some in 2021, are those of 2022 alone.
    """
    keys = list(builder.index)
    for rank, (total, part) in enumerate(list(builder.within)):
        outside = builder.values[total] - builder.values[part]
        if 0 < outside < policy.minimum_count:
            name = f"outside {rank} {SECOND}"
            place = builder.put(name, PERSONS, keys[part][2], value=outside)
            builder.add_up(total, (part, place))
            yield place, outside


def _hidden(builder: Builder, frames: Iterable[Frame]) -> Flags:
    hidden = np.zeros(len(builder.spots), np.bool_)
    for (key, _), spot in builder.spots.items():
        hidden[spot] = key.endswith((SHARED, FIRST, SECOND))
    for frame in frames:
        for cell, shown in frame.shown.items():
            spot_of = builder.spot(frame.key, cell)
            if shown is None and spot_of is not None:
                hidden[spot_of] = True
    return hidden


def _guards(
    builder: Builder, frame: Frame, policy: TabulationPolicy, system: System
) -> Iterator[Guard]:
    sensitive = {v.name: v for v in frame.asked.variables if v.is_sensitive}
    for cell in cells_of(frame.asked):
        content = frame.counts.cells.get(cell, EMPTY)
        needed: list[Need] = [*needs(content, policy, measures=frame.asked.measures)]
        for name, code in cell:
            if name in sensitive:
                group = frame.counts.cells.get(_parent(cell, name, code, frame.asked), EMPTY)
                found = class_need(content, group, policy)
                needed += [found] if found else []
        yield from builder.guards(frame.key, cell, needed, system.scales)


def _parent(cell: Cell, name: str, code: str, asked: Asked) -> Cell:
    """Return the cell with the category of one variable replaced by its parent."""
    grown = tree(asked.plan.variable(name).categories())
    parent = grown.parents[grown.codes.index(code)]
    above = ((name, grown.codes[parent]),) if parent else ()
    rank = [one for one, _ in cell].index(name)
    return (*cell[:rank], *above, *cell[rank + 1 :])


def _pair_numbers(builder: Builder, pairs: Iterable[Pair]) -> Iterator[tuple[int, int]]:
    """Bind the counts of each pair; yield the numbers that are alone, and how many they are."""
    for rank, pair in enumerate(pairs):
        # What one has alone nowhere, the attacker may know from the definitions: one is within.
        alone = [any(row[side] for row in pair.differences.cells.values()) for side in (1, 2)]
        for cell, numbers in pair.differences.cells.items():
            totals = [builder.number(key, PERSONS, cell) for key in (pair.first, pair.second)]
            shared = builder.put(f"{rank} {SHARED}", PERSONS, cell, value=numbers[0])
            for side, name in enumerate((FIRST, SECOND)):
                parts, total = [shared], totals[side]
                if total is None:
                    continue
                if alone[side]:
                    value = numbers[side + 1]
                    parts.append(builder.put(f"{rank} {name}", PERSONS, cell, value=value))
                    yield parts[1], value
                builder.add_up(total, parts)


def _past_numbers(
    builder: Builder, past: Iterable[tuple[str, Mapping[Cell, int | None]]]
) -> Iterator[tuple[int, int]]:
    """Bind the counts of another snapshot; yield the changes, and how many persons they are."""
    for rank, (key, shown) in enumerate(past):
        for cell, before in shown.items():
            now = builder.number(key, PERSONS, cell)
            if now is None or before is None:
                continue
            change = builder.values[now] - before
            old = builder.put(f"past {rank}", PERSONS, cell, value=before)
            moved = builder.put(f"change {rank} {SECOND}", PERSONS, cell, value=abs(change))
            builder.add_up(*((now, (old, moved)) if change >= 0 else (old, (now, moved))))
            yield moved, abs(change)


def together(frames: Sequence[Frame]) -> Iterator[tuple[Frame, Frame]]:
    """Yield the frames to compare: those that differ in persons or events."""
    for first, second in combinations(frames, 2):
        if first.key != second.key:
            yield first, second
