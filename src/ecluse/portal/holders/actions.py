"""Name data holders, call them under a permit, take their receipts: each is one transaction."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain, count

from django.db import transaction
from django.utils.text import slugify

from ecluse.domain.actors import Actor
from ecluse.domain.codec import JSON
from ecluse.domain.documents import TableScope
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.machines import Kind
from ecluse.portal.accounts.models import User
from ecluse.portal.applications import scope
from ecluse.portal.audit.actions import record
from ecluse.portal.cases import actions as cases
from ecluse.portal.cases.actions import Content
from ecluse.portal.catalogue.models import Dataset
from ecluse.portal.holders import source_lists
from ecluse.portal.holders.models import Holder, HolderCall, HolderPerson, SuppliedFile
from ecluse.portal.holders.receipts import Receipt, differing
from ecluse.portal.permits.models import PermitRecord
from ecluse.trust import canonical

ADDRESSES = frozenset({"new", "calls", "ask"})
"""What follows `/holders/` and is no holder."""
BY_HOLDER = frozenset({"acknowledge", "ask-extension", "supply"})
"""What only the persons of the holder called do, whatever else their account is for."""
BY_HUB = frozenset({"extend", "refuse-extension"})
"""What nobody of the holder called may decide, an officer or not."""


@dataclass(frozen=True, slots=True)
class HolderEntry:
    """What this hub keeps of a data holder."""

    name: str
    legal_id: str
    email: str
    datasets: tuple[Dataset, ...]
    subjects: frozenset[str]
    opening_key: str = ""


@dataclass(frozen=True, slots=True)
class CallRequest:
    """What is asked of one holder: tables and care period within the permit, and how to supply."""

    holder: Holder
    dataset: Dataset
    tables: tuple[TableScope, ...]
    care_from: date
    care_to: date
    instructions: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What goes with an act on a call: a reason, a last day, the digest of what it is about."""

    reason: str = ""
    until_on: date | None = None
    digest: str | None = None
    details: dict[str, str | int] = field(default_factory=dict)


NOTHING = Said()


@transaction.atomic
def keep_holder(holder: Holder | None, entry: HolderEntry, *, by: User, now: datetime) -> Holder:
    """Add a holder, or write again who it is, what it holds and who speaks for it.

    Raises NotAllowed, InvalidInput for a name that another holder has.
    """
    by.require("holder.keep")
    namesake = Holder.objects.filter(name=entry.name).first()
    if namesake is not None and namesake != holder:
        raise InvalidInput(f"A holder is already named {entry.name!r}.")
    kept = holder or Holder(slug=_free_slug(entry.name))
    kept.name, kept.legal_id, kept.email = entry.name, entry.legal_id, entry.email
    kept.opening_key = entry.opening_key
    kept.save()
    kept.datasets.set(entry.datasets)
    kept.persons.exclude(subject__in=entry.subjects).delete()
    HolderPerson.objects.bulk_create(
        (HolderPerson(holder=kept, subject=subject) for subject in sorted(entry.subjects)),
        ignore_conflicts=True,
    )
    details: dict[str, str | int] = {"persons": len(entry.subjects)}
    record("holder.kept", kept.slug, by=by.subject, details=details, at=now)
    return kept


def _free_slug(name: str) -> str:
    slug = slugify(name)[:50] or "holder"
    held = Holder.objects.filter(slug__startswith=slug).values_list("slug", flat=True)
    taken = ADDRESSES | set(held)
    names = chain((slug,), (f"{slug}-{rank}" for rank in count(2)))
    return next(one for one in names if one not in taken)


@transaction.atomic
def ask(permit: PermitRecord, asked: CallRequest, *, by: User, now: datetime) -> HolderCall:
    """Ask a holder for data under a permit; its three months begin (EHDS art. 60(2), 68(7)).

    Raises:
        NotAllowed: the permit is not in force, or `by` does not prepare data.
        InvalidInput: the holder does not hold the dataset, or more is asked than the permit gives.
    """
    check_within(permit, asked)
    case = cases.hold(permit.item.case)
    cases.perform(permit.item, "ask-holders", by=by, now=now)
    item = cases.add_part(permit.item, Kind.HOLDER_CALL, now=now)
    number = f"{permit.number}-H{case.items.filter(kind=Kind.HOLDER_CALL.value).count()}"
    call = HolderCall.objects.create(
        number=number,
        item=item,
        permit=permit,
        holder=asked.holder,
        dataset=asked.dataset,
        tables=scope.write_tables(asked.tables),
        care_from=asked.care_from,
        care_to=asked.care_to,
        instructions=asked.instructions.strip(),
        asked_by=by,
        asked_at=now,
    )
    source_lists.send(call, by=by, now=now)
    return do(call, "ask", by=by, now=now, said=Said(digest=_digest(call)))


