"""A partner portal that speaks REMS: what it reads of a file, of a permit, of an attached file."""

from typing import Any

import pytest
from django.test import Client

from ecluse.portal.accounts.models import User
from ecluse.portal.api.models import PartnerPerson
from ecluse.portal.applications.models import Application
from ecluse.portal.permits import actions as permits
from tests.unit.portal.api.programs import Portal, portal_of
from tests.unit.portal.api.rems_drafts import PDF, answered, attach, form_of
from tests.unit.portal.applications.road import NOW, Road

pytestmark = pytest.mark.usefixtures("at_now")


@pytest.fixture
def alice(road: Road, client: Client) -> Portal:
    """The portal, calling for Alice."""
    return portal_of(client)[0]


@pytest.fixture
def camille(road: Road, client: Client) -> Portal:
    """A portal that brought Camille, whose files go the whole road."""
    portal, machine = portal_of(client)
    PartnerPerson.objects.create(partner=machine, user_id="cm-1", account=road.camille)
    return Portal(client, portal.key, "cm-1")


def account_of(user_id: str) -> User:
    """The account that a portal calls so."""
    return PartnerPerson.objects.get(user_id=user_id).account


@pytest.mark.parametrize(
    ("stage", "state"),
    [
        ("draft", "draft"),
        ("submitted", "submitted"),
        ("screening", "submitted"),
        ("awaiting", "returned"),
        ("complete", "submitted"),
        ("refused", "rejected"),
        ("withdrawn", "closed"),
        ("granted", "approved"),
    ],
)
def test_a_state_is_told_in_the_words_of_rems(
    road: Road, camille: Portal, stage: str, state: str
) -> None:
    found = getattr(road, stage)()

    _status, said = camille.get(f"applications/{found.pk}")

    assert said["application/state"] == f"application.state/{state}"
    assert said["application/external-id"] == found.number


def test_the_officers_of_a_file_are_told_by_their_office(road: Road, camille: Portal) -> None:
    found = road.refused()

    _status, said = camille.get(f"applications/{found.pk}")

    events = [(one["event/type"], one["event/actor"]) for one in said["application/events"]]
    assert events == [
        ("application.event/created", "cm-1"),
        ("application.event/submitted", "cm-1"),
        ("application.event/rejected", "decider"),
    ]


def test_a_permit_is_an_entitlement_of_its_persons(road: Road, camille: Portal) -> None:
    permit = road.permit()

    _status, said = camille.get("entitlements?resource=snds-synthetic")

    (one,) = said
    assert one["user"]["userid"] == "cm-1"
    assert (one["resource"], one["mail"]) == ("snds-synthetic", road.camille.email)
    assert one["application-id"] == permit.application_id
    assert (one["start"], one["end"]) == ("2026-01-05T10:00:00.000Z", "2028-01-04T23:00:00.000Z")
    assert camille.get("entitlements?resource=other") == (200, [])


def test_a_permit_taken_back_is_an_entitlement_only_if_asked(road: Road, camille: Portal) -> None:
    permits.revoke(road.permit(), "Fin du projet.", by=road.decider, now=NOW)

    _status, now = camille.get("entitlements")
    _again, ever = camille.get("entitlements?expired=true")
    _state, application = camille.get(f"applications/{ever[0]['application-id']}")

    assert (now, len(ever)) == ([], 1)
    assert application["application/state"] == "application.state/revoked"


def test_a_portal_gets_the_passport_of_whom_it_brought(road: Road, camille: Portal) -> None:
    road.permit()

    _status, said = camille.get("permissions/cm-1")
    _other, alice = camille.get("permissions/alice")

    assert len(said["ga4gh_passport_v1"]) == 1
    assert alice == {"ga4gh_passport_v1": []}
    assert camille.get(f"permissions/{road.louis.email}") == (403, {"error": "forbidden"})


