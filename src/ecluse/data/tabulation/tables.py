"""Protected tables: the only form in which numbers leave the stage."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from ecluse.domain.errors import NotAllowed
from ecluse.domain.tabulation import Category


class Seal:
    """What `protecting` alone holds; a protected table cannot be made without it."""

    __slots__ = ()


SEAL: Final = Seal()
Number = int | Decimal
"""A number shown: persons or events, or an amount to the hundredth."""


@dataclass(frozen=True, slots=True)
class Axis:
    """A variable of a table, with its categories."""

    name: str
    title: str
    categories: tuple[Category, ...]


@dataclass(frozen=True, slots=True)
class ProtectedTable:
    """A table in which nobody can be found: numbers by place, then by measure; None is hidden.

    A place is the rank of the category on each axis. Made by `protecting.protect` alone.
    """

    name: str
    title: str
    axes: tuple[Axis, ...]
    measures: tuple[str, ...]
    numbers: Mapping[tuple[int, ...], tuple[Number | None, ...]]
    seal: Seal

    def __post_init__(self) -> None:
        """Raise NotAllowed when the table was not made by the protection."""
        if self.seal is not SEAL:
            raise NotAllowed(
                f"Table {self.name} was not protected: ask for it through `answer`, which is the "
                "one way out."
            )

    def rows(self) -> Iterator[tuple[tuple[Category, ...], tuple[Number | None, ...]]]:
        """Yield the categories and the numbers of each cell, the last axis fastest."""
        for place, numbers in sorted(self.numbers.items()):
            categories = (
                axis.categories[rank] for axis, rank in zip(self.axes, place, strict=True)
            )
            yield tuple(categories), numbers


@dataclass(frozen=True, slots=True)
class ProtectionCounts:
    """What the protection did, for a receipt: cells, hidden at risk, hidden for others, and how.

    `epsilon_thousandths` is the privacy loss spent, 0 without noise.
    """

    cells: int
    primary: int
    secondary: int
    rounding_base: int = 1
    epsilon_thousandths: int = 0
