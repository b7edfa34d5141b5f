"""Record opt-outs, take them back, put errors right, and publish the list of a decision."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from ecluse.domain.documents import AGENT, Basis, ListFile, OptOutList, Signer
from ecluse.domain.errors import InvalidInput, NotFound
from ecluse.domain.optouts import Capacity, Cause, IdentifierKind
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.audit import actions as audit
from ecluse.portal.mailbox import actions as mailbox
from ecluse.portal.mailbox import blobs
from ecluse.portal.mailbox.actions import SentDocument
from ecluse.portal.mailbox.models import OutgoingDocument
from ecluse.portal.optouts.models import OptOut
from ecluse.portal.optouts.receipts import (
    Receipt,
    draw_declaration,
    receipt_of,
    rows_of,
    third_party_key,
)
from ecluse.trust.keys import to_milliseconds
from ecluse.trust.pseudonyms.national_numbers import NationalKey, name_claimant, name_person

IN_DOCUMENT: Final = 10_000
"""More identifiers than this travel in a file beside their document."""


@dataclass(frozen=True, slots=True)
class Insured:
    """Through whom somebody is insured: that number, and one's own birth, sex, rank if a twin."""

    number: str
    born_on: date
    is_male: bool
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class Concerned:
    """Whom an act concerns: `number`, in which capacity, and the other numbers of that person."""

    number: str
    capacity: Capacity = Capacity.SELF
    provisional: tuple[str, ...] = ()
    insured: tuple[Insured, ...] = ()

    def identifiers(self, key: NationalKey) -> dict[str, IdentifierKind]:
        """Return every pseudonym of this person, and which number it comes from.

        Raises InvalidInput, which repeats no number.
        """
        named = {
            name_claimant(
                one.number, born_on=one.born_on, is_male=one.is_male, rank=one.rank, key=key
            ): IdentifierKind.INSURED
            for one in self.insured
        }
        named |= {name_person(one, key): IdentifierKind.PROVISIONAL for one in self.provisional}
        return {**named, name_person(self.number, key): IdentifierKind.OWN}


@transaction.atomic
def opt_out(whom: Concerned, *, by: User, now: datetime, basis: Basis = Basis.EHDS) -> Receipt:
    """Put a person out from `now` under one basis; whoever is out already stays so.

    No reason is asked (EHDS art. 71(1)). The numbers are replaced at once by their pseudonyms: they
    are neither stored nor journalled, nor is the citizen's account. What binds the number to who
    asks is checked before: see `portal.citizens`.

    Raises:
        NotAllowed: neither a citizen nor the desk.
        InvalidInput: not a national number.
    """
    by.require("optout.record")
    key = third_party_key()
    wanted = whom.identifiers(key)
    audit.lock()  # two requests for one person wait for each other here
    current = list(OptOut.objects.open_for(tuple(wanted), basis).order_by("pk"))
    missing = wanted.keys() - {row.opt_out_id for row in current}
    if not missing:
        return receipt_of(current[0], key)
    at = _after_last_list(now)
    declaration, digest = draw_declaration(key)
    rows = [
        OptOut(
            declaration=declaration,
            receipt_digest=digest,
            opt_out_id=identifier,
            basis=basis.value,
            identifier=wanted[identifier].value,
            capacity=whom.capacity.value,
            from_at=at,
            recorded_at=at,
            recorded_by=_role_of(by).value,
            cause=Cause.DECLARED.value,
        )
        for identifier in sorted(missing)
    ]
    OptOut.objects.bulk_create(rows)
    _journal("optout.recorded", rows[0], by=by, at=at)
    return receipt_of(rows[0], key)


