"""A mail that comes back: whose message did not arrive, told by the report of the server."""

import pytest
from django.utils import timezone

from ecluse.domain.errors import Malformed, NotFound
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.messages import actions, bounces, sending
from ecluse.portal.messages.models import Mail, Notice
from tests.unit.portal.cases.desk import Desk, later
from tests.unit.portal.messages.mailserver import Box

REPORT = """From: MAILER-DAEMON@mail.test
To: ne-pas-repondre@hub.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

The mail could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.test

Final-Recipient: rfc822; camille.moreau@univ.example
Action: {action}
Status: 5.1.1
--b
Content-Type: {kind}

From: ne-pas-repondre@hub.example
To: camille.moreau@univ.example
Message-ID: {message_id}
Subject: Dossier

--b--
"""


def report(message_id: str, *, action: str = "failed", kind: str = "message/rfc822") -> bytes:
    return REPORT.format(message_id=message_id, action=action, kind=kind).encode()


@pytest.fixture
def sent(desk: Desk, box: Box) -> Notice:
    """The acknowledgement of Camille's file, taken by the server."""
    desk.submitted()
    actions.announce(now=later(0))
    sending.send(now=later(0))
    return Notice.objects.get(account=desk.camille)


@pytest.mark.parametrize("kind", ["message/rfc822", "text/rfc822-headers"])
def test_a_returned_mail_marks_its_message(sent: Notice, kind: str) -> None:
    found = bounces.receive(report(sending.message_id(sent), kind=kind), now=later(1))

    sent.refresh_from_db()
    assert found == sent
    assert (sent.mail, sent.error) == (Mail.BOUNCED, "bounce-5.1.1")
    assert JournalEntry.objects.get(action="mail.bounced").subject == "2026-00001"


def test_the_same_return_again_changes_nothing(sent: Notice) -> None:
    bounces.receive(report(sending.message_id(sent)), now=later(1))
    bounces.receive(report(sending.message_id(sent)), now=later(2))

    assert JournalEntry.objects.filter(action="mail.bounced").count() == 1


def test_a_delay_is_no_failure(sent: Notice) -> None:
    with pytest.raises(Malformed):
        bounces.receive(report(sending.message_id(sent), action="delayed"), now=later(1))

    assert Notice.objects.get(pk=sent.pk).mail == Mail.SENT


@pytest.mark.parametrize("message_id", ["<notice-999999@127.0.0.1>", "<notice-{pk}@evil.example>"])
def test_a_return_of_something_else_is_refused(sent: Notice, message_id: str) -> None:
    with pytest.raises(NotFound):
        bounces.receive(report(message_id.format(pk=sent.pk)), now=later(1))


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"Subject: hello\n\nWhen do you open?\n"])
def test_any_other_mail_is_refused(signers: object, data: bytes) -> None:
    with pytest.raises(Malformed):
        bounces.receive(data, now=later(1))


def test_a_huge_mail_is_not_read(signers: object) -> None:
    with pytest.raises(Malformed, match="1048577 bytes"):
        bounces.receive(b"a" * (bounces.LARGEST + 1), now=timezone.now())


def test_an_officer_has_it_sent_again(sent: Notice, desk: Desk, box: Box) -> None:
    bounces.receive(report(sending.message_id(sent)), now=later(1))
    actions.try_again(sent.pk, by=desk.assessor, now=later(2))

    assert sending.send(now=later(2)).sent == 1
