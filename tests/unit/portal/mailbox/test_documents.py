"""Documents sent and received: signed, held in order, obeyed once, refused aloud."""

from datetime import UTC, datetime, timedelta

import pytest

from ecluse.domain.documents import KINDS, NUMBERS, Revocation, Signer, SnapshotNotice, number_of
from ecluse.domain.errors import Expired, OutOfScope, Replayed, WrongSigner
from ecluse.portal.audit import identity
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.catalogue.models import Snapshot
from ecluse.portal.mailbox import actions, content
from ecluse.portal.mailbox.models import IncomingDocument, OfferedFile, OutgoingDocument
from ecluse.trust import documents, rotation
from tests.sites import Signers
from tests.unit.domain.build import JOB, ORDER, PERMIT, RELEASE, REPORT
from tests.unit.portal.build import NOTICE

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
AGENT = ("agent:zone-1",)


def test_what_is_sent_verifies_with_the_public_keys_alone(signers: Signers) -> None:
    sent = actions.send(PERMIT, audience=AGENT, by="paul@hub.example", now=NOW)

    verified = documents.verify(sent.data, identity.keyring(), now=NOW)

    assert (verified.document.body, verified.digest) == (PERMIT, sent.digest)


def test_a_sent_document_is_in_the_journal_with_its_digest(signers: Signers) -> None:
    sent = actions.send(PERMIT, audience=AGENT, by="paul@hub.example", now=NOW)

    entry = JournalEntry.objects.get()

    assert (entry.action, entry.subject, entry.actor, entry.digest) == (
        "document.sent",
        "Permit FR-2026-0001",
        "paul@hub.example",
        sent.digest,
    )


def test_documents_are_numbered_without_a_gap(signers: Signers) -> None:
    first = actions.send(PERMIT, audience=AGENT, by="paul@hub.example", now=NOW)
    second = actions.send(ORDER, audience=AGENT, by="camille@univ.example", now=NOW)

    assert (first.sequence, second.sequence) == (1, 2)


def test_a_receiver_sees_only_what_is_addressed_to_it(signers: Signers) -> None:
    actions.send(PERMIT, audience=("site:checking",), by="paul@hub.example", now=NOW)
    order = actions.send(ORDER, audience=AGENT, by="camille@univ.example", now=NOW)

    held = OutgoingDocument.objects.addressed_to("agent:zone-1")

    assert [document.digest for document in held] == [order.digest]


def test_the_portal_cannot_send_what_only_the_checking_room_signs(signers: Signers) -> None:
    with pytest.raises(WrongSigner):
        actions.send(RELEASE, audience=AGENT, by="paul@hub.example", now=NOW)

    assert OutgoingDocument.objects.count() == 0


def test_a_job_order_offers_its_code_to_its_receivers(checking_room: Signers) -> None:
    actions.send(JOB, audience=AGENT, by="camille@univ.example", now=NOW)

    assert OfferedFile.objects.get().digest == JOB.code_digest


def test_a_received_document_is_stored_journalled_and_obeyed(signers: Signers) -> None:
    data = signers.sign(NOTICE, issuer=Signer.AGENT, now=NOW)

    verified = actions.receive(data, now=NOW)

    assert IncomingDocument.objects.get().digest == verified.digest
    assert Snapshot.objects.get().notice() == NOTICE
    assert [entry.action for entry in JournalEntry.objects.all()] == ["document.received"]


def test_a_document_is_obeyed_once(signers: Signers) -> None:
    data = signers.sign(NOTICE, issuer=Signer.AGENT, now=NOW)
    actions.receive(data, now=NOW)

    with pytest.raises(Replayed):
        actions.receive(data, now=NOW)

    assert Snapshot.objects.count() == 1


def test_the_same_document_signed_again_is_a_replay_too(signers: Signers) -> None:
    document = documents.new_document(
        NOTICE, issuer=Signer.AGENT, audience=("site:public",), now=NOW
    )
    actions.receive(documents.sign(document, signers.agent), now=NOW)
    again = documents.Document(
        document.id,
        document.issuer,
        document.audience,
        document.issued_at + timedelta(seconds=1),
        None,
        document.body,
    )

    with pytest.raises(Replayed):
        actions.receive(documents.sign(again, signers.agent), now=NOW + timedelta(seconds=2))

    assert IncomingDocument.objects.count() == 1


