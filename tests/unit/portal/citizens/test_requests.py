"""What a person asks under the GDPR: written, lodged, answered by the desk, seen by both alone."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.test import Client
from pytest_django import Settings

from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.cases.models import ClockRow
from ecluse.portal.citizens.models import Requester
from ecluse.portal.lives.models import Matter
from ecluse.portal.messages.actions import announce
from ecluse.portal.messages.models import Notice
from ecluse.trust.pseudonyms.national_numbers import (
    pseudonymise_national_number,
    synthetic_national_number,
)
from tests.citizens import Visit
from tests.sites import NATIONAL_KEY

Create = Callable[..., User]
JEANNE = synthetic_national_number(1)


@pytest.fixture
def desk(account: Create) -> Client:
    """The desk, in a browser of its own."""
    client = Client()
    client.force_login(account(Role.OPT_OUT_DESK))
    return client


@pytest.fixture
def lodged(jeanne: Visit, seal: object) -> str:
    """The number of a request for access that Jeanne lodged."""
    jeanne.enter(JEANNE)
    edit = jeanne.client.post("/citizens/requests/new/")["Location"]
    jeanne.client.post(edit, {"right": "access", "words": "De 2020 à 2024."})
    number = edit.split("/")[3]
    answer = jeanne.client.post(f"/lives/files/{number}/lodge/")
    assert answer.status_code == 302
    return number


def test_a_person_asks_and_is_told_until_when_the_answer_is_due(jeanne: Visit, lodged: str) -> None:
    page = jeanne.client.get(f"/lives/files/{lodged}/").content.decode()

    clock = ClockRow.objects.get(item__matter__number=lodged)
    assert clock.rule == "rights-answer"
    assert "accéder à mes données (article 15)" in page
    assert lodged in jeanne.client.get("/citizens/").content.decode()


def test_the_desk_answers_and_the_person_reads_the_letter(
    jeanne: Visit, desk: Client, lodged: str
) -> None:
    shown = desk.get(f"/lives/files/{lodged}/").content.decode()
    answered = desk.post(f"/lives/files/{lodged}/answer/", {"reason": "Voici vos données."})

    letters = jeanne.client.get("/letters/").content.decode()
    assert "De 2020 à 2024." in shown
    assert f"/citizens/requesters/{lodged}/" in shown
    assert answered.status_code == 302
    assert Matter.objects.get(number=lodged).state == "answered"
    assert "Réponse à votre demande" in letters


def test_the_desk_extends_with_a_reason_alone(desk: Client, lodged: str) -> None:
    refused = desk.post(f"/lives/files/{lodged}/extend/", {"reason": ""})
    done = desk.post(f"/lives/files/{lodged}/extend/", {"reason": "Trois détenteurs."})

    clock = ClockRow.objects.get(item__matter__number=lodged)
    assert (refused.status_code, done.status_code) == (422, 302)
    assert clock.extension_reason == "Trois détenteurs."


def test_nobody_else_knows_of_a_request(lodged: str, account: Create) -> None:
    roles = (Role.ASSESSOR, Role.DECIDER, Role.DATA_USER, Role.COMMITTEE, Role.PREPARER)
    statuses = [_status(account(role), f"/lives/files/{lodged}/") for role in roles]
    other = _status(account(Role.CITIZEN, email="x@example.org"), f"/lives/files/{lodged}/")

    assert {*statuses, other} == {404}


def _status(user: User, address: str) -> int:
    client = Client()
    client.force_login(user)
    return client.get(address).status_code


def test_the_desk_finds_the_person_by_a_pseudonym_and_the_look_is_journalled(
    jeanne: Visit, desk: Client, lodged: str
) -> None:
    page = desk.get(f"/citizens/requesters/{lodged}/").content.decode()

    own = pseudonymise_national_number(JEANNE, NATIONAL_KEY)
    assert own in page
    assert own not in Requester.objects.get().sealed
    assert JournalEntry.objects.filter(action="requester.read", subject=lodged).count() == 1
    assert jeanne.client.get(f"/citizens/requesters/{lodged}/").status_code == 403


def test_a_request_that_is_only_a_draft_tells_nobody_whom_it_is_about(
    jeanne: Visit, desk: Client
) -> None:
    jeanne.enter(JEANNE)
    number = jeanne.client.post("/citizens/requests/new/")["Location"].split("/")[3]

    assert desk.get(f"/citizens/requesters/{number}/").status_code == 404
    assert desk.get(f"/lives/files/{number}/").status_code == 404


def test_a_request_is_opened_from_ones_rights_alone(account: Create, client: Client) -> None:
    client.force_login(account(Role.CITIZEN))

    assert client.post("/lives/new/rights-request/").status_code == 404


def test_no_mail_goes_to_an_address_that_is_only_a_digest(lodged: str, settings: Settings) -> None:
    settings.EMAIL_HOST = "mail.example"

    announce(now=datetime(2026, 11, 22, tzinfo=UTC))

    told = Notice.objects.filter(account__email__endswith="@citizen.invalid")
    assert {one.mail for one in told} == {"off"}
