"""Who somebody is for the civil registry, and whether a national number may be theirs."""

from dataclasses import dataclass, field
from typing import Final

MAINLAND: Final = "99100"
"""The code of France among countries of birth."""
MOVED: Final = ("20", "75", "78", "91", "92", "93", "94", "95", "96")
"""Departments whose codes in numbers may be those of a time gone: Corsica before 1976, the Seine
and Seine-et-Oise before 1968, the territories of North Africa."""
UNKNOWN_MONTH: Final = "00"
KNOWN_MONTHS: Final = frozenset(f"{month:02d}" for month in range(1, 13))


@dataclass(frozen=True, slots=True)
class CivilIdentity:
    """What the State says of somebody: never printed, kept no longer than a session.

    `birthdate` is `YYYY-MM-DD`, with `00` for a month or a day that nobody knows; `birthplace` and
    `birthcountry` are codes of the official list, `birthplace` empty for somebody born abroad.
    """

    family_name: str = field(repr=False)
    given_names: tuple[str, ...] = field(repr=False)
    birthdate: str = field(repr=False)
    is_male: bool = field(repr=False)
    birthplace: str = field(repr=False)
    birthcountry: str = field(repr=False)


def may_bear(identity: CivilIdentity, number: str) -> bool:
    """Whether a number of 13 characters agrees with sex, month and place of birth.

    That it agrees proves nothing: a thousand persons may share these. Only the directory of the
    third party knows whose number it is. Source: INSEE, structure of the national number.
    """
    if not number[0].isdigit() or (int(number[0]) % 2 == 1) != identity.is_male:
        return False
    year, month = identity.birthdate[2:4], identity.birthdate[5:7]
    if number[1:3] != year or not _agrees(number[3:5], month):
        return False
    return number[5:7] in MOVED or number[5:10] == _place(identity)


def _agrees(written: str, month: str) -> bool:
    """A number may say that the month was not known when it was given."""
    return written == month or written not in KNOWN_MONTHS or month == UNKNOWN_MONTH


def _place(identity: CivilIdentity) -> str:
    is_here = identity.birthcountry in ("", MAINLAND)
    return identity.birthplace if is_here else identity.birthcountry
