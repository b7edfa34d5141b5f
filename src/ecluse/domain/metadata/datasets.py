"""The description of a dataset, whatever the profile it was read from or is given in.

A profile says how often a property may stand; the description holds what was said. So most
properties are tuples, and those that only make sense once hold one value or None.
"""

from dataclasses import dataclass

from ecluse.domain.metadata.agents import Agent, Attribution, Contact
from ecluse.domain.metadata.values import (
    Activity,
    Checksum,
    Concept,
    Identifier,
    Link,
    Node,
    Period,
    Place,
    QualityNote,
    Relation,
    Statement,
    Text,
)
from ecluse.domain.metadata.variables import TableGroup, Variable

DUO = "http://purl.obolibrary.org/obo/DUO_"
"""How the IRIs of the Data Use Ontology begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataService(Node):
    """A programming interface that gives access to data; `serves` are addresses of datasets."""

    identifiers: tuple[Text, ...] = ()
    titles: tuple[Text, ...] = ()
    descriptions: tuple[Text, ...] = ()
    endpoints: tuple[str, ...] = ()
    endpoint_descriptions: tuple[str, ...] = ()
    serves: tuple[str, ...] = ()
    applicable_legislation: tuple[Concept, ...] = ()
    conforms_to: tuple[Concept, ...] = ()
    access_rights: tuple[Concept, ...] = ()
    licences: tuple[Concept, ...] = ()
    other_identifiers: tuple[Identifier, ...] = ()
    keywords: tuple[Text, ...] = ()
    themes: tuple[Concept, ...] = ()
    publishers: tuple[Agent, ...] = ()
    contact_points: tuple[Contact, ...] = ()
    landing_pages: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution(Node):
    """A way to reach data: their access service, a sample, an analysis made of them."""

    titles: tuple[Text, ...] = ()
    descriptions: tuple[Text, ...] = ()
    identifiers: tuple[Text, ...] = ()
    access_urls: tuple[str, ...] = ()
    download_urls: tuple[str, ...] = ()
    applicable_legislation: tuple[Concept, ...] = ()
    formats: tuple[Concept, ...] = ()
    media_types: tuple[Concept, ...] = ()
    compress_formats: tuple[Concept, ...] = ()
    package_formats: tuple[Concept, ...] = ()
    licences: tuple[Concept, ...] = ()
    rights: tuple[Statement, ...] = ()
    policies: tuple[str, ...] = ()
    availability: tuple[Concept, ...] = ()
    statuses: tuple[Concept, ...] = ()
    languages: tuple[Concept, ...] = ()
    conforms_to: tuple[Concept, ...] = ()
    pages: tuple[Link, ...] = ()
    services: tuple[DataService, ...] = ()
    checksums: tuple[Checksum, ...] = ()
    byte_count: int | None = None
    issued: Text | None = None
    modified: Text | None = None
    retention: Period | None = None
    temporal_resolution: Text | None = None
    spatial_resolution: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Series(Node):
    """Datasets published one after the other: the same source, year by year.

    `first` and `last` are addresses of datasets.
    """

    identifiers: tuple[Text, ...] = ()
    titles: tuple[Text, ...] = ()
    descriptions: tuple[Text, ...] = ()
    contact_points: tuple[Contact, ...] = ()
    publishers: tuple[Agent, ...] = ()
    frequencies: tuple[Concept, ...] = ()
    spatial: tuple[Place, ...] = ()
    temporal: tuple[Period, ...] = ()
    applicable_legislation: tuple[Concept, ...] = ()
    issued: Text | None = None
    modified: Text | None = None
    other_identifiers: tuple[Identifier, ...] = ()
    keywords: tuple[Text, ...] = ()
    first: tuple[str, ...] = ()
    last: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectedPart:
    """A part covered by intellectual property or a trade secret. Source: EHDS art. 52.

    `part` names tables or variables; `ground` is `intellectual-property`, `trade-secret` or
    `regulatory-protection`.
    """

    part: str
    ground: str
    measures: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetDescription(Node):
    """What is said of one dataset. Source: EHDS art. 60(3), 77; Reg. (EU) 2026/2098.

    `rights` hold the terms of use, as terms of the Data Use Ontology. Ages are in years.
    """

    identifiers: tuple[Text, ...] = ()
    titles: tuple[Text, ...] = ()
    descriptions: tuple[Text, ...] = ()
    alternative_titles: tuple[Text, ...] = ()
    other_identifiers: tuple[Identifier, ...] = ()
    keywords: tuple[Text, ...] = ()
    version: Text | None = None
    version_notes: tuple[Text, ...] = ()
    issued: Text | None = None
    modified: Text | None = None
    statuses: tuple[Concept, ...] = ()
    languages: tuple[Concept, ...] = ()
    access_rights: tuple[Concept, ...] = ()
    applicable_legislation: tuple[Concept, ...] = ()
    themes: tuple[Concept, ...] = ()
    health_categories: tuple[Concept, ...] = ()
    health_themes: tuple[Concept, ...] = ()
    kinds: tuple[Concept, ...] = ()
    frequencies: tuple[Concept, ...] = ()
    coding_systems: tuple[Concept, ...] = ()
    code_values: tuple[Text, ...] = ()
    conforms_to: tuple[Concept, ...] = ()
    legal_bases: tuple[Statement, ...] = ()
    purposes: tuple[Statement, ...] = ()
    personal_data: tuple[Concept, ...] = ()
    rights: tuple[Concept, ...] = ()
    licences: tuple[Concept, ...] = ()
    holders: tuple[Agent, ...] = ()
    publishers: tuple[Agent, ...] = ()
    access_bodies: tuple[Agent, ...] = ()
    coordinators: tuple[Agent, ...] = ()
    creators: tuple[Agent, ...] = ()
    attributions: tuple[Attribution, ...] = ()
    contact_points: tuple[Contact, ...] = ()
    spatial: tuple[Place, ...] = ()
    temporal: tuple[Period, ...] = ()
    temporal_resolution: Text | None = None
    spatial_resolution: Text | None = None
    population_coverage: tuple[Text, ...] = ()
    minimum_age: int | None = None
    maximum_age: int | None = None
    record_count: int | None = None
    person_count: int | None = None
    retention: Period | None = None
    is_structured: bool | None = None
    variables: tuple[TableGroup, ...] = ()
    distributions: tuple[Distribution, ...] = ()
    samples: tuple[Distribution, ...] = ()
    analytics: tuple[Distribution, ...] = ()
    provenance: tuple[Statement, ...] = ()
    generated_by: tuple[Activity, ...] = ()
    quality_notes: tuple[QualityNote, ...] = ()
    pages: tuple[Link, ...] = ()
    landing_pages: tuple[Link, ...] = ()
    sources: tuple[str, ...] = ()
    relations: tuple[str, ...] = ()
    qualified_relations: tuple[Relation, ...] = ()
    referenced_by: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    series: tuple[str, ...] = ()
    previous: tuple[str, ...] = ()
    protected_parts: tuple[ProtectedPart, ...] = ()

    @property
    def use_terms(self) -> tuple[str, ...]:
        """The terms of the Data Use Ontology, such as `DUO:0000042`, sorted."""
        return tuple(
            sorted(
                f"DUO:{right.address.removeprefix(DUO)}"
                for right in self.rights
                if right.address.startswith(DUO)
            )
        )

    @property
    def is_of_trusted_holder(self) -> bool:
        """Whether its holder or publisher is said to be a trusted health data holder."""
        return any(agent.is_trusted_holder for agent in (*self.holders, *self.publishers))

    @property
    def category_codes(self) -> tuple[str, ...]:
        """The codes of its health categories: the last part of each IRI, such as `HRAD`."""
        return tuple(
            concept.address.rsplit("/", 1)[-1]
            for concept in self.health_categories
            if concept.address
        )

    def every_variable(self) -> tuple[tuple[str, Variable], ...]:
        """Return each variable with the title of its table, in the order described."""
        return tuple(
            (table.titles[0].words if table.titles else "", variable)
            for group in self.variables
            for table in group.tables
            for variable in table.variables
        )
