"""The register for programs: CSV, JSON, JSON-LD (DCAT) and an Atom feed, from public rows alone."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _

from ecluse.domain.codec import JSON
from ecluse.portal.register import labels
from ecluse.portal.register.models import Publication
from ecluse.portal.register.rows import PublicRecall, PublicResult, PublicRow

COLUMNS: Final = tuple(field.name for field in fields(PublicRow))
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
FEED_LENGTH: Final = 50
CONTEXT: Final[Mapping[str, JSON]] = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "prov": "http://www.w3.org/ns/prov#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def address(name: str, *args: object) -> str:
    """The absolute address of a page of the register."""
    return f"{settings.ECLUSE_URL}{reverse(f'register:{name}', args=args)}"


def to_csv(rows: Iterable[PublicRow]) -> Iterator[str]:
    """Yield the lines of a CSV file; a list is joined by semicolons.

    A text that a spreadsheet would run as a formula is given with an apostrophe before it.
    """
    yield _line(COLUMNS)
    for row in rows:
        yield _line([_cell(getattr(row, column)) for column in COLUMNS])


def _line(cells: Iterable[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue()


def _cell(value: object) -> str:
    if isinstance(value, tuple):
        return _cell(";".join(value))
    if isinstance(value, date):
        return value.isoformat()
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def to_json(
    row: PublicRow, results: Iterable[PublicResult], recalls: Iterable[PublicRecall]
) -> dict[str, JSON]:
    """One line of the register with its results and recalls, its permanent address first."""
    return {
        "address": address("decision", row.number),
        **_members(row),
        "results": [_members(one) for one in results],
        "recalls": [_members(one) for one in recalls],
    }


def _members(one: PublicRow | PublicResult | PublicRecall) -> dict[str, JSON]:
    return {name: _plain(value) for name, value in asdict(one).items()}


def _plain(value: object) -> JSON:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [str(one) for one in value]
    return None if value is None else str(value)


def to_jsonld(rows: Iterable[PublicRow], *, changed_at: datetime | None) -> dict[str, JSON]:
    """The register as a dataset of DCAT with its distributions; each decision is a part of it."""
    register: dict[str, JSON] = {
        "@id": address("register"),
        "@type": "dcat:Dataset",
        "dct:title": [_text("Registre public des décisions", "fr")],
        "dct:description": [
            _text("Demandes d’accès aux données de santé, autorisations et refus motivés.", "fr")
        ],
        "dcat:landingPage": {"@id": address("register")},
        "dcat:distribution": [
            _distribution("register_csv", "text/csv"),
            _distribution("register_json", "application/json"),
            _distribution("feed", "application/atom+xml"),
        ],
        "dct:hasPart": [_decision(row) for row in rows],
    }
    if changed_at is not None:
        register["dct:modified"] = _typed(changed_at.isoformat(), "dateTime")
    return {"@context": dict(CONTEXT), **register}


def _distribution(name: str, media_type: str) -> dict[str, JSON]:
    return {
        "@type": "dcat:Distribution",
        "dcat:accessURL": {"@id": address(name)},
        "dcat:mediaType": media_type,
    }


def _decision(row: PublicRow) -> dict[str, JSON]:
    found: dict[str, JSON] = {
        "@id": address("decision", row.number),
        "@type": "prov:Entity",
        "dct:identifier": row.number,
        "dct:type": row.kind,
        "dct:title": row.title,
        "dct:isPartOf": {"@id": address("register")},
        "dcat:landingPage": {"@id": address("decision", row.number)},
    }
    if row.summary:
        found["dct:description"] = row.summary
    if row.organisation:
        found["prov:wasAttributedTo"] = {"@type": "foaf:Agent", "foaf:name": row.organisation}
    if row.decided_on:
        found["dct:issued"] = _typed(row.decided_on.isoformat(), "date")
    if row.replaces:
        found["dct:replaces"] = {"@id": address("decision", row.replaces)}
    found["dct:source"] = [{"@id": _dataset(slug)} for slug in row.datasets]
    return found


def _dataset(slug: str) -> str:
    return f"{settings.ECLUSE_URL}{reverse('catalogue:dataset', args=[slug])}"


def _text(words: str, language: str) -> JSON:
    return {"@value": words, "@language": language}


def _typed(value: str, kind: str) -> JSON:
    return {"@value": value, "@type": f"xsd:{kind}"}


def to_atom(publications: Iterable[Publication], *, today: date) -> str:
    """The last changes of the register, for a reader of feeds."""
    feed = Atom1Feed(
        title=_("Registre public"),
        link=address("register"),
        description="",
        feed_url=address("feed"),
        language="fr",
    )
    for one in publications:
        row, stage = one.row(), one.stage_on(today)
        words = f"{labels.KINDS[row.kind]} – {labels.STAGES[stage]}"
        feed.add_item(
            title=f"{row.number} – {row.title}" if row.title else row.number,
            link=address("decision", row.number),
            description="\n\n".join(part for part in (words, row.summary, row.reason) if part),
            unique_id=address("decision", row.number),
            updateddate=one.changed_at,
            categories=[str(labels.KINDS[row.kind]), *row.datasets],
        )
    return feed.writeString("utf-8")
