"""The team of a file: invited by a link that serves once, to one person, for a week."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.portal.accounts.models import User
from ecluse.portal.applications import actions, drafts, teams
from ecluse.portal.applications.models import Application
from ecluse.portal.applications.steps import Typed, save_step
from ecluse.portal.drafts.models import Invitation, Member
from tests.unit.portal.applications.road import CAMILLE, NOW, Road

pytestmark = pytest.mark.usefixtures("at_now")

NUMBER = "2026-00001"
LOUIS = "louis.bernard@univ.example"
PROJECT = {"title": "Écrit par Louis", "lay_summary": "Comparer."}


@pytest.fixture
def draft(road: Road) -> Application:
    """A draft of Camille's, nothing answered."""
    return actions.start(road.dataset, by=road.camille, now=NOW)


def invited(road: Road, role: str = "editor", email: str = LOUIS) -> str:
    """The secret of an invitation of Camille's."""
    place = drafts.find(NUMBER, road.camille)
    return teams.invite(place, email, role=role, by=road.camille, now=NOW)


def save(user: User) -> None:
    save_step(drafts.WRITING, (NUMBER, "project"), Typed(PROJECT, None), by=user, now=NOW)


def test_an_editor_writes_the_file(draft: Application, road: Road) -> None:
    teams.accept(invited(road), by=road.louis, now=NOW)

    save(road.louis)

    draft.refresh_from_db()
    assert draft.answers["title"] == "Écrit par Louis"
    assert draft.applicant == road.camille


def test_a_reader_reads_and_does_not_write(draft: Application, road: Road) -> None:
    teams.accept(invited(road, "reader"), by=road.louis, now=NOW)

    assert drafts.find(NUMBER, road.louis).right == "reader"
    with pytest.raises(NotAllowed):
        save(road.louis)


def test_a_link_serves_once(draft: Application, road: Road) -> None:
    token = invited(road)
    teams.accept(token, by=road.louis, now=NOW)

    with pytest.raises(NotAllowed):
        teams.accept(token, by=road.louis, now=NOW)


def test_a_link_is_too_old_after_a_week(draft: Application, road: Road) -> None:
    token = invited(road)

    with pytest.raises(NotAllowed):
        teams.accept(token, by=road.louis, now=NOW + timedelta(days=7))
    assert not Member.objects.exists()


def test_a_link_is_for_one_address(draft: Application, road: Road) -> None:
    token = invited(road)

    with pytest.raises(NotAllowed):
        teams.accept(token, by=road.stranger, now=NOW)


def test_an_officer_joins_no_file(draft: Application, road: Road) -> None:
    token = invited(road, email=road.assessor.email)

    with pytest.raises(NotAllowed):
        teams.accept(token, by=road.assessor, now=NOW)


def test_the_secret_of_a_link_is_not_in_the_database(draft: Application, road: Road) -> None:
    token = invited(road)

    row = Invitation.objects.values().get()
    assert token not in str(row)


def test_a_withdrawn_link_opens_nothing(draft: Application, road: Road) -> None:
    token = invited(road)
    teams.withdraw(drafts.find(NUMBER, road.camille), Invitation.objects.get().pk, now=NOW)

    with pytest.raises(NotAllowed):
        teams.accept(token, by=road.louis, now=NOW)


def test_inviting_again_makes_the_first_link_useless(draft: Application, road: Road) -> None:
    first = invited(road)
    second = invited(road, "reader")

    with pytest.raises(NotAllowed):
        teams.accept(first, by=road.louis, now=NOW)
    teams.accept(second, by=road.louis, now=NOW)
    assert drafts.find(NUMBER, road.louis).right == "reader"


def test_only_the_applicant_invites(draft: Application, road: Road) -> None:
    teams.accept(invited(road), by=road.louis, now=NOW)
    place = drafts.find(NUMBER, road.louis)

    with pytest.raises(NotAllowed):
        teams.invite(place, "eve.martin@corp.example", role="editor", by=road.louis, now=NOW)


