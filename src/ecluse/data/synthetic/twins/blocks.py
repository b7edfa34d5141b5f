"""What the twins are told about the persons of the country, one block of persons at a time."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

import numpy as np

from ecluse.data.synthetic.calendar import NEVER, YEAR_DAYS, Days, Floats, Ints

HALF_BITS: Final = 15
HALF: Final = 1 << HALF_BITS
ROUNDS: Final = 6


class People(Protocol):
    """The persons of a block, as `synthetic.people.People` has them: one entry a person."""

    @property
    def sex(self) -> Ints:
        """1 man, 2 woman."""

    @property
    def born(self) -> Days:
        """Day of birth."""

    @property
    def died(self) -> Days:
        """Day of death, NEVER for the living."""

    @property
    def department(self) -> Ints:
        """Position in `people.departments()`."""


class Stays(Protocol):
    """The hospital stays of a block, as `synthetic.stays.Stays` has them: one entry a stay."""

    @property
    def person(self) -> Ints:
        """Position of the person in the block."""

    @property
    def entered(self) -> Days:
        """Day of admission."""

    @property
    def left(self) -> Days:
        """Day of discharge."""

    @property
    def facility(self) -> Ints:
        """Number of the facility."""

    def main_codes(self) -> Sequence[str]:
        """Return the main diagnosis of each stay, an ICD-10 code."""


@dataclass(frozen=True, slots=True)
class Block:
    """Persons of the country, their illnesses and their stays.

    Positions in the arrays are those of the block; person `first_person + position` of the country.
    `own_pseudonyms`: pseudonym of each person's national number, empty where unknown: what an
    opt-out names. `dispensed`: by ATC class, the persons who received it in the claims; without
    it, the hospital draws treatments from the illnesses alone.
    """

    people: People
    conditions: Mapping[str, Days]
    stays: Stays
    own_pseudonyms: Sequence[str]
    first_person: int = 0
    dispensed: Mapping[str, Ints] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many persons."""
        return len(self.people.sex)

    def age(self, day: int) -> Floats:
        """Return the age of each person in years on `day`."""
        years: Floats = (day - self.people.born) / YEAR_DAYS
        return years

    def onset(self, condition: str) -> Days:
        """Return the first day of an illness; NEVER for everyone if the country lacks it."""
        found = self.conditions.get(condition)
        return np.full(self.count, NEVER, dtype=np.int32) if found is None else found

    def rng(self, seed: int, purpose: str) -> np.random.Generator:
        """Return the random stream of this block for one purpose: no twin disturbs another."""
        digest = hashlib.blake2b(purpose.encode(), digest_size=4).digest()
        return np.random.default_rng([seed, self.first_person, int.from_bytes(digest)])


class LocalNumbers:
    """The numbers that one holder gives to persons: a permutation that only its key can undo."""

    def __init__(self, seed: int, holder: str) -> None:
        self._key = hashlib.blake2b(f"{seed}:{holder}".encode()).digest()

    def of(self, person: int) -> int:
        """Return the holder's number of person `person` of the country, from 0 to 2^30 - 1."""
        left, right = divmod(person, HALF)
        for turn in range(ROUNDS):
            # A Feistel network: whatever the rounds mix, two persons never get one number.
            left, right = right, left ^ self._mixed(turn, right)
        return left * HALF + right

    def _mixed(self, turn: int, half: int) -> int:
        text = turn.to_bytes(1) + half.to_bytes(2)
        digest = hashlib.blake2b(text, key=self._key, digest_size=2).digest()
        return int.from_bytes(digest) % HALF
