"""The request and response pairs of REMS's portal, answered here in the same shape.

Each pair is replayed against a site that has one dataset, and a person whom the portal brought: our
numbers stand in the place of theirs. Our answer has the status of the pair, every member that the
description of REMS requires, and, member by member, the types of the pair's answer. Where an answer
says only whether something was done, it is the same to the letter. The visas are those of REMS's
own test, claim by claim, at its clock.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from ecluse.portal.api import visas
from ecluse.portal.api.visas import Grant
from ecluse.portal.applications.models import Application
from tests.agreement import rems
from tests.unit.portal.api.programs import Portal, portal_of
from tests.unit.portal.api.rems_drafts import answered, form_of
from tests.unit.portal.applications.road import ANSWERS, Road, at_now, road

__all__ = ["at_now", "road"]

pytestmark = [
    pytest.mark.skipif(not rems.PAIRS.is_dir(), reason="the pairs of REMS are not here"),
    pytest.mark.usefixtures("at_now"),
]


@pytest.fixture
def alice(road: Road, client: Client) -> Portal:
    """The portal, calling for Alice."""
    return portal_of(client)[0]


@pytest.fixture
def draft(alice: Portal, road: Road) -> int:
    """The number of a draft of hers, nothing answered."""
    _status, said = alice.post("applications/create", {"catalogue-item-ids": [road.dataset.pk]})
    return int(said["application-id"])


def test_a_user_is_created(alice: Portal) -> None:
    request, status, theirs = rems.pair("create_user")
    body = {"userid": "bob", "name": "Bob", "email": "bob@univ.example"}

    assert request["url"] == "/api/users/create"
    assert alice.post("users/create", body) == (status, theirs)


def test_a_catalogue_item_is_found_by_its_resource(alice: Portal) -> None:
    _request, status, theirs = rems.pair("get_api_catalogue_items")

    answered, ours = alice.get("catalogue-items?resource=snds-synthetic")

    assert (answered, len(ours)) == (status, len(theirs))
    assert rems.strangers(theirs, ours) == []
    assert rems.problems("CatalogueItem", ours[0]) == []
    assert ours[0]["resid"] == "snds-synthetic"


def test_an_unknown_resource_is_an_empty_list(alice: Portal) -> None:
    _request, status, theirs = rems.pair("get_api_catalogue_items_empty")

    assert alice.get("catalogue-items?resource=invalid") == (status, theirs)


def test_an_application_is_created(alice: Portal, road: Road) -> None:
    _request, status, theirs = rems.pair("create_application")

    answered, ours = alice.post("applications/create", {"catalogue-item-ids": [road.dataset.pk]})

    assert (answered, ours["success"]) == (status, theirs["success"])
    assert rems.strangers(theirs, ours) == []
    assert rems.problems("CreateApplicationResponse", ours) == []


@pytest.mark.parametrize("name", ["get_application", "get_application_for_success_false"])
def test_a_draft_is_read(alice: Portal, draft: int, name: str) -> None:
    _request, status, theirs = rems.pair(name)

    answered, ours = alice.get(f"applications/{draft}")

    assert answered == status
    assert rems.strangers(theirs, ours) == []
    assert rems.problems("Application", ours) == []
    assert ours["application/state"] == theirs["application/state"]
    assert ours["application/roles"] == theirs["application/roles"]


def test_a_submitted_application_is_read(alice: Portal, road: Road, client: Client) -> None:
    _request, status, theirs = rems.pair("get_submitted_application")
    number = answered(alice, road)
    alice.post("applications/accept-licenses", accepted(number, road))
    alice.post("applications/submit", {"application-id": number})

    said, ours = alice.get(f"applications/{number}")

    assert said == status
    assert rems.strangers(theirs, ours) == []
    assert rems.problems("Application", ours) == []
    assert ours["application/state"] == theirs["application/state"]


@pytest.mark.parametrize("name", ["retrieve_application", "retrieve_application_front_integration"])
def test_a_whole_application_is_read(alice: Portal, road: Road, name: str) -> None:
    _request, status, theirs = rems.pair(name)
    number = answered(alice, road)

    said, ours = alice.get(f"applications/{number}")

    # What REMS's description leaves optional, and nothing here fills.
    absent = {"application/copied-from", "application/deadline", "application/votes"}
    absent |= {"application/assigned-external-id", "application/duo", "entitlement/end"}
    absent |= {"application/first-submitted", "application/copied-to"}
    common = {key: each for key, each in theirs.items() if key not in absent}
    missing = [each for each in rems.strangers(common, ours) if not optional(each)]
    assert said == status
    assert missing == []
    assert rems.problems("Application", ours) == []


def optional(stranger: str) -> bool:
    """Whether REMS's description lets a member be absent, below the first level."""
    names = ("handlers", "voting", "anonymize-handling", "notification-email", "additionalProp")
    names += ("researcher-status-by", "field/placeholder", "field/info-text", "field/visibility")
    names += ("field/columns", "field/max-length", "field/options", "field/previous-value")
    names += ("event/", "attachment/", "license/link", "license/attachment")
    return any(name in stranger for name in names)


def test_an_application_that_does_not_exist_is_told_as_rems_tells_it(alice: Portal) -> None:
    _request, status, theirs = rems.pair("retrieve_non_existing_application")

    assert alice.get("applications/73263") == (status, theirs)


def test_a_draft_is_saved_with_warnings(alice: Portal, draft: int) -> None:
    _request, status, theirs = rems.pair("save_application")
    value = {"form": form_of(alice, draft), "field": "title", "value": "Essai"}

    said, ours = alice.post(
        "applications/save-draft", {"application-id": draft, "field-values": [value]}
    )

    assert (said, ours["success"]) == (status, theirs["success"])
    assert rems.strangers(theirs, ours) == []
    assert rems.problems("SuccessApplicationResponse", ours) == []
    assert {one["type"] for one in theirs["warnings"]} <= {one["type"] for one in ours["warnings"]}