@transaction.atomic
def opt_back_in(whom: Concerned, *, by: User, now: datetime, basis: Basis = Basis.EHDS) -> Receipt:
    """Take an opt-out back from `now` (EHDS art. 71(2)): permits decided before keep their list.

    What was declared at once for several numbers of a person is taken back for all of them.

    Raises:
        NotAllowed: neither a citizen nor the desk.
        InvalidInput: not a national number.
        NotFound: this person is not out.
    """
    by.require("optout.reverse")
    key = third_party_key()
    wanted = tuple(whom.identifiers(key))
    audit.lock()
    found = OptOut.objects.open_for(wanted, basis).values_list("declaration", flat=True)
    open_ = OptOut.objects.believed().filter(until=None, basis=basis.value)
    rows = list(open_.filter(declaration__in=set(found)).order_by("pk"))
    if not rows:
        raise NotFound(
            _("Aucune opposition n’est en cours pour ce numéro : il n’y a rien à lever.")
        )
    at = _after_last_list(now)
    written = _replace(rows, at=at, until=at, by=by, cause=Cause.REVERSED)
    for declaration in dict.fromkeys(row.declaration for row in written):
        first = next(row for row in written if row.declaration == declaration)
        _journal("optout.reversed", first, by=by, at=at)
    return receipt_of(written[0], key)


@transaction.atomic
def correct(
    receipt_number: str, *, from_at: datetime, until: datetime | None, by: User, now: datetime
) -> Receipt:
    """Put right when an opt-out held: the former belief stays in the register, with its dates.

    `until` equal to `from_at` says that it never should have been recorded. Lists already published
    do not change.

    Raises:
        NotAllowed: not the desk.
        NotFound: no such receipt.
        InvalidInput: it would end before it begins.
    """
    by.require("optout.correct")
    if until is not None and until < from_at:
        raise InvalidInput(_("La fin précède le début : relisez les deux dates."))
    key = third_party_key()
    audit.lock()
    rows = rows_of(receipt_number, key)
    at = _after_last_list(now)
    written = _replace(rows, at=at, from_at=from_at, until=until, by=by, cause=Cause.CORRECTED)
    _journal("optout.corrected", written[0], by=by, at=at)
    return receipt_of(written[0], key)


@transaction.atomic
def add_number(receipt_number: str, whom: Concerned, *, by: User, now: datetime) -> Receipt:
    """Give a declaration the other numbers of its person, as when a provisional one is replaced.

    They count from the day of the declaration, and are known from `now`. Raises NotAllowed: not the
    desk; NotFound: no such receipt, or it was taken back; InvalidInput: not a national number.
    """
    by.require("optout.correct")
    key = third_party_key()
    wanted = whom.identifiers(key)
    audit.lock()
    first = rows_of(receipt_number, key)[0]
    if first.until is not None:
        raise NotFound(_("Cette opposition est levée : il n’y a rien à compléter."))
    basis = Basis(first.basis)
    known = {row.opt_out_id for row in OptOut.objects.open_for(tuple(wanted), basis)}
    at = _after_last_list(now)
    rows = [
        _copy(first, at=at, by=by, opt_out_id=one, identifier=wanted[one].value)
        for one in sorted(wanted.keys() - known)
    ]
    OptOut.objects.bulk_create(rows)
    _journal("optout.number-added", first, by=by, at=at)
    return receipt_of(first, key)


@transaction.atomic
def look_up(whom: Concerned, *, by: User, now: datetime) -> tuple[Receipt, ...]:
    """Return what the register believes of one person, oldest first: each look is journalled.

    Raises NotAllowed: neither a citizen nor the desk; InvalidInput: not a national number.
    """
    by.require("optout.read")
    key = third_party_key()
    rows = OptOut.objects.believed().filter(opt_out_id__in=whom.identifiers(key))
    audit.record("optout.read", "register", by=by.journal_name(), at=now)
    found = {row.declaration: row for row in rows.order_by("-from_at", "-pk")}
    return tuple(receipt_of(row, key) for row in reversed(found.values()))


def find_receipt(receipt_number: str) -> Receipt:
    """Return what a receipt proves now. Raises NotFound."""
    key = third_party_key()
    return receipt_of(rows_of(receipt_number, key)[0], key)