def check_within(permit: PermitRecord, asked: CallRequest) -> None:
    """Pass if the call asks no more than the permit gives. Raises InvalidInput."""
    if not asked.holder.datasets.filter(pk=asked.dataset.pk).exists():
        raise InvalidInput(f"{asked.holder.name} does not hold this dataset: ask who does.")
    slug, terms = asked.dataset.slug, permit.terms()
    given = next((one for one in terms.datasets if one.dataset == slug), None)
    if given is None or not asked.tables:
        raise InvalidInput(f"{permit.number} gives nothing of {slug} that was asked.")
    scope.check_within(asked.tables, given.tables, what=f"given by {permit.number}")
    if not given.care_from <= asked.care_from <= asked.care_to <= given.care_to:
        raise InvalidInput(
            f"{permit.number} gives care from {given.care_from} to {given.care_to}: ask no day "
            "beyond."
        )


def _digest(call: HolderCall) -> str:
    asked: dict[str, JSON] = {
        "call": call.number,
        "holder": call.holder.slug,
        "dataset": call.dataset.slug,
        "tables": call.tables,
        "care_from": call.care_from.isoformat(),
        "care_to": call.care_to.isoformat(),
        "instructions": call.instructions,
    }
    return canonical.digest(canonical.encode(asked))


@transaction.atomic
def do(
    call: HolderCall, action: str, *, by: User, now: datetime, said: Said = NOTHING
) -> HolderCall:
    """Do something to a call, as the holder called or as an officer of this hub.

    Raises NotAllowed: not this person, not now, or law gives no more time. InvalidInput: no reason.
    """
    speaks = call.holder.has(by)
    if action in BY_HOLDER and not speaks:
        raise NotAllowed(f"{action} is for the persons of {call.holder.name}.")
    if action in BY_HUB and speaks:
        raise NotAllowed(f"Nobody of {call.holder.name} decides on its own request.")
    details = {"call": call.number, "holder": call.holder.slug, **said.details}
    content = Content(said.reason, said.until_on, said.digest, details)
    as_actor = Actor.DATA_HOLDER if action in BY_HOLDER else None
    cases.perform(call.item, action, by=by, now=now, content=content, as_actor=as_actor)
    return HolderCall.objects.select_related("item__case", "holder").get(pk=call.pk)


@transaction.atomic
def supply(call: HolderCall, files: Iterable[Receipt], *, by: User, now: datetime) -> HolderCall:
    """Declare the files put at the disposal of this hub. Raises NotAllowed, InvalidInput."""
    cases.hold(call.item.case)
    source_lists.check_before_supply(call)
    receipts, lot = tuple(files), call.lot() + 1
    if not receipts:
        raise InvalidInput("No file is named: declare at least one.")
    SuppliedFile.objects.bulk_create(
        SuppliedFile(
            call=call,
            lot=lot,
            name=one.name,
            octets=one.octets,
            digest=one.digest,
            declared_by=by,
            declared_at=now,
        )
        for one in receipts
    )
    listed = canonical.digest(canonical.encode([[f.name, f.octets, f.digest] for f in receipts]))
    said = Said(digest=listed, details={"files": len(receipts)})
    return do(call, "supply", by=by, now=now, said=said)


@transaction.atomic
def receive(call: HolderCall, arrived: Iterable[Receipt], *, by: User, now: datetime) -> HolderCall:
    """Confirm that what arrived in the delivery folder is what was declared.

    Raises InvalidInput: a file is missing, unannounced or other; send the call back, or look again.
    """
    cases.hold(call.item.case)
    declared = [Receipt(one.name, one.octets, one.digest) for one in call.last_files()]
    others = differing(declared, arrived)
    if others:
        raise InvalidInput(
            f"{len(others)} files are missing, unannounced or not the same bytes: "
            f"{', '.join(others[:5])}."
        )
    call.last_files().update(is_confirmed=True)
    return do(call, "receive", by=by, now=now, said=Said(details={"files": len(declared)}))


@transaction.atomic
def send_back(call: HolderCall, reason: str, *, by: User, now: datetime) -> HolderCall:
    """Say that what was supplied is not what was asked: the first clock runs on.

    Raises NotAllowed, InvalidInput without a reason.
    """
    cases.hold(call.item.case)
    call.last_files().update(is_confirmed=False)
    return do(call, "return-supply", by=by, now=now, said=Said(reason=reason))
