"""The small parts of a description: texts, dates, listed concepts, documents, places, periods."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """Words in a language, or a value as it was written.

    `language` is a BCP 47 tag, empty where none was given. `kind` is the XSD type of a value that
    is no plain text, such as `anyURI` or `duration`, empty for plain text.
    """

    words: str
    language: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A thing with an `address` (an IRI, empty where it has none) and `types` of its own.

    `types` are the classes said of it; empty where its place in the description says as much.
    """

    address: str = ""
    types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Concept(Node):
    """A term of a list: a language, a category, a frequency, an access right."""

    labels: tuple[Text, ...] = ()
    schemes: tuple[str, ...] = ()
    notations: tuple[Text, ...] = ()
    definitions: tuple[Text, ...] = ()
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement(Node):
    """Words on a matter: a legal basis, a purpose, a provenance, rights."""

    labels: tuple[Text, ...] = ()
    descriptions: tuple[Text, ...] = ()
    sources: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Link(Node):
    """A page or a document."""

    titles: tuple[Text, ...] = ()
    homepages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier(Node):
    """A number that somebody else gives to the same thing."""

    notations: tuple[Text, ...] = ()
    agencies: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Instant(Node):
    """A point in time, in the words of the OWL-Time vocabulary."""

    dates: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Period(Node):
    """From `start` to `end`, both included, as ISO 8601 texts; either may be unknown."""

    start: Text | None = None
    end: Text | None = None
    beginnings: tuple[Instant, ...] = ()
    endings: tuple[Instant, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place(Node):
    """A country, a region, or a shape on the map (well-known text)."""

    labels: tuple[Text, ...] = ()
    names: tuple[Text, ...] = ()
    boxes: tuple[Text, ...] = ()
    centroids: tuple[Text, ...] = ()
    shapes: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Checksum(Node):
    """A digest of a file: its algorithm, and its value in hexadecimal."""

    algorithms: tuple[Concept, ...] = ()
    value: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity(Node):
    """What the data were made by: a survey, care, reimbursement."""

    labels: tuple[Text, ...] = ()
    kinds: tuple[Concept, ...] = ()
    started: Text | None = None
    ended: Text | None = None
    agents: tuple[str, ...] = ()
    see_also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityNote(Node):
    """A certificate or an assessment of quality: of what, and where it can be read."""

    bodies: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    motives: tuple[str, ...] = ()
    dimensions: tuple[str, ...] = ()
    words: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation(Node):
    """A link to another thing, and the role that the other one plays."""

    others: tuple[str, ...] = ()
    roles: tuple[Concept, ...] = ()


def words_in(texts: tuple[Text, ...], language: str) -> str:
    """Return the words in `language`; else in English, else without a language, else the first."""
    for wanted in (language, "en", ""):
        for text in texts:
            if text.language.partition("-")[0].lower() == wanted:
                return text.words
    return texts[0].words if texts else ""
