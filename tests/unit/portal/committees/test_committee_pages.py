"""Every address of the committee, for everybody: who gets the page, who does not; both themes."""

import pytest
from django.test import Client
from pytest_django import Settings

from ecluse.portal.accounts.models import User
from ecluse.portal.cases.models import CaseRecord
from tests.unit.portal.committees.sitting import Table
from tests.unit.portal.routes import Route, Stage, answers, by_stage

SITTING = "/committees/S-2026-001/"
FILE = f"{SITTING}files/1/"
AWAY = frozenset({"/committees/S-2026-001/agenda/"})


# In this order: Camille who asks, officers, Anne who presides, Chloé who withdrew, David away.
ROUTES = (
    Route("called", "get", "/committees/", (403, 200, 200, 200, 200, 200, 200)),
    Route("called", "get", "/committees/new/", (403, 200, 403, 403, 403, 403, 403)),
    Route("called", "post", "/committees/new/", (403, 422, 403, 403, 403, 403, 403)),
    Route("called", "get", SITTING, (404, 200, 200, 200, 200, 200, 200)),
    Route("called", "post", f"{SITTING}agenda/", (403, 302, 403, 403, 403, 403, 403)),
    Route("called", "post", f"{SITTING}agenda/1/removal/", (403, 302, 403, 403, 403, 403, 403)),
    Route("called", "post", f"{SITTING}cancellation/", (403, 302, 403, 403, 403, 403, 403)),
    Route("called", "post", f"{SITTING}presence/", (404, 403, 403, 403, 302, 302, 302)),
    Route("called", "get", f"{SITTING}minutes/", (404, 404, 404, 404, 404, 404, 404)),
    Route("called", "get", f"{SITTING}again/", (403, 200, 403, 403, 403, 403, 403)),
    Route("voting", "get", SITTING, (404, 200, 200, 200, 200, 200, 200)),
    Route("voting", "get", FILE, (404, 200, 200, 200, 200, 404, 200)),
    Route("voting", "get", f"{FILE}vote/", (404, 403, 403, 403, 200, 404, 200)),
    Route("voting", "get", f"{FILE}declare/", (404, 403, 403, 403, 200, 404, 200)),
    Route("voting", "get", f"{FILE}no-such/", (404, 404, 404, 404, 404, 404, 404)),
    Route("voting", "post", f"{FILE}vote/", (404, 403, 403, 403, 422, 404, 422)),
    Route("voting", "post", f"{FILE}close-vote/", (404, 403, 403, 403, 403, 404, 403)),
    Route("voting", "post", f"{SITTING}closing/", (404, 403, 403, 403, 403, 403, 403)),
    Route("closed", "get", f"{SITTING}minutes/", (404, 200, 200, 200, 200, 200, 200)),
    Route("closed", "post", f"{SITTING}minutes/", (404, 403, 403, 403, 302, 302, 403)),
)


def people(table: Table) -> tuple[User, ...]:
    """Who asks, in the order of the answers."""
    desk = table.desk
    officers = (desk.assessor, desk.decider, desk.auditor)
    return (desk.camille, *officers, table.anne, table.chloe, table.david)


@pytest.mark.parametrize("stage", by_stage(ROUTES), ids=str)
def test_each_address_answers_each_person_as_the_law_says(table: Table, stage: Stage) -> None:
    getattr(table, stage.name)()

    assert answers(stage, people(table)) == stage.answers


@pytest.mark.parametrize("address", sorted({one.address for one in ROUTES} - AWAY))
def test_a_visitor_is_sent_to_sign_in(table: Table, client: Client, address: str) -> None:
    answered = client.get(address)

    assert answered.status_code in {302, 405}


@pytest.mark.parametrize("theme", ["neutral", "dsfr"])
@pytest.mark.parametrize("address", [SITTING, FILE, f"{FILE}vote/", f"{FILE}declare/"])
def test_pages_are_drawn_in_both_themes(
    table: Table, client: Client, settings: Settings, theme: str, address: str
) -> None:
    settings.ECLUSE_THEME = theme
    table.voting()
    client.force_login(table.anne)

    assert client.get(address).status_code == 200


def test_a_member_who_withdrew_reads_no_word_of_the_file_on_the_agenda(
    table: Table, client: Client
) -> None:
    table.voting()
    CaseRecord.objects.update(title="Un titre que nul ne doit lire")
    client.force_login(table.chloe)
    page = client.get(SITTING).content.decode()

    assert "lien d’intérêts" in page
    assert "nul ne doit lire" not in page
