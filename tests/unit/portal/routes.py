"""Tables of addresses: what each answers to each person, at each stage of a file."""

from dataclasses import dataclass

from django.db import transaction
from django.test import Client

from ecluse.portal.accounts.models import User


@dataclass(frozen=True, slots=True)
class Route:
    """An address at a stage, and its answer to each person of the table, in their order."""

    stage: str
    method: str
    address: str
    answers: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.stage} {self.method} {self.address}"


def signed_in(person: User | None) -> Client:
    """A browser in which a person is signed in, or nobody."""
    client = Client()
    client.logout() if person is None else client.force_login(person)
    return client


def answer(route: Route, person: User | None, **parts: object) -> int:
    """The status that a person meets; what the request changed is taken back.

    `parts` fill the names in braces of the address.
    """
    client = signed_in(person)
    before = transaction.savepoint()
    status: int = getattr(client, route.method)(route.address.format(**parts)).status_code
    transaction.savepoint_rollback(before)
    return status
