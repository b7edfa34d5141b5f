"""What indirect matching compares, and what it finds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from ecluse.domain.errors import InvalidInput

RECORD: Final = "record_id"
DAY: Final = "day"
PLACE: Final = "place"
FIRST, SECOND = "first", "second"


@dataclass(frozen=True, slots=True)
class Records:
    """The persons of one source.

    `persons`: one row each, `record_id` (text) and traits, equal when texts are equal; null where
    unknown. `care`: any rows a person, `record_id`, `day` (date) and `place` (text: a hospital;
    null where unknown). Never printed.
    """

    persons: pa.Table
    care: pa.Table

    def __post_init__(self) -> None:
        if RECORD not in self.persons.column_names or self.care.column_names != [
            RECORD,
            DAY,
            PLACE,
        ]:
            raise InvalidInput(
                f"Persons need the column {RECORD}, care the columns {RECORD}, {DAY}, {PLACE}."
            )

    def __repr__(self) -> str:
        return f"<{len(self.persons)} persons, {len(self.care)} days of care>"


@dataclass(frozen=True, slots=True)
class Rule:
    """When two records are one person.

    All of `traits` are known and equal, and at least `least_days` days of care of one are those of
    the other to within `tolerance_days`, at the same place where `same_place`.
    """

    traits: tuple[str, ...]
    least_days: int = 1
    tolerance_days: int = 0
    same_place: bool = False

    def __post_init__(self) -> None:
        if not self.traits or self.least_days < 0 or self.tolerance_days < 0:
            raise InvalidInput("A rule needs a trait at least, and days that are not negative.")


@dataclass(frozen=True, slots=True)
class Matches:
    """Pairs found: each record at most once on both sides.

    `ambiguous`: records of the first source with several candidates, none better than the others;
    they are in no pair. Never printed.
    """

    pairs: Mapping[str, str]
    ambiguous: frozenset[str]

    def __repr__(self) -> str:
        return f"<{len(self.pairs)} pairs, {len(self.ambiguous)} ambiguous>"
