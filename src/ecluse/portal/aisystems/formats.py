"""The register for programs: CSV, JSON and JSON-LD (DCAT), from public fields alone."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final

from django.conf import settings
from django.urls import reverse

from ecluse.domain.aisystems.fields import Field
from ecluse.domain.aisystems.rules import Classification
from ecluse.domain.codec import JSON, encode
from ecluse.portal.aisystems.reading import Shown, public_texts
from ecluse.portal.aisystems.rulebook import fields

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
COMPUTED: Final = (
    *("number", "status", "device_class", "aia_category", "annex_iii", "registers", "rulebook"),
    *("level", "specialty", "care_step", "places", "regions"),
)
CONTEXT: Final[Mapping[str, JSON]] = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "schema": "https://schema.org/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def columns() -> tuple[str, ...]:
    """Return the names of the columns: what is computed, then the public declared fields."""
    declared = (one.key for one in fields() if one.is_public and one.origin == "declared")
    return (*COMPUTED, *declared)


def row(one: Shown) -> dict[str, str]:
    """Return a system as a flat row; several values are joined by semicolons."""
    facts = one.system.facts
    told = {
        "number": one.number,
        "status": one.system.status.value,
        "device_class": one.device_class,
        "aia_category": ";".join(one.found.of("aia")),
        "annex_iii": ";".join(one.found.of("annex_iii")),
        "registers": ";".join(one.found.of("registers")),
        "rulebook": one.found.rulebook,
        "level": one.evaluated.level.value,
        "specialty": str(facts.get("specialty", "")),
        "care_step": str(facts.get("care_step", "")),
        "places": str(one.running),
        "regions": ";".join(sorted(one.regions)),
    }
    return told | public_texts(one.system)


def to_csv(every: Iterable[Shown]) -> Iterator[str]:
    """Yield the lines of a CSV file; what a spreadsheet would run begins with an apostrophe."""
    names = columns()
    yield _line(names)
    for one in every:
        told = row(one)
        yield _line([_cell(told.get(name, "")) for name in names])


def _line(cells: Iterable[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue()


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


def to_json(one: Shown) -> dict[str, JSON]:
    """Return a system in full: its fields, its class with the reasons, and its public entries."""
    system = one.system
    return {
        "address": address(one.number),
        "number": one.number,
        "status": system.status.value,
        "fields": dict(public_texts(system)),
        "classification": _classification(one.found),
        "evaluation_level": {
            "level": one.evaluated.level.value,
            "because": [*one.evaluated.because],
        },
        "deployments": [encode(each) for each in system.deployments],
        "evaluations": [encode(each) for each in system.evaluations],
        "claims": [encode(each) for each in system.claims],
        "monitoring": [encode(each) for each in system.readings],
        "incidents": [encode(each) for each in system.incidents],
    }


def _classification(found: Classification) -> JSON:
    return {
        "rulebook": found.rulebook,
        "values": {name: [*values] for name, values in found.values.items()},
        "reasons": [
            {
                "rule": reason.rule_id,
                "rule_set": reason.rule_set,
                "article": reason.article,
                "because": dict(reason.because),
                "gives": {name: [*values] for name, values in reason.gives.items()},
            }
            for reason in found.reasons
        ],
    }


def to_jsonld(every: Iterable[Shown], *, changed_at: datetime | None) -> dict[str, JSON]:
    """Return the register as a dataset of DCAT; each system is a part of it."""
    told: dict[str, JSON] = {
        "@id": f"{settings.ECLUSE_URL}{reverse('aisystems:systems')}",
        "@type": "dcat:Dataset",
        "dct:title": [
            {"@value": "Registre des systèmes d’IA en santé", "@language": "fr"},
            {"@value": "Register of AI systems in health", "@language": "en"},
        ],
        "dcat:distribution": [
            _distribution("systems_csv", "text/csv"),
            _distribution("systems_json", "application/json"),
        ],
        "dct:hasPart": [_part(one) for one in every],
    }
    if changed_at is not None:
        told["dct:modified"] = {"@value": changed_at.isoformat(), "@type": "xsd:dateTime"}
    return {"@context": dict(CONTEXT), **told}


def _distribution(name: str, media_type: str) -> dict[str, JSON]:
    return {
        "@type": "dcat:Distribution",
        "dcat:accessURL": {"@id": f"{settings.ECLUSE_URL}{reverse(f'aisystems:{name}')}"},
        "dcat:mediaType": media_type,
    }


def _part(one: Shown) -> dict[str, JSON]:
    texts = public_texts(one.system)
    told: dict[str, JSON] = {
        "@id": address(one.number),
        "@type": "schema:SoftwareApplication",
        "dct:identifier": one.number,
        "dct:title": one.name,
        "dct:subject": [*one.found.of("aia"), *([one.device_class] if one.device_class else [])],
        "dcat:landingPage": {"@id": address(one.number)},
    }
    if "intended_purpose" in texts:
        told["dct:description"] = texts["intended_purpose"]
    if "provider" in texts:
        told["dct:publisher"] = {"@type": "foaf:Agent", "foaf:name": texts["provider"]}
    return told


def address(number: str) -> str:
    """Return the permanent address of a system."""
    return f"{settings.ECLUSE_URL}{reverse('aisystems:system', args=[number])}"


def to_schema(every: Iterable[Field]) -> dict[str, JSON]:
    """Return the fields of a record as a JSON Schema, with the items of other registers."""
    properties: dict[str, JSON] = {
        one.key: {
            "type": "string",
            "title": dict(one.title)["en"],
            "description": dict(one.hint)["en"],
            "x-origin": one.origin,
            "x-public": one.is_public,
            "x-ai-act-annex-viii": [*one.annex_viii],
            "x-uk-atrs": [*one.atrs],
            "x-chai": [*one.chai],
        }
        for one in every
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{settings.ECLUSE_URL}{reverse('aisystems:schema')}",
        "title": "A record of the register of AI systems",
        "type": "object",
        "required": ["trade_name", "provider", "intended_purpose"],
        "properties": properties,
    }
