"""What a filter is: a trap of the data, and how rows are left out, merged or repaired."""

from dataclasses import dataclass
from typing import Literal

from ecluse.data.filters.switches import State

Test = Literal[
    "in",
    "not_in",
    "at_least",
    "starts_with",
    "pattern",
    "missing",
    "listed",
    "other_year",
    "after_cut_off",
]
Scope = Literal["event", "everywhere", "person", "row"]


@dataclass(frozen=True, slots=True)
class Group:
    """Values that are a trap from `first_year` to `last_year` (both included, None: no bound)."""

    title: str
    values: tuple[str | int, ...]
    first_year: int | None = None
    last_year: int | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """One test of one column, in the years when it means something.

    `values` are those of the test; `groups` those of `listed`. `other_year` holds when the year
    written in the text (MMAAAA or AAAAMM) is not the table's; `after_cut_off` when the date is
    later than the cut-off flow of the switches.
    """

    column: str
    test: Test
    values: tuple[str | int, ...] = ()
    groups: tuple[Group, ...] = ()
    first_year: int | None = None
    last_year: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """Rows to leave out: at least one alternative of `drop`, whose conditions all hold.

    `scope` says what follows from a row of one of `tables`: `event` leaves out the rows of the same
    claim or stay in the other tables too; `person` those of the persons all of whose rows are left
    out; `row` that row alone. `everywhere`: each table of the same events has the columns itself.
    """

    tables: tuple[str, ...]
    drop: tuple[tuple[Condition, ...], ...]
    scope: Scope = "event"


@dataclass(frozen=True, slots=True)
class Netting:
    """Lines of `table` that cancel each other: same person, same values of `act`.

    Where the person is not known, `unnamed` columns say whom the act concerns. `quantity` and
    `sums` are added up; `quantity_table` has the quantity when `table` itself does not.
    """

    table: str
    act: tuple[str, ...]
    unnamed: tuple[str, ...]
    quantity: str
    quantity_table: str | None = None
    sums: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Episodes:
    """Intervals of `table` that touch, merged: same person, same values of `of`.

    An empty `end` means still open. Where the person is not known, `unnamed` columns say who it is.
    """

    table: str
    of: tuple[str, ...]
    unnamed: tuple[str, ...]
    start: str
    end: str


@dataclass(frozen=True, slots=True)
class Repair:
    """A pack code of 13 digits (`column`) that is empty or 0, made from the former 7 (`cip7`)."""

    table: str
    column: str
    cip7: str


@dataclass(frozen=True, slots=True)
class Filter:
    """One trap, with what the documentation advises: the default state and why."""

    name: str
    title_fr: str
    title_en: str
    advice_fr: str
    advice_en: str
    source: str
    default: State
    rules: tuple[Rule, ...] = ()
    nettings: tuple[Netting, ...] = ()
    episodes: tuple[Episodes, ...] = ()
    repairs: tuple[Repair, ...] = ()

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables named by the filter, each once."""
        named = [table for rule in self.rules for table in rule.tables]
        named += [netting.table for netting in self.nettings]
        named += [episodes.table for episodes in self.episodes]
        named += [repair.table for repair in self.repairs]
        return tuple(dict.fromkeys(named))