def accepted(number: int, road: Road) -> dict[str, Any]:
    """The conditions of the dataset, accepted."""
    return {"application-id": number, "accepted-licenses": [road.dataset.pk]}


def test_terms_are_accepted(alice: Portal, road: Road, draft: int) -> None:
    _request, status, theirs = rems.pair("accept_terms_success_true")

    ours = alice.post("applications/accept-licenses", accepted(draft, road))

    assert ours == (status, theirs)


def test_terms_of_another_item_are_not_accepted(alice: Portal, draft: int) -> None:
    _request, status, theirs = rems.pair("accept_terms_success_false")
    others = {"application-id": draft, "accepted-licenses": [3, 4]}

    said, ours = alice.post("applications/accept-licenses", others)

    assert (said, ours["success"]) == (status, theirs["success"])
    assert rems.strangers(theirs, ours) == []


def test_a_file_is_attached(alice: Portal, draft: int, client: Client) -> None:
    _request, status, theirs = rems.pair("attach_file_to_application")
    file = SimpleUploadedFile("plan.pdf", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n")

    answer = client.post(
        f"/api/applications/add-attachment?application-id={draft}",
        {"file": file},
        headers=alice.headers(),
    )

    assert (answer.status_code, answer.json()["success"]) == (status, theirs["success"])
    assert rems.strangers(theirs, answer.json()) == []
    assert rems.problems("AttachFileResponse", answer.json()) == []


def test_a_member_is_invited(alice: Portal, draft: int) -> None:
    request, status, theirs = rems.pair("invite_member")
    body = json.loads(request["bodyPatterns"][0]["equalToJson"]) | {"application-id": draft}

    said, ours = alice.post("applications/invite-member", body)

    assert (said, ours["success"]) == (status, theirs["success"])
    assert rems.problems("InviteMemberResponse", ours) == []


def test_nobody_is_invited_to_an_application_that_does_not_exist(alice: Portal) -> None:
    request, status, theirs = rems.pair("invite_member_not_found")
    body = json.loads(request["bodyPatterns"][0]["equalToJson"]) | {"application-id": 999_999}

    assert alice.post("applications/invite-member", body) == (status, theirs)


def test_an_invitation_that_cannot_be_made_is_refused(alice: Portal, draft: int) -> None:
    _request, status, theirs = rems.pair("invite_member_rems_error")
    body = {"application-id": draft, "member": {"name": "John", "email": "no address"}}

    said, ours = alice.post("applications/invite-member", body)

    # The portal's own mock gives `errors` as an object; REMS's description wants a list, as ours.
    assert (said, ours["success"]) == (status, theirs["success"])
    assert rems.problems("InviteMemberResponse", ours) == []


def test_what_keeps_an_application_from_being_submitted_is_told(alice: Portal, draft: int) -> None:
    _request, status, theirs = rems.pair("submit_application_for_success_false")

    said, ours = alice.post("applications/submit", {"application-id": draft})

    assert (said, ours["success"]) == (status, theirs["success"])
    assert rems.strangers(theirs, ours) == []
    assert theirs["errors"][-1] == ours["errors"][-1] == {"type": "not-accepted-licenses"}


def test_an_application_goes_from_the_draft_to_the_submission(alice: Portal, road: Road) -> None:
    number = answered(alice, road)

    alice.post("applications/accept-licenses", accepted(number, road))
    said = alice.post("applications/submit", {"application-id": number})

    sent = Application.objects.get(pk=number)
    submission = sent.last_submission()
    assert said == (200, {"success": True, "application-id": number})
    assert sent.state == "submitted"
    assert submission is not None
    assert {k: submission.answers[k] for k in SAME} == {k: ANSWERS[k] for k in SAME}


SAME = sorted(set(ANSWERS) - {"research_plan", "persons", "organisation"})
"""The answers that went through REMS's texts and rows, and must come out as they were."""


def test_a_draft_is_deleted(alice: Portal, draft: int) -> None:
    said = alice.post("applications/delete", {"application-id": draft})

    assert said == (200, {"success": True, "application-id": draft})
    assert Application.objects.get(pk=draft).state == "deleted"


def test_own_applications_are_listed_as_rems_describes(alice: Portal, draft: int) -> None:
    status, ours = alice.get("my-applications")

    assert (status, [one["application/id"] for one in ours]) == (200, [draft])
    assert rems.problems("ApplicationOverview", ours[0]) == []


@dataclass(frozen=True)
class Vector:
    """A grant of REMS's test, its issuer, and the claims that its visa makes."""

    grant: Grant
    issuer: str
    claims: dict[str, Any]


def vector(number: int) -> Vector:
    """One of the two vectors."""
    path = rems.ACCESS / "ga4gh" / "visa-claims.json"
    said = json.loads(path.read_text(encoding="utf-8"))["vectors"][number]
    given = said["grant"]
    start, end = datetime.fromisoformat(given["start"]), given["end"]
    until = datetime.fromisoformat(end) if end else None
    grant = Grant(given["user"], given["resource"], start, until)
    return Vector(grant, said["issuer"], said["claims"])


@pytest.mark.parametrize("number", [0, 1])
def test_the_claims_of_a_visa_are_those_of_rems_at_its_clock(number: int) -> None:
    one = vector(number)
    now = datetime.fromisoformat("2010-01-01T00:00:00+00:00")

    assert visas.claims(one.grant, issuer=one.issuer, now=now) == one.claims
