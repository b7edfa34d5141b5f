"""Whether a data model has what a cohort asks for, told before anything is read."""

import math
from collections.abc import Iterator
from typing import Final

from ecluse.data.cohorts.planning.cells import READERS, WHOLE, kind_of
from ecluse.data.schemas import Column, Model, Role
from ecluse.domain.cohorts import (
    Cohort,
    ColumnAt,
    Events,
    EveryEvent,
    Fact,
    OtherRecord,
    SameRecord,
    Total,
    Where,
    facts,
    leaves,
    links,
    nodes,
)
from ecluse.domain.errors import InvalidInput

OWN_COLUMNS: Final = frozenset({"person_key", "index_day", "set_number", "is_case"})
"""What every cohort's file may hold beside its variables."""
NUMBERS: Final = WHOLE | {"number"}
LARGEST: Final = 2**63
NEVER_ASKED: Final[frozenset[Role]] = frozenset({"person", "identifier"})
"""Roles whose values name a person: a condition on them would tell who is in the data."""
NEVER_GIVEN: Final[frozenset[Role]] = NEVER_ASKED | {"link", "professional", "facility"}
"""Roles whose values leave the lake as pseudonyms, or not at all: never as a variable."""


def check(cohort: Cohort, model: Model) -> None:
    """Accept a cohort that can be asked of a dataset. Raises InvalidInput: all that is wrong."""
    missing = [*_missing_places(cohort, model)]
    problems = missing or [*_problems(cohort, model)]
    if problems:
        raise InvalidInput(f"The cohort cannot be asked of {model.name}: {'; '.join(problems)}.")


def _missing_places(cohort: Cohort, model: Model) -> Iterator[str]:
    """Yield the sources and links that the dataset has no rows for."""
    for name in dict.fromkeys(leaf.source for leaf in leaves(cohort)):
        source = model.sources.get(name)
        if source is None:
            yield f"it has no event source {name!r} (use {', '.join(model.sources) or 'none'})"
        elif source.table not in model.tables:
            yield f"{name} is found in the table {source.table}, which it lacks"
    for name in sorted(links(cohort)):
        link = model.links.get(name)
        if link is None:
            yield f"it has no link {name!r} (use {', '.join(model.links) or 'none'})"
        elif not {link.table, link.told_by} <= model.tables.keys():
            yield f"the link {name} is found in {link.table} and {link.told_by}: it lacks one"


def _problems(cohort: Cohort, model: Model) -> Iterator[str]:
    yield from _missing_facts(cohort, model)
    for variable in cohort.variables:
        if variable.name in OWN_COLUMNS:
            yield f"a variable cannot be called {variable.name}, a column of its own"
    for node in nodes(cohort):
        if isinstance(node, Events | EveryEvent):
            for where in node.where:
                yield from _where_problems(node, where, model)
        elif isinstance(node, Total | ColumnAt):
            yield from _column_problems(node, model)
        elif isinstance(node, SameRecord | OtherRecord):
            yield from _record_problems(node, model)


def _missing_facts(cohort: Cohort, model: Model) -> Iterator[str]:
    told = model.register.facts
    has = {
        Fact.BIRTH: bool(told and told.birth),
        Fact.DEATH: bool(told and told.death),
        Fact.SEX: bool(told),
        Fact.DEPARTMENT: bool(told and told.department),
    }
    matching = cohort.matching
    # Matching looks at all facts, and needs those that it matches on.
    asked: set[Fact] = set()
    for part in (*cohort.steps, *cohort.variables, cohort.index, matching and matching.controls):
        asked |= facts(part)
    if matching:
        asked |= {Fact.BIRTH, *((Fact.SEX,) if matching.same_sex else ())}
        asked |= {Fact.DEPARTMENT} if matching.same_department else set()
    for fact in sorted(asked):
        if not has[fact]:
            yield f"its register of persons does not tell their {fact}"


def _where_problems(leaf: Events | EveryEvent, where: Where, model: Model) -> Iterator[str]:
    column = _column(leaf, where.column, model)
    if column is None:
        yield f"{leaf.source} has no column {where.column}"
        return
    if column.role in NEVER_ASKED:
        yield f"{column.name} names persons: no condition can be put on it"
        return
    kind = kind_of(column)
    for value in where.values:
        if not _can_be_read(value, kind):
            yield f"a value given for {column.name} is not of its type, {column.type}"


def _can_be_read(value: str, kind: str) -> bool:
    try:
        read = READERS[kind](value)
    except ValueError:
        return False
    if kind in WHOLE:
        return bool(-LARGEST <= read < LARGEST)
    return kind != "number" or math.isfinite(read)


def _column_problems(node: Total | ColumnAt, model: Model) -> Iterator[str]:
    kinds = set()
    for leaf in dict.fromkeys(leaves(node)):
        column = _column(leaf, node.column, model)
        if column is None:
            yield f"{leaf.source} has no column {node.column}"
        elif column.role in NEVER_GIVEN:
            yield f"{column.name} is an identifier: it cannot be given as a variable"
        else:
            kind = kind_of(column)
            kinds.add("number" if kind in NUMBERS else kind)
    if isinstance(node, Total) and kinds - {"number"}:
        yield f"{node.column} does not hold numbers: it cannot be added up"
    if len(kinds) > 1:
        yield f"{node.column} is not of the same type in all of its sources"


def _record_problems(node: SameRecord | OtherRecord, model: Model) -> Iterator[str]:
    found = {model.record_table(model.source(leaf.source).table) for leaf in leaves(node)}
    if None in found or len(found) > 1:
        names = ", ".join(dict.fromkeys(leaf.source for leaf in leaves(node)))
        yield f"{names} are not found in the same records (one stay, or one claim)"


def _column(leaf: Events | EveryEvent, name: str, model: Model) -> Column | None:
    return model.table(model.source(leaf.source).table).column(name)
