"""The Data Use Ontology terms of datasets, and their words.

The catalogue has no place for them yet: a site gives them in `<home>/duo.json`, an object of lists
by slug, such as {"snds-synthetic": ["DUO:0000042", "DUO:0000019"]}.

Source: EBISPOT/DUO, src/ontology/duo.csv (CC BY 4.0): identifiers, shorthands and labels.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings

from ecluse.domain.errors import Malformed


@dataclass(frozen=True, slots=True)
class Term:
    """A term: its shorthand, and its label in English."""

    shorthand: str
    label: str


TERMS: Final[Mapping[str, Term]] = {
    "DUO:0000004": Term("NRES", "no restriction"),
    "DUO:0000005": Term("GRU-CC", "general research use and clinical care"),
    "DUO:0000006": Term("HMB", "health or medical or biomedical research"),
    "DUO:0000007": Term("DS", "disease specific research"),
    "DUO:0000011": Term("POA", "population origins or ancestry research"),
    "DUO:0000012": Term("RS", "research specific restrictions"),
    "DUO:0000014": Term("RU", "research use only"),
    "DUO:0000016": Term("GSO", "genetic studies only"),
    "DUO:0000018": Term("NPU", "not for profit use only"),
    "DUO:0000019": Term("PUB", "publication required"),
    "DUO:0000020": Term("COL", "collaboration required"),
    "DUO:0000021": Term("IRB", "ethics approval required"),
    "DUO:0000022": Term("GS-[XX]", "geographical restriction"),
    "DUO:0000024": Term("MOR-[XX]", "publication moratorium"),
    "DUO:0000025": Term("TS-[XX]", "time limit on use"),
    "DUO:0000026": Term("US", "user specific restriction"),
    "DUO:0000027": Term("PS", "project specific restriction"),
    "DUO:0000028": Term("IS", "institution specific restriction"),
    "DUO:0000029": Term("RTN", "return to database or resource"),
    "DUO:0000042": Term("GRU", "general research use"),
}


def terms_of(slug: str) -> tuple[str, ...]:
    """Return the terms of a dataset, in order. Raises Malformed if the file cannot be used."""
    path = Path(settings.ECLUSE_HOME) / "duo.json"
    if not path.is_file():
        return ()
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
        terms = tuple(sorted(given.get(slug, ())))
    except (ValueError, AttributeError, TypeError):
        raise Malformed(f"{path} is no object of lists of terms by dataset: correct it.") from None
    unknown = [term for term in terms if term not in TERMS]
    if unknown:
        raise Malformed(f"{path} gives {slug} the term {unknown[0]!r}, which DUO does not have.")
    return terms