def test_an_attached_file_is_given_back(alice: Portal, road: Road, client: Client) -> None:
    number = answered(alice, road)
    _status, said = alice.get(f"applications/{number}")
    (one,) = said["application/attachments"]

    answer = client.get(
        f"/api/applications/attachment/{one['attachment/id']}", headers=alice.headers()
    )

    assert b"".join(answer.streaming_content) == PDF  # type: ignore[attr-defined]
    assert answer["Content-Disposition"] == 'attachment; filename="plan.pdf"'
    assert one["attachment/type"] == "application/pdf"


def test_an_attached_file_of_another_is_not_found(
    alice: Portal, road: Road, client: Client
) -> None:
    number = answered(alice, road)
    _status, said = alice.get(f"applications/{number}")
    bob = {"userid": "bob", "name": "Bob", "email": "bob@univ.example"}
    alice.post("users/create", bob)
    one = said["application/attachments"][0]["attachment/id"]

    answer = Portal(client, alice.key, "bob").get(f"applications/attachment/{one}")

    assert answer == (404, {"error": "not found"})


def test_a_file_that_no_question_takes_is_refused(alice: Portal, road: Road) -> None:
    _status, said = alice.post("applications/create", {"catalogue-item-ids": [road.dataset.pk]})

    refused = attach(alice, said["application-id"], b"MZ\x90\x00")

    assert refused["success"] is False
    assert refused["errors"][0]["type"] == "unsupported-attachment"


@pytest.mark.parametrize(
    ("field", "value", "kind"),
    [
        ("no-such", "x", "invalid-field"),
        ("title", [[{"column": "a", "value": "b"}]], "t.form.validation/format_error"),
        ("persons", "somebody", "t.form.validation/format_error"),
    ],
)
def test_an_answer_of_another_shape_is_refused(
    alice: Portal, road: Road, field: str, value: object, kind: str
) -> None:
    _status, made = alice.post("applications/create", {"catalogue-item-ids": [road.dataset.pk]})
    number = made["application-id"]
    answer = {"form": form_of(alice, number), "field": field, "value": value}

    _saved, said = alice.post(
        "applications/save-draft", {"application-id": number, "field-values": [answer]}
    )

    assert (said["success"], said["errors"][0]["type"]) == (False, kind)


def test_several_items_or_an_unknown_one_are_refused(alice: Portal, road: Road) -> None:
    _status, several = alice.post("applications/create", {"catalogue-item-ids": [1, 2]})
    _again, unknown = alice.post("applications/create", {"catalogue-item-ids": [999_999]})

    assert several["errors"][0]["type"] == "unbundlable-catalogue-items"
    assert unknown["errors"][0]["type"] == "invalid-catalogue-item"


def test_conditions_that_change_are_accepted_again(alice: Portal, road: Road) -> None:
    number = answered(alice, road)
    command: dict[str, Any] = {"application-id": number}
    accepted = {**command, "accepted-licenses": [road.dataset.pk]}
    alice.post("applications/accept-licenses", accepted)
    road.dataset.conditions_fr = "D’autres conditions."
    road.dataset.save()

    _status, refused = alice.post("applications/submit", command)
    alice.post("applications/accept-licenses", accepted)
    sent = alice.post("applications/submit", command)

    assert refused["errors"] == [{"type": "not-accepted-licenses"}]
    assert sent == (200, {"success": True, "application-id": number})


def test_a_person_is_renamed_by_the_portal_that_brought_them(alice: Portal) -> None:
    said = alice.post(
        "users/create", {"userid": "alice", "name": "Alice Durand", "email": "alice@univ.example"}
    )

    assert said == (200, {"success": True})
    assert account_of("alice").full_name == "Alice Durand"


def test_a_person_without_an_address_is_refused(alice: Portal) -> None:
    _status, said = alice.post("users/create", {"userid": "x1", "name": "X", "email": None})

    assert (said["success"], said["errors"][0]["type"]) == (False, "invalid-user")


def test_own_applications_are_searched(alice: Portal, road: Road) -> None:
    number = answered(alice, road)
    file = Application.objects.get(pk=number)

    _status, found = alice.get(f"my-applications?query={file.number}")
    _again, nothing = alice.get("my-applications?query=9999")

    assert [one["application/id"] for one in found] == [number]
    assert nothing == []
