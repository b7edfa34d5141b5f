"""What two versions of a description say differently, answer by answer and table by table."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Final

from ecluse.domain.metadata.answers import QUESTIONS, answers_of, with_answers
from ecluse.domain.metadata.datasets import DatasetDescription
from ecluse.domain.metadata.lenses import Answer
from ecluse.domain.metadata.variables import Table, Variable

TABLES: Final = "variables"
"""The member that is compared table by table."""


@dataclass(frozen=True, slots=True)
class Changed:
    """An answer that differs: the question, what was said before, and what is said now."""

    question: str
    before: Answer
    after: Answer


@dataclass(frozen=True, slots=True)
class TableChange:
    """A table that differs: the names of the columns added, removed, and described otherwise.

    `is_new` and `is_gone` say that the table itself came or went; its columns are then all listed.
    """

    table: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    reworded: tuple[str, ...] = ()
    is_new: bool = False
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """All that differs. `others` are members that no question of the form speaks of."""

    answers: tuple[Changed, ...] = ()
    tables: tuple[TableChange, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether both versions say the same."""
        return not (self.answers or self.tables or self.others)


def difference(before: DatasetDescription, after: DatasetDescription) -> Difference:
    """Return what differs between two versions, in the order of the form, then of the tables."""
    old, new = answers_of(before), answers_of(after)
    changed = tuple(
        Changed(name, old[name], new[name]) for name in QUESTIONS if old[name] != new[name]
    )
    return Difference(changed, tuple(_tables(before, after)), _others(before, after))


def _others(before: DatasetDescription, after: DatasetDescription) -> tuple[str, ...]:
    """The members that still differ once both give the same answers."""
    aligned, _unread = with_answers(before, answers_of(after))
    aligned = replace(aligned, variables=after.variables)
    return tuple(
        one.name
        for one in fields(DatasetDescription)
        if one.name != TABLES and getattr(aligned, one.name) != getattr(after, one.name)
    )


def _tables(before: DatasetDescription, after: DatasetDescription) -> Iterator[TableChange]:
    old, new = _by_name(before), _by_name(after)
    for name, table in old.items():
        if name not in new:
            yield TableChange(name, removed=tuple(_columns(table)), is_gone=True)
    for name, table in new.items():
        if name not in old:
            yield TableChange(name, added=tuple(_columns(table)), is_new=True)
        elif table != old[name]:
            yield _change(name, _columns(old[name]), _columns(table))


def _change(name: str, old: Mapping[str, Variable], new: Mapping[str, Variable]) -> TableChange:
    return TableChange(
        name,
        added=tuple(one for one in new if one not in old),
        removed=tuple(one for one in old if one not in new),
        reworded=tuple(one for one in new if one in old and new[one] != old[one]),
    )


def _by_name(said: DatasetDescription) -> dict[str, Table]:
    """The tables by name: the title of their group before it where two have one name."""
    found: dict[str, Table] = {}
    for group in said.variables:
        own = group.titles[0].words if group.titles else ""
        for table in group.tables:
            name = table.titles[0].words if table.titles else ""
            found[name if name not in found else f"{own} {name}"] = table
    return found


def _columns(table: Table) -> dict[str, Variable]:
    return {
        one.name.words if one.name else f"#{rank}": one
        for rank, one in enumerate(table.variables, start=1)
    }
