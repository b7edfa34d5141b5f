"""The shapes of the codes of each system, so that a slip is seen before anything is read.

A shape says what no code of the system can be; whether a code exists, only its nomenclature says.
"""

import re
from collections.abc import Mapping
from re import Pattern
from typing import Final

from ecluse.domain.cohorts.events import Events
from ecluse.domain.cohorts.values import Match

_DIGITS: Final = "0123456789"
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

# One entry a character of the longest code: the characters that may stand there.
_PLACES: Final[Mapping[str, tuple[tuple[str, ...], tuple[int, ...]]]] = {
    # WHO, ATC: A, A10, A10B, A10BA, A10BA02, in fourteen groups
    "ATC": (
        ("ABCDGHJLMNPRSV", _DIGITS, _DIGITS, _LETTERS, _LETTERS, _DIGITS, _DIGITS),
        (1, 3, 4, 5, 7),
    ),
    # ATIH, CIM-10 for the PMSI: a letter, two digits, up to three characters more
    "ICD-10": ((_LETTERS, _DIGITS, _DIGITS, *(_DIGITS + _LETTERS + "+",) * 3), (3, 4, 5, 6)),
    # Assurance Maladie, CCAM: four letters, three digits
    "CCAM": ((*(_LETTERS,) * 4, *(_DIGITS,) * 3), (7,)),
    "CIP13": ((_DIGITS,) * 13, (13,)),
    "UCD": ((_DIGITS,) * 13, (7, 13)),
    "NABM": ((_DIGITS,) * 4, (1, 2, 3, 4)),
    "LPP": ((_DIGITS,) * 7, (7,)),
    # ATIH, GHM: 2 digits, a letter, 2 digits, a level
    "GHM": ((_DIGITS, _DIGITS, _LETTERS, _DIGITS, _DIGITS, _DIGITS + _LETTERS), (6,)),
    "PRS_NAT_REF": ((_DIGITS,) * 5, (1, 2, 3, 4, 5)),
    "OMOP": ((_DIGITS,) * 18, tuple(range(1, 19))),
    "RxNorm": ((_DIGITS,) * 18, tuple(range(1, 19))),
    "SNOMED CT": ((_DIGITS,) * 18, tuple(range(6, 19))),
}


def misshapen(events: Events, code_system: str) -> tuple[str, ...]:
    """Return the codes of a list that no code of the system can be, or begin with, in order.

    A system of which nothing is known finds none.
    """
    pattern = _PATTERNS[events.match].get(code_system)
    if pattern is None:
        return ()
    codes = dict.fromkeys((*events.codes, *events.but_not))
    return tuple(code for code in codes if not pattern.fullmatch(code.replace(".", "")))


def _exact(places: tuple[str, ...], lengths: tuple[int, ...]) -> Pattern[str]:
    parts = (_class(places[:length]) for length in lengths)
    return re.compile("|".join(parts))


def _beginning(places: tuple[str, ...], _lengths: tuple[int, ...]) -> Pattern[str]:
    parts = (_class(places[:length]) for length in range(1, len(places) + 1))
    return re.compile("|".join(parts))


def _class(places: tuple[str, ...]) -> str:
    return "".join(f"[{characters}]" for characters in places)


_PATTERNS: Final[Mapping[Match, Mapping[str, Pattern[str]]]] = {
    Match.EXACT: {name: _exact(*shape) for name, shape in _PLACES.items()},
    Match.PREFIX: {name: _beginning(*shape) for name, shape in _PLACES.items()},
}
