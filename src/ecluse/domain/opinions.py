"""Opinions asked outside: who may give one, and when others may read it.

An opinion stays sealed until no other one asked on the same file is awaited, so that no expert,
and no officer who speaks with experts, can bend an opinion to another. Source: EHDS art. 55(2),
68(1)(f); the French committees' practice of independent reports.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ecluse.domain.errors import NotAllowed


class Standing(StrEnum):
    """Where an opinion that was asked stands."""

    ASKED = "asked"  # the link was not used yet
    CLEARED = "cleared"  # the expert has no interest in the file, and reads it
    CONFLICTED = "conflicted"  # the expert has one: nothing was shown
    GIVEN = "given"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"  # its day passed


AWAITED = frozenset({Standing.ASKED, Standing.CLEARED})


@dataclass(frozen=True, slots=True)
class AskedOpinion:
    """One opinion asked by a link that can be used until `expires_at`, and what became of it."""

    expires_at: datetime
    cleared_at: datetime | None = None
    conflicted_at: datetime | None = None
    given_at: datetime | None = None
    withdrawn_at: datetime | None = None


def standing(one: AskedOpinion, *, now: datetime) -> Standing:
    """Where it stands at that moment."""
    ends = (
        (one.given_at, Standing.GIVEN),
        (one.conflicted_at, Standing.CONFLICTED),
        (one.withdrawn_at, Standing.WITHDRAWN),
    )
    ended = next((state for at, state in ends if at is not None), None)
    if ended is not None:
        return ended
    if now >= one.expires_at:
        return Standing.LAPSED
    return Standing.CLEARED if one.cleared_at else Standing.ASKED


def are_open(asked: Iterable[AskedOpinion], *, now: datetime) -> bool:
    """Whether the opinions given on a file may be read: none is awaited any more."""
    return not any(standing(one, now=now) in AWAITED for one in asked)


def check_can_declare(one: AskedOpinion, *, now: datetime) -> None:
    """Pass if the expert may still say whether they have an interest. Raises NotAllowed.

    One who read the file may still discover an interest.
    """
    _check_awaited(one, now=now)


def check_can_give(one: AskedOpinion, *, now: datetime) -> None:
    """Pass if the expert may read the file and sign. Raises NotAllowed."""
    _check_awaited(one, now=now)
    if one.cleared_at is None:
        raise NotAllowed("First say whether you have an interest in this file.")


def _check_awaited(one: AskedOpinion, *, now: datetime) -> None:
    found = standing(one, now=now)
    if found is Standing.LAPSED:
        raise NotAllowed("The link has expired: ask who sent it for another one.")
    if found not in AWAITED:
        raise NotAllowed(f"The opinion is {found.value}: the link serves once.")
