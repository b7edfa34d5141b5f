"""Data minimisation: in which ways a column may be given, and what is proposed of it.

Source: EHDS art. 66(1); rules of access to the SNDS on potentially identifying variables.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

from ecluse.domain.documents import Coarsening, DatasetScope, Precision, SnapshotNotice, TableScope
from ecluse.domain.errors import InvalidInput
from ecluse.domain.identifying import Fact, fact_of, facts_of, forbidden_together
from ecluse.domain.precision import delivered, is_within

AS_IS: Final = "as-is"

STEPS: Final[Mapping[Precision, tuple[int, ...]]] = {
    Precision.AGE_BAND: (5, 10),
    Precision.ROUNDED: (10, 100, 1000),
    Precision.FIRST_CHARACTERS: (5, 4, 3, 2, 1),
}
"""The numbers proposed to people, sharpest first; a document may hold any other."""

LESS: Final[Mapping[Fact, tuple[Precision, ...]]] = {
    Fact.BIRTH_MONTH: (Precision.YEAR, Precision.CHOICE_ONLY),
    Fact.RESIDENCE: (Precision.DEPARTMENT, Precision.REGION, Precision.CHOICE_ONLY),
    Fact.CARE_DAY: (Precision.MONTH, Precision.YEAR, Precision.CHOICE_ONLY),
    Fact.DEATH_DAY: (Precision.MONTH, Precision.YEAR, Precision.CHOICE_ONLY),
    Fact.DEATH_PLACE: (Precision.DEPARTMENT, Precision.REGION, Precision.CHOICE_ONLY),
}
"""What keeps most of a fact without being it, the first that the column can be given in."""

Place = tuple[str, str]
"""A table and one of its columns."""


def precisions_of(notice: SnapshotNotice) -> dict[Place, tuple[Precision, ...]]:
    """Return the precisions in which the secure zone can give each column of a dataset."""
    return {
        (table.name, column.name): column.precisions
        for table in notice.tables
        for column in table.columns
    }


def ways(
    column: str, precisions: Collection[Precision], *, given: Coarsening | None = None
) -> tuple[Coarsening | None, ...]:
    """Return the ways in which a column may be given, sharpest first, none beyond `given`.

    None is the value itself. What is given is among them even where nobody would propose it.
    """
    offered = [None, *_coarsenings(column, precisions)]
    within = [one for one in offered if is_within(one, given)]
    return tuple(within if given in within else [given, *within])


def written(coarsening: Coarsening | None) -> str:
    """Return the word by which a form calls a way of giving a column."""
    if coarsening is None:
        return AS_IS
    step = "" if coarsening.step is None else f":{coarsening.step}"
    return f"{coarsening.to.value}{step}"


def proposed(
    tables: Iterable[TableScope], precisions: Mapping[Place, Collection[Precision]]
) -> tuple[TableScope, ...]:
    """Return what is asked with one fact at most that could identify given as it is.

    The exact day of care stays first: a study that follows persons cannot do without.
    """
    asked = tuple(tables)
    facts = facts_of(asked)
    kept = Fact.CARE_DAY if Fact.CARE_DAY in facts else min(facts, default=None)
    return tuple(_lessened(table, kept, precisions) for table in asked)


def clashing(scope: DatasetScope, *, authorised: Collection[str]) -> tuple[tuple[Place, Fact], ...]:
    """Return the columns whose facts could identify together without authorisation, sorted."""
    if not forbidden_together(scope, authorised=authorised):
        return ()
    places = ((place, fact_of(place[1])) for place in sorted(delivered(scope.tables)))
    return tuple((place, fact) for place, fact in places if fact is not None)


def check_no_sharper(given: Iterable[TableScope], asked: Iterable[TableScope]) -> None:
    """Pass if no column is given more exactly than it was asked. Raises InvalidInput.

    Source: EHDS art. 66(1), 68(1)(b).
    """
    by_name = {table.table: table for table in asked}
    for table in given:
        limit = by_name.get(table.table, TableScope(table.table, ()))
        beyond = [
            name
            for name in table.columns
            if not is_within(table.coarsening(name), limit.coarsening(name))
        ]
        if beyond:
            raise InvalidInput(
                f"{table.table} {', '.join(beyond[:5])}: less was asked. Give no more than that."
            )


def check_can_be_given(tables: Iterable[TableScope], notice: SnapshotNotice) -> None:
    """Pass if the secure zone can give each column so. Raises InvalidInput naming the first."""
    known = precisions_of(notice)
    for table in tables:
        for one in table.coarsened:
            if one.to not in known.get((table.table, one.column), ()):
                raise InvalidInput(
                    f"{table.table} {one.column} cannot be given as {one.to.value}:"
                    " choose another precision."
                )


def _coarsenings(column: str, precisions: Collection[Precision]) -> Iterator[Coarsening]:
    for precision in Precision:
        if precision in precisions:
            for step in STEPS.get(precision, (None,)):
                yield Coarsening(column, precision, step)


def _lessened(
    table: TableScope, kept: Fact | None, precisions: Mapping[Place, Collection[Precision]]
) -> TableScope:
    coarsened = list(table.coarsened)
    for column in table.columns:
        fact = fact_of(column)
        if fact is None or fact is kept or table.coarsening(column) is not None:
            continue
        possible = precisions.get((table.table, column), ())
        coarsened += [Coarsening(column, less) for less in LESS[fact] if less in possible][:1]
    return TableScope(table.table, table.columns, tuple(coarsened))
