"""What the hub itself knows of a dataset, added where its holder said nothing.

The body that grants access, the way to ask, the law that applies; and from the last snapshot the
tables and columns, the period, and the number of persons if it may be published.
"""

from dataclasses import replace
from typing import Any, Final

from django.conf import settings
from django.urls import reverse

from ecluse.domain.documents import SnapshotNotice, TableDescription
from ecluse.domain.metadata import (
    Agent,
    Concept,
    Contact,
    ContactPoint,
    DatasetDescription,
    Distribution,
    Identifier,
    Link,
    Period,
    Statement,
    Table,
    TableGroup,
    Text,
    Variable,
)
from ecluse.domain.metadata.elements import ACCESS_RIGHT
from ecluse.domain.parameters import MINIMUM_COUNT

AUTHORITY: Final = "http://publications.europa.eu/resource/authority/"
EHDS: Final = "http://data.europa.eu/eli/reg/2025/327/oj"
DATATYPES: Final = {
    "text": "string",
    "integer": "integer",
    "bigint": "integer",
    "year": "gYear",
    "date": "date",
    "timestamp": "dateTime",
    "decimal": "decimal",
    "number": "decimal",
    "yearmonth": "gYearMonth",
    "boolean": "boolean",
}
"""The CSVW datatype of each type of the lake."""


def permanent_address(slug: str) -> str:
    """Return the address under which a dataset is known for ever."""
    return f"{settings.ECLUSE_URL}{reverse('catalogue:dataset', args=[slug])}"


def complete(
    description: DatasetDescription, *, slug: str, notice: SnapshotNotice | None
) -> DatasetDescription:
    """Return the description with what the hub knows; nothing that was said is changed."""
    known = {**_of_hub(slug), **(_of_snapshot(notice) if notice else {})}
    missing = {
        name: value for name, value in known.items() if getattr(description, name) in (None, (), "")
    }
    return replace(description, **missing)


def renamed(description: DatasetDescription, *, slug: str) -> DatasetDescription:
    """Return the description of another catalogue under our address, its own kept beside.

    Two catalogues may describe two things under one address: under ours they stay two.
    """
    others = description.other_identifiers
    if description.address:
        others = (*others, Identifier(notations=(Text(description.address, kind="anyURI"),)))
    return replace(description, address=permanent_address(slug), other_identifiers=others)


def access_body(*, address: str = "") -> Agent:
    """Return the health data access body that runs this site."""
    page = f"{settings.ECLUSE_URL}{reverse('site:legal')}"
    return Agent(
        address=address,
        names=(Text(settings.ECLUSE_ACCESS_BODY, "fr"),),
        contact_points=(ContactPoint(pages=(page,)),),
    )


def _of_hub(slug: str) -> dict[str, Any]:
    body, law = access_body(), (Concept(address=EHDS),)
    page = permanent_address(slug)
    return {
        "address": page,
        "identifiers": (Text(slug),),
        "access_rights": (Concept(address=f"{ACCESS_RIGHT}NON_PUBLIC"),),
        "applicable_legislation": law,
        "themes": (Concept(address=f"{AUTHORITY}data-theme/HEAL"),),
        "kinds": (Concept(address=f"{AUTHORITY}dataset-type/PERSONAL_DATA"),),
        "keywords": (Text("santé", "fr"),),
        "access_bodies": (body,),
        "contact_points": (Contact(pages=body.contact_points[0].pages),),
        "provenance": (Statement(labels=(Text("Décrit par son détenteur.", "fr"),)),),
        "landing_pages": (Link(address=page),),
        "is_structured": False,
        "distributions": (
            Distribution(
                titles=(Text("Accès sur autorisation", "fr"), Text("Access under permit", "en")),
                access_urls=(page,),
                applicable_legislation=law,
            ),
        ),
    }


def _of_snapshot(notice: SnapshotNotice) -> dict[str, Any]:
    start, end = notice.care_from.isoformat(), notice.care_to.isoformat()
    period = Period(start=Text(start, kind="date"), end=Text(end, kind="date"))
    count = notice.person_count
    tables = tuple(_table(table) for table in notice.tables if table.columns)
    group = TableGroup(titles=(Text(notice.dataset),), tables=tables)
    return {
        "temporal": (period,),
        "person_count": count if count >= MINIMUM_COUNT.value else None,
        **({"is_structured": True, "variables": (group,)} if tables else {}),
    }


def _table(table: TableDescription) -> Table:
    titles = both(table.title_fr, table.title_en) or (Text(table.name),)
    return Table(
        titles=(Text(table.name), *(title for title in titles if title.words != table.name)),
        variables=tuple(
            variable(column.name, column.title_fr, column.title_en, type_=column.type)
            for column in table.columns
        ),
    )


def variable(name: str, title_fr: str, title_en: str, *, type_: str) -> Variable:
    """Return a column as a variable; its name stands where it has no title."""
    titles = both(title_fr, title_en) or (Text(name),)
    return Variable(
        name=Text(name),
        titles=titles,
        descriptions=titles,
        datatype=Text(DATATYPES.get(type_, "string")),
    )


def both(french: str, english: str) -> tuple[Text, ...]:
    """Return a text in the languages that it has."""
    pairs = ((french.strip(), "fr"), (english.strip(), "en"))
    return tuple(Text(words, language) for words, language in pairs if words)
