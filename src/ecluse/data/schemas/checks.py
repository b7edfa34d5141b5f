"""A model proved coherent before anything is loaded under it."""

import re
from collections.abc import Iterable, Iterator
from typing import Final
from unicodedata import category

from ecluse.data.schemas.columns import OUR_COLUMNS, TABLE_YEAR
from ecluse.data.schemas.models import EventSource, Link, Model, TableSchema
from ecluse.domain.errors import InvalidInput

NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}")
MODEL_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,62}")
DATE_FORMAT: Final = re.compile(r"(%[dmYybBHMSfj]|[ T:/.,-])+")
DATES: Final = frozenset({"date", "timestamp"})
ACTING: Final = frozenset({"Cc", "Cf", "Cs"})
"""Unicode categories of signs that move a cursor, turn the writing around, or are no text."""
KEPT: Final = frozenset({"person", "identifier"})
"""Roles of columns that never leave the lake."""
NAMED_BY: Final = {"claimant": 2, "pseudonym": 1, "identity": 1}
"""How many columns name a person."""
SNDS_REGISTER: Final = ("BEN_NIR_PSA", "BEN_RNG_GEM")
"""What the BEN_IDT_ANO rule reads, whatever else there is."""


def check(model: Model) -> None:
    """Accept `model`. Raises InvalidInput, which names everything that is wrong."""
    problems = [*_model_problems(model), *_register_problems(model)]
    for schema in model.tables.values():
        problems += _table_problems(model, schema)
    for source in model.sources.values():
        problems += _source_problems(model, source)
    for link in model.links.values():
        problems += _link_problems(model, link)
    if problems:
        raise InvalidInput(f"The model {model.name!r} cannot be used: {'; '.join(problems)}.")


def _model_problems(model: Model) -> Iterator[str]:
    # Its name finds the rules, the filters and the mappings of a model: it becomes a path.
    if not MODEL_NAME.fullmatch(model.name):
        yield "its name must be a letter, then letters, digits, hyphens and underscores"
    if not model.date_formats:
        yield "it has no date format"
    for written in model.date_formats:
        if not DATE_FORMAT.fullmatch(written):
            yield f"{written!r} is not a date format, as %d/%m/%Y is one"
    seen: set[str] = set()
    for name in model.tables:
        if name.casefold() in seen:
            yield f"it has the table {name} twice"
        seen.add(name.casefold())


def _register_problems(model: Model) -> Iterator[str]:
    register = model.tables.get(model.register.table)
    if register is None:
        yield f"its register {model.register.table} is not one of its tables"
        return
    if not register.person:
        yield f"its register {register.name} names no person column"
    needed = SNDS_REGISTER if model.register.by == "snds" else ()
    for name in (*needed, *((model.register.opt_out,) if model.register.opt_out else ())):
        if register.column(name) is None:
            yield f"its register has no column {name}"
    yield from _leaving(register, [model.register.opt_out or ""])
    yield from _fact_problems(model, register)


def _fact_problems(model: Model, register: TableSchema) -> Iterator[str]:
    facts = model.register.facts
    if facts is None:
        return
    dead = model.tables.get(facts.death_table or register.name)
    if dead is None:
        yield f"its facts name the table {facts.death_table}, which does not exist"
        return
    wanted = [(register, name) for name in (facts.sex, *facts.birth)]
    wanted += [(register, name) for name in (facts.department, facts.latest) if name]
    wanted += [(dead, facts.death)] if facts.death else []
    for schema, name in wanted:
        if schema.column(name) is None:
            yield f"its facts name {schema.name}.{name}, which does not exist"
    if not 1 <= len(facts.birth) <= len(("year", "month", "day")):
        yield "its facts give a birth by a year, then a month, then a day"


def _leaving(schema: TableSchema, names: Iterable[str]) -> Iterator[str]:
    """Find columns that name a person and whose role would let them be extracted."""
    for column in schema.columns:
        if column.name in names and column.role not in KEPT:
            yield f"{schema.name}.{column.name} names persons: its role must be person"


