"""What the register tells of persons, and whom links join to them."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from ecluse.data.cohorts.algebra import Frame, Lakeside, Term, Terms
from ecluse.data.schemas import Facts, Link, Mark

PERSON: Final = "person_key"
LINKED_TO: Final = "linked_to"
RECORD: Final = "event_key"
SHARED: Final = ("number", "place")
KINDS: Final = {"sex": "text", "born_on": "date", "died_on": "date", "department": "text"}


def facts_of(lakeside: Lakeside) -> Frame:
    """Return what is known of persons: `person_key`, `sex`, `born_on`, `died_on`, `department`.

    One row for each person of the register; NULL is unknown. `sex` is female or male, a department
    is written 75, 2A, 971.
    """
    told, terms = lakeside.model.register.facts, lakeside.terms
    if told is None or not lakeside.has(lakeside.model.register.table):
        nothing = {name: terms.nothing(kind) for name, kind in KINDS.items()}
        return lakeside.persons().select({PERSON: terms.column(PERSON), **nothing})
    found = _latest(_read(lakeside.raw(lakeside.model.register.table), told, terms), terms)
    facts = found.select(
        {
            PERSON: terms.column(PERSON),
            "sex": _sex(told, terms),
            "born_on": terms.column("born_on"),
            "died_on": terms.column("died_on"),
            "department": terms.department(terms.column("department")),
        }
    )
    return facts if told.death_table is None else _with_deaths(facts, lakeside, told)


def linked(lakeside: Lakeside, link: Link) -> Frame:
    """Return each person with those whom the link joins: `person_key` is linked to `linked_to`.

    Rows that count are read. A record that fits those of several persons, or one of nobody known,
    links no one.
    """
    terms = lakeside.terms
    person, other, owner = (terms.column(name) for name in (PERSON, "other", LINKED_TO))
    records = _numbered(lakeside, link).inner(_marked(lakeside, link), (RECORD,))
    shared = {name: terms.column(name) for name in SHARED}
    own = records.where(terms.column("is_own")).select(
        {**shared, "day": terms.column("day"), LINKED_TO: person}
    )
    others = records.where(terms.column("is_other")).select(
        {**shared, "other_day": terms.column("day"), PERSON: terms.known(person, _nobody(terms))}
    )
    apart = terms.days_between(terms.column("day"), terms.column("other_day"))
    is_near = (apart <= terms.value(link.days_apart)) & (terms.value(-link.days_apart) <= apart)
    fitting = own.inner(others, SHARED).where(is_near)
    found = fitting.grouped(
        (*SHARED, "day", LINKED_TO),
        {PERSON: terms.smallest(person), "other": terms.largest(person)},
    )
    is_one = (person == other) & ~(person == _nobody(terms)) & ~(person == owner)
    return found.where(is_one).select({PERSON: person, LINKED_TO: owner}).distinct()


def _numbered(lakeside: Lakeside, link: Link) -> Frame:
    """Return the records that bear a number: record, person, number, place, day."""
    terms, table = lakeside.terms, lakeside.rows(link.table)
    number = _text(table, link.number, terms)
    return table.select(
        {
            RECORD: _column(table, RECORD, "wide", terms),
            PERSON: terms.column(PERSON),
            "number": number,
            "place": _text(table, link.place, terms),
            "day": terms.typed(_column(table, link.day, "date", terms), "date"),
        }
    ).where(~terms.is_in(terms.column("number"), ("", *link.no_number)))


def _marked(lakeside: Lakeside, link: Link) -> Frame:
    """Return the records of the marks: record, `is_own`, `is_other`; not those of neither."""
    terms, table = lakeside.terms, lakeside.rows(link.told_by)
    own, other = (_has_all(table, marks, terms) for marks in (link.own, link.other))
    records = table.select(
        {RECORD: _column(table, RECORD, "wide", terms), "is_own": own, "is_other": other}
    )
    return records.where(terms.column("is_own") | terms.column("is_other"))


def _has_all(table: Frame, marks: Sequence[Mark], terms: Terms) -> Term:
    has_all = terms.value(True)  # noqa: FBT003 - a term, not a switch
    for mark in marks:
        text = _text(table, mark.column, terms)
        if mark.values:
            has_all = has_all & terms.is_in(text, mark.values)
        if mark.excluded:
            has_all = has_all & ~terms.is_in(text, mark.excluded)
    return has_all


def _text(table: Frame, name: str, terms: Terms) -> Term:
    """Return a column as text without the spaces around it; an empty one is ""."""
    return terms.known(terms.text_of(_column(table, name, "text", terms)), terms.value(""))


def _column(table: Frame, name: str, kind: str, terms: Terms) -> Term:
    return terms.column(name) if name in table.columns else terms.nothing(kind)


def _nobody(terms: Terms) -> Term:
    """Return the key of a person who is not known, which no person has."""
    return terms.value(-1)


def _read(rows: Frame, told: Facts, terms: Terms) -> Frame:
    def column(name: str | None, kind: str) -> Term:
        has_it = name is not None and name in rows.columns
        return terms.column(name) if has_it and name else terms.nothing(kind)

    # A fact of another table is joined afterwards.
    death = None if told.death_table else told.death
    year, month, number = (column(name, "integer") for name in (*told.birth, None, None)[:3])
    latest = terms.typed(column(told.latest, "date"), "date")
    return rows.select(
        {
            PERSON: terms.column(PERSON),
            "latest": terms.known(latest, terms.value(date.min)),
            "sex": terms.text_of(column(told.sex, "text")),
            "born_on": terms.day(year, month, number),
            "died_on": terms.typed(column(death, "date"), "date"),
            "department": terms.text_of(column(told.department, "text")),
        }
    ).where(~terms.is_null(terms.column(PERSON)))


def _latest(rows: Frame, terms: Terms) -> Frame:
    """Return for each person what the rows with the greatest `latest` tell, and the first death."""
    by_day = rows.grouped(
        (PERSON, "latest"), {name: terms.smallest(terms.column(name)) for name in KINDS}
    )
    latest = terms.column("latest")
    told = {
        name: terms.beside(terms.column(name), latest, is_last=True)
        for name in ("sex", "born_on", "department")
    }
    return by_day.grouped((PERSON,), {**told, "died_on": terms.smallest(terms.column("died_on"))})


def _sex(told: Facts, terms: Terms) -> Term:
    sex = terms.column("sex")
    male = terms.choose(terms.is_in(sex, told.male), terms.value("male"))
    return terms.choose(terms.is_in(sex, told.female), terms.value("female"), male)


def _with_deaths(facts: Frame, lakeside: Lakeside, told: Facts) -> Frame:
    terms = lakeside.terms
    if told.death is None or told.death_table is None or not lakeside.has(told.death_table):
        return facts
    died_on = terms.smallest(terms.typed(terms.column(told.death), "date"))
    deaths = lakeside.raw(told.death_table).grouped((PERSON,), {"died_on": died_on})
    kept = {name: terms.column(name) for name in (PERSON, "sex", "born_on", "department")}
    ordered = {name: terms.column(name) for name in (PERSON, *KINDS)}
    return facts.select(kept).left(deaths, (PERSON,)).select(ordered)
