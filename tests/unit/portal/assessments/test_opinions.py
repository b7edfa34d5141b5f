"""Opinions asked outside by link: an interest first, one signature, sealed until all are in."""

from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import Settings

from ecluse.domain.committees import Choice
from ecluse.domain.errors import InvalidInput, NotAllowed, NotFound
from ecluse.portal.applications import actions as applications
from ecluse.portal.applications.models import Application
from ecluse.portal.assessments import opinions, reading
from ecluse.portal.assessments.models import ExpertOpinion
from ecluse.portal.assessments.opinions import Request
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.cases.models import ActedAs
from tests.unit.portal.applications.road import CAMILLE, NOW, Road

pytestmark = pytest.mark.usefixtures("at_now")

MARIE, NOUR = "marie.expert@chu.example", "nour.expert@chu.example"
MONTH = timedelta(days=30)


def asked(road: Road, application: Application, email: str = MARIE) -> str:
    """The token of an opinion asked on the data part of the file."""
    request = Request("Marie Expert", email, "Le protocole tient-il ?", ("data", "purpose"))
    return opinions.ask(application, request, by=road.assessor, now=NOW)[1]


def test_the_token_is_stored_nowhere_and_the_journal_names_no_expert(road: Road) -> None:
    token = asked(road, road.complete())
    stored = ExpertOpinion.objects.get()
    journal = b"".join(bytes(entry.body) for entry in JournalEntry.objects.all())

    assert token not in str(vars(stored))
    assert token.encode() not in journal
    assert b"marie" not in journal.lower()


def test_an_expert_reads_nothing_before_declaring_no_interest(road: Road, client: Client) -> None:
    token = asked(road, road.complete())
    before = client.get(f"/opinions/{token}/").content.decode()
    client.post(f"/opinions/{token}/", {"do": "declare", "interest": "none"})
    after = client.get(f"/opinions/{token}/").content.decode()

    assert "Nouveaux utilisateurs de 2022." not in before
    assert "Nouveaux utilisateurs de 2022." in after


def test_an_expert_reads_the_sections_chosen_and_no_other(road: Road, client: Client) -> None:
    token = asked(road, road.complete())
    client.post(f"/opinions/{token}/", {"do": "declare", "interest": "none"})
    page = client.get(f"/opinions/{token}/").content.decode()

    assert "Comparer l’incidence des saignements." in page
    assert "Service financier" not in page
    assert CAMILLE not in page


def test_an_interest_closes_the_link_without_showing_anything(road: Road, client: Client) -> None:
    token = asked(road, road.complete())
    told = {"do": "declare", "interest": "some", "statement": "Camille est ma doctorante."}
    client.post(f"/opinions/{token}/", told)
    page = client.get(f"/opinions/{token}/").content.decode()

    assert "Ce lien ne sert plus" in page
    with pytest.raises(NotAllowed):
        opinions.give(token, Choice.FAVOURABLE, "Bien.", now=NOW)


def test_a_link_signs_once(road: Road) -> None:
    token = asked(road, road.complete())
    opinions.declare(token, "", now=NOW)
    opinions.give(token, Choice.RESERVED, "L’effectif est trop petit.", now=NOW)

    with pytest.raises(NotAllowed, match="serves once"):
        opinions.give(token, Choice.FAVOURABLE, "Finalement bien.", now=NOW)


def test_no_opinion_without_a_declaration(road: Road) -> None:
    token = asked(road, road.complete())

    with pytest.raises(NotAllowed, match="First say"):
        opinions.give(token, Choice.FAVOURABLE, "Bien.", now=NOW)


def test_a_link_is_dead_thirty_days_after_it_was_asked(road: Road) -> None:
    token = asked(road, road.complete())
    opinions.declare(token, "", now=NOW + MONTH - timedelta(seconds=1))

    with pytest.raises(NotAllowed, match="expired"):
        opinions.give(token, Choice.FAVOURABLE, "Bien.", now=NOW + MONTH)


def test_a_withdrawn_link_serves_no_more(road: Road) -> None:
    token = asked(road, road.complete())
    opinions.withdraw(ExpertOpinion.objects.get(), by=road.assessor, now=NOW)

    with pytest.raises(NotAllowed):
        opinions.declare(token, "", now=NOW)


