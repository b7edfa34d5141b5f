"""The agent's own client against a site that really listens: both ends of the protocol agree."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from ecluse.domain.documents import Signer
from ecluse.domain.errors import BadSignature, NotAllowed, NotFound, OutOfScope, Replayed
from ecluse.portal.audit import actions as audit
from ecluse.portal.audit import identity
from ecluse.portal.mailbox import actions, blobs
from ecluse.portal.mailbox.models import AnnouncedFile, IncomingDocument
from ecluse.trust import canonical, documents, keys
from ecluse.trust.journal import checkpoints
from ecluse.trust.mailbox import HttpMailbox
from tests.sites import KEYS_SINCE, Signers
from tests.unit.domain.build import PERMIT
from tests.unit.portal.build import NOTICE

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CONTENT = b"year,persons\n2022,140\n"


@pytest.fixture
def mailbox(
    transactional_db: None, live_server: LiveServer, signers: Signers, settings: Settings
) -> Iterator[HttpMailbox]:
    """The client of the agent, at the address of the site."""
    settings.ECLUSE_URL = live_server.url
    with HttpMailbox(live_server.url, signers.agent) as opened:
        yield opened


def test_the_agent_pulls_in_order_what_the_site_sent(mailbox: HttpMailbox) -> None:
    first = actions.send(PERMIT, audience=("agent:zone-1",), by="paul", now=NOW)
    second = actions.send(PERMIT, audience=("agent:zone-1",), by="paul", now=NOW)

    deliveries = mailbox.pull(0)

    assert [delivery.data for delivery in deliveries] == [first.data, second.data]
    assert documents.verify(deliveries[0].data, identity.keyring(), now=NOW).digest == first.digest
    assert [delivery.sequence for delivery in mailbox.pull(1)] == [2]


def test_a_delivery_arrives_once(mailbox: HttpMailbox, signers: Signers) -> None:
    data = signers.sign(NOTICE, issuer=Signer.AGENT)
    mailbox.deliver(data)

    with pytest.raises(Replayed):
        mailbox.deliver(data)

    assert IncomingDocument.objects.get().digest == canonical.digest(data)


def test_a_refusal_reaches_the_agent_as_the_same_error(
    mailbox: HttpMailbox, signers: Signers
) -> None:
    data = signers.sign(NOTICE, issuer=Signer.AGENT)

    with pytest.raises(BadSignature):
        mailbox.deliver(data.replace(b"20000", b"20001"))


def test_a_file_goes_both_ways_whole(
    mailbox: HttpMailbox, signers: Signers, tmp_path: Path, settings: Settings
) -> None:
    settings.ECLUSE_SITE = "checking"
    output = tmp_path / "incidence.csv"
    output.write_bytes(CONTENT)
    row = IncomingDocument.objects.create(
        document_id="7b0a9b1e-0000-4000-8000-000000000001",
        digest=canonical.digest(b"receipt"),
        kind="JobReceipt",
        number="FR-2026-0001-J1",
        issuer="agent",
        key_id=signers.agent.key_id,
        data=b"{}",
        issued_at=NOW,
        received_at=NOW,
    )
    AnnouncedFile.objects.create(
        document=row, kind="JobReceipt", digest=canonical.digest(CONTENT), size=len(CONTENT)
    )

    digest = mailbox.store_blob(output)

    assert blobs.find(digest).read_bytes() == CONTENT
    with pytest.raises(NotFound):
        mailbox.fetch_blob(digest, tmp_path / "again.csv")


def test_an_unannounced_file_is_refused(mailbox: HttpMailbox, tmp_path: Path) -> None:
    (tmp_path / "smuggled.csv").write_bytes(CONTENT)

    with pytest.raises(OutOfScope):
        mailbox.store_blob(tmp_path / "smuggled.csv")


def test_checkpoints_are_exchanged(mailbox: HttpMailbox, signers: Signers) -> None:
    note = checkpoints.sign_checkpoint("ecluse/zone", 3, b"\x01" * 32, signers.agent)

    theirs = mailbox.exchange_checkpoint(note)

    assert checkpoints.verify_checkpoint(theirs, identity.keyring()).origin == "ecluse/public"
    assert theirs == audit.checkpoint()


def test_a_stranger_is_not_let_in(mailbox: HttpMailbox) -> None:
    stranger = keys.draw_key(Signer.AGENT, now=KEYS_SINCE)

    with pytest.raises(NotAllowed), HttpMailbox(mailbox.url, stranger) as other:
        other.pull(0)
