"""A file passes to a newer version of its form by an explicit step that can be undone."""

import json

import pytest
from django.test import Client

from ecluse.domain.codec import JSON
from ecluse.domain.errors import InvalidInput, NotAllowed, NotFound
from ecluse.portal.applications import actions, steps, upgrades
from ecluse.portal.applications.models import Application
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.drafts import actions as around
from tests.unit.portal.applications.road import ANSWERS, NOW, Road

pytestmark = pytest.mark.usefixtures("at_now")

NUMBER = "2026-00001"
PAGE = f"/drafts/{NUMBER}/upgrade/"
FIRST_VERSION = {**ANSWERS, "covers_other_countries": True, "other_countries": "Belgique"}


@pytest.fixture
def draft(road: Road) -> Application:
    """A draft of Camille's under version 1, complete; one of its answers has no place in 2."""
    application = actions.start(road.dataset, by=road.camille, now=NOW)
    Application.objects.filter(pk=application.pk).update(form_version=1, answers={})
    application.refresh_from_db()
    return actions.save(application, FIRST_VERSION, by=road.camille, now=NOW)


def stored() -> Application:
    return Application.objects.get(number=NUMBER)


def test_the_preview_shows_what_is_added_removed_and_lost(draft: Application) -> None:
    seen = upgrades.preview(draft)

    assert seen
    assert (seen.before.version, seen.after.version) == (1, 2)
    assert "payer_vat" in [field.id for field in seen.changes.added]
    assert [field.id for field in seen.changes.removed] == ["other_countries"]
    assert [field.id for field in seen.carried.lost] == ["other_countries"]
    assert seen.carried.answers["title"] == ANSWERS["title"]


def test_looking_changes_nothing(draft: Application, road: Road, client: Client) -> None:
    client.force_login(road.camille)

    page = client.get(PAGE).content.decode()

    assert "Belgique" in page
    assert "Numéro de TVA" in page
    assert stored().form_version == 1


def test_an_upgrade_pins_the_file_to_the_new_version_and_is_journalled(
    draft: Application, road: Road
) -> None:
    upgrades.upgrade(NUMBER, by=road.camille, now=NOW)

    assert stored().form_version == 2
    assert "other_countries" not in stored().answers
    entry = JournalEntry.objects.get(action="application.form-upgraded")
    assert json.loads(bytes(entry.body))["details"] == {"from": 1, "to": 2, "answers_lost": 1}


def test_a_question_added_begins_with_what_the_site_knows(draft: Application, road: Road) -> None:
    around.put_in_basket(road.camille, "snds-synthetic", is_wanted=True)

    upgrades.upgrade(NUMBER, by=road.camille, now=NOW)

    assert stored().answers["contact_email"] == road.camille.email
    assert stored().answers["sources"] == [
        {"source_dataset": "Remboursements d’un pays imaginaire"}
    ]
    assert stored().answers["organisation"] == ANSWERS["organisation"]


def test_an_upgrade_is_undone_with_the_answers_of_that_moment(
    draft: Application, road: Road
) -> None:
    upgrades.upgrade(NUMBER, by=road.camille, now=NOW)

    upgrades.undo(NUMBER, by=road.camille, now=NOW)

    assert stored().form_version == 1
    assert stored().answers == draft.answers


def test_a_confirmed_upgrade_is_not_undone(draft: Application, road: Road) -> None:
    upgrades.upgrade(NUMBER, by=road.camille, now=NOW)
    upgrades.confirm(NUMBER, by=road.camille, now=NOW)

    with pytest.raises(NotFound):
        upgrades.undo(NUMBER, by=road.camille, now=NOW)
    assert stored().form_version == 2


def test_a_second_upgrade_waits_for_the_first(draft: Application, road: Road) -> None:
    upgrades.upgrade(NUMBER, by=road.camille, now=NOW)

    with pytest.raises(InvalidInput):
        upgrades.upgrade(NUMBER, by=road.camille, now=NOW)


def test_a_file_of_the_newest_version_has_nothing_to_pass_to(
    draft: Application, road: Road
) -> None:
    upgrades.upgrade(NUMBER, by=road.camille, now=NOW)
    upgrades.confirm(NUMBER, by=road.camille, now=NOW)

    assert upgrades.preview(stored()) is None
    with pytest.raises(InvalidInput):
        upgrades.upgrade(NUMBER, by=road.camille, now=NOW)


def test_a_submitted_file_keeps_its_version(road: Road) -> None:
    submitted = road.submitted()

    with pytest.raises(NotAllowed):
        upgrades.upgrade(submitted.number, by=road.camille, now=NOW)


def test_the_pages_apply_undo_and_confirm(draft: Application, road: Road, client: Client) -> None:
    client.force_login(road.camille)

    applied = client.post(PAGE, {"do": "apply"}, follow=True).content.decode()
    assert "Confirmer la nouvelle version" in applied
    client.post(PAGE, {"do": "undo"})
    assert stored().form_version == 1
    client.post(PAGE, {"do": "apply"})
    client.post(PAGE, {"do": "confirm"})

    assert stored().form_version == 2
    assert upgrades.pending(NUMBER) is None


def test_somebody_else_upgrades_nothing(draft: Application, road: Road, client: Client) -> None:
    client.force_login(road.stranger)

    assert client.post(PAGE, {"do": "apply"}).status_code == 404
    assert stored().form_version == 1


def test_a_copy_takes_the_answers_that_its_form_lends(draft: Application, road: Road) -> None:
    upgrades.upgrade(NUMBER, by=road.camille, now=NOW)
    confirmed: dict[str, JSON] = {
        "confirms_fee": True,
        "payer_vat": "FR00",
        "starts_on": "2026-05-01",
    }
    actions.save(stored(), confirmed, by=road.camille, now=NOW)
    Application.objects.filter(number=NUMBER).update(form_version=2)

    made, left = upgrades.copy(NUMBER, by=road.camille, now=NOW)

    assert made.number == "2026-00002"
    assert made.answers["population"] == ANSWERS["population"]
    assert "confirms_fee" not in made.answers
    assert "starts_on" not in made.answers
    assert {"confirms_fee", "starts_on"} <= {field.id for field in left}


def test_a_copy_never_takes_the_file_of_somebody_else(draft: Application, road: Road) -> None:
    with pytest.raises(NotFound):
        upgrades.copy(NUMBER, by=road.louis, now=NOW)


def test_every_step_of_the_new_version_opens(
    draft: Application, road: Road, client: Client
) -> None:
    upgrades.upgrade(NUMBER, by=road.camille, now=NOW)
    client.force_login(road.camille)
    names = [each.section.id for each in steps.progress(actions.form_of(stored()), {})]

    statuses = [
        client.get(f"/drafts/{NUMBER}/step/{name}/?checked=1").status_code for name in names
    ]

    assert statuses == [200] * 11
