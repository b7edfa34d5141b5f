"""The officer's desk: which files wait, in which order, under which saved views."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse

from ecluse.domain.actors import Actor
from ecluse.domain.machines import Kind
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.cases import labels
from ecluse.portal.cases.models import CaseQuerySet, CaseRecord, Item
from ecluse.portal.cases.standing import SINCE

OWN_TURNS = {Role.ASSESSOR: Actor.ASSESSOR, Role.DECIDER: Actor.DECIDER}
EVERY_OPEN = (Actor.ASSESSOR, Actor.DECIDER, Actor.DATA_USER, Actor.TRUSTED_HOLDER)
OPINION = "committee-opinion"
FILES = {
    "application": "applications:file",
    "data-request": "requests:file",
    **dict.fromkeys(("mr-declaration", "trusted-holder-designation", "complaint"), "lives:file"),
    "rights-request": "lives:file",
    "description": "descriptions:file",
    "evaluation": "evaluations:file",
    "significant-finding": "findings:file",
}
"""The page of a file, by its kind."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the work list shows: whose turn (nothing: the reader's own), late, mine, words."""

    turn: str = ""
    late: bool = False
    mine: bool = False
    words: str = ""

    def query(self) -> str:
        """The same as the query of an address."""
        values = {
            "turn": self.turn,
            "late": "on" if self.late else "",
            "mine": "on" if self.mine else "",
            "words": self.words,
        }
        return urlencode({name: value for name, value in values.items() if value})


def work_list(user: User, wanted: Wanted, *, today: date) -> CaseQuerySet:
    """The files of that view that `user` may read, by due day."""
    found = CaseRecord.objects.visible_to(user).filter(filed_at__isnull=False)
    if Role.COMMITTEE in user.roles() and not wanted.turn:
        found = found.awaiting_opinion(OPINION)
    else:
        found = found.waiting_for(*turns_of(user, wanted.turn))
    if wanted.late:
        found = found.filter(due_on__lt=today)
    if wanted.mine:
        found = found.filter(assignee=user)
    if wanted.words:
        named = Q(number__icontains=wanted.words) | Q(title__icontains=wanted.words)
        found = found.filter(named)
    return found.select_related("assignee").by_due_day()


def turns_of(user: User, turn: str) -> list[Actor]:
    """Whose turn a view shows."""
    if turn == "all":
        return list(EVERY_OPEN)
    if turn in {actor.value for actor in Actor}:
        return [Actor(turn)]
    own = [actor for role, actor in OWN_TURNS.items() if role in user.roles()]
    return own or list(EVERY_OPEN)


def address_of(case: CaseRecord, item: Item | None = None) -> str:
    """The page of a file, of the permit that it became, or of what was asked about it since."""
    if item is not None and item.kind in SINCE:
        return reverse("lives:part", args=[case.number, item.item_id])
    is_permit = item is not None and item.kind == Kind.PERMIT.value
    page = "permits:of_application" if is_permit else FILES[case.kind]
    return reverse(page, args=[case.number])


def due_text(case: CaseRecord) -> str:
    """What is due: the rule in words."""
    return labels.rule_label(case.due_rule) if case.due_rule else ""
