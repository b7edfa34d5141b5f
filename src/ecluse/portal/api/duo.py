"""The Data Use Ontology terms of datasets, and their words.

Source: EBISPOT/DUO, src/ontology/duo.csv (CC BY 4.0): identifiers, shorthands and labels.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ecluse.portal.catalogue.models import Dataset, DescriptionRecord


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


def terms_of(dataset: Dataset) -> tuple[str, ...]:
    """Return the terms that the description of a dataset gives, those that DUO has, in order."""
    held = DescriptionRecord.objects.filter(dataset=dataset).first()
    given = held.description().use_terms if held else ()
    return tuple(term for term in given if term in TERMS)
