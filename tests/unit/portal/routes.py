"""Tables of addresses: what each answers to each person, at each stage of a file."""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass

from django.db import transaction
from django.test import Client

from ecluse.portal.accounts.models import User


@dataclass(frozen=True, slots=True)
class Route:
    """An address at a stage, and its answer to each person of the table, in their order.

    `body` is what a request sends, if anything.
    """

    stage: str
    method: str
    address: str
    answers: tuple[int, ...]
    body: Mapping[str, object] | None = None

    def __str__(self) -> str:
        return f"{self.stage} {self.method} {self.address}"


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of a file, and the addresses that are asked there: a file is brought to it once."""

    name: str
    routes: tuple[Route, ...]

    def __str__(self) -> str:
        return self.name

    @property
    def answers(self) -> list[tuple[str, tuple[int, ...]]]:
        """Each address of this stage, with what the table says it answers."""
        return [(str(route), route.answers) for route in self.routes]


def by_stage(routes: Iterable[Route]) -> tuple[Stage, ...]:
    """The routes of a table, stage by stage, in the order of the table."""
    gathered: dict[str, list[Route]] = {}
    for route in routes:
        gathered.setdefault(route.stage, []).append(route)
    return tuple(Stage(name, tuple(found)) for name, found in gathered.items())


def signed_in(person: User | None) -> Client:
    """A browser in which a person is signed in, or nobody."""
    client = Client()
    client.logout() if person is None else client.force_login(person)
    return client


def answers(
    stage: Stage, people: Iterable[User | None], **parts: object
) -> list[tuple[str, tuple[int, ...]]]:
    """Each address of a stage, with the status that each person meets there, in their order.

    What a request changed is taken back before the next. `parts` fill the names in braces of the
    addresses.
    """
    browsers = [signed_in(person) for person in people]
    return [
        (str(route), tuple(_status(browser, route, parts) for browser in browsers))
        for route in stage.routes
    ]


def _status(browser: Client, route: Route, parts: Mapping[str, object]) -> int:
    before = transaction.savepoint()
    cookies = deepcopy(browser.cookies)
    ask = getattr(browser, route.method)
    status: int = ask(route.address.format(**parts), route.body).status_code
    transaction.savepoint_rollback(before)
    browser.cookies = cookies
    return status
