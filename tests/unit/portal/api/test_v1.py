"""The API v1: who reads and writes what, page by page, and how errors are told."""

from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from ecluse.domain.metadata import DUO, Concept
from ecluse.portal.api.scopes import Scope
from ecluse.portal.applications.models import Application
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.catalogue.actions import publish
from ecluse.portal.catalogue.models import Dataset
from ecluse.trust import canonical
from tests.unit.portal.api.programs import Program, token_of
from tests.unit.portal.applications.road import ANSWERS, NOW, Road
from tests.unit.portal.webhooks.receivers import Receiver

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
pytestmark = pytest.mark.usefixtures("at_now")


@pytest.fixture
def camille(road: Road, client: Client) -> Program:
    """A program of Camille's that may do everything that she may."""
    return Program(client, token_of(road.camille, now=NOW))


@pytest.fixture
def stranger(road: Road, client: Client) -> Program:
    """A program of somebody whom no file names."""
    return Program(client, token_of(road.stranger, now=NOW))


@pytest.fixture
def assessor(road: Road, client: Client) -> Program:
    """A program of an officer's."""
    return Program(client, token_of(road.assessor, now=NOW))


def test_a_program_learns_who_it_is(camille: Program) -> None:
    status, said = camille.get("account")

    assert status == 200
    assert said["subject"] == "camille.moreau@univ.example"
    assert said["roles"] == ["data-user"]


def test_the_catalogue_is_searched_whatever_the_accents(camille: Program) -> None:
    _status, found = camille.get("datasets", q="hopital remboursements")
    _other, nothing = camille.get("datasets", q="genomes")

    assert [one["slug"] for one in found["items"]] == ["snds-synthetic"]
    assert nothing == {"items": [], "next_cursor": None}


def test_a_dataset_is_told_with_its_snapshot(camille: Program) -> None:
    status, said = camille.get("datasets/snds-synthetic")

    assert status == 200
    assert said["snapshot"]["person_count"] == 20_000
    assert said["uses"] == []


def test_a_dataset_is_told_with_its_terms_of_use(camille: Program) -> None:
    dataset = Dataset.objects.get(slug="snds-synthetic")
    terms = tuple(Concept(address=f"{DUO}{number}") for number in ("0000042", "0000019"))
    described = replace(dataset.record.description(), rights=terms)
    publish("snds-synthetic", described, by="holder", now=NOW)

    _status, said = camille.get("datasets/snds-synthetic")

    assert said["uses"] == ["DUO:0000019", "DUO:0000042"]


def test_an_application_is_opened_answered_attached_and_submitted(
    camille: Program, road: Road, client: Client
) -> None:
    typed = {name: answer for name, answer in ANSWERS.items() if name != "research_plan"}
    opened, draft = camille.send("POST", "applications", {"dataset": "snds-synthetic"})
    number = draft["number"]

    saved, answered = camille.send("PATCH", f"applications/{number}/answers", {"answers": typed})
    attached = client.post(
        f"/api/v1/applications/{number}/attachments/research_plan",
        {"file": SimpleUploadedFile("plan.pdf", PDF)},
        headers={"Authorization": f"Bearer {camille.token}"},
    )
    sent, submitted = camille.send("POST", f"applications/{number}/submission", {})

    submission = Application.objects.get(number=number).last_submission()
    assert (opened, saved, attached.status_code, sent) == (201, 200, 201, 200)
    assert [one["field"] for one in answered["problems"]] == ["research_plan"]
    assert attached.json()["digest"] == canonical.digest(PDF)
    assert submitted["state"] == "submitted"
    assert submission is not None
    assert submission.answers["research_plan"] == [attached.json()]
    assert JournalEntry.objects.get(action="application.submit").actor == road.camille.subject


def test_files_are_attached_at_their_own_address_alone(camille: Program, road: Road) -> None:
    number = road.draft().number

    status, said = camille.send(
        "PATCH",
        f"applications/{number}/answers",
        {"answers": {"research_plan": [{"name": "x.pdf", "digest": "sha256:" + "0" * 64}]}},
    )

    assert (status, "takes files" in said["detail"]) == (422, True)


def test_what_keeps_a_draft_from_being_submitted_is_told(camille: Program) -> None:
    _opened, draft = camille.send("POST", "applications", {"dataset": "snds-synthetic"})

    status, said = camille.send("POST", f"applications/{draft['number']}/submission", {})

    assert {"field": "title", "item": None, "code": "required"}.items() <= draft["problems"][
        0
    ].items()
    assert status == 422
    assert said["type"] == "urn:ecluse:problem:invalid-input"