@transaction.atomic
def publish_list(number: str, *, as_of: datetime, by: User, now: datetime) -> SentDocument:
    """Sign, with the register's key, who was out at `as_of`, the decision, for the secure zone.

    `number` is that of the permit, or of the data request, whose answer is the one anonymisation
    run of this hub. The list is what the register knew at `as_of`: asked again, it is the same.
    Source: EHDS art. 71(3): an opt-out binds what is decided after it.
    """
    held: dict[Basis, tuple[str, ...]] = {}
    files: list[ListFile] = []
    for basis in Basis:
        identifiers, file = _listed(basis, as_of=as_of)
        held[basis] = identifiers
        files += [file] if file else []
    body = OptOutList(number, as_of, held[Basis.EHDS], held[Basis.NATIONAL_COPY], tuple(files))
    audience = (AGENT,)
    return mailbox.send(body, audience=audience, by=by.subject, signer=Signer.REGISTER, now=now)


def _listed(basis: Basis, *, as_of: datetime) -> tuple[tuple[str, ...], ListFile | None]:
    """Return the identifiers of a basis, or the file where they are written as they come."""
    size, count, first = 0, 0, bytearray()

    def counted(blocks: Iterable[bytes]) -> Iterable[bytes]:
        nonlocal size, count
        for block in blocks:
            size, count = size + len(block), count + block.count(b"\n")
            if count <= IN_DOCUMENT:
                first.extend(block)
            yield block

    blocks = OptOut.objects.all().lines(basis, as_of=as_of, known_at=as_of)
    digest = blobs.keep(counted(blocks))
    if count > IN_DOCUMENT:
        return (), ListFile(basis, digest, size, count)
    blobs.remove(digest)
    return tuple(first.decode("ascii").splitlines()), None


def _replace(
    rows: Iterable[OptOut], *, at: datetime, by: User, cause: Cause, **changes: datetime | None
) -> list[OptOut]:
    """Write what is believed from `at` in place of these rows, which stay with their dates."""
    rows = list(rows)
    OptOut.objects.filter(pk__in=[row.pk for row in rows]).update(superseded_at=at)
    written = [_copy(row, at=at, by=by, cause=cause.value, **changes) for row in rows]
    return OptOut.objects.bulk_create(written)


def _copy(row: OptOut, *, at: datetime, by: User, **changes: object) -> OptOut:
    members: dict[str, object] = {
        name: getattr(row, name)
        for name in (
            *("declaration", "receipt_digest", "opt_out_id", "basis", "identifier"),
            *("capacity", "from_at", "until"),
        )
    }
    members |= {"cause": Cause.CORRECTED.value, **changes}
    return OptOut(**members, recorded_at=at, recorded_by=_role_of(by).value)


def _journal(action: str, row: OptOut, *, by: User, at: datetime) -> None:
    """Write the act under its declaration: neither receipt nor pseudonym is in the journal."""
    details = {"basis": row.basis, "capacity": row.capacity}
    audit.record(action, str(row.declaration), by=by.journal_name(), details=details, at=at)


def _after_last_list(now: datetime) -> datetime:
    """Return `now`, or just after the last list published while this writing waited its turn.

    Without this, an opt-out dated before a decision could be missing from that decision's list.
    Nor before what the register wrote last: its rows are in the order of time. Call it holding the
    journal's lock.
    """
    at = to_milliseconds(now)
    lists = OutgoingDocument.objects.filter(kind=OptOutList.__name__)
    listed = lists.order_by("-sequence").values_list("issued_at", flat=True).first()
    written = OptOut.objects.order_by("-pk").values_list("recorded_at", flat=True).first()
    after = [] if listed is None else [listed + timedelta(milliseconds=1)]
    return max([at, *after, *([] if written is None else [written])])


def _role_of(user: User) -> Role:
    """Return in which capacity a person records: the desk acts for others, a citizen for self."""
    return Role.OPT_OUT_DESK if Role.OPT_OUT_DESK in user.roles() else Role.CITIZEN
