"""Matters (what is asked beside an application), conditions followed, deletions stated."""

from __future__ import annotations

from typing import Final, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from ecluse.domain.actors import Actor
from ecluse.domain.machines import MACHINES, Kind
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.cases.models import CaseRecord, Item, Party
from ecluse.portal.cases.parties import OF_THE_FILE
from ecluse.portal.cases.recusals import Recusal
from ecluse.portal.holders.models import Holder
from ecluse.portal.permits.models import PermitRecord

CHANGES: Final = (Kind.AMENDMENT, Kind.RENEWAL)
FILES: Final = (Kind.DECLARATION, Kind.DESIGNATION, Kind.COMPLAINT)
KINDS: Final = (*CHANGES, Kind.APPEAL, *FILES, Kind.RIGHTS_REQUEST)
PRIVATE: Final = (Kind.COMPLAINT, Kind.RIGHTS_REQUEST)
"""What persons ask for themselves: it has no title that others read."""
OFFICES: Final = {
    Role.ASSESSOR: Actor.ASSESSOR,
    Role.DECIDER: Actor.DECIDER,
    Role.COMMITTEE: Actor.COMMITTEE,
    Role.AUDITOR: Actor.AUDITOR,
    Role.OPT_OUT_DESK: Actor.COMPLAINT_DESK,
}
"""What an account's role is before a matter of others.

Complaints of persons come to the desk that they know already, that of opt-outs (EHDS art. 81).
"""


class MatterQuerySet(models.QuerySet["Matter"]):
    """Questions asked of matters; every page begins with `visible_to`."""

    def visible_to(self, user: User) -> Self:
        """Keep those whose file names `user`; for officers, those filed that their role reads."""
        named = Party.objects.filter(subject=user.subject).values("case")
        filed = Q(item__kind__in=_read_by(user)) & ~Q(item__state="draft")
        filed &= ~Q(item__case__in=Recusal.objects.filter(subject=user.subject).values("case"))
        found = self.filter(Q(item__case__in=named) | filed)
        return found.select_related("item__case", "item__parent", "permit", "opened_by")

    def newest_first(self) -> Self:
        """Order from the last opened to the first."""
        return self.order_by("-opened_at", "-pk")


def _read_by(user: User) -> list[str]:
    offices = {OFFICES[role] for role in user.roles() if role in OFFICES}
    offices |= {Actor(role.value) for role in user.roles() - OF_THE_FILE - {Role.CITIZEN}}
    return [
        kind.value
        for kind in KINDS
        if any(row.name == "read" and set(row.by) & offices for row in MACHINES[kind].actions)
    ]


class Matter(models.Model):
    """What somebody asks beside an application; where it stands is the state of `item`.

    A change is about a `permit`, a designation about a `holder`; an appeal is about the parent of
    its item.
    """

    number = models.CharField(max_length=40, unique=True)
    item = models.OneToOneField(Item, on_delete=models.PROTECT, related_name="matter")
    permit = models.ForeignKey(
        PermitRecord, on_delete=models.PROTECT, related_name="matters", null=True
    )
    holder = models.ForeignKey(
        Holder, on_delete=models.PROTECT, related_name="designations", null=True
    )
    answers = models.JSONField(default=dict)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    opened_at = models.DateTimeField()

    objects = MatterQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="matter_about_one_thing",
                condition=Q(permit__isnull=True) | Q(holder__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def kind(self) -> Kind:
        """What is asked."""
        return Kind(self.item.kind)

    @property
    def case(self) -> CaseRecord:
        """The file that it belongs to."""
        return self.item.case

    @property
    def state(self) -> str:
        """Where it stands: a state of the machine of its kind."""
        return self.item.state

    def text(self, question: str) -> str:
        """The answer to a question in words, or the empty text."""
        found = self.answers.get(question) if isinstance(self.answers, dict) else None
        return found if isinstance(found, str) else ""


class ConditionRow(models.Model):
    """A numbered condition of a permit, once somebody accepted or dated it (EHDS art. 68(10)(h)).

    The words are those of the signed permit; `number` is their rank in it, from 1. `late_told_at`:
    when it was told that the present `due_on` had passed.
    """

    permit = models.ForeignKey(PermitRecord, on_delete=models.PROTECT, related_name="conditions")
    number = models.PositiveSmallIntegerField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    due_on = models.DateField(null=True)
    late_told_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    evidence = models.TextField(blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("permit", "number"), name="condition_once"),
            models.CheckConstraint(
                name="condition_accepted_by_somebody",
                condition=Q(accepted_at__isnull=True, accepted_by__isnull=True)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False),
            ),
            models.CheckConstraint(
                name="condition_done_once_accepted_with_evidence",
                condition=Q(done_at__isnull=True, done_by__isnull=True, evidence="")
                | Q(
                    done_at__isnull=False,
                    done_by__isnull=False,
                    evidence__gt="",
                    accepted_at__isnull=False,
                ),
            ),
        )

    def __str__(self) -> str:
        return f"{self.permit_id} {self.number}"


class DeletionStatement(models.Model):
    """What one person states of the deletion of a permit's data; two persons make a certificate."""

    permit = models.ForeignKey(PermitRecord, on_delete=models.PROTECT, related_name="deletions")
    rank = models.PositiveSmallIntegerField()
    text = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("permit", "by"), name="deletion_by_two_persons"),
            models.UniqueConstraint(fields=("permit", "rank"), name="deletion_rank_once"),
            models.CheckConstraint(name="deletion_rank_known", condition=Q(rank__in=[1, 2])),
            models.CheckConstraint(name="deletion_says_what", condition=Q(text__gt="")),
        )

    def __str__(self) -> str:
        return f"{self.permit_id} {self.rank}"
