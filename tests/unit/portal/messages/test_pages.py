"""What somebody reads of what they were told; what officers see of mails that did not arrive."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import Settings

from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.messages import actions
from ecluse.portal.messages.models import Mail, Notice
from tests.unit.portal.cases.desk import Desk, later

DESK = {Role.ASSESSOR, Role.DECIDER, Role.COMMITTEE, Role.AUDITOR}
RETRY = {Role.ASSESSOR, Role.DECIDER}


def read(client: Client, address: str) -> str:
    page = re.sub(r"<[^>]+>", " ", client.get(address).content.decode())
    return re.sub(r"\s+", " ", page)


@pytest.fixture
def told(desk: Desk) -> Desk:
    """A file submitted, and everybody told."""
    desk.submitted()
    actions.announce(now=later(0))
    return desk


def undelivered() -> Notice:
    (notice,) = Notice.objects.filter(account__email="camille.moreau@univ.example")
    actions.give_up(notice, "smtp-550", state=Mail.FAILED, now=later(0))
    return notice


def test_the_count_of_unread_messages_is_on_every_page(told: Desk, client: Client) -> None:
    client.force_login(told.camille)

    assert "Messages (1 à lire )" in read(client, "/")


def test_a_message_read_is_no_longer_counted_and_leads_to_its_file(
    told: Desk, client: Client
) -> None:
    client.force_login(told.camille)
    notice = Notice.objects.get(account=told.camille)

    answer = client.get(f"/messages/{notice.pk}/")

    assert (answer.status_code, answer["Location"]) == (302, "/applications/2026-00001/")
    assert "Messages (" not in read(client, "/")
    assert "lu" in read(client, "/messages/")


def test_a_message_of_somebody_else_does_not_exist(told: Desk, client: Client) -> None:
    notice = Notice.objects.get(account=told.camille)
    client.force_login(told.louis)

    assert client.get(f"/messages/{notice.pk}/").status_code == 404
    assert "2026-00001" not in read(client, "/messages/")
    assert Notice.objects.get(pk=notice.pk).read_at is None


def test_everything_is_marked_as_read_at_once(told: Desk, client: Client) -> None:
    client.force_login(told.camille)
    client.post("/messages/all-read/")

    assert Notice.objects.of(told.camille).unread().count() == 0
    assert Notice.objects.of(told.assessor).unread().count() == 1


def test_the_language_of_mails_is_chosen_on_the_page(told: Desk, client: Client) -> None:
    client.force_login(told.camille)
    client.post("/messages/preference/", {"language": "en", "only_to_act": "on"})

    kept = actions.preference_of(told.camille)
    assert (kept.language, kept.only_to_act) == ("en", True)


def test_a_language_that_mails_do_not_have_is_refused(told: Desk, client: Client) -> None:
    client.force_login(told.camille)

    assert client.post("/messages/preference/", {"language": "de"}).status_code == 422


def test_the_page_is_in_english_too(told: Desk, client: Client) -> None:
    client.force_login(told.camille)
    client.cookies["ecluse_language"] = "en"

    page = read(client, "/messages/")
    assert "A letter about file 2026-00001 is in your space." in page
    assert "Mails" in page


@pytest.mark.parametrize("theme", ["neutral", "dsfr"])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_pages_are_served_in_both_themes_and_languages(
    told: Desk, client: Client, settings: Settings, theme: str, language: str
) -> None:
    undelivered()
    settings.ECLUSE_THEME = theme
    client.force_login(told.assessor)
    client.cookies["ecluse_language"] = language

    pages = [client.get(address) for address in ("/messages/", "/messages/desk/", "/")]
    assert {page.status_code for page in pages} == {200}
    assert all("(1" in page.content.decode() for page in pages)  # one unread, on every page


def test_officers_see_what_did_not_arrive_and_why(told: Desk, client: Client) -> None:
    undelivered()
    client.force_login(told.assessor)

    page = read(client, "/messages/desk/")
    assert "refusé par le serveur (550)" in page
    assert "camille.moreau@univ.example" in page  # the name of the account, in these tests


@pytest.mark.parametrize("role", list(Role))
def test_the_desk_of_mails_opens_to_officers_alone(
    told: Desk, account: Callable[..., User], client: Client, role: Role
) -> None:
    notice = undelivered()
    client.force_login(account(role, email="somebody@hub.example"))

    assert client.get("/messages/").status_code == 200
    assert client.get("/messages/desk/").status_code == (200 if role in DESK else 403)
    status = client.post(f"/messages/desk/{notice.pk}/").status_code
    assert status == (302 if role in RETRY else 403)


def test_a_mail_that_arrived_is_not_sent_again(told: Desk, client: Client) -> None:
    notice = Notice.objects.get(account=told.camille)
    client.force_login(told.assessor)

    assert client.post(f"/messages/desk/{notice.pk}/").status_code == 404