def test_a_draft_is_opened_by_its_team_alone(
    road: Road, stranger: Program, assessor: Program
) -> None:
    number = road.draft().number

    assert stranger.get(f"files/{number}")[0] == 404
    assert assessor.get(f"files/{number}")[0] == 404
    assert stranger.get(f"applications/{number}")[0] == 404
    assert stranger.send("PATCH", f"applications/{number}/answers", {"answers": {}})[0] == 404
    assert stranger.send("POST", f"applications/{number}/submission", {})[0] == 404
    assert stranger.send("POST", f"applications/{number}/withdrawal")[0] == 404


def test_an_officer_reads_what_was_filed_and_writes_nothing(road: Road, assessor: Program) -> None:
    number = road.submitted().number

    assert assessor.get(f"applications/{number}")[0] == 200
    assert assessor.send("PATCH", f"applications/{number}/answers", {"answers": {}})[0] == 404


def test_a_person_of_the_file_reads_it_and_does_not_write_it(road: Road, client: Client) -> None:
    number = road.draft().number
    louis = Program(client, token_of(road.louis, now=NOW))

    assert louis.get(f"applications/{number}")[0] == 200
    assert louis.send("PATCH", f"applications/{number}/answers", {"answers": {}})[0] == 403
    assert louis.send("POST", f"applications/{number}/withdrawal")[0] == 403


def test_a_file_is_told_with_its_clocks_its_acts_and_what_may_be_done(
    road: Road, camille: Program
) -> None:
    number = road.complete().number

    status, said = camille.get(f"files/{number}")

    decision = next(one for one in said["clocks"] if one["rule"] == "decision")
    assert status == 200
    assert (said["state"], said["turn"], said["due_on"]) == ("processing", "assessor", "2026-04-07")
    assert (decision["article"], decision["due_on"]) == ("68(4)", "2026-04-07")
    assert [act["action"] for act in said["acts"]] == [
        "submit",
        "start-screening",
        "declare-complete",
    ]
    assert {"object": "file", "action": "withdraw", "why_not": None} in said["offers"]


def test_nobody_of_the_hub_is_named_in_a_file(road: Road, client: Client) -> None:
    number = road.refused().number
    headers = {"Authorization": f"Bearer {token_of(road.camille, now=NOW)}"}

    answer = client.get(f"/api/v1/files/{number}", headers=headers)

    assert road.decider.subject not in answer.content.decode()
    assert road.assessor.subject not in answer.content.decode()


def test_deadlines_come_first_due_first(road: Road, camille: Program) -> None:
    road.complete()
    road.submitted()

    _status, said = camille.get("deadlines")

    days = [one["due_on"] for one in said["items"]]
    assert days == sorted(days)
    assert "decision" in [one["rule"] for one in said["items"]]


def test_a_list_is_given_page_by_page(road: Road, camille: Program) -> None:
    numbers = [road.draft().number for _ in range(3)]

    _status, first = camille.get("files", limit=2)
    _again, second = camille.get("files", limit=2, cursor=first["next_cursor"])

    assert [one["number"] for one in first["items"]] == [numbers[2], numbers[1]]
    assert [one["number"] for one in second["items"]] == [numbers[0]]
    assert second["next_cursor"] is None


def test_deadlines_due_on_one_day_are_all_given_page_by_page(road: Road, camille: Program) -> None:
    numbers = [road.draft().number for _ in range(3)]

    _first, one = camille.get("deadlines", limit=1)
    _second, two = camille.get("deadlines", limit=1, cursor=one["next_cursor"])
    _third, three = camille.get("deadlines", limit=1, cursor=two["next_cursor"])

    assert [page["items"][0]["file"] for page in (one, two, three)] == numbers


def test_a_cursor_of_another_list_is_refused(road: Road, camille: Program) -> None:
    road.draft()
    road.draft()
    _status, files = camille.get("files", limit=1)

    status, said = camille.get("permits", cursor=files["next_cursor"])

    assert (status, said["type"]) == (422, "urn:ecluse:problem:invalid-input")


def test_a_permit_is_given_to_its_persons_byte_for_byte(
    road: Road, camille: Program, stranger: Program, client: Client
) -> None:
    permit = road.permit()

    _status, listed = camille.get("permits")
    document = client.get(
        listed["items"][0]["document"], headers={"Authorization": f"Bearer {camille.token}"}
    )

    assert listed["items"][0]["digest"] == permit.digest
    assert document.content == bytes(permit.data)
    assert stranger.get("permits") == (200, {"items": [], "next_cursor": None})
    assert stranger.get(f"permits/{permit.number}")[0] == 404
    assert stranger.get(f"permits/{permit.number}/document")[0] == 404