@pytest.mark.parametrize(("email", "role"), [("nobody", "editor"), (LOUIS, "decider"), ("", "")])
def test_an_invitation_names_an_address_and_a_role(
    draft: Application, road: Road, email: str, role: str
) -> None:
    with pytest.raises(InvalidInput):
        invited(road, role, email)


def test_a_member_taken_out_learns_nothing_more(
    draft: Application, road: Road, client: Client
) -> None:
    teams.accept(invited(road), by=road.louis, now=NOW)
    member = Member.objects.get()
    teams.remove(drafts.find(NUMBER, road.camille), member.pk, by=road.camille, now=NOW)
    client.force_login(road.louis)

    assert client.get(f"/drafts/{NUMBER}/").status_code == 404


def test_the_application_is_handed_over_once_accepted(draft: Application, road: Road) -> None:
    token = invited(road, "applicant")
    draft.refresh_from_db()
    assert draft.applicant == road.camille

    teams.accept(token, by=road.louis, now=NOW)

    draft.refresh_from_db()
    assert draft.applicant == road.louis
    assert drafts.find(NUMBER, road.louis).right == "applicant"
    assert drafts.find(NUMBER, road.camille).right == "editor"


def test_who_took_over_submits_and_the_former_applicant_does_not(road: Road) -> None:
    draft = road.draft()
    teams.accept(invited(road, "applicant"), by=road.louis, now=NOW)
    draft.refresh_from_db()

    with pytest.raises(NotAllowed):
        actions.submit(draft, by=road.camille, now=NOW)
    assert actions.submit(draft, by=road.louis, now=NOW).state == "submitted"


def test_the_pages_invite_show_the_link_once_and_join(
    draft: Application, road: Road, client: Client
) -> None:
    client.force_login(road.camille)
    sent = {"do": "invite", "email": LOUIS, "role": "editor"}
    page = client.post(f"/drafts/{NUMBER}/team/", sent).content.decode()
    link = page.partition("http://testserver")[2].partition("<")[0].strip()
    assert link not in client.get(f"/drafts/{NUMBER}/team/").content.decode()
    client.force_login(road.louis)

    shown = client.get(link).content.decode()
    joined = client.post(link, follow=True).content.decode()

    assert "écrit le dossier" in shown
    assert "Vous êtes de l’équipe de ce dossier." in joined
    assert CAMILLE not in client.get(link).content.decode()


def test_opening_a_link_joins_nothing_by_itself(
    draft: Application, road: Road, client: Client
) -> None:
    token = invited(road)
    client.force_login(road.louis)

    client.get(f"/drafts/join/{token}/")

    assert not Member.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_uses_of_a_link_at_the_same_instant_make_one_member(road: Road) -> None:
    actions.start(road.dataset, by=road.camille, now=NOW)
    token = invited(road)
    together = Barrier(2)

    def accept(_number: int) -> str:
        together.wait()
        try:
            teams.accept(token, by=road.louis, now=NOW)
        except NotAllowed:
            return "refused"
        finally:
            connection.close()
        return "joined"

    with ThreadPoolExecutor(2) as threads:
        became = sorted(threads.map(accept, [1, 2]))

    assert became == ["joined", "refused"]
    assert timezone.now() == NOW


def test_the_team_reads_the_file_once_it_is_filed(
    draft: Application, road: Road, client: Client
) -> None:
    teams.accept(invited(road, "reader"), by=road.louis, now=NOW)
    client.force_login(road.louis)

    assert client.get(f"/applications/{NUMBER}/").status_code == 200

    member = Member.objects.get(user=road.louis)
    teams.remove(drafts.find(NUMBER, road.camille), member.pk, by=road.camille, now=NOW)

    assert client.get(f"/applications/{NUMBER}/").status_code == 404


def test_who_was_the_applicant_still_reads_the_file(draft: Application, road: Road) -> None:
    teams.accept(invited(road, "applicant"), by=road.louis, now=NOW)

    assert Application.objects.visible_to(road.camille).get().applicant == road.louis
