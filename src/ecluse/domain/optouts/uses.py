"""How a use of somebody's data stands to what they refused, and when.

An opt-out is for the future: it binds what is decided while it holds (EHDS art. 71(3)), and leaves
earlier permits as they are. It takes nothing from the right to know who used one's data before
(art. 58(1), GDPR art. 15), so that earlier uses are told, apart from the later ones.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from ecluse.domain.documents import Basis

NATIONAL_MODELS: Final = frozenset({"snds", "omop"})
"""Models of the national copy, and of what may be made of it: doubt goes to the person."""


class Standing(StrEnum):
    """A use decided before a refusal that holds now, by exception, against one, or under none."""

    BEFORE = "before"
    EXCEPTION = "exception"
    AGAINST = "against"
    FREE = "free"


@dataclass(frozen=True, slots=True)
class Refusal:
    """What somebody refused, from an instant until another; `until` None: it holds still."""

    basis: Basis
    since: datetime
    until: datetime | None = None

    def holds(self, instant: datetime) -> bool:
        """Whether it held at the instant: the first counts, the last does not."""
        return self.since <= instant and (self.until is None or instant < self.until)


@dataclass(frozen=True, slots=True)
class DecidedUse:
    """A use of data: the instant of the list that binds it, and what it may reach.

    `exception`: the reason for which EHDS art. 71(4) is applied, empty where it is not.
    `is_national`: some of its data are the national copy, or made of it.
    """

    number: str
    listed_at: datetime
    exception: str = ""
    is_national: bool = True


def standing_of(use: DecidedUse, refusals: Iterable[Refusal]) -> Standing:
    """Return how a use stands to all the refusals of one person.

    The exception lifts the opt-out of art. 71 alone; the opposition to the national copy reaches no
    other data.
    """
    known = tuple(refusals)
    holding = {one.basis for one in known if one.holds(use.listed_at)}
    if Basis.NATIONAL_COPY in holding and use.is_national:
        return Standing.AGAINST
    if Basis.EHDS in holding:
        return Standing.EXCEPTION if use.exception else Standing.AGAINST
    is_before = any(one.until is None and use.listed_at < one.since for one in known)
    return Standing.BEFORE if is_before else Standing.FREE
