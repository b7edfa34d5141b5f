"""Read a mail that a server returned, and mark whose message did not arrive.

A bounce quotes the mail it returns: its Message-ID names the notice. Only a notice that was sent,
and a return that says `failed`, count: anybody may write to the address that bounces go to.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from email import policy
from email.message import EmailMessage, Message
from email.parser import BytesParser

from django.db import transaction

from ecluse.domain.errors import Malformed, NotFound
from ecluse.portal.messages import actions
from ecluse.portal.messages.models import ERROR, Mail, Notice
from ecluse.portal.messages.sending import message_id

LARGEST = 1024 * 1024
_ID = re.compile(r"<notice-(\d{1,18})@[^<>\s]+>")
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")


@transaction.atomic
def receive(data: bytes, *, now: datetime) -> Notice:
    """Mark the notice of a returned mail as bounced; the same again changes nothing.

    Raises:
        Malformed: it is no delivery report of a failure (RFC 3464), or too large.
        NotFound: it returns no mail that this site sent.
    """
    if len(data) > LARGEST:
        raise Malformed(f"A returned mail of {len(data)} bytes: {LARGEST} at most.")
    report: EmailMessage = BytesParser(policy=policy.default).parsebytes(data)
    status, found = _failure(report), _ID.search(_returned_id(report))
    if status is None or found is None:
        raise Malformed("This mail is no report of a failure: answer it as any mail.")
    sent = Notice.objects.filter(mail__in=[Mail.SENT, Mail.BOUNCED]).select_for_update()
    notice = sent.filter(pk=int(found[1])).first()
    if notice is None or message_id(notice) != found[0]:
        raise NotFound("The mail that is returned was not sent by this site.")
    if notice.mail == Mail.SENT:
        actions.give_up(notice, f"bounce-{status}"[:ERROR], state=Mail.BOUNCED, now=now)
    return notice


def _failure(report: EmailMessage) -> str | None:
    """The status of a failure, such as 5.1.1; None for a delay or anything else."""
    for block in _blocks(report, "message/delivery-status"):
        if str(block.get("Action", "")).strip().lower() == "failed":
            status = _STATUS.search(str(block.get("Status", "")))
            return status[0] if status else "5.0.0"
    return None


def _returned_id(report: EmailMessage) -> str:
    for kind in ("message/rfc822", "text/rfc822-headers"):
        for block in _blocks(report, kind):
            if block.get("Message-ID"):
                return str(block["Message-ID"])
    return ""


def _blocks(report: EmailMessage, kind: str) -> Iterator[Message]:
    """The header blocks inside the parts of a kind, whether parsed as messages or left as text."""
    for part in report.walk():
        if part.get_content_type() != kind:
            continue
        payload = part.get_payload()
        if isinstance(payload, list):
            yield from (block for block in payload if isinstance(block, Message))
        else:
            text = part.get_payload(decode=True)
            yield BytesParser(policy=policy.default).parsebytes(
                text if isinstance(text, bytes) else b"", headersonly=True
            )
