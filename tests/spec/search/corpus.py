"""A catalogue of made-up descriptions, in the manner of the French ones, to search in."""

import csv
from datetime import UTC, datetime
from pathlib import Path

from ecluse.domain.metadata import (
    Agent,
    Concept,
    DatasetDescription,
    Period,
    Place,
    Table,
    TableGroup,
    Text,
    Variable,
)
from ecluse.portal.catalogue.actions import publish
from ecluse.portal.catalogue.lists import CODES, HEALTH_CATEGORIES
from ecluse.portal.search.indexing import refresh

FOLDER = Path(__file__).parent
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
COUNTRIES = "http://publications.europa.eu/resource/authority/country/"
REGIONS = "http://data.europa.eu/nuts/code/"


def rows(name: str) -> list[dict[str, str]]:
    """The lines of a table of this folder."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def description_of(row: dict[str, str]) -> DatasetDescription:
    """One line of the corpus as a description."""
    start, _, end = row["years"].partition("-")
    youngest, _, oldest = row["ages"].partition("-")
    folder = COUNTRIES if row["place"] == "FRA" else REGIONS
    period = Period(start=Text(start), end=Text(end) if end else None)
    return DatasetDescription(
        titles=(Text(row["title"], "fr"),),
        descriptions=(Text(row["description"], "fr"),),
        keywords=tuple(Text(word.strip(), "fr") for word in row["keywords"].split(",")),
        holders=(Agent(names=(Text(row["holder"], "fr"),)),),
        health_categories=(Concept(address=f"{HEALTH_CATEGORIES}{CODES[row['letter']]}"),),
        spatial=(Place(address=f"{folder}{row['place']}"),),
        temporal=(period,),
        minimum_age=int(youngest) if youngest else None,
        maximum_age=int(oldest) if oldest else None,
        variables=_variables(row["variables"]),
    )


def _variables(text: str) -> tuple[TableGroup, ...]:
    tables: dict[str, list[Variable]] = {}
    for one in text.split(";"):
        place, _, label = one.partition("=")
        table, _, name = place.partition(".")
        variable = Variable(name=Text(name), titles=(Text(label, "fr"),))
        tables.setdefault(table, []).append(variable)
    made = (Table(titles=(Text(name),), variables=tuple(found)) for name, found in tables.items())
    return (TableGroup(tables=tuple(made)),)


def publish_all() -> None:
    """Put the whole corpus into the catalogue, and into its index."""
    for row in rows("corpus.tsv"):
        publish(row["slug"], description_of(row), by="holder", now=NOW)
    refresh(now=NOW, at_most=None)
