"""What is said of datasets, independent of any profile: values that the catalogue holds."""

from ecluse.domain.metadata.agents import Agent, Attribution, Contact, ContactPoint, OpeningHours
from ecluse.domain.metadata.datasets import (
    DUO,
    DataService,
    DatasetDescription,
    Distribution,
    ProtectedPart,
    Series,
)
from ecluse.domain.metadata.values import (
    Activity,
    Checksum,
    Concept,
    Identifier,
    Instant,
    Link,
    Node,
    Period,
    Place,
    QualityNote,
    Relation,
    Statement,
    Text,
    words_in,
)
from ecluse.domain.metadata.variables import Table, TableGroup, Variable

__all__ = [
    "DUO",
    "Activity",
    "Agent",
    "Attribution",
    "Checksum",
    "Concept",
    "Contact",
    "ContactPoint",
    "DataService",
    "DatasetDescription",
    "Distribution",
    "Identifier",
    "Instant",
    "Link",
    "Node",
    "OpeningHours",
    "Period",
    "Place",
    "ProtectedPart",
    "QualityNote",
    "Relation",
    "Series",
    "Statement",
    "Table",
    "TableGroup",
    "Text",
    "Variable",
    "words_in",
]
