"""What the register tells of persons, and whom links join to them."""

from datetime import date
from typing import Final

from ecluse.data.cohorts.algebra import Frame, Lakeside, Term, Terms
from ecluse.data.schemas import Facts, Link

PERSON: Final = "person_key"
LINKED_TO: Final = "linked_to"
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

    A pseudonym that several persons share links no one.
    """
    terms = lakeside.terms
    person, other = terms.column(PERSON), terms.column("other")
    table = lakeside.raw(link.table)
    has_it = link.pseudonym_column in table.columns
    pseudonym = terms.column(link.pseudonym_column) if has_it else terms.nothing("text")
    rows = table.select({"pseudonym": pseudonym, LINKED_TO: person})
    names = lakeside.names().grouped(
        ("pseudonym",), {PERSON: terms.smallest(person), "other": terms.largest(person)}
    )
    pairs = rows.inner(names.where(person == other), ("pseudonym",))
    is_someone = ~terms.is_null(terms.column(LINKED_TO))
    columns = {PERSON: person, LINKED_TO: terms.column(LINKED_TO)}
    return pairs.where(is_someone).select(columns).distinct()


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
