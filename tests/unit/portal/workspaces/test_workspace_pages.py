"""Passes, presence, closing and incidents, for each person of the checking room."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from ecluse.domain.documents import Revocation, Signer
from ecluse.domain.errors import InvalidInput, NotAllowed, NotFound
from ecluse.domain.incidents import Word
from ecluse.portal.accounts.models import User
from ecluse.portal.audit import identity
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.workspaces import actions
from ecluse.portal.workspaces.models import Closure, Incident, LiveReport
from ecluse.trust.passes import verify_pass
from ecluse.trust.tokens import make_token
from tests.unit.domain.build import PERMIT
from tests.unit.portal.routes import Route, Stage, answers, by_stage
from tests.unit.portal.zone import NOW, Zone, bundle

NUMBER = PERMIT.permit_number
PEOPLE = ("pi", "stranger", "sarah", "auditor")


@pytest.fixture(autouse=True)
def at_now(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """The clock of the pages says when the permit is in force."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    settings.ECLUSE_WORKSPACE_URL = "https://workspaces.example"


def session(subject: str, number: str = "s-1") -> dict[str, Any]:
    return {
        "number": number,
        "subject": subject,
        "permit": NUMBER,
        "began_at": "2026-02-01T08:00:00+00:00",
        "active_at": "2026-02-01T08:59:00+00:00",
        "requests": 12,
        "refused": 1,
        "bytes_in": 100,
        "bytes_out": 2048,
    }


def told(*sessions: dict[str, Any], done: tuple[int, ...] = ()) -> actions.Told:
    opened = {"permit": NUMBER, "opened_at": "2026-02-01T08:00:00+00:00", "memory_bytes": 1 << 27}
    return actions.read_report(
        {"sessions": list(sessions), "workspaces": [opened], "done": list(done)}
    )


ROUTES = (
    Route("open", "get", "/workspaces/", (200, 200, 200, 200)),
    Route("open", "post", f"/workspaces/{NUMBER}/enter/", (200, 404, 404, 404)),
    Route("open", "post", f"/workspaces/{NUMBER}/propose/", (302, 404, 404, 404)),
    Route("open", "get", f"/workspaces/{NUMBER}/imports/", (200, 404, 404, 404)),
    Route("open", "post", f"/workspaces/{NUMBER}/imports/", (422, 404, 404, 404)),
    Route("open", "get", "/workspaces/imports/", (403, 403, 200, 403)),
    Route("open", "post", "/workspaces/imports/1/judgement/", (422, 422, 422, 422)),
    Route("open", "get", "/workspaces/live/", (403, 403, 200, 200)),
    Route("open", "get", "/workspaces/live/table/", (403, 403, 200, 200)),
    Route("open", "post", "/workspaces/close/", (403, 403, 422, 422)),
    Route("open", "post", "/workspaces/closures/{closure}/lift/", (403, 403, 302, 302)),
    Route("open", "get", "/workspaces/incidents/", (403, 403, 200, 200)),
    Route("open", "post", "/workspaces/incidents/", (403, 403, 422, 422)),
    Route("open", "get", "/workspaces/incidents/{incident}/", (403, 403, 200, 200)),
    Route("open", "post", "/workspaces/incidents/{incident}/", (403, 403, 422, 422)),
)


@pytest.mark.parametrize("stage", by_stage(ROUTES), ids=str)
def test_each_address_answers_each_person(
    zone: Zone, people: dict[str, User], stage: Stage
) -> None:
    zone.open_workspace()
    closure = actions.close("FR-2026-0009", "Essai.", by=people["sarah"], now=NOW)
    incident = opened(people["sarah"])

    found = answers(
        stage, [people[who] for who in PEOPLE], closure=closure.pk, incident=incident.pk
    )

    assert found == stage.answers


