"""Record opt-outs, take them back, and publish the list of a decision."""

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from ecluse.domain.documents import AGENT, OptOutList, Signer
from ecluse.domain.errors import NotFound, SetupIncomplete
from ecluse.domain.optouts import in_force
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.audit import actions as audit
from ecluse.portal.audit import identity
from ecluse.portal.mailbox import actions as mailbox
from ecluse.portal.mailbox.actions import SentDocument
from ecluse.portal.mailbox.models import OutgoingDocument
from ecluse.portal.optouts.models import OptOut
from ecluse.trust.keys import to_milliseconds
from ecluse.trust.pseudonyms.national_numbers import pseudonymise_national_number

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""No letter or digit that is read as another one."""


@transaction.atomic
def opt_out(number: str, *, by: User, now: datetime) -> OptOut:
    """Put a person out of secondary use from `now`; whoever is out already stays so.

    No reason is asked (EHDS art. 71(1)). The national number is replaced at once by its
    pseudonym: it is neither stored nor journalled, nor is the citizen's account. Nothing yet binds
    the number to the account: until sign-in carries the person's identity, whoever knows a number
    can record or reverse for it.

    Raises:
        NotAllowed: neither a citizen nor the desk.
        InvalidInput: not a national number.
    """
    by.require("optout.record")
    opt_out_id = pseudonymise_national_number(number, third_party_key())
    audit.lock()  # two requests for one person wait for each other here
    current = OptOut.objects.open_for(opt_out_id).first()
    if current is not None:
        return current
    at = _after_last_list(now)
    recorded = OptOut.objects.create(
        receipt_number=_draw_receipt_number(),
        opt_out_id=opt_out_id,
        from_at=at,
        recorded_at=at,
        recorded_by=_role_of(by).value,
    )
    audit.record("optout.recorded", recorded.receipt_number, by=by.journal_name(), at=at)
    return recorded


@transaction.atomic
def opt_back_in(number: str, *, by: User, now: datetime) -> OptOut:
    """Take an opt-out back from `now` (EHDS art. 71(2)): permits decided before keep their list.

    Raises:
        NotAllowed: neither a citizen nor the desk.
        InvalidInput: not a national number.
        NotFound: this person is not out.
    """
    by.require("optout.reverse")
    opt_out_id = pseudonymise_national_number(number, third_party_key())
    audit.lock()
    current = OptOut.objects.open_for(opt_out_id).first()
    if current is None:
        raise NotFound(
            _("Aucune opposition n’est en cours pour ce numéro : il n’y a rien à lever.")
        )
    current.until = current.reversed_at = _after_last_list(now)
    current.reversed_by = _role_of(by).value
    current.save(update_fields=["until", "reversed_at", "reversed_by"])
    audit.record("optout.reversed", current.receipt_number, by=by.journal_name(), at=now)
    return current


@transaction.atomic
def publish_list(number: str, *, as_of: datetime, by: User, now: datetime) -> SentDocument:
    """Sign, with the register's key, who was out at `as_of`, the decision, for the secure zone.

    `number` is that of the permit, or of the data request. Source: EHDS art. 71(3): an opt-out
    binds what is decided after it.
    """
    identifiers = in_force(OptOut.objects.periods(), as_of=as_of)
    body = OptOutList(number, as_of, tuple(identifiers))
    audience = (AGENT,)
    return mailbox.send(body, audience=audience, by=by.subject, signer=Signer.REGISTER, now=now)


def third_party_key() -> bytes:
    """Return the trusted third party's key. Raises SetupIncomplete."""
    path = identity.key_folder() / "national.key"
    try:
        return path.read_bytes()
    except OSError as error:
        raise SetupIncomplete(
            f"{path} cannot be read: ask the trusted third party for its key, or run `ecluse demo`."
        ) from error


def _after_last_list(now: datetime) -> datetime:
    """Return `now`, or just after the last list published while this writing waited its turn.

    Without this, an opt-out dated before a decision could be missing from that decision's list.
    Call it holding the journal's lock.
    """
    lists = OutgoingDocument.objects.filter(kind=OptOutList.__name__)
    last = lists.order_by("-sequence").values_list("issued_at", flat=True).first()
    at = to_milliseconds(now)
    return at if last is None else max(at, last + timedelta(milliseconds=1))


def _role_of(user: User) -> Role:
    """Return in which capacity a person records: the desk acts for others, a citizen for self."""
    return Role.OPT_OUT_DESK if Role.OPT_OUT_DESK in user.roles() else Role.CITIZEN


def _draw_receipt_number() -> str:
    """Return a number that says nothing of how many opt-outs exist, nor of whom."""
    groups = ("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))
    return f"OPP-{'-'.join(groups)}"
