"""What a table is broken down by: age bands, groups of codes, areas, years.

A variable puts each value in one category of a tree. Its root is the total, `_T`; what fits no
category goes to `_O`, so that categories always add up to their total.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from ecluse.domain.errors import InvalidInput

TOTAL = "_T"
OTHER = "_O"
LONGEST = 64
OLDEST = 130


@dataclass(frozen=True, slots=True)
class Category:
    """One category of a variable; `parent` is None for the total alone."""

    code: str
    title: str
    parent: str | None


@dataclass(frozen=True, slots=True)
class AgeBands:
    """Age in completed years on a day; `starts` are the first ages of the bands, rising.

    A band ends before the next start, the last one has no end. Without `month_column`, or for a
    month outside 1 to 12, persons are taken as born in January.
    """

    name: str
    title: str
    table: str
    year_column: str
    month_column: str | None
    on: date
    starts: tuple[int, ...]

    def __post_init__(self) -> None:
        """Raise InvalidInput for bands out of order."""
        check_name(self.name)
        rising = all(before < after for before, after in pairwise(self.starts))
        if not self.starts or not rising or not 0 <= self.starts[0] <= self.starts[-1] <= OLDEST:
            raise InvalidInput(
                f"Age bands {self.name}: give first ages from 0 to {OLDEST}, each above the last."
            )

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns whose values choose the category."""
        return (self.year_column, *([self.month_column] if self.month_column else []))

    @property
    def is_sensitive(self) -> bool:
        """Whether it is a harm to learn that all persons of a group share a category."""
        return False

    def categories(self) -> tuple[Category, ...]:
        """Return the tree, the total first, each category after its parent."""
        codes = [*(f"{start}-{end - 1}" for start, end in pairwise(self.starts))]
        codes.append(f"{self.starts[-1]}+")
        return (
            Category(TOTAL, "Total", None),
            *(Category(code, code, TOTAL) for code in codes),
            Category(OTHER, "Other or unknown", TOTAL),
        )

    def leaf(self, values: tuple[str | None, ...]) -> str:
        """Return the code of the category of a birth year and month."""
        year = values[0] or ""
        if not year.isdecimal():
            return OTHER
        age = self.on.year - int(year)
        if self.on.month < _month(values[1] if len(values) > 1 else None):
            age -= 1
        below = [rank for rank, start in enumerate(self.starts) if start <= age <= OLDEST]
        return self.categories()[1 + below[-1]].code if below else OTHER


