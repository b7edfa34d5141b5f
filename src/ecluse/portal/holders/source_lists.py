"""Opt-outs applied at source: a holder gets the list of the decision, says that it applied it.

A holder that gave this hub the public half of its key leaves people out before it supplies (the
first of two lines; the second is at extraction, EHDS art. 71(3)). From then on nothing is supplied
before the list was applied, and nothing is extracted on the word of an older one.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from ecluse.domain import optouts
from ecluse.domain.documents import Basis, OptOutList, Signer, SourceOptOuts
from ecluse.domain.errors import NotAllowed, StaleOptOuts
from ecluse.portal.accounts.models import User
from ecluse.portal.audit.actions import record
from ecluse.portal.catalogue.models import Dataset
from ecluse.portal.holders.models import HolderCall, SentList
from ecluse.portal.mailbox import actions as mailbox
from ecluse.portal.mailbox import blobs
from ecluse.portal.mailbox.models import OutgoingDocument
from ecluse.portal.mailbox.reading import body_of
from ecluse.portal.optouts.models import OptOut
from ecluse.portal.permits.models import PermitRecord
from ecluse.trust import source_lists
from ecluse.trust.source_lists import SourceList


@transaction.atomic
def send(call: HolderCall, *, by: User, now: datetime) -> SentList | None:
    """Sign and seal, for the holder called, who was out at the decision; None without its key.

    One list of 5 million takes some ten seconds and 500 MiB.
    """
    if not call.holder.opening_key:
        return None
    listed, digest = _list_of(call.permit)
    made, bases = _drawn(call, listed)
    receiver = source_lists.read_receiver(call.holder.opening_key)
    sealed = source_lists.seal_list(made, receiver, call_number=call.number)
    body = SourceOptOuts(
        call_number=call.number,
        permit_number=call.permit.number,
        holder=call.holder.slug,
        as_of=listed.as_of,
        opt_out_list_digest=digest,
        lists=tuple(one for one in made.commitments() if one.basis in bases),
        file_digest=blobs.keep((sealed,)),
        size=len(sealed),
    )
    audience = (f"holder:{call.holder.slug}",)
    sent = mailbox.send(body, audience=audience, by=by.subject, signer=Signer.REGISTER, now=now)
    return SentList.objects.create(
        call=call, digest=sent.digest, list_digest=digest, data=sent.data, sent_at=now
    )


@transaction.atomic
def acknowledge(call: HolderCall, *, by: User, now: datetime) -> SentList:
    """Record that the holder applied the list of a call; once is enough.

    Raises NotAllowed: not a person of the holder, or no list was sent.
    """
    if not call.holder.has(by):
        raise NotAllowed(f"Only the persons of {call.holder.name} say what it applied.")
    sent = SentList.objects.select_for_update(of=("self",)).filter(call=call).first()
    if sent is None:
        raise NotAllowed(_("Aucune liste n’a été envoyée pour cette demande."))
    if sent.applied_at is None:
        sent.applied_at, sent.applied_by = now, by
        sent.save(update_fields=["applied_at", "applied_by"])
        record("optouts.applied-at-source", call.number, by=by.subject, digest=sent.digest, at=now)
    return sent


def check_before_supply(call: HolderCall) -> None:
    """Pass if the holder applied what it was sent, or was sent nothing. Raises NotAllowed."""
    if SentList.objects.filter(call=call, applied_at=None).exists():
        raise NotAllowed(
            _("Appliquez d’abord la liste d’oppositions de cette demande, puis dites-le ici.")
        )


def check_fresh(permit: PermitRecord, dataset: str) -> None:
    """Pass if each holder that applies opt-outs at source applied the list of this very decision.

    Of each holder, the last call of the file counts, whichever version of the permit it was under.

    Raises:
        StaleOptOuts: it applied the list of an earlier decision, or has not said so.
    """
    calls = HolderCall.objects.filter(
        permit__application=permit.application, dataset__slug=dataset, sent_list__isnull=False
    )
    last = {
        call.holder_id: call
        for call in calls.exclude(item__state="cancelled")
        .select_related("holder", "sent_list")
        .order_by("asked_at", "pk")
    }
    for call in last.values():
        _check_fresh(call, permit)


def _check_fresh(call: HolderCall, permit: PermitRecord) -> None:
    sent = call.sent_list
    if sent.list_digest != permit.opt_out_list_digest:
        raise StaleOptOuts(
            f"{call.holder.name} left people out by the list of {call.permit.number}'s decision,"
            f" not by that of {permit.number}: ask it for the data again under {permit.number}."
        )
    if sent.applied_at is None:
        raise StaleOptOuts(
            f"{call.holder.name} has not said that it applied the opt-outs of {call.number}:"
            " wait for it."
        )


def _list_of(permit: PermitRecord) -> tuple[OptOutList, str]:
    """Return the list that was signed for a decision, and its digest."""
    held = OutgoingDocument.objects.get(digest=permit.opt_out_list_digest)
    return body_of(held, OptOutList), held.digest


def _drawn(call: HolderCall, listed: OptOutList) -> tuple[SourceList, tuple[Basis, ...]]:
    """Return the list for a holder: the bases that bind this use of this dataset, no other."""
    is_exception = call.permit.terms().applies_opt_out_exception
    bases = optouts.applied_bases(is_exception=is_exception, is_national=_is_national(call.dataset))
    return source_lists.draw_list({one: _identifiers(listed, one) for one in bases}), bases


def _identifiers(listed: OptOutList, basis: Basis) -> list[str]:
    """Return who the signed list names; of a long one, the register says the same again."""
    if listed.file(basis) is None:
        return list(listed.ids(basis))
    blocks = OptOut.objects.all().lines(basis, as_of=listed.as_of, known_at=listed.as_of)
    return b"".join(blocks).decode("ascii").splitlines()


def _is_national(dataset: Dataset) -> bool:
    """Whether it is the national copy; one that no zone has loaded yet is taken for it."""
    loaded = dataset.latest_snapshot()
    return loaded is None or loaded.model in optouts.NATIONAL_MODELS
