"""Figures written as text, checked once where they are written."""

import re
from decimal import Decimal
from typing import Final

from ecluse.domain.aisystems.entries import DIGEST, number
from ecluse.domain.errors import InvalidInput

VERSION: Final = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)", re.ASCII)
"""Three numbers: https://semver.org, without its optional ends."""
COLUMN: Final = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)


def within(text: str, *, name: str, low: str, high: str) -> Decimal:
    """The number that `text` writes, if it lies between two others. Raises InvalidInput."""
    value = number(text)
    if not Decimal(low) <= value <= Decimal(high):
        raise InvalidInput(f"{name} is {text}: give a number between {low} and {high}.")
    return value


def share(text: str, *, name: str) -> Decimal:
    """The number that `text` writes, over 0 and under 1. Raises InvalidInput."""
    value = number(text)
    if not 0 < value < 1:
        raise InvalidInput(f"{name} is {text}: give a number over 0 and under 1.")
    return value


def least(value: int, *, name: str, low: int) -> int:
    """A whole number, if it is `low` or more. Raises InvalidInput."""
    if value < low:
        raise InvalidInput(f"{name} is {value}: give {low} or more.")
    return value


def said(text: str, *, name: str) -> str:
    """A text, if it says something. Raises InvalidInput."""
    if not text.strip():
        raise InvalidInput(f"{name} is empty: write it.")
    return text


def digest(text: str, *, name: str) -> str:
    """A digest of SHA-256. Raises InvalidInput."""
    if not DIGEST.fullmatch(text):
        raise InvalidInput(f"{name} is not sha256: and 64 hexadecimal digits: copy it again.")
    return text


def column(text: str, *, name: str) -> str:
    """A name of a column: small letters, digits and `_`. Raises InvalidInput."""
    if not COLUMN.fullmatch(text):
        raise InvalidInput(
            f"{name} is no column name such as site_code: write it in small letters."
        )
    return text