@dataclass(frozen=True, slots=True)
class CodeGroup:
    """A group of codes, those that begin with one of `prefixes`; or of groups that name it parent.

    A group that is a parent has no prefix of its own.
    """

    code: str
    title: str
    prefixes: tuple[str, ...] = ()
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class CodeGroups:
    """Groups of the codes of one column, in a tree: sex, regime, department in region, ATC class.

    `is_exact`: a code is the prefix itself, not what begins with it (sex 1 is not 10).
    `is_sensitive`: it is a harm to learn that all persons of a group share a category.
    """

    name: str
    title: str
    table: str
    column: str
    groups: tuple[CodeGroup, ...]
    is_exact: bool = False
    is_sensitive: bool = False

    def __post_init__(self) -> None:
        """Raise InvalidInput for groups that overlap, are empty or have no place in the tree."""
        check_name(self.name)
        codes = [group.code for group in self.groups]
        parents = {group.parent for group in self.groups}
        if not codes or len(set(codes)) < len(codes) or {TOTAL, OTHER} & set(codes):
            raise InvalidInput(f"{self.name}: give each group a code of its own, not _T nor _O.")
        for rank, group in enumerate(self.groups):
            if group.parent is not None and group.parent not in codes[:rank]:
                raise InvalidInput(f"{self.name}: write the parent of {group.code} before it.")
            if (group.code in parents) == bool(group.prefixes) or not all(group.prefixes):
                raise InvalidInput(
                    f"{self.name}: {group.code} needs prefixes, or groups that name it parent, "
                    "not both."
                )
        self._check_disjoint()

    def _check_disjoint(self) -> None:
        prefixes = sorted(prefix for group in self.groups for prefix in group.prefixes)
        for before, after in pairwise(prefixes):
            if before == after or (not self.is_exact and after.startswith(before)):
                raise InvalidInput(
                    f"{self.name}: {after} falls in two groups ({before}, {after}): make the "
                    "groups disjoint, or persons would be counted in both."
                )

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns whose values choose the category."""
        return (self.column,)

    def categories(self) -> tuple[Category, ...]:
        """Return the tree, the total first, each category after its parent."""
        return (
            Category(TOTAL, "Total", None),
            *(Category(group.code, group.title, group.parent or TOTAL) for group in self.groups),
            Category(OTHER, "Other or unknown", TOTAL),
        )

    def leaf(self, values: tuple[str | None, ...]) -> str:
        """Return the code of the group of one code."""
        value = (values[0] or "").strip()
        for group in self.groups:
            if value in group.prefixes or (not self.is_exact and value.startswith(group.prefixes)):
                return group.code
        return OTHER


@dataclass(frozen=True, slots=True)
class Years:
    """The calendar year of an event, from `first` to `last`."""

    name: str
    title: str
    first: int
    last: int

    def __post_init__(self) -> None:
        """Raise InvalidInput for years in the wrong order."""
        check_name(self.name)
        if self.last < self.first:
            raise InvalidInput(f"{self.name}: the last year is before the first.")

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns whose values choose the category."""
        return ("event_date",)

    @property
    def is_sensitive(self) -> bool:
        """Whether it is a harm to learn that all persons of a group share a category."""
        return False

    def categories(self) -> tuple[Category, ...]:
        """Return the tree, the total first, each category after its parent."""
        years = range(self.first, self.last + 1)
        return (
            Category(TOTAL, "Total", None),
            *(Category(str(year), str(year), TOTAL) for year in years),
            Category(OTHER, "Other or unknown", TOTAL),
        )

    def leaf(self, values: tuple[str | None, ...]) -> str:
        """Return the code of the year of a day written 2022-03-31."""
        year = (values[0] or "")[:4]
        return year if year.isdecimal() and self.first <= int(year) <= self.last else OTHER


Variable = AgeBands | CodeGroups | Years


@dataclass(frozen=True, slots=True)
class Tree:
    """The categories of a variable by rank (0 is the total), with the way from each to the total.

    `parents[rank]` is the rank of the parent, -1 for the total. `paths[rank]` goes from the total
    down to the category itself.
    """

    codes: tuple[str, ...]
    parents: tuple[int, ...]
    children: tuple[tuple[int, ...], ...]
    paths: tuple[tuple[int, ...], ...]

    @property
    def depth(self) -> int:
        """How many levels stand below the total."""
        return max(map(len, self.paths)) - 1


def tree(categories: Iterable[Category]) -> Tree:
    """Return the tree of categories listed parents first."""
    listed = tuple(categories)
    ranks: Mapping[str, int] = {category.code: rank for rank, category in enumerate(listed)}
    parents = tuple(
        -1 if category.parent is None else ranks[category.parent] for category in listed
    )
    children: list[list[int]] = [[] for _ in listed]
    paths: list[tuple[int, ...]] = []
    for rank, parent in enumerate(parents):
        paths.append((0,) if parent < 0 else (*paths[parent], rank))
        if parent >= 0:
            children[parent].append(rank)
    return Tree(tuple(ranks), parents, tuple(map(tuple, children)), tuple(paths))


def check_name(name: str) -> None:
    """Raise InvalidInput for a name that cannot be a column of a result."""
    if not name.isidentifier() or not name.isascii() or len(name) > LONGEST:
        raise InvalidInput(
            f"A name of {len(name)} characters cannot be used: take a letter, then letters, "
            f"figures or _, {LONGEST} at most."
        )


def _month(text: str | None) -> int:
    month = int(text) if text and text.isdecimal() else 1
    return month if 1 <= month <= 12 else 1  # noqa: PLR2004 — the months of a year
