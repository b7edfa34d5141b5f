"""Who stands behind a dataset, and how to reach them."""

from dataclasses import dataclass

from ecluse.domain.metadata.values import Concept, Node, Statement, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningHours(Node):
    """When somebody answers, in words."""

    descriptions: tuple[Text, ...] = ()
    frequencies: tuple[Concept, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactPoint(Node):
    """How to reach an agent: a mail address, a page, a telephone."""

    emails: tuple[Text, ...] = ()
    pages: tuple[str, ...] = ()
    telephones: tuple[Text, ...] = ()
    opening_hours: tuple[OpeningHours, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact(Node):
    """The card of whoever answers questions on a dataset; mails are `mailto:` addresses."""

    names: tuple[Text, ...] = ()
    emails: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    telephones: tuple[str, ...] = ()
    organisations: tuple[Text, ...] = ()
    duties: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent(Node):
    """An organisation: a data holder, a publisher, a health data access body.

    `is_trusted_holder` says whether it was designated as a trusted health data holder; None where
    nothing is said. Source: EHDS art. 72.
    """

    names: tuple[Text, ...] = ()
    kinds: tuple[Concept, ...] = ()
    contact_points: tuple[ContactPoint, ...] = ()
    notes: tuple[Text, ...] = ()
    identifiers: tuple[Text, ...] = ()
    homepages: tuple[str, ...] = ()
    mailboxes: tuple[str, ...] = ()
    is_trusted_holder: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution(Node):
    """An agent in a role that has no property of its own, such as a processor."""

    agents: tuple[Agent, ...] = ()
    roles: tuple[Concept, ...] = ()
    rights: tuple[Statement, ...] = ()