def test_a_person_of_the_permit_gets_a_pass_that_the_zone_believes(
    zone: Zone, people: dict[str, User], client: Client
) -> None:
    zone.open_workspace()
    client.force_login(people["pi"])

    page = client.post(f"/workspaces/{NUMBER}/enter/").content.decode()

    text = page.partition("https://workspaces.example/enter?pass=")[2].partition('"')[0]
    given = verify_pass(text, identity.keyring(), now=NOW)
    assert (given.subject, given.permit_number) == (people["pi"].subject, NUMBER)
    assert JournalEntry.objects.filter(action="workspace.pass-given").count() == 1


def test_no_pass_for_a_revoked_permit_nor_for_a_closed_workspace(
    zone: Zone, people: dict[str, User]
) -> None:
    workspace = zone.open_workspace()
    closure = actions.close(NUMBER, "Contrôle en cours.", by=people["sarah"], now=NOW)

    with pytest.raises(NotAllowed, match="Contrôle en cours"):
        actions.give_pass(workspace, by=people["pi"], now=NOW)
    actions.lift(closure, by=people["sarah"], now=NOW)
    assert actions.give_pass(workspace, by=people["pi"], now=NOW)
    zone.receive(Revocation(NUMBER, NOW, "misuse"), Signer.PORTAL)
    workspace.refresh_from_db()
    with pytest.raises(NotAllowed):
        actions.give_pass(workspace, by=people["pi"], now=NOW)


def test_the_zone_learns_what_to_close_and_the_site_when_it_was_done(
    zone: Zone, people: dict[str, User]
) -> None:
    zone.open_workspace()
    closure = actions.close(NUMBER, "Contrôle.", by=people["sarah"], now=NOW)

    first = actions.receive_report(told(session(people["pi"].subject)), now=NOW)
    after = NOW + timedelta(seconds=2)
    second = actions.receive_report(told(done=(closure.pk,)), now=after)

    closure.refresh_from_db()
    assert first["close"] == [{"number": closure.pk, "permit": NUMBER}]
    assert first["leave"] == ["s-1"]
    assert second == {"close": [], "imports": [], "leave": [], "propose": []}
    assert closure.done_at == after
    assert json.loads(bytes(_last("workspace.closed").body))["details"] == {"ms": 2000}


def test_who_lost_the_account_or_is_not_of_the_permit_must_leave(
    zone: Zone, people: dict[str, User]
) -> None:
    zone.open_workspace()
    here = told(
        session(people["pi"].subject, "s-1"),
        session(people["stranger"].subject, "s-2"),
        session("nobody@else.example", "s-3"),
    )
    before = actions.receive_report(here, now=NOW)["leave"]
    User.objects.filter(pk=people["pi"].pk).update(is_active=False)

    after = actions.receive_report(here, now=NOW)["leave"]

    assert before == ["s-2", "s-3"]
    assert after == ["s-1", "s-2", "s-3"]


def test_the_page_shows_who_is_where_and_says_when_the_server_is_silent(
    zone: Zone, people: dict[str, User], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    zone.open_workspace()
    actions.receive_report(told(session(people["pi"].subject)), now=NOW)
    client.force_login(people["sarah"])

    shown = client.get("/workspaces/live/table/").content.decode()
    monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(minutes=1))
    later = client.get("/workspaces/live/table/").content.decode()

    assert people["pi"].subject in shown
    assert "134,2" in shown
    assert "silencieux" not in shown
    assert "silencieux" in later


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        {"sessions": [], "workspaces": []},
        {"sessions": [{}], "workspaces": [], "done": []},
        {"sessions": [], "workspaces": [], "done": ["1"]},
        {"sessions": [{**session("a"), "bytes_in": {"a": 1}}], "workspaces": [], "done": []},
    ],
)
def test_a_report_of_another_shape_is_refused(wrong: object) -> None:
    with pytest.raises(InvalidInput):
        actions.read_report(wrong)


