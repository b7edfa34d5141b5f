"""Every address of the second gate, for every part, on a request that checkers hold."""

from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.test import Client

from ecluse.portal.accounts.models import User
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.outputs.models import Request
from tests.unit.portal.outputs.asking import asked
from tests.unit.portal.zone import Zone, checked_job

HERE = "/outputs/FR-2026-0001-R1/"
PARTS = ("pi", "stranger", "sarah", "decider", "auditor")
NOTE = {"note": "Mend it."}
ROUTES: tuple[tuple[str, str, dict[str, str], tuple[int, ...]], ...] = (
    ("GET", "/outputs/", {}, (200, 200, 200, 200, 200)),
    ("POST", "/outputs/dispose/", {}, (403, 403, 302, 302, 403)),
    ("GET", "/outputs/ask/FR-2026-0001-J1/", {}, (200, 404, 404, 404, 404)),
    ("GET", HERE, {}, (200, 404, 200, 200, 200)),
    ("POST", HERE, {"decision_0": "approve"}, (403, 404, 302, 403, 403)),
    ("GET", f"{HERE}edit/", {}, (403, 404, 403, 403, 403)),
    ("POST", f"{HERE}submit/", {}, (403, 404, 403, 403, 403)),
    ("POST", f"{HERE}withdraw/", {}, (403, 404, 403, 403, 403)),
    ("POST", f"{HERE}remarks/", {"text": "Which years?"}, (302, 404, 302, 403, 403)),
    ("POST", f"{HERE}decision/return/", NOTE, (403, 404, 403, 403, 403)),
    ("POST", f"{HERE}decision/reject/", NOTE, (403, 404, 403, 403, 403)),
    ("POST", f"{HERE}decision/retry/", {}, (403, 404, 403, 403, 403)),
    ("POST", f"{HERE}decision/freeze/", NOTE, (403, 404, 302, 302, 302)),
    ("POST", f"{HERE}decision/unfreeze/", {}, (403, 404, 403, 403, 403)),
    ("POST", f"{HERE}decision/other/", NOTE, (404, 404, 404, 404, 404)),
    ("POST", f"{HERE}recall/", {"reason": "error"}, (403, 404, 403, 403, 403)),
    ("GET", f"{HERE}images/counts.csv", {}, (403, 404, 404, 404, 403)),
)


@pytest.fixture
def request_(zone: Zone, people: dict[str, User]) -> Request:
    return asked(checked_job(zone, people["pi"]), people["pi"])


@pytest.mark.parametrize(("verb", "route", "data", "statuses"), ROUTES)
def test_each_part_gets_what_the_table_says(
    request_: Request,
    people: dict[str, User],
    verb: str,
    route: str,
    data: dict[str, str],
    statuses: tuple[int, ...],
) -> None:
    got = tuple(status(people[part], verb, route, data) for part in PARTS)

    assert got == statuses


def status(user: User, verb: str, route: str, data: dict[str, str]) -> int:
    """What this person gets; nothing of it stays, so that each meets the same request."""
    client = Client()
    client.force_login(user)
    with transaction.atomic():
        answer = client.generic(verb, route, urlencode(data), "application/x-www-form-urlencoded")
        transaction.set_rollback(True)
    return answer.status_code


def test_a_checker_who_opens_a_request_is_journalled_and_the_auditor_is_not(
    request_: Request, people: dict[str, User], client: Client
) -> None:
    client.force_login(people["auditor"])
    client.get(HERE)
    client.force_login(people["sarah"])
    client.get(HERE)
    client.get(HERE)

    opened = JournalEntry.objects.filter(action="output.opened")
    assert [entry.actor for entry in opened] == [people["sarah"].subject]
