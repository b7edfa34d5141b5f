"""The end of a permit: its workspace closed, the destruction ordered, the certificate kept."""

from dataclasses import replace

import pytest
from django.test import Client

from ecluse.domain.documents import (
    DeletionCertificate,
    DeletionOrder,
    DeliveredFile,
    DestroyedExtract,
    Signer,
)
from ecluse.domain.errors import NotAllowed, OutOfScope, WrongSigner
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.cases.models import ClockRow
from ecluse.portal.lives import closing, versions
from ecluse.portal.mailbox.models import OutgoingDocument
from ecluse.portal.mailbox.reading import body_of
from ecluse.portal.permits.models import PermitRecord
from tests.unit.portal.applications.road import NOW, TODAY
from tests.unit.portal.lives.road import Lives

FILE = DeliveredFile("ER_PHA_F.parquet", 4_096, "sha256:" + "4" * 64)


def closed(lives: Lives) -> PermitRecord:
    """A permit whose use is finished and whose data are to be destroyed."""
    permit = versions.finish(lives.road.permit(), by=lives.road.camille, now=NOW)
    return closing.close(permit, by=lives.road.preparer, now=NOW)


def certificate(permit: PermitRecord) -> DeletionCertificate:
    """What the agent certifies: one extract of one file, one key."""
    order = OutgoingDocument.objects.get(kind="DeletionOrder", number=permit.number)
    return DeletionCertificate(
        permit_number=permit.number,
        permit_digest=permit.digest,
        order_digest=order.digest,
        agent="agent:zone-1",
        extracts=(DestroyedExtract(f"{permit.number}-E1", ("0123456789abcdef",), (FILE,)),),
        other_key_ids=(),
        jobs=(),
        outputs=(),
        workspace=None,
        began_at=NOW,
        finished_at=NOW,
    )


def fresh(permit: PermitRecord) -> PermitRecord:
    return PermitRecord.objects.select_related("item__case").get(pk=permit.pk)


def test_closing_orders_the_destruction_of_every_version(lives: Lives) -> None:
    first = lives.road.permit()
    last = versions.finish(lives.amended(first), by=lives.road.camille, now=NOW)

    closing.close(last, by=lives.road.preparer, now=NOW)

    orders = OutgoingDocument.objects.filter(kind="DeletionOrder").order_by("sequence")
    bodies = [body_of(row, DeletionOrder) for row in orders]
    assert [(one.permit_number, one.permit_digest) for one in bodies] == [
        (first.number, first.digest),
        (last.number, last.digest),
    ]
    assert fresh(last).item.state == "closing"


def test_nothing_is_closed_while_the_permit_is_in_force(lives: Lives) -> None:
    with pytest.raises(NotAllowed):
        closing.close(lives.road.permit(), by=lives.road.preparer, now=NOW)

    assert not OutgoingDocument.objects.filter(kind="DeletionOrder").exists()


def test_the_certificate_of_the_zone_certifies_the_deletion(lives: Lives) -> None:
    permit = closed(lives)

    verified = lives.road.deliver(certificate(permit), issuer=Signer.AGENT)

    assert fresh(permit).item.state == "deleted"
    assert ClockRow.objects.get(rule="deletion").completed_on == TODAY
    certified = JournalEntry.objects.get(action="permit.certify-deletion")
    assert certified.digest == verified.digest


def test_the_data_are_deleted_once_every_version_is_certified(lives: Lives) -> None:
    first = lives.road.permit()
    last = versions.finish(lives.amended(first), by=lives.road.camille, now=NOW)
    closing.close(last, by=lives.road.preparer, now=NOW)
    lives.road.deliver(certificate(last), issuer=Signer.AGENT)
    before = fresh(last).item.state

    lives.road.deliver(certificate(first), issuer=Signer.AGENT)

    assert (before, fresh(last).item.state) == ("closing", "deleted")


def test_a_certificate_that_nobody_ordered_is_refused(lives: Lives) -> None:
    permit = closed(lives)
    other = replace(certificate(permit), order_digest="sha256:" + "0" * 64)

    with pytest.raises(OutOfScope):
        lives.road.deliver(other, issuer=Signer.AGENT)

    assert fresh(permit).item.state == "closing"


def test_only_the_agent_certifies(lives: Lives) -> None:
    permit = closed(lives)

    with pytest.raises(WrongSigner):
        lives.road.deliver(certificate(permit), issuer=Signer.CHECKING_ROOM)


@pytest.mark.usefixtures("at_now")
def test_the_page_shows_what_was_destroyed_and_gives_the_signed_file(lives: Lives) -> None:
    permit = closed(lives)
    verified = lives.road.deliver(certificate(permit), issuer=Signer.AGENT)
    client = Client()
    client.force_login(lives.road.camille)

    page = client.get(f"/lives/permits/{permit.number}/").content.decode()
    file = client.get(f"/lives/permits/{permit.number}/certificate/")

    assert "0123456789abcdef" in page
    assert file.content == verified.data


@pytest.mark.usefixtures("at_now")
def test_the_preparer_orders_it_from_the_page(lives: Lives) -> None:
    versions.finish(lives.road.permit(), by=lives.road.camille, now=NOW)
    client = Client()
    client.force_login(lives.road.preparer)
    page = client.get("/lives/close/2026-00001/").content.decode()

    answered = client.post("/lives/close/2026-00001/")

    assert "L’effacement est définitif" in page
    assert answered["Location"] == "/lives/permits/FR-2026-0001/"
    assert OutgoingDocument.objects.filter(kind="DeletionOrder").count() == 1