def test_a_link_that_is_none_says_nothing(road: Road) -> None:
    asked(road, road.complete())

    with pytest.raises(NotFound):
        opinions.find("x" * 43)


def test_an_opinion_stays_sealed_while_another_is_awaited(road: Road) -> None:
    application = road.complete()
    first, second = asked(road, application), asked(road, application, NOUR)
    opinions.declare(first, "", now=NOW)
    opinions.give(first, Choice.UNFAVOURABLE, "La puissance manque.", now=NOW)
    sealed = [line.text for line in reading.opinion_lines(application, now=NOW)]
    opinions.declare(second, "", now=NOW)
    opinions.give(second, Choice.FAVOURABLE, "Le plan est bon.", now=NOW)
    opened = [line.text for line in reading.opinion_lines(application, now=NOW)]

    assert sealed == ["", ""]
    assert opened == ["La puissance manque.", "Le plan est bon."]


def test_a_person_of_the_file_is_no_expert_on_it(road: Road) -> None:
    with pytest.raises(NotAllowed, match="déjà une part"):
        asked(road, road.complete(), "Louis.Bernard@univ.example")


def test_who_assessed_the_file_is_no_expert_on_it(road: Road) -> None:
    with pytest.raises(NotAllowed, match="déjà une part"):
        asked(road, road.complete(), road.assessor.subject)


def test_one_opinion_is_awaited_from_a_person(road: Road) -> None:
    application = road.complete()
    asked(road, application)

    with pytest.raises(InvalidInput):
        asked(road, application)


def test_an_expert_who_signed_can_never_ask_for_the_data(road: Road) -> None:
    token = asked(road, road.complete())
    opinions.declare(token, "", now=NOW)
    opinions.give(token, Choice.FAVOURABLE, "Bien.", now=NOW)

    assert ActedAs.objects.filter(subject=MARIE, role="expert").exists()


def test_a_decided_file_takes_no_opinion(road: Road) -> None:
    application = road.complete()
    token = asked(road, application)
    opinions.declare(token, "", now=NOW)
    applications.withdraw(application, by=road.camille, now=NOW)

    with pytest.raises(NotAllowed, match="clos"):
        opinions.give(token, Choice.FAVOURABLE, "Bien.", now=NOW)


def test_nobody_but_officers_on_their_turn_ask(road: Road) -> None:
    application = road.complete()
    request = Request("Marie", MARIE, "?", ("data",))

    with pytest.raises(NotAllowed):
        opinions.ask(application, request, by=road.camille, now=NOW)
    with pytest.raises(NotAllowed):
        opinions.ask(application, request, by=road.auditor, now=NOW)


PLAN_FILE = "files/" + "7" * 64 + "/"


def test_an_attached_file_opens_after_the_declaration_and_from_the_sections_chosen_alone(
    road: Road, client: Client
) -> None:
    application = road.complete()
    request = Request("Nour Expert", NOUR, "?", ("data",))
    _, narrow = opinions.ask(application, request, by=road.assessor, now=NOW)
    wide = asked(road, application)
    before = client.get(f"/opinions/{wide}/{PLAN_FILE}").status_code
    opinions.declare(narrow, "", now=NOW)
    opinions.declare(wide, "", now=NOW)
    page = client.get(f"/opinions/{wide}/").content.decode()

    assert before == 403
    assert client.get(f"/opinions/{narrow}/{PLAN_FILE}").status_code == 404
    assert PLAN_FILE in page
    assert PLAN_FILE not in client.get(f"/opinions/{narrow}/").content.decode()


def test_the_pages_of_a_link_are_drawn_in_both_themes_without_an_account(
    road: Road, client: Client, settings: Settings
) -> None:
    token = asked(road, road.complete())
    settings.ECLUSE_THEME = "dsfr"
    first = client.get(f"/opinions/{token}/")
    client.post(f"/opinions/{token}/", {"do": "declare", "interest": "none"})
    second = client.get(f"/opinions/{token}/")
    signed = client.post(f"/opinions/{token}/", {"choice": "reserved", "text": "Trop petit."})
    last = client.get(f"/opinions/{token}/")

    assert [first.status_code, second.status_code, last.status_code] == [200, 200, 200]
    assert signed.status_code == 302
    assert ExpertOpinion.objects.get().text == "Trop petit."
    assert last["Cache-Control"].count("no-store") == 1
