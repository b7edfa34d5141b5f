"""A matter and the life of a permit as pages show them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ecluse.domain.clocks import clock as clocks
from ecluse.domain.clocks.calendars import CALENDARS
from ecluse.domain.clocks.ehds import EHDS
from ecluse.domain.errors import NotFound
from ecluse.domain.machines import Kind
from ecluse.domain.methodologies import Finding, conforms, evaluate
from ecluse.portal.accounts.models import User
from ecluse.portal.cases import reading as cases
from ecluse.portal.cases.labels import kind_label
from ecluse.portal.cases.models import CaseRecord
from ecluse.portal.cases.reading import Offer, Reader
from ecluse.portal.catalogue.models import Dataset
from ecluse.portal.holders.models import Holder
from ecluse.portal.lives import labels
from ecluse.portal.lives.actions import may_be_appealed
from ecluse.portal.lives.methodologies import methodology, rule_answers
from ecluse.portal.lives.models import ConditionRow, Matter
from ecluse.portal.lives.questions import RIGHTS, Shape, questions_of
from ecluse.portal.permits.models import PermitRecord

HIDDEN: Final = frozenset(
    {
        *("read", "remark", "copy-as-new", "redact-attachment", "assign", "tag", "hand-over"),
        *("ask-opinion", "give-opinion", "vote"),
        *("give-favourable-opinion", "give-unfavourable-opinion"),
    }
)
"""What no page of a matter offers: the committee gives its opinions in its sittings."""
DESIGNATED: Final = ("designated", "review", "review-deciding")
"""A designation stays in force while it is reviewed."""
OWN_PAGES: Final = {"save-draft": "lives:edit", "grant": "lives:grant"}


@dataclass(frozen=True, slots=True)
class Condition:
    """A numbered condition in words, and where it stands: a key of `labels.CONDITIONS`."""

    number: int
    text: str
    state: str
    due_on: date | None
    accepted_at: datetime | None
    evidence: str


@dataclass(frozen=True, slots=True)
class Conformity:
    """What a reference methodology says of a declaration."""

    title: str
    source: str
    asks_committee: bool
    is_enough: bool
    findings: tuple[Finding, ...]


def language() -> str:
    """The language of now, of the two that data files have."""
    return "en" if get_language() == "en" else "fr"


def offers(matter: Matter, reader: Reader) -> list[Offer]:
    """What this reader may do on the matter; the possible ones first."""
    item = reader.file.item(matter.item.item_id)
    found = [
        Offer(
            item.item_id,
            row.name,
            labels.act_label(row.name),
            _address(matter, row.name),
            cases.why_not(reader, item.item_id, row.name),
        )
        for row in cases.rows_for(item, reader.actors)
        if row.name not in HIDDEN
    ]
    return sorted(found, key=lambda offer: offer.why_not is not None)


def _address(matter: Matter, action: str) -> str:
    page = OWN_PAGES.get(action)
    if page is not None:
        return reverse(page, args=[matter.number])
    return reverse("lives:act", args=[matter.number, action])


def pairs(matter: Matter) -> list[tuple[str, str]]:
    """The questions of a matter with their answers in words."""
    asked = questions_of(matter.kind, matter.answers, language())
    return [(str(one.label), _in_words(one.shape, matter.answers.get(one.name))) for one in asked]


def _in_words(shape: Shape, value: object) -> str:
    if value in (None, ""):
        return "—"
    if shape is Shape.YES_NO:
        return _("oui") if value is True else _("non")
    if shape is Shape.DAY:
        return date_format(date.fromisoformat(str(value)), "j F Y")
    if shape is Shape.RIGHT:
        return str(RIGHTS.get(str(value), value))
    return str(value)


def conformity(matter: Matter) -> Conformity | None:
    """What its methodology says of a declaration; None for anything else, or none chosen."""
    chosen = matter.text("methodology")
    if matter.kind is not Kind.DECLARATION or not chosen:
        return None
    try:
        found = methodology(chosen)
    except NotFound:
        return None
    given = rule_answers(matter.answers)
    return Conformity(
        f"{found.key} — {found.title[language()]}",
        found.source,
        found.asks_committee,
        conforms(found, given),
        evaluate(found, given),
    )


def conditions(permit: PermitRecord, *, today: date) -> list[Condition]:
    """The conditions of a permit in order, each with where it stands."""
    rows = {row.number: row for row in permit.conditions.all()}
    return [
        _condition(number, text, rows.get(number), today=today)
        for number, text in enumerate(permit.terms().conditions, start=1)
    ]


def _condition(number: int, text: str, row: ConditionRow | None, *, today: date) -> Condition:
    if row is None:
        return Condition(number, text, "to-accept", None, None, "")
    state = _condition_state(row, today=today)
    return Condition(number, text, state, row.due_on, row.accepted_at, row.evidence)


def _condition_state(row: ConditionRow, *, today: date) -> str:
    if row.done_at is not None:
        is_late = row.due_on is not None and row.done_at.date() > row.due_on
        return "met-late" if is_late else "met"
    if row.due_on is not None and row.due_on < today:
        return "overdue"
    if row.accepted_at is None:
        return "to-accept"
    return "accepted" if row.due_on is None else "due"


def renewal_until(permit: PermitRecord) -> date | None:
    """The last day on which an extension of the permit can be asked (EHDS art. 68(12))."""
    calendar = CALENDARS[permit.item.case.calendar]
    rule = clocks.start(EHDS, "renewal-request", on=permit.valid_until, calendar=calendar)
    return clocks.due_on(rule)


def appealable(case: CaseRecord) -> list[tuple[str, str]]:
    """The refusals of a file that can be appealed: in words, and the address to do it."""
    items = case.items.select_related("case").order_by("number")
    return [
        (
            kind_label(item.kind),
            reverse("lives:appeal", args=[case.number, item.item_id]),
        )
        for item in items
        if may_be_appealed(item)
    ]


def holders_of(user: User) -> list[Holder]:
    """The holders in whose name `user` acts."""
    return list(Holder.objects.speaking(user).order_by("name"))


def trusted_holders() -> list[Holder]:
    """The holders whose designation is in force (EHDS art. 72)."""
    return list(_designated().order_by("name"))


def is_of_trusted_holder(dataset: Dataset) -> bool:
    """Whether a holder of this dataset is designated as trusted (EHDS art. 72)."""
    return _designated().filter(datasets=dataset).exists()


def _designated() -> QuerySet[Holder]:
    return Holder.objects.filter(designations__item__state__in=DESIGNATED).distinct()
