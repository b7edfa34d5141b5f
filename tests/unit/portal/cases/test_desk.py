"""The officer's desk and the common page of an action, over HTTP."""

import re
from datetime import datetime

import pytest
from django.test import Client
from django.utils import timezone

from ecluse.domain.machines import MACHINES
from ecluse.domain.roles import Role
from ecluse.portal.cases import daily, labels
from ecluse.portal.cases.actions import perform
from ecluse.portal.cases.models import CaseRecord, ClockRow, Item, SavedFilter
from ecluse.portal.cases.reading import COMMON
from ecluse.portal.cases.reasons import reasons
from tests.unit.portal.applications.road import DAY, NOW, Road, at_now, road

__all__ = ["at_now", "road"]

pytestmark = pytest.mark.usefixtures("at_now")

FILE = "/applications/2026-00001/"
CASE = "/cases/2026-00001/"


def read(client: Client, address: str) -> str:
    """The words of a page, without its tags."""
    page = client.get(address).content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def set_clock(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setattr(timezone, "now", lambda: now)


def test_the_file_says_whose_turn_it_is_until_when_and_by_which_article(
    road: Road, client: Client
) -> None:
    road.complete()
    client.force_login(road.camille)

    page = read(client, FILE)
    assert "C’est le tour de : l’instruction" in page
    assert "Échéance : 7 avril 2026" in page
    assert "Accorder ou refuser Décision art. 68(4)" in page


def test_the_file_says_what_suspends_its_deadline(road: Road, client: Client) -> None:
    road.complete()
    client.force_login(road.assessor)
    client.post(f"{FILE}information/", {"field_1": "necessity", "text_1": "Pourquoi le sexe ?"})

    page = read(client, FILE)
    assert "C’est le tour de : le demandeur" in page
    assert "precisions demandées, depuis le 5 janvier 2026".replace("pre", "pré") in page


def test_a_closed_button_says_why_i_cannot(road: Road, client: Client) -> None:
    road.submitted()
    client.force_login(road.decider)

    page = client.get(FILE).content.decode()
    assert 'aria-disabled="true" aria-describedby="why-unit-1-extend"' in page
    assert "Possible seulement quand l’état est : En évaluation" in page


def test_who_assessed_reads_that_somebody_else_must_decide(road: Road, client: Client) -> None:
    road.assessed()
    road.assessor.role_rows.update(role=Role.DECIDER.value)
    client.force_login(road.assessor)

    assert "Vous avez agi sur ce dossier pour l’instruction" in read(client, FILE)


def test_the_decision_waits_for_the_committee_and_the_page_says_so(
    road: Road, client: Client, account: object
) -> None:
    road.assessed()
    client.force_login(road.assessor)
    client.post(f"{CASE}unit-1/consult-committee/")
    client.force_login(road.decider)

    page = read(client, FILE)
    assert "Attend la fin de ce délai : Avis du comité." in page


def test_an_extension_shows_its_letter_asks_its_reason_and_moves_the_due_day(
    road: Road, client: Client
) -> None:
    road.assessed()
    client.force_login(road.decider)
    before = read(client, f"{CASE}unit-1/extend/")
    silent = client.post(f"{CASE}unit-1/extend/", {})
    client.post(f"{CASE}unit-1/extend/", {"standard": "extend-complex", "reason": "Trois bases."})

    assert "L’échéance est désormais le 6 juillet 2026." in before
    assert silent.status_code == 422
    after = read(client, FILE)
    assert "Échéance : 6 juillet 2026" in after
    assert "Trois bases." in after


def test_an_extension_is_given_once(road: Road, client: Client) -> None:
    road.assessed()
    client.force_login(road.decider)
    client.post(f"{CASE}unit-1/extend/", {"reason": "Complexe."})

    assert client.get(f"{CASE}unit-1/extend/").status_code == 403


def test_the_list_puts_what_is_due_first_first(road: Road, client: Client) -> None:
    later, sooner = road.complete(), road.submitted()
    CaseRecord.objects.filter(number=sooner.number).update(due_on="2026-01-12")
    client.force_login(road.assessor)

    page = read(client, "/cases/")
    assert page.index(sooner.number) < page.index(later.number)


def test_a_late_file_says_so_and_can_be_asked_for_alone(
    road: Road, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    road.complete()
    set_clock(monkeypatch, NOW + 100 * DAY)
    client.force_login(road.assessor)

    assert "2026-00001" in read(client, "/cases/?late=on")
    assert "en retard" in read(client, "/cases/")


def test_files_are_assigned_together_and_found_again(road: Road, client: Client) -> None:
    numbers = [road.submitted().number, road.submitted().number]
    client.force_login(road.assessor)

    chosen = {"cases": numbers, "assignee": road.assessor.pk}
    page = client.post("/cases/assignments/", chosen, follow=True).content.decode()

    assert "2 dossiers attribués" in page
    assert set(numbers) <= set(re.findall(r"2026-0000\d", read(client, "/cases/?mine=on")))


def test_nothing_is_assigned_to_somebody_who_cannot_take_it(road: Road, client: Client) -> None:
    road.submitted()
    client.force_login(road.assessor)

    client.post("/cases/assignments/", {"cases": ["2026-00001"], "assignee": road.camille.pk})
    assert CaseRecord.objects.get().assignee is None


def test_the_committee_is_asked_about_several_files_at_once_or_about_none(
    road: Road, client: Client
) -> None:
    numbers = [road.complete().number, road.complete().number]
    early = road.submitted().number
    client.force_login(road.assessor)
    refused = client.post("/cases/opinions/", {"cases": [*numbers, early]})
    asked_of_all = ClockRow.objects.filter(rule="committee-opinion").count()
    page = client.post("/cases/opinions/", {"cases": numbers}, follow=True).content.decode()

    assert (refused.status_code, asked_of_all) == (403, 0)
    assert "Comité consulté sur 2 décisions" in page
    assert ClockRow.objects.filter(rule="committee-opinion").count() == 2


def test_a_view_is_kept_under_a_name_by_its_officer_alone(road: Road, client: Client) -> None:
    client.force_login(road.assessor)
    client.post("/cases/views/", {"name": "Mes retards", "late": "on", "mine": "on"})
    kept = SavedFilter.objects.get()

    assert kept.query == "late=on&mine=on"
    assert "Mes retards" in read(client, "/cases/")
    client.force_login(road.decider)
    assert client.post(f"/cases/views/{kept.pk}/removal/").status_code == 404


def test_a_hostile_view_keeps_nothing_but_known_filters(road: Road, client: Client) -> None:
    client.force_login(road.assessor)
    client.post("/cases/views/", {"name": "x", "turn": "javascript:alert(1)", "next": "//evil"})

    assert SavedFilter.objects.get().query == ""


def test_the_committee_sees_the_files_on_which_its_opinion_is_awaited(
    road: Road, client: Client
) -> None:
    road.complete()
    member = road.committee
    client.force_login(member)
    before = read(client, "/cases/")
    client.force_login(road.assessor)
    client.post(f"{CASE}unit-1/consult-committee/")
    client.force_login(member)
    during = read(client, "/cases/")
    unit = Item.objects.get(case__number="2026-00001", item_id="unit-1")
    perform(unit, "give-opinion", by=member, now=NOW)

    assert "2026-00001" not in before
    assert "2026-00001" in during
    assert "2026-00001" not in read(client, "/cases/")


def test_the_preparer_asks_the_holders_for_the_data_of_a_permit_but_reads_no_file(
    road: Road, client: Client
) -> None:
    road.permit()
    client.force_login(road.preparer)
    permit = read(client, "/permits/FR-2026-0001/")

    assert "Demander les données aux détenteurs" in permit
    assert client.get("/holders/ask/2026-00001/").status_code == 200
    assert client.get(FILE).status_code == 404
    assert client.get("/cases/").status_code == 403


def test_a_file_closed_for_want_of_an_answer_is_published_with_its_reason(
    road: Road, client: Client
) -> None:
    road.awaiting()
    daily.run(now=NOW + 29 * DAY)

    assert "Dossier resté incomplet" in read(client, "/register/")


def test_the_pages_of_the_desk_speak_english(road: Road, client: Client) -> None:
    road.complete()
    client.force_login(road.decider)
    client.cookies["ecluse_language"] = "en"

    assert "Turn of" in read(client, "/cases/?turn=assessor")
    assert "Extend" in read(client, f"{CASE}unit-1/extend/")


def test_every_action_served_has_a_french_name() -> None:
    served = {(kind, name) for kind, names in COMMON.items() for name in names}

    assert {name for _, name in served} <= set(labels.ACTIONS)


def test_every_reason_of_the_library_is_for_an_action_that_asks_one() -> None:
    rows = [row for one in reasons() for row in MACHINES[one.kind].named(one.action)]  # type: ignore[index]

    assert all(row.needs_reason for row in rows)
    assert len({one.reason_id for one in reasons()}) == len(reasons())
