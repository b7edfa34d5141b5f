"""Send the mails that wait, through Django's mail backend: each once, tried again when it fails.

The instant a server accepts a mail is written at once, but a machine may stop between the two. The
mail is then sent again with the same Message-ID, which depends on nothing but the notice: it is the
same mail, and mail programs show it once.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format

from ecluse.domain.actors import Actor
from ecluse.portal.messages import actions, catalogue
from ecluse.portal.messages.catalogue import Fields
from ecluse.portal.messages.models import Mail, Notice
from ecluse.portal.messages.recipients import page_for

BACKOFF: Final = tuple(timedelta(minutes=m) for m in (5, 30, 120, 720, 1440))
"""After each failure that may pass, how long to wait; after the last one, no more."""
PERMANENT = 500
MOST = 1000
UNREACHABLE = "unreachable"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sent:
    """What a run did with the mails that waited."""

    sent: int = 0
    failed: int = 0
    postponed: int = 0
    cancelled: int = 0


def send(*, now: datetime) -> Sent:
    """Send what is due at `now`, the oldest first. A server that does not answer ends the run."""
    cancelled = Notice.objects.filter(pk__in=Notice.objects.dead().values("pk")).update(
        mail=Mail.CANCELLED, next_try_at=None
    )
    if actions.is_mail_off():
        return Sent(cancelled=cancelled)
    ended: list[Mail] = []
    due = list(Notice.objects.due(now=now).values_list("pk", flat=True)[:MOST])
    connection: BaseEmailBackend = get_connection()
    try:
        for pk in due:
            state, is_reachable = _send(pk, connection, now=now)
            ended += [state] if state else []
            if not is_reachable:
                break
    finally:
        connection.close()
    return Sent(
        ended.count(Mail.SENT), ended.count(Mail.FAILED), ended.count(Mail.WAITING), cancelled
    )


@transaction.atomic
def _send(pk: int, connection: BaseEmailBackend, *, now: datetime) -> tuple[Mail | None, bool]:
    """What became of one mail, None if another run has it; and whether the server answers."""
    held = Notice.objects.due(now=now).select_for_update(of=("self",), skip_locked=True)
    notice = held.select_related("dispatch__case", "account").filter(pk=pk).first()
    if notice is None:
        return None, True
    try:
        connection.send_messages([message(notice)])
    except (SMTPRecipientsRefused, SMTPResponseException) as error:
        code = _code(error)
        return _failed(notice, f"smtp-{code}", is_final=code >= PERMANENT, now=now), True
    except (SMTPException, OSError):
        _log.warning("mail-server-unreachable")
        return _failed(notice, UNREACHABLE, is_final=False, now=now), False
    notice.mail, notice.sent_at, notice.next_try_at = Mail.SENT.value, now, None
    notice.attempts, notice.error = notice.attempts + 1, ""
    notice.save()
    return Mail.SENT, True


def _code(error: SMTPRecipientsRefused | SMTPResponseException) -> int:
    """The number of an SMTP answer: its words may repeat an address."""
    if isinstance(error, SMTPResponseException):
        return int(error.smtp_code)
    return min((int(code) for code, _ in error.recipients.values()), default=PERMANENT)


def _failed(notice: Notice, error: str, *, is_final: bool, now: datetime) -> Mail:
    notice.attempts += 1
    if is_final or notice.attempts > len(BACKOFF):
        actions.give_up(notice, error, state=Mail.FAILED, now=now)
        return Mail.FAILED
    notice.error, notice.next_try_at = error, now + BACKOFF[notice.attempts - 1]
    notice.save()
    return Mail.WAITING


def message(notice: Notice) -> EmailMessage:
    """The mail of a notice, in the language of its recipient."""
    language = actions.preference_of(notice.account).language
    name, actor, fields = notice.dispatch.name, Actor(notice.actor), fields_of(notice, language)
    return EmailMessage(
        catalogue.subject(name, actor, fields, language),
        catalogue.body(name, actor, fields, language),
        settings.DEFAULT_FROM_EMAIL,
        [notice.account.email],
        headers={
            "Message-ID": message_id(notice),
            "Auto-Submitted": "auto-generated",
            "Content-Language": language,
        },
    )


def fields_of(notice: Notice, language: str) -> Fields:
    """All that may be told of a file outside the portal."""
    with translation.override(language):
        due_on = date_format(notice.due_on, "j F Y") if notice.due_on else None
    link = f"{settings.ECLUSE_URL}{reverse('messages:open', args=[notice.pk])}"
    return Fields(number_of(notice), link, due_on)


def number_of(notice: Notice) -> str:
    """The number that its reader knows: of the file, or of the call for a data holder."""
    page = page_for(notice.dispatch, notice.actor)
    return page[0] if page else notice.dispatch.case.number


def message_id(notice: Notice) -> str:
    """The one Message-ID of a notice: the same each time it is sent."""
    host = urlsplit(settings.ECLUSE_URL).hostname or "localhost"
    return f"<notice-{notice.pk}@{host}>"
