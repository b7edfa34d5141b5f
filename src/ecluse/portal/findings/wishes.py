"""The wish not to be told of a finding about oneself: made, taken back, told to the zone alone.

Source: EHDS art. 58(3), which leaves the right not to know to national law; in France, code de la
santé publique art. L1111-2.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from django.db import transaction
from django.utils.translation import gettext as _

from ecluse.domain.citizens import Choice, check_proof
from ecluse.domain.documents import AGENT, Signer, WishList
from ecluse.domain.errors import NotFound, SetupIncomplete
from ecluse.domain.findings import WISHES
from ecluse.domain.optouts import Capacity, Cause
from ecluse.portal.accounts.models import User
from ecluse.portal.audit import actions as audit
from ecluse.portal.audit import identity
from ecluse.portal.citizens import actions as citizens
from ecluse.portal.citizens.actions import Seen
from ecluse.portal.citizens.sealed import seal, unseal
from ecluse.portal.findings.models import Wish
from ecluse.portal.mailbox import actions as mailbox
from ecluse.portal.mailbox import blobs
from ecluse.portal.mailbox.actions import SentDocument
from ecluse.portal.optouts.actions import Concerned
from ecluse.portal.optouts.questions import ZONE_KEY
from ecluse.portal.optouts.receipts import GROUP, GROUPS, LETTERS, digest_of, third_party_key
from ecluse.trust import keys, sealing
from ecluse.trust.keys import to_milliseconds
from ecluse.trust.pseudonyms.national_numbers import NationalKey, name_person
from ecluse.trust.zone import sealed_files, sealed_lines

PREFIX: Final = "NPS-"
"""How the receipt of a wish begins."""


@dataclass(frozen=True, slots=True)
class WishReceipt:
    """What a person keeps of a wish, as the register believes it now."""

    receipt_number: str
    capacity: Capacity
    from_at: datetime
    until: datetime | None


def make(number: str, *, by: User, now: datetime) -> WishReceipt:
    """Wish not to be told, from `now`; whoever wishes so already still does. No reason is asked.

    The number is neither stored nor journalled, nor is the account.

    Raises NotAllowed, InvalidInput.
    """
    by.require("right.exercise")
    return _choose(Concerned(number), Choice.OUT, by=by, now=now)


def take_back(number: str, *, by: User, now: datetime) -> WishReceipt:
    """Wish to be told again, from `now`. Raises NotAllowed, InvalidInput; NotFound: no wish."""
    by.require("right.exercise")
    return _choose(Concerned(number), Choice.IN, by=by, now=now)


@transaction.atomic
def choose_for_another(whom: Concerned, choice: Choice, *, by: User, now: datetime) -> WishReceipt:
    """Do either for somebody whom `by` was found to represent, and keep the receipt for them.

    Raises as `make` and `take_back`.
    """
    by.require("right.exercise")
    receipt = _choose(whom, choice, by=by, now=now)
    citizens.keep_receipt(receipt.receipt_number, by=by, now=now)
    return receipt


@transaction.atomic
def choose_at_desk(
    whom: Concerned, choice: Choice, *, seen: Seen, by: User, now: datetime
) -> WishReceipt:
    """Record what came by post, by telephone or at the counter, with its proof.

    Raises:
        NotAllowed: not the desk.
        InvalidInput: the proof is not enough, or not a national number.
        NotFound: there is no wish to take back.
    """
    by.require("right.record-for-others")
    check_proof(whom.capacity, seen.kind)
    receipt = _choose(whom, choice, by=by, now=now)
    citizens.keep_proof(receipt.receipt_number, seen, by=by, now=now)
    return receipt


@transaction.atomic
def _choose(whom: Concerned, choice: Choice, *, by: User, now: datetime) -> WishReceipt:
    key = third_party_key()
    identifier = name_person(whom.number, key)
    audit.lock()  # two requests of one person wait for each other here
    current = Wish.objects.open_for(_wish_key(identifier, key)).first()
    if choice is Choice.IN:
        return _taken_back(current, key, by=by, now=now)
    if current is not None:
        return _receipt_of(current, key)
    at = to_milliseconds(now)
    declaration = uuid4()
    row = Wish.objects.create(
        declaration=declaration,
        receipt_digest=digest_of(_number_of(str(declaration), key), key),
        wish_key=_wish_key(identifier, key),
        sealed=seal(identifier, f"wish {declaration}", key),
        capacity=whom.capacity.value,
        from_at=at,
        recorded_at=at,
        cause=Cause.DECLARED.value,
    )
    audit.record("wish.recorded", str(declaration), by=by.journal_name(), at=at)
    return _receipt_of(row, key)


def _taken_back(row: Wish | None, key: NationalKey, *, by: User, now: datetime) -> WishReceipt:
    if row is None:
        raise NotFound(_("Aucun souhait n’est en cours : il n’y a rien à lever."))
    at = max(to_milliseconds(now), row.recorded_at)
    Wish.objects.filter(pk=row.pk).update(superseded_at=at)
    written = Wish.objects.create(
        declaration=row.declaration,
        receipt_digest=row.receipt_digest,
        wish_key=row.wish_key,
        sealed=row.sealed,
        capacity=row.capacity,
        from_at=row.from_at,
        until=at,
        recorded_at=at,
        cause=Cause.REVERSED.value,
    )
    audit.record("wish.reversed", str(row.declaration), by=by.journal_name(), at=at)
    return _receipt_of(written, key)


def made_for_others(by: User) -> tuple[WishReceipt, ...]:
    """Return the wishes that `by` declared for somebody else, as they stand."""
    return tuple(find_receipt(one) for one in citizens.kept_receipts(by, PREFIX))


def find_receipt(receipt_number: str) -> WishReceipt:
    """Return what a receipt says now. Raises NotFound."""
    key = third_party_key()
    digest = digest_of(receipt_number, key)
    row = Wish.objects.believed().filter(receipt_digest=digest).first()
    if row is None:
        raise NotFound(_("Aucun souhait ne porte ce numéro de récépissé : relisez-le."))
    return _receipt_of(row, key)


@transaction.atomic
def wishes_of(number: str, *, by: User, now: datetime) -> tuple[WishReceipt, ...]:
    """Return every wish of the person of this number, the last first; each look is journalled."""
    by.require("right.exercise")
    key = third_party_key()
    rows = Wish.objects.believed().filter(wish_key=_wish_key(name_person(number, key), key))
    audit.record("wish.read", "register", by=by.journal_name(), at=now)
    return tuple(_receipt_of(row, key) for row in rows.order_by("-from_at", "-pk"))


def receipt_for(receipt_number: str, number: str, *, by: User, now: datetime) -> WishReceipt:
    """Return a receipt to whom it belongs alone. Raises NotFound, in the same words for all."""
    for one in (*wishes_of(number, by=by, now=now), *made_for_others(by)):
        if one.receipt_number == receipt_number:
            return one
    raise NotFound(_("Ce récépissé n’est pas parmi les vôtres."))


def publish(finding_number: str, *, by: User, now: datetime) -> SentDocument:
    """Sign, with the register's key, who wishes not to be told at `now`, sealed for the zone.

    Raises SetupIncomplete: the zone's public key was not given to this site.
    """
    key, at = third_party_key(), to_milliseconds(now)
    rows = Wish.objects.in_force(as_of=at).values_list("declaration", "sealed")
    purpose, file_key = f"{WISHES} {finding_number}", sealed_files.draw_data_key()
    sealed_key = sealed_lines.seal_key(file_key, _zone_key(), purpose=purpose)
    # Declarations are drawn at random: their order is not that in which people wished.
    identifiers = (
        unseal(sealed, f"wish {declaration}", key)
        for declaration, sealed in rows.order_by("declaration").iterator()
    )
    digest = blobs.keep(sealed_lines.seal_lines(identifiers, file_key, name=purpose))
    size = blobs.find(digest).stat().st_size
    body = WishList(finding_number, at, digest, size, keys.to_base64url(sealed_key))
    return mailbox.send(body, audience=(AGENT,), by=by.subject, signer=Signer.REGISTER, now=at)


def _zone_key() -> X25519PublicKey:
    path = identity.room() / ZONE_KEY
    if not path.is_file():
        raise SetupIncomplete(
            f"{path} is missing: in the zone, `ecluse optouts zone-key` makes it; copy it here."
        )
    return sealing.load_receiver(path)


def _wish_key(identifier: str, key: NationalKey) -> str:
    return key.derive(f"wish\0{identifier}").hex()


def _receipt_of(row: Wish, key: NationalKey) -> WishReceipt:
    number = _number_of(str(row.declaration), key)
    return WishReceipt(number, Capacity(row.capacity), row.from_at, row.until)


def _number_of(declaration: str, key: NationalKey) -> str:
    bits = int.from_bytes(key.derive(f"wish receipt\0{declaration}"), "big")
    drawn = "".join(LETTERS[(bits >> 5 * place) & 31] for place in range(GROUPS * GROUP))
    groups = (drawn[start : start + GROUP] for start in range(0, len(drawn), GROUP))
    return f"{PREFIX}{'-'.join(groups)}"
