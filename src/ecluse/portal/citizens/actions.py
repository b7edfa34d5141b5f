"""Exercise a right for oneself or for another, online or at the desk; find one's receipts again."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from ecluse.domain.citizens import Channel, Choice, ProofKind, check_proof
from ecluse.domain.documents import Basis
from ecluse.domain.errors import NotAllowed, NotFound
from ecluse.domain.machines import Kind
from ecluse.domain.optouts import Capacity
from ecluse.portal.accounts.models import User
from ecluse.portal.audit.actions import record
from ecluse.portal.citizens.models import KeptReceipt, Proof, Requester
from ecluse.portal.citizens.sealed import seal, unseal
from ecluse.portal.identities import limits
from ecluse.portal.lives import actions as matters
from ecluse.portal.lives.models import Matter
from ecluse.portal.optouts import actions as register
from ecluse.portal.optouts import questions
from ecluse.portal.optouts.actions import Concerned
from ecluse.portal.optouts.receipts import PREFIX, Receipt, digest_of, third_party_key
from ecluse.trust.pseudonyms.national_numbers import name_person

LONGEST_REFERENCE: Final = 80


@dataclass(frozen=True, slots=True)
class Seen:
    """What an officer saw: how the person came, which proof, under which reference."""

    channel: Channel
    kind: ProofKind
    reference: str


def choose(whom: Concerned, basis: Basis, choice: Choice, *, by: User, now: datetime) -> Receipt:
    """Be out, or back in, under one right. Raises NotFound: back in where nobody is out.

    The same answer whether the person was out already or not: a receipt of their being out.
    """
    acts = {Choice.OUT: register.opt_out, Choice.IN: register.opt_back_in}
    return acts[choice](whom, by=by, now=now, basis=basis)


@transaction.atomic
def choose_for_another(
    whom: Concerned, basis: Basis, choice: Choice, *, by: User, now: datetime
) -> Receipt:
    """Do the same for somebody whom `by` was found to represent, and keep the receipt for them."""
    receipt = choose(whom, basis, choice, by=by, now=now)
    keep_receipt(receipt.receipt_number, by=by, now=now)
    return receipt


@transaction.atomic
def choose_at_desk(
    whom: Concerned, basis: Basis, choice: Choice, *, seen: Seen, by: User, now: datetime
) -> Receipt:
    """Record a choice that came by post, by telephone or at the counter, with its proof.

    Raises:
        NotAllowed: not the desk.
        InvalidInput: the proof is not enough, or not a national number.
        NotFound: back in where nobody is out.
    """
    by.require("right.record-for-others")
    check_proof(whom.capacity, seen.kind)
    receipt = choose(whom, basis, choice, by=by, now=now)
    keep_proof(receipt.receipt_number, seen, by=by, now=now)
    return receipt


def keep_proof(receipt_number: str, seen: Seen, *, by: User, now: datetime) -> None:
    """Keep what the desk saw before it recorded what a receipt says."""
    key = third_party_key()
    digest = digest_of(receipt_number, key)
    reference = seen.reference.strip()[:LONGEST_REFERENCE]
    Proof.objects.create(
        receipt_digest=digest,
        channel=seen.channel.value,
        kind=seen.kind.value,
        sealed=seal(reference, f"receipt {digest}", key),
        seen_at=now,
        seen_by=by,
    )


def proofs_of(receipt_number: str, *, by: User) -> list[tuple[Proof, str]]:
    """Return the proofs seen for a receipt, and their references. Raises NotAllowed."""
    by.require("right.record-for-others")
    key = third_party_key()
    digest = digest_of(receipt_number, key)
    rows = Proof.objects.filter(receipt_digest=digest).select_related("seen_by").order_by("pk")
    return [(row, unseal(row.sealed, f"receipt {digest}", key)) for row in rows]


def choices_of(number: str, *, by: User, now: datetime) -> tuple[Receipt, ...]:
    """Return every choice made for the person of this number, by whomever, the oldest first."""
    return register.look_up(Concerned(number), by=by, now=now)


def made_for_others(by: User) -> tuple[Receipt, ...]:
    """Return the choices that `by` made for somebody else, as they stand."""
    return tuple(register.find_receipt(one) for one in kept_receipts(by, PREFIX))


def receipt_for(receipt_number: str, number: str, *, by: User, now: datetime) -> Receipt:
    """Return a receipt to whom it belongs alone. Raises NotFound, in the same words for all."""
    for one in (*choices_of(number, by=by, now=now), *made_for_others(by)):
        if one.receipt_number == receipt_number:
            return one
    raise NotFound(_("Ce récépissé n’est pas parmi les vôtres."))


def check_receipt(receipt_number: str, *, address: str, now: datetime) -> Receipt | None:
    """Return what a receipt is worth now, to whoever holds its number; None if there is none.

    Raises NotAllowed: too many were asked from this address.
    """
    if not limits.is_within(limits.RECEIPTS, address, now=now):
        raise NotAllowed(_("Trop de récépissés vérifiés d’ici : attendez une minute."))
    try:
        return register.find_receipt(receipt_number)
    except NotFound:
        return None


def ask_which_studies(number: str, *, by: User, now: datetime) -> str:
    """Ask the secure zone which projects used data about the person. Raises as `questions.ask`.

    Raises NotAllowed: asked too often today.
    """
    if not limits.is_within(limits.QUESTIONS, str(by.pk), now=now):
        raise NotAllowed(_("Vous avez déjà posé cette question aujourd’hui : revenez demain."))
    return questions.ask(Concerned(number), by=by, now=now)


def ask_about_receipt(receipt_number: str, *, by: User, now: datetime) -> str:
    """Ask the secure zone whether a project ignored a receipt. Raises as `ask_which_studies`."""
    if not limits.is_within(limits.QUESTIONS, str(by.pk), now=now):
        raise NotAllowed(_("Vous avez déjà posé cette question aujourd’hui : revenez demain."))
    return questions.ask_about_receipt(receipt_number, by=by, now=now)


@transaction.atomic
def open_request(number: str, *, by: User, now: datetime) -> Matter:
    """Open what a person asks under the GDPR, about the person of this number. Raises NotAllowed.

    The number is kept nowhere: the desk finds the person by the pseudonym, sealed for this request.
    """
    made = matters.open_file(Kind.RIGHTS_REQUEST, by=by, now=now)
    key = third_party_key()
    sealed = seal(name_person(number, key), f"request {made.number}", key)
    Requester.objects.create(matter=made, sealed=sealed)
    return made


def requests_of(account: User) -> list[Matter]:
    """Return what an account asked under the GDPR, the last first."""
    kind = Kind.RIGHTS_REQUEST.value
    found = Matter.objects.filter(opened_by=account, item__kind=kind).select_related("item")
    return list(found.newest_first())


@transaction.atomic
def requester_of(matter_number: str, *, by: User, now: datetime) -> str:
    """Return by which pseudonym the third party and the holders find the person of a request.

    Each look is journalled. Raises NotAllowed: not the desk; NotFound: no such request, or a draft.
    """
    by.require("right.record-for-others")
    filed = Requester.objects.exclude(matter__item__state="draft")
    found = filed.filter(matter__number=matter_number).first()
    if found is None:
        raise NotFound(_("Aucune demande reçue n’a ce numéro."))
    record("requester.read", matter_number, by=by.journal_name(), at=now)
    return unseal(found.sealed, f"request {matter_number}", third_party_key())


def keep_receipt(receipt_number: str, *, by: User, now: datetime) -> None:
    """Keep a receipt that an account made for somebody else, once, for its next visits."""
    if receipt_number in set(kept_receipts(by)):
        return
    sealed = seal(receipt_number, f"account {by.pk}", third_party_key())
    KeptReceipt.objects.create(account=by, sealed=sealed, kept_at=now)


def kept_receipts(account: User, prefix: str = "") -> Iterator[str]:
    """Yield the numbers kept for an account that begin so, the oldest first."""
    key = third_party_key()
    for row in KeptReceipt.objects.filter(account=account).order_by("pk"):
        number = unseal(row.sealed, f"account {account.pk}", key)
        if number.startswith(prefix):
            yield number


def capacities() -> tuple[Capacity, ...]:
    """In which capacities somebody acts for another."""
    return (Capacity.CHILD, Capacity.REPRESENTED)
