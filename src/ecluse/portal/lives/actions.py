"""Open a matter, write it, and do what its machine allows: each is one transaction."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.utils import timezone

from ecluse.domain.actors import Actor
from ecluse.domain.codec import JSON
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.machines import MACHINES, Kind
from ecluse.domain.machines.redress import APPEALABLE
from ecluse.domain.methodologies import conforms
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.applications.actions import next_number
from ecluse.portal.audit.actions import record
from ecluse.portal.cases import actions as cases
from ecluse.portal.cases.actions import Content
from ecluse.portal.cases.models import CaseRecord, Item, Party
from ecluse.portal.cases.parties import actors_of
from ecluse.portal.cases.standing import FILE, SINCE
from ecluse.portal.holders.models import Holder
from ecluse.portal.lives import restoring
from ecluse.portal.lives.methodologies import methodology, rule_answers
from ecluse.portal.lives.models import CHANGES, FILES, PRIVATE, Matter
from ecluse.portal.lives.questions import BOUNDED, missing, questions_of
from ecluse.portal.lives.standing import actor_on
from ecluse.portal.permits.models import PermitRecord
from ecluse.trust import canonical

SENDS: Final[Mapping[Kind, str]] = {
    Kind.AMENDMENT: "submit",
    Kind.RENEWAL: "submit",
    Kind.APPEAL: "lodge",
    Kind.COMPLAINT: "lodge",
    Kind.RIGHTS_REQUEST: "lodge",
    Kind.DECLARATION: "declare",
    Kind.DESIGNATION: "apply",
}
"""What sends each matter to who must answer it."""
SENDING: Final = frozenset({*SENDS.values(), "supply-information"})
SERIES: Final = {
    Kind.DECLARATION: "MR",
    Kind.DESIGNATION: "TC",
    Kind.COMPLAINT: "PL",
    Kind.RIGHTS_REQUEST: "DR",
}
LETTERS: Final = {Kind.AMENDMENT: "M", Kind.RENEWAL: "P", Kind.APPEAL: "A"}
BY_SIGNING: Final = frozenset({(kind, "grant") for kind in CHANGES})
"""What signs a document, and is done elsewhere."""
TITLE: Final = 300


@dataclass(frozen=True, slots=True)
class Said:
    """What goes with an act: a reason, and the last day chosen where law leaves it open."""

    reason: str = ""
    until_on: date | None = None


NOTHING: Final = Said()


@transaction.atomic
def open_change(permit: PermitRecord, kind: Kind, *, by: User, now: datetime) -> Matter:
    """Open an amendment or an extension of a permit; the open one of the kind if there is one.

    Raises NotAllowed: only who asked for the permit may, while it is in force.
    """
    case = cases.hold(permit.item.case)
    if kind not in CHANGES or Actor.DATA_USER not in actors_of(by, case):
        raise NotAllowed(f"Only the applicant of {permit.number} asks to change it.")
    known = Matter.objects.filter(permit=permit, item__kind=kind.value).order_by("pk").last()
    if known is not None and not MACHINES[kind].state(known.state).rests:
        return known
    item = cases.add_part(permit.item, kind, now=now)
    number = f"{permit.number}-{LETTERS[kind]}{permit.matters.count() + 1}"
    return _open(number, item, by=by, now=now, permit=permit)


@transaction.atomic
def open_appeal(against: Item, *, by: User, now: datetime) -> Matter:
    """Open an appeal against a refusal; the open one if there is one. Raises NotAllowed."""
    case = cases.hold(against.case)
    if not may_be_appealed(against) or not actors_of(by, case) & {
        Actor.DATA_USER,
        Actor.DATA_HOLDER,
    }:
        raise NotAllowed("Only those whom a refusal was told appeal against it.")
    known = Matter.objects.filter(item__parent=against, item__kind=Kind.APPEAL.value).last()
    if known is not None and not MACHINES[Kind.APPEAL].state(known.state).rests:
        return known
    item = cases.add_part(against, Kind.APPEAL, now=now)
    rank = case.items.filter(kind=Kind.APPEAL.value).count()
    return _open(f"{case.number}-{LETTERS[Kind.APPEAL]}{rank}", item, by=by, now=now)


def may_be_appealed(item: Item) -> bool:
    """Whether an appeal can be opened here against what was decided on the object."""
    return (Kind(item.kind), item.state) in APPEALABLE


@transaction.atomic
def open_file(kind: Kind, *, by: User, now: datetime, holder: Holder | None = None) -> Matter:
    """Open a complaint, a declaration of conformity, or the candidature of a holder.

    Raises NotAllowed: not for this account, or it does not speak for the holder.
    """
    actor = opener(kind, by, holder)
    if actor is None:
        raise NotAllowed("Your account does not open this kind of file.")
    year = timezone.localtime(now).year
    number = f"{SERIES[kind]}-{year}-{next_number(f'{kind.value}-{year}'):05}"
    case = cases.open_case(kind, number=number, by=by, now=now, as_actor=actor)
    if holder is not None:
        _name_all(case, holder, except_for=by)
    return _open(number, case.item(FILE), by=by, now=now, holder=holder)


def opener(kind: Kind, user: User, holder: Holder | None = None) -> Actor | None:
    """As what `user` opens such a file; None if they may not."""
    if kind is Kind.DESIGNATION:
        return Actor.DATA_HOLDER if holder is not None and holder.has(user) else None
    if kind in FILES and Role.DATA_USER in user.roles():
        return Actor.DATA_USER
    is_concerned = kind in PRIVATE and Role.CITIZEN in user.roles()
    return Actor.CITIZEN if is_concerned else None


def _name_all(case: CaseRecord, holder: Holder, *, except_for: User) -> None:
    others = holder.persons.exclude(subject=except_for.subject).values_list("subject", flat=True)
    role = Actor.DATA_HOLDER.value
    Party.objects.bulk_create(Party(case=case, subject=one, role=role) for one in others)


def _open(
    number: str,
    item: Item,
    *,
    by: User,
    now: datetime,
    permit: PermitRecord | None = None,
    holder: Holder | None = None,
) -> Matter:
    made = Matter.objects.create(
        number=number, item=item, permit=permit, holder=holder, opened_by=by, opened_at=now
    )
    record("matter.opened", number, by=by.journal_name(), details={"kind": item.kind}, at=now)
    return made


@transaction.atomic
def save(matter: Matter, answers: Mapping[str, JSON], *, by: User, now: datetime) -> Matter:
    """Keep these answers beside the others. Raises NotAllowed, InvalidInput for one too long."""
    locked = lock(matter)
    if any(row.name == "save-draft" for row in MACHINES[locked.kind].actions):
        cases.perform(locked.item, "save-draft", by=by, now=now)
    elif locked.state != "draft" or locked.opened_by != by:
        raise NotAllowed(f"{locked.number} is no longer a draft: it cannot be written any more.")
    kept = {**locked.answers, **answers}
    asked = questions_of(locked.kind, kept, "fr")
    locked.answers = {one.name: kept[one.name] for one in asked if one.name in kept}
    for one in asked:
        if len(str(locked.answers.get(one.name, ""))) > BOUNDED.get(one.shape, TITLE):
            raise InvalidInput(f"The answer to {one.name} is too long: shorten it.")
    locked.save(update_fields=["answers"])
    return locked


@transaction.atomic
def act(matter: Matter, action: str, *, by: User, now: datetime, said: Said = NOTHING) -> Matter:
    """Do what needs a reason at most. Raises NotAllowed, InvalidInput: see `cases.perform`."""
    locked = lock(matter)
    if (locked.kind, action) in BY_SIGNING:
        raise NotAllowed("This decision signs another version of the permit: use its own page.")
    details: dict[str, str | int] = {"matter": locked.number}
    digest = None
    if action in SENDING:
        _check_complete(locked)
        digest = canonical.digest(canonical.encode(locked.answers))
    CHECKS.get((locked.kind, action), _check_nothing)(locked)
    content = Content(said.reason, said.until_on, digest, details)
    office = actor_on(locked, action, by)
    cases.perform(locked.item, action, by=by, now=now, content=content, as_actor=office)
    if (locked.kind, action) == (Kind.APPEAL, "uphold"):
        restoring.restore(locked.item.parent, by=by, now=now)
    _keep_title(locked)
    return again(locked)


def _check_complete(matter: Matter) -> None:
    lacking = missing(matter.kind, matter.answers)
    if lacking:
        raise InvalidInput(f"{len(lacking)} answers are missing ({', '.join(lacking[:5])}).")


def _check_nothing(matter: Matter) -> None:
    """Most acts ask no more than their machine."""


def _check_not_of_authority(matter: Matter) -> None:
    if matter.answers.get("about_opt_out") is True:
        raise NotAllowed("A complaint about an opt-out goes to the authority (art. 81(4)).")


def _check_conforms(matter: Matter) -> None:
    chosen = methodology(matter.text("methodology"))
    if chosen.asks_committee:
        raise NotAllowed(f"{chosen.key} asks for the opinion of the committee: consult it.")
    _check_rules(matter)


def _check_rules(matter: Matter) -> None:
    chosen = methodology(matter.text("methodology"))
    if not conforms(chosen, rule_answers(matter.answers)):
        raise NotAllowed(
            f"{chosen.key} is not met: the full procedure is needed. Send the file there."
        )


CHECKS: Final[Mapping[tuple[Kind, str], Callable[[Matter], None]]] = {
    (Kind.DECLARATION, "register"): _check_conforms,
    (Kind.DECLARATION, "ask-committee"): _check_rules,
    (Kind.COMPLAINT, "inform-progress"): _check_not_of_authority,
    (Kind.COMPLAINT, "answer"): _check_not_of_authority,
}
"""What an act asks of what was written, beside its machine."""


def _keep_title(matter: Matter) -> None:
    """Name a file of its own in the lists; what is private has none."""
    if matter.kind in FILES and matter.kind not in PRIVATE:
        CaseRecord.objects.filter(pk=matter.case.pk).update(title=matter.text("title")[:TITLE])


def lock(matter: Matter) -> Matter:
    """Hold the file until the transaction ends, and read the matter again."""
    cases.hold(matter.case)
    return again(matter)


def again(matter: Matter) -> Matter:
    """The matter as it stands now."""
    related = ("item__case", "item__parent", "permit__item__case", "opened_by")
    return Matter.objects.select_related(*related).get(pk=matter.pk)


def part_of(case: CaseRecord, item_id: str) -> Item:
    """A part of a file that was asked since its decision. Raises Item.DoesNotExist."""
    kinds = [kind.value for kind in SINCE]
    return Item.objects.select_related("case").get(case=case, item_id=item_id, kind__in=kinds)
