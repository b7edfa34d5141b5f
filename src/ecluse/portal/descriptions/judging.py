"""What the shapes of the standard say of a description that is being written."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from django.conf import settings

from ecluse.domain.metadata import DatasetDescription
from ecluse.domain.metadata.elements import Presence, report
from ecluse.portal.catalogue import completing, findings, serving
from ecluse.portal.catalogue.actions import digest_of
from ecluse.portal.catalogue.findings import Line
from ecluse.portal.catalogue.rdf import exporting, validation
from ecluse.portal.catalogue.rdf.profiles import R8, profile
from ecluse.portal.catalogue.rdf.validation import Finding
from ecluse.portal.descriptions.models import DescriptionFile

VIOLATION: Final = "violation"
QUESTION_OF: Final[Mapping[str, str]] = {
    "dct:title": "title_fr",
    "dct:description": "summary_fr",
    "dcat:keyword": "keywords",
    "healthdcatap:healthCategory": "categories",
    "healthdcatap:healthTheme": "themes",
    "geodcatap:custodian": "holder_name",
    "dct:publisher": "publisher_name",
    "foaf:name": "holder_name",
    "cv:contactPoint": "contact_email",
    "cv:email": "contact_email",
    "cv:contactPage": "contact_page",
    "dcat:contactPoint": "contact_email",
    "vcard:hasEmail": "contact_email",
    "vcard:hasURL": "contact_page",
    "dct:spatial": "countries",
    "dct:temporal": "first_day",
    "dct:accrualPeriodicity": "frequency",
    "dct:language": "languages",
    "dct:provenance": "provenance",
    "prov:wasGeneratedBy": "activities",
    "healthdcatap:populationCoverage": "population_fr",
    "healthdcatap:minTypicalAge": "minimum_age",
    "healthdcatap:maxTypicalAge": "maximum_age",
    "healthdcatap:numberOfRecords": "record_count",
    "healthdcatap:numberOfUniqueIndividuals": "person_count",
    "dpv:hasPersonalData": "personal_data",
    "dct:accessRights": "access",
    "dct:type": "kinds",
    "dpv:hasLegalBasis": "legal_basis",
    "dpv:hasPurpose": "purposes",
    "healthdcatap:hasStructuredData": "structured",
    "healthdcatap:hasVariables": "structured",
    "healthdcatap:hasCodingSystem": "coding_systems",
    "healthdcatap:hasCodeValues": "coding_systems",
    "dct:conformsTo": "standards",
}
"""The question that mends what is found on a property."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found at the level of access that the description asks for."""

    level: str
    found: tuple[Finding, ...]

    @property
    def violations(self) -> tuple[Finding, ...]:
        """The rules that are broken; the rest is advice."""
        return tuple(one for one in self.found if one.severity == VIOLATION)


@dataclass(frozen=True, slots=True)
class Told:
    """A finding in words, with the question that mends it; empty where the hub itself must."""

    line: Line
    question: str


def judge(file: DescriptionFile) -> Judgement | None:
    """Return what the shapes say of what is written now, asked once; None without shapes here."""
    if not serving.has_shapes():
        return None
    said = file.said()
    digest = digest_of(said)
    if file.judged_digest != digest:
        _ask(file, said, digest)
    return Judgement(file.judged_level, findings.read(file.judged_findings))


def _ask(file: DescriptionFile, said: DatasetDescription, digest: str) -> None:
    rules = profile(R8)
    graph = exporting.export_graph([in_full(file, said)], rules)
    level = validation.level_of(graph, rules)
    verdict = validation.validate(graph, rules, level=level, folder=Path(settings.ECLUSE_SHAPES))
    file.judged_digest, file.judged_level = digest, level
    file.judged_findings = [asdict(one) for one in verdict.findings]
    file.save(update_fields=["judged_digest", "judged_level", "judged_findings"])


def in_full(file: DescriptionFile, said: DatasetDescription) -> DatasetDescription:
    """Return the description with what the hub knows, as the catalogue would show it."""
    dataset = file.dataset()
    snapshot = dataset.latest_snapshot() if dataset else None
    notice = snapshot.notice() if snapshot else None
    return completing.complete(said, slug=file.slug, notice=notice)


def told(found: Judgement) -> list[Told]:
    """Return the findings in words, the gravest first, each with the question that mends it."""
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for one in found.found:
        groups.setdefault((one.severity, one.path, one.rule), []).append(one)
    order = list(findings.SEVERITIES)
    keys = sorted(groups, key=lambda key: (order.index(key[0]), key))
    return [
        Told(line, QUESTION_OF.get(key[1], ""))
        for key in keys
        for line in findings.lines(groups[key])
    ]


def elements(file: DescriptionFile) -> list[tuple[str, Presence]]:
    """Return the 27 elements of Reg. (EU) 2026/2098, once the hub has added what it knows."""
    return list(report(in_full(file, file.said())).items())