def test_only_the_agent_reports(zone: Zone, client: Client, settings: Settings) -> None:
    body = json.dumps({"sessions": [], "workspaces": [], "done": []})
    token = make_token(zone.agent, audience=settings.ECLUSE_URL, now=NOW)

    def post(headers: dict[str, str]) -> int:
        answer = client.post("/workspaces/report", body, "application/json", headers=headers)
        return int(answer.status_code)

    assert post({}) == 401
    assert post({"Authorization": f"Bearer {token}"}) == 200
    assert post({"Authorization": f"Bearer {token}"}) == 401
    assert LiveReport.objects.count() == 1


def test_what_a_workspace_proposes_becomes_an_analysis_of_its_author(
    zone: Zone, people: dict[str, User]
) -> None:
    workspace = zone.open_workspace()
    proposal = actions.propose(workspace, by=people["pi"], now=NOW)
    asked = actions.receive_report(told(), now=NOW)["propose"]

    actions.receive_bundle(proposal.pk, bundle("analysis.py").read(), now=NOW)

    proposal.refresh_from_db()
    assert asked == [{"number": proposal.pk, "permit": NUMBER, "by": people["pi"].subject}]
    assert proposal.job is not None
    assert (proposal.job.submitted_by, proposal.job.state) == (people["pi"], "waiting")
    with pytest.raises(NotFound):
        actions.receive_bundle(proposal.pk, b"another", now=NOW)


def test_a_proposal_that_cannot_be_made_says_why_and_another_may_follow(
    zone: Zone, people: dict[str, User]
) -> None:
    workspace = zone.open_workspace()
    proposal = actions.propose(workspace, by=people["pi"], now=NOW)
    with pytest.raises(InvalidInput, match="on its way"):
        actions.propose(workspace, by=people["pi"], now=NOW)

    actions.receive_failure(proposal.pk, "The outputs folder is empty.")

    proposal.refresh_from_db()
    assert proposal.failure == "The outputs folder is empty."
    assert actions.propose(workspace, by=people["pi"], now=NOW).job is None


# Incidents


def opened(by: User, noticed_at: datetime = NOW) -> Incident:
    about = {"title": "Session inconnue", "description": "Vue au journal.", "permit_number": ""}
    return actions.open_incident({**about, "noticed_at": noticed_at}, by=by, now=NOW)


def test_an_incident_has_a_day_three_days_and_a_month(zone: Zone, people: dict[str, User]) -> None:
    incident = opened(people["sarah"])

    due = {one.word: one.due_at - NOW for one in incident.dues()}

    assert due[Word.WARNING] == timedelta(hours=24)
    assert due[Word.DETAIL] == timedelta(hours=72)
    assert due[Word.REPORT] == timedelta(days=28)  # from 1 February to 1 March 2026


def test_each_word_of_an_incident_is_sent_once_and_in_order(
    zone: Zone, people: dict[str, User]
) -> None:
    incident = opened(people["sarah"], NOW - timedelta(hours=25))

    with pytest.raises(NotAllowed):
        actions.send_word(incident, Word.DETAIL, by=people["sarah"], now=NOW)
    actions.send_word(incident, Word.WARNING, by=people["sarah"], now=NOW)
    with pytest.raises(NotAllowed):
        actions.send_word(incident, Word.WARNING, by=people["sarah"], now=NOW)

    incident.refresh_from_db()
    late = [one.is_late(now=NOW) for one in incident.dues()]
    assert late == [True, False, False]
    assert incident.next_word() is Word.DETAIL


def test_a_data_user_closes_nothing_and_keeps_no_incident(
    zone: Zone, people: dict[str, User]
) -> None:
    with pytest.raises(NotAllowed):
        actions.close("", "x", by=people["pi"], now=NOW)
    with pytest.raises(NotAllowed):
        opened(people["pi"])
    assert Closure.objects.count() == 0


def _last(action: str) -> JournalEntry:
    return JournalEntry.objects.filter(action=action).latest("sequence")
