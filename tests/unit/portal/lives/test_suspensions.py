"""A suspension decided at the portal: what is signed, who may, what stops, what opens again."""

from datetime import timedelta

import pytest
from django.test import Client

from ecluse.domain.documents import Revocation, Suspension
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.machines import Kind
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.cases.models import Dispatch
from ecluse.portal.extractions import actions as extractions
from ecluse.portal.lives import actions, closing, suspensions
from ecluse.portal.lives.models import Matter
from ecluse.portal.mailbox.models import OutgoingDocument
from ecluse.portal.mailbox.reading import body_of
from ecluse.portal.permits import actions as permits
from ecluse.portal.permits.models import PermitRecord, State
from tests.unit.portal.applications.road import KEY, NOW, REQUEST, TODAY
from tests.unit.portal.lives.road import Lives

SUSPEND, LIFT = "/lives/suspend/2026-00001/", "/lives/lift/2026-00001/"
LATER = NOW + timedelta(days=3)


def sent(kind: str) -> list[object]:
    """The bodies of the documents of a kind that this site signed, in order."""
    rows = OutgoingDocument.objects.filter(kind=kind).order_by("sequence")
    return [body_of(row, Suspension if kind == "Suspension" else Revocation) for row in rows]


def suspended(lives: Lives) -> PermitRecord:
    permit = lives.road.permit()
    return suspensions.suspend(permit, " Accès inhabituel. ", by=lives.road.decider, now=NOW)


def test_a_suspension_is_signed_for_the_zone_and_the_checking_room(lives: Lives) -> None:
    permit = suspended(lives)

    assert sent("Suspension") == [Suspension(permit.number, NOW, "Accès inhabituel.")]
    assert OutgoingDocument.objects.get(kind="Suspension").audience == [
        "agent:zone-1",
        "site:checking",
    ]
    assert permit.state(today=TODAY) is State.SUSPENDED
    assert JournalEntry.objects.filter(action="permit.suspended").count() == 1
    assert Dispatch.objects.filter(name="suspension", is_letter=True).exists()


def test_lifting_signs_the_same_suspension_with_its_end(lives: Lives) -> None:
    permit = suspended(lives)

    lifted = suspensions.lift(permit, "Rien à reprocher.", by=lives.road.decider, now=LATER)

    assert sent("Suspension")[1] == Suspension(permit.number, NOW, "Accès inhabituel.", LATER)
    assert lifted.state(today=TODAY) is State.ACTIVE
    assert extractions.order(lifted, REQUEST, key=KEY, by=lives.road.camille, now=LATER)


def test_no_order_is_signed_while_the_permit_is_suspended(lives: Lives) -> None:
    permit = suspended(lives)

    with pytest.raises(NotAllowed):
        extractions.order(permit, REQUEST, key=KEY, by=lives.road.camille, now=NOW)


def test_a_suspension_needs_a_reason_and_a_decider(lives: Lives) -> None:
    permit = lives.road.permit()

    with pytest.raises(InvalidInput):
        suspensions.suspend(permit, " ", by=lives.road.decider, now=NOW)
    with pytest.raises(NotAllowed):
        suspensions.suspend(permit, "Doute.", by=lives.road.assessor, now=NOW)
    assert sent("Suspension") == []


def test_the_page_says_what_stops_and_what_stays_before_it_asks_why(lives: Lives) -> None:
    lives.road.permit()
    client = Client()
    client.force_login(lives.road.decider)

    page = client.get(SUSPEND).content.decode()

    assert "Tout s’arrête, rien n’est détruit" in page
    assert "Camille Moreau" in page
    assert "Aperçu du courrier" in page


@pytest.mark.usefixtures("at_now")
def test_a_permit_is_suspended_then_lifted_from_its_pages(lives: Lives) -> None:
    lives.road.permit()
    client = Client()
    client.force_login(lives.road.decider)
    client.post(SUSPEND, {"reason": "Contrôle."})
    page = client.get("/lives/permits/FR-2026-0001/").content.decode()

    client.post(LIFT, {"reason": "Rien à reprocher."})

    assert "Suspendue depuis le" in page
    assert [body.lifted_at is None for body in sent("Suspension")] == [True, False]  # type: ignore[attr-defined]


def test_a_suspension_without_words_is_asked_again(lives: Lives) -> None:
    lives.road.permit()
    client = Client()
    client.force_login(lives.road.decider)

    assert client.post(SUSPEND, {"reason": " "}).status_code == 422


def appeal(lives: Lives, permit: PermitRecord) -> Matter:
    """An appeal against the revocation of a permit, before the court."""
    matter = actions.open_appeal(permit.item, by=lives.road.camille, now=NOW)
    answers = {"grounds": "Aucun manquement.", "asked": "Rendre l’autorisation."}
    actions.save(matter, dict(answers), by=lives.road.camille, now=NOW)
    lives.do(matter, "lodge", lives.road.camille)
    return lives.do(matter, "send-observations", lives.road.decider)


def revoked(lives: Lives, permit: PermitRecord) -> PermitRecord:
    permits.revoke(permit, "Manquement.", by=lives.road.decider, now=NOW)
    return PermitRecord.objects.select_related("item__case").get(pk=permit.pk)


def test_a_revocation_annulled_on_appeal_gives_the_permit_back(lives: Lives) -> None:
    permit = revoked(lives, lives.road.permit())

    lives.do(appeal(lives, permit), "uphold", lives.road.auditor, "Jugement.", now=LATER)

    restored = PermitRecord.objects.select_related("item__case").get(pk=permit.pk)
    before, after = sent("Revocation")
    assert (before, after) == (
        Revocation(permit.number, NOW, "Manquement."),
        Revocation(permit.number, NOW, "Manquement.", LATER),
    )
    assert restored.state(today=TODAY) is State.ACTIVE
    assert extractions.order(restored, REQUEST, key=KEY, by=lives.road.camille, now=LATER)


def test_the_suspension_before_a_revocation_ends_with_it(lives: Lives) -> None:
    permit = revoked(lives, suspended(lives))

    lives.do(appeal(lives, permit), "uphold", lives.road.auditor, "Jugement.", now=LATER)

    assert sent("Suspension")[-1] == Suspension(permit.number, NOW, "Accès inhabituel.", LATER)


def test_an_appeal_that_is_dismissed_gives_nothing_back(lives: Lives) -> None:
    permit = revoked(lives, lives.road.permit())

    lives.do(appeal(lives, permit), "dismiss", lives.road.auditor, "Jugement.")

    assert len(sent("Revocation")) == 1
    assert PermitRecord.objects.get(pk=permit.pk).state(today=TODAY) is State.REVOKED


def test_no_data_are_destroyed_while_a_court_may_give_the_permit_back(lives: Lives) -> None:
    permit = revoked(lives, lives.road.permit())
    appeal(lives, permit)

    with pytest.raises(NotAllowed, match="not settled"):
        closing.close(permit, by=lives.road.preparer, now=LATER)


def test_the_revocation_of_a_permit_can_be_appealed_from_the_page_of_its_file(
    lives: Lives,
) -> None:
    permit = revoked(lives, lives.road.permit())
    client = Client()
    client.force_login(lives.road.camille)

    client.post(f"/lives/appeals/2026-00001/{permit.item.item_id}/")

    assert Matter.objects.get(item__kind=Kind.APPEAL.value).item.parent == permit.item