def test_the_register_is_given_without_the_name_of_a_person(road: Road, stranger: Program) -> None:
    road.refused()

    _status, said = stranger.get("register", stage="refused")

    (line,) = said["items"]
    assert line["reason"] == "Trop de colonnes."
    assert "camille" not in str(said).lower()


def test_a_form_is_given_as_it_was_published(camille: Program) -> None:
    status, said = camille.get("forms/data-access-application/1")

    assert (status, said["version"]) == (200, 1)
    assert said["sections"][0]["fields"][0]["id"] == "title"
    assert camille.get("forms/data-access-application/99")[0] == 404


def test_a_question_that_takes_no_file_is_not_found_for_one(
    road: Road, camille: Program, client: Client
) -> None:
    number = road.draft().number

    answer = client.post(
        f"/api/v1/applications/{number}/attachments/title",
        {"file": SimpleUploadedFile("a.csv", b"a,b\n1,2\n")},
        headers={"Authorization": f"Bearer {camille.token}"},
    )

    assert answer.status_code == 404


def test_an_answer_to_a_question_that_is_not_asked_is_refused(road: Road, camille: Program) -> None:
    number = road.draft().number

    status, said = camille.send(
        "PATCH", f"applications/{number}/answers", {"answers": {"colour": "red"}}
    )

    assert (status, said["detail"]) == (422, "The form asks no question 'colour'.")


@pytest.mark.parametrize("value", ["a\x00b", {"deep": ["\x00"]}, 1.5, float("nan")])
def test_what_cannot_be_kept_is_refused_in_words(
    road: Road, camille: Program, value: object
) -> None:
    number = road.draft().number

    status, said = camille.send(
        "PATCH", f"applications/{number}/answers", {"answers": {"title": value}}
    )

    assert (status, said["type"]) in {
        (409, "urn:ecluse:problem:malformed"),
        (422, "urn:ecluse:problem:invalid-input"),
    }


def test_webhooks_are_made_tried_and_removed_by_a_program(
    camille: Program, stranger: Program, receiver: Receiver
) -> None:
    made, webhook = camille.send("POST", "webhooks", {"url": receiver.url, "events": []})
    tried, attempt = camille.send("POST", f"webhooks/{webhook['id']}/trial")
    _read, deliveries = camille.get(f"webhooks/{webhook['id']}/deliveries")
    theirs = stranger.send("DELETE", f"webhooks/{webhook['id']}")[0]
    removed, nothing = camille.send("DELETE", f"webhooks/{webhook['id']}")

    assert (made, tried, theirs, removed, nothing) == (201, 200, 404, 204, None)
    assert webhook["secret"].startswith("whsec_")
    assert attempt["status"] == 204
    assert [one["event"] for one in deliveries["items"]] == ["webhook.test"]
    assert camille.get("webhooks") == (200, {"items": []})


def test_every_event_of_a_webhook_is_listed(camille: Program) -> None:
    _status, events = camille.get("webhooks/events")

    assert {"application.submit", "decision-unit.grant", "permit.revoke"} <= set(events)
    assert "application.save-draft" not in events


def test_a_token_opens_only_its_scopes(road: Road, client: Client) -> None:
    narrow = Program(client, token_of(road.camille, Scope.CATALOGUE, now=NOW))

    status, said = narrow.get("files")

    assert narrow.get("datasets")[0] == 200
    assert (status, said["title"]) == (403, "Not allowed")
    assert "files:read" in said["detail"]


def test_a_wrong_request_says_where_and_never_repeats_the_value(camille: Program) -> None:
    status, said = camille.get("files", limit=0, cursor="1850599000042")

    assert (status, said["errors"][0]["pointer"]) == (422, "query/limit")
    assert "1850599000042" not in str(said)


def test_a_body_that_is_not_json_is_told(camille: Program, client: Client) -> None:
    answer = client.post(
        "/api/v1/applications",
        b"{",
        content_type="application/json",
        headers={"Authorization": f"Bearer {camille.token}"},
    )

    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


def test_past_the_limit_a_program_is_told_when_to_come_back(
    camille: Program, settings: Settings, client: Client
) -> None:
    settings.ECLUSE_API_REQUESTS_A_MINUTE = 2
    before = [camille.get("account")[0], camille.get("account")[0]]

    answer = client.get("/api/v1/account", headers={"Authorization": f"Bearer {camille.token}"})

    assert before == [200, 200]
    assert (answer.status_code, answer["Retry-After"]) == (429, "60")
    assert answer.json()["type"] == "urn:ecluse:problem:too-many-requests"
