"""Tell people what happened: notices from dispatches, read once, mails tried again by hand."""

from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from ecluse.domain.errors import InvalidInput, NotFound
from ecluse.portal.accounts.models import User
from ecluse.portal.audit.actions import record
from ecluse.portal.cases.models import ActRow, Dispatch
from ecluse.portal.messages.models import LANGUAGES, Mail, Notice, Preference
from ecluse.portal.messages.recipients import asks_to_act, recipients

SOFTWARE: Final = "system"
NOWHERE: Final = ".invalid"
"""No mail reaches an address that ends so (RFC 2606): a citizen whose identity is not kept."""


def is_mail_off() -> bool:
    """Whether this site sends no mail: no server is named, notices are read in the portal."""
    return not settings.EMAIL_HOST


def announce(*, now: datetime) -> int:
    """Write the notices of everything that is to be told; how many. Safe to run twice, or at once.

    A dispatch is settled with its notices, in one transaction of its own.
    """
    waiting = list(Dispatch.objects.to_send().values_list("pk", flat=True))
    return sum(_announce(pk, now=now) for pk in waiting)


@transaction.atomic
def _announce(pk: int, *, now: datetime) -> int:
    held = Dispatch.objects.to_send().select_for_update(of=("self",), skip_locked=True)
    dispatch = held.filter(pk=pk).select_related("case", "clock").first()
    if dispatch is None:
        return 0
    told = [
        Notice(
            dispatch=dispatch,
            account=account,
            actor=actor.value,
            due_on=dispatch.due_on or dispatch.case.due_on,
            announced_at=now,
            mail=(Mail.WAITING if _wants_mail(account, dispatch) else Mail.OFF).value,
            next_try_at=now if _wants_mail(account, dispatch) else None,
        )
        for account, actor in recipients(dispatch)
    ]
    Notice.objects.bulk_create(told, ignore_conflicts=True)
    dispatch.sent_at = now
    dispatch.save(update_fields=["sent_at"])
    return len(told)


def _wants_mail(account: User, dispatch: Dispatch) -> bool:
    if is_mail_off() or account.email.endswith(NOWHERE):
        return False
    return asks_to_act(dispatch) or not preference_of(account).only_to_act


def preference_of(account: User) -> Preference:
    """How an account wants its mails, chosen or not."""
    return Preference.objects.filter(pk=account.pk).first() or Preference(account=account)


def prefer(account: User, *, language: str, only_to_act: bool) -> Preference:
    """Keep how an account wants its mails. Raises InvalidInput."""
    if language not in LANGUAGES:
        raise InvalidInput(f"Mails are written in {', '.join(LANGUAGES)}: choose one.")
    values = {"language": language, "only_to_act": only_to_act}
    kept, _ = Preference.objects.update_or_create(account=account, defaults=values)
    return kept


@transaction.atomic
def withdraw(acts: QuerySet[ActRow], *, now: datetime) -> int:
    """Cancel what was to be told of these acts and was not mailed yet: its cause ended; how many.

    A message read in the portal stays read; one that waits is not shown any more.
    """
    Dispatch.objects.filter(act__in=acts, sent_at__isnull=True).update(sent_at=now)
    waiting = Notice.objects.filter(dispatch__act__in=acts, mail=Mail.WAITING)
    return waiting.update(mail=Mail.CANCELLED, next_try_at=None)


def read(account: User, pk: int, *, now: datetime) -> Notice:
    """Mark what was told to an account as read, once, and return it. Raises NotFound."""
    notice = Notice.objects.of(account).filter(pk=pk).first()
    if notice is None:
        raise NotFound("This message is not yours, or no longer has an object.")
    Notice.objects.filter(pk=pk, read_at__isnull=True).update(read_at=now)
    return notice


def read_all(account: User, *, now: datetime) -> int:
    """Mark everything told to an account as read; how many."""
    return Notice.objects.filter(account=account, read_at__isnull=True).update(read_at=now)


@transaction.atomic
def try_again(pk: int, *, by: User, now: datetime) -> Notice:
    """Have a mail that did not arrive sent again. Raises NotAllowed, NotFound."""
    by.require("case.assign")
    notice = Notice.objects.undelivered().select_for_update(of=("self",)).filter(pk=pk).first()
    if notice is None:
        raise NotFound("This mail is not among those that did not arrive.")
    notice.mail, notice.attempts, notice.next_try_at = Mail.WAITING.value, 0, now
    notice.sent_at, notice.error = None, ""
    notice.save()
    details = {"notice": notice.pk}
    record("mail.tried-again", notice.dispatch.case.number, by=by.subject, details=details, at=now)
    return notice


@transaction.atomic
def give_up(notice: Notice, error: str, *, state: Mail, now: datetime) -> None:
    """Write that a mail did not arrive, and why by its code, in the journal too."""
    notice.mail, notice.error, notice.next_try_at = state.value, error, None
    notice.save()
    details: dict[str, str | int] = {"notice": notice.pk, "error": error}
    record(f"mail.{state.value}", notice.dispatch.case.number, by=SOFTWARE, details=details, at=now)