def _table_problems(model: Model, schema: TableSchema) -> Iterator[str]:
    titles = [schema.title_fr + schema.title_en + schema.product]
    titles += [
        column.title_fr + column.title_en + (column.nomenclature or "") for column in schema.columns
    ]
    if any(category(sign) in ACTING for title in titles for sign in title):
        yield f"{schema.name} has a title with signs that act on a terminal or a page"
    if not NAME.fullmatch(schema.name):
        yield f"{schema.name!r} cannot name a table"
    yield from _doubled_names(schema)
    yield from _person_problems(schema)
    mentioned = {
        *schema.key,
        *schema.person,
        *schema.event_date,
        *schema.event_key,
        *(schema.parent.columns if schema.parent else ()),
        *((schema.flow_date,) if schema.flow_date else ()),
        *(column for join in schema.joins for column in join.columns),
    }
    types = {column.name: column.type for column in schema.columns}
    for name in sorted(mentioned - types.keys()):
        yield f"{schema.name} has no column {name}"
    for name in (*schema.event_date, *((schema.flow_date,) if schema.flow_date else ())):
        if types.get(name, "date") not in DATES:
            yield f"{schema.name}.{name} is not of type date, so it can date nothing"
    yield from _parent_problems(model, schema)


def _person_problems(schema: TableSchema) -> Iterator[str]:
    if bool(schema.person) != bool(schema.person_by):
        yield f"{schema.name}: person and person_by go together"
    elif schema.person_by and len(schema.person) != NAMED_BY[schema.person_by]:
        yield (
            f"{schema.name}: person_by {schema.person_by} goes with "
            f"{NAMED_BY[schema.person_by]} person column(s), not {len(schema.person)}"
        )
    yield from _leaving(schema, schema.person)


def _doubled_names(schema: TableSchema) -> Iterator[str]:
    seen: set[str] = set()
    for column in schema.columns:
        for name in (column.name, *column.aliases):
            if not NAME.fullmatch(name):
                yield f"{schema.name}: {name!r} cannot name a column"
            if name.casefold() in OUR_COLUMNS and name != TABLE_YEAR:
                yield f"{schema.name}: {name} is the name of a column that a load makes"
            if name.casefold() in seen:
                yield f"{schema.name} has {name} twice"
            seen.add(name.casefold())


def _parent_problems(model: Model, schema: TableSchema) -> Iterator[str]:
    if schema.parent is None:
        return
    parent = model.tables.get(schema.parent.table)
    if parent is None:
        yield f"{schema.name} has an unknown parent {schema.parent.table}"
        return
    names = {column.name for column in parent.columns}
    for name in schema.parent.columns:
        if name not in names:
            yield f"{schema.name} joins its parent on {name}, which {parent.name} lacks"
    if _descends_from_itself(model, schema):
        yield f"{schema.name} descends from itself"


def _descends_from_itself(model: Model, schema: TableSchema) -> bool:
    above, seen = schema, {schema.name}
    while above.parent and above.parent.table in model.tables:
        above = model.tables[above.parent.table]
        if above.name in seen:
            return True
        seen.add(above.name)
    return False


def _source_problems(model: Model, source: EventSource) -> Iterator[str]:
    wanted = [(source.table, source.code_column)]
    if source.end_column:
        wanted.append((source.table, source.end_column))
    if source.reference:
        wanted += [
            (source.reference.table, source.reference.key_column),
            (source.reference.table, source.reference.code_column),
        ]
    for table, name in wanted:
        column = model.tables[table].column(name) if table in model.tables else None
        if column is None:
            yield f"the source {source.name} names {table}.{name}, which does not exist"
        elif name == source.end_column and column.type not in DATES:
            yield f"the source {source.name} ends its events by {name}, which is no date"


def _link_problems(model: Model, link: Link) -> Iterator[str]:
    missing = [
        f"{table}.{name}"
        for table, name in (*link.columns, (link.table, link.day))
        if table not in model.tables or model.tables[table].column(name) is None
    ]
    if missing:
        yield f"the link {link.name} names {', '.join(missing)}, which does not exist"
        return
    schema = model.tables[link.table]
    if not schema.is_about_persons:
        yield f"the link {link.name} is found in {link.table}, which is not about persons"
    day = schema.column(link.day)
    if day is None or day.type not in DATES:
        yield f"the link {link.name} is dated by {link.day}, which is no date"
    if not schema.event_key or schema.event_key != model.tables[link.told_by].event_key:
        yield f"the link {link.name}: {link.table} and {link.told_by} are not of the same records"
    if not link.own or not link.other or link.days_apart < 0:
        yield f"the link {link.name} needs marks of both records, and days apart of 0 or more"
    yield from _leaving(schema, [link.number])
