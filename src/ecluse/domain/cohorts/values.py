"""The plain values that nodes hold: how codes match, what a column must hold, numbers of days."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.]{0,31}")
SOURCE: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
COLUMN: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}")
MAX_CODES: Final = 10_000
MAX_VALUES: Final = 1_000
MAX_VALUE_LENGTH: Final = 64
MAX_DAYS: Final = 366 * 150


class Match(StrEnum):
    """How a code of the list meets a code of the data."""

    EXACT = "exact"
    PREFIX = "prefix"


class Comparison(StrEnum):
    """How the value of a column is compared with those of a `Where`."""

    IS_IN = "is-in"
    IS_NOT_IN = "is-not-in"  # a missing value is in no list
    AT_LEAST = "at-least"
    AT_MOST = "at-most"
    IS_MISSING = "is-missing"
    IS_PRESENT = "is-present"


class End(StrEnum):
    """From which end dates are counted."""

    FIRST = "first"
    LAST = "last"


class Pick(StrEnum):
    """Which of several known days is taken."""

    EARLIEST = "earliest"
    LATEST = "latest"
    FIRST_OF_LIST = "first-of-list"


@dataclass(frozen=True)
class Where:
    """Rows whose `column`, one of the source's table, compares so with `values`.

    Values are written as text, dates as 2026-01-31; each engine reads them as the column's type. An
    instant is compared as its day, text without the spaces around it.
    """

    column: str
    comparison: Comparison
    values: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a comparison without its values, or with values that it has no use for."""
        check_column(self.column)
        wanted = {
            Comparison.IS_MISSING: range(1),
            Comparison.IS_PRESENT: range(1),
            Comparison.AT_LEAST: range(1, 2),
            Comparison.AT_MOST: range(1, 2),
        }.get(self.comparison, range(1, MAX_VALUES + 1))
        if len(self.values) not in wanted:
            raise ValueError(
                f"{self.comparison} takes {wanted.start} to {wanted.stop - 1} values, "
                f"not {len(self.values)}."
            )
        if any(len(value) > MAX_VALUE_LENGTH for value in self.values):
            raise ValueError(f"A value has at most {MAX_VALUE_LENGTH} characters.")


def check_source(source: str) -> None:
    """Refuse what is not the name of an event source. Raises ValueError."""
    if not SOURCE.fullmatch(source):
        raise ValueError(f"{source[:40]!r} is not the name of an event source.")


def check_parts(parts: tuple[object, ...]) -> None:
    """Refuse an empty or endless list. Raises ValueError."""
    if not 0 < len(parts) <= MAX_VALUES:
        raise ValueError("A combination needs at least one part.")


def check_days(days: int, *, least: int = -MAX_DAYS) -> None:
    """Refuse a number of days below `least` or longer than a life. Raises ValueError."""
    if not least <= days <= MAX_DAYS:
        raise ValueError(f"{days} days is not between {least} and {MAX_DAYS}.")


def check_span(first: int | None, last: int | None) -> None:
    """Refuse an empty period around a day, or none. Raises ValueError."""
    if first is None and last is None:
        raise ValueError("A period around a day has a beginning or an end: give one.")
    check_days(first or 0)
    check_days(last or 0)
    if first is not None and last is not None and first > last:
        raise ValueError(f"The period ends {last} days after the day, before it begins ({first}).")


def check_column(name: str) -> None:
    """Refuse what is not the name of a column. Raises ValueError."""
    if not COLUMN.fullmatch(name):
        raise ValueError(f"{name[:40]!r} is not the name of a column.")