def test_a_document_for_somebody_else_is_refused(signers: Signers) -> None:
    data = signers.sign(NOTICE, issuer=Signer.AGENT, audience=("site:checking",), now=NOW)

    with pytest.raises(OutOfScope, match="site:checking"):
        actions.receive(data, now=NOW)

    assert Snapshot.objects.count() == 0


def test_a_kind_that_nobody_obeys_here_is_refused(signers: Signers) -> None:
    data = signers.sign(PERMIT, issuer=Signer.PORTAL, now=NOW)

    with pytest.raises(OutOfScope, match="obeys no Permit"):
        actions.receive(data, now=NOW)

    assert IncomingDocument.objects.count() == 0


def test_an_expired_document_is_refused(signers: Signers) -> None:
    document = documents.new_document(
        NOTICE,
        issuer=Signer.AGENT,
        audience=("site:public",),
        now=NOW - timedelta(days=2),
        expires_at=NOW - timedelta(days=1),
    )

    with pytest.raises(Expired):
        actions.receive(documents.sign(document, signers.agent), now=NOW)

    assert Snapshot.objects.count() == 0


def test_a_refusal_by_the_receiver_leaves_the_journal_line_and_nothing_else(
    signers: Signers,
) -> None:
    actions.receive(signers.sign(NOTICE, issuer=Signer.AGENT, now=NOW), now=NOW)
    same_snapshot = signers.sign(NOTICE, issuer=Signer.AGENT, now=NOW)

    with pytest.raises(OutOfScope, match="announced before"):
        actions.receive(same_snapshot, now=NOW)

    assert IncomingDocument.objects.count() == 1
    assert [entry.action for entry in JournalEntry.objects.order_by("sequence")] == [
        "document.received",
        "document.refused",
    ]


def test_a_refusal_names_its_code_and_digest(signers: Signers) -> None:
    data = signers.sign(NOTICE, issuer=Signer.AGENT, audience=("site:checking",), now=NOW)

    with pytest.raises(OutOfScope):
        actions.receive(data, now=NOW)

    entry = JournalEntry.objects.get()
    assert entry.digest == documents.canonical.digest(data)
    assert b'"code":"out-of-scope"' in entry.body


def test_a_rotated_key_is_believed_after_its_rotation_is_received(
    signers: Signers, tmp_path: object
) -> None:
    folder = identity.room() / "agent"
    documents.keys.store_key(folder, signers.agent)
    new, announcement = rotation.rotate(folder, Signer.AGENT, now=NOW)

    actions.receive(announcement, now=NOW)

    assert identity.keyring().find(new.key_id).public == new.public().public
    assert JournalEntry.objects.filter(action="key.rotated").count() == 1


def test_a_rotation_of_this_site_is_held_for_the_others(signers: Signers) -> None:
    _, announcement = rotation.rotate(identity.key_folder(), Signer.PORTAL, now=NOW)

    sent = actions.send_signed(announcement, by="portal", now=NOW)

    assert OutgoingDocument.objects.get().digest == sent.digest
    assert "agent:zone-1" in OutgoingDocument.objects.get().audience


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_has_a_number_that_is_one_of_its_members(kind: str) -> None:
    assert NUMBERS[kind] in KINDS[kind].__dataclass_fields__


@pytest.mark.parametrize(
    ("body", "number"),
    [
        (PERMIT, "FR-2026-0001"),
        (ORDER, "FR-2026-0001-E1"),
        (JOB, "FR-2026-0001-J1"),
        (REPORT, "FR-2026-0001-J1"),
        (RELEASE, "FR-2026-0001-R1"),
        (NOTICE, "20260105T100000Z-00000000"),
        (Revocation("FR-2026-0001", NOW, "reason"), "FR-2026-0001"),
    ],
)
def test_a_document_is_called_by_its_number(body: object, number: str) -> None:
    assert number_of(body) == number  # type: ignore[arg-type]


def test_the_notice_of_a_snapshot_lists_no_file() -> None:
    assert isinstance(NOTICE, SnapshotNotice)
    assert content.listed_files(NOTICE) == {}
