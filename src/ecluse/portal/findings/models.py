"""Findings as they are reported and judged, what their holders did, and who wishes not to be told.

Nothing here says about whom a finding is. Of a wish, who can read the tables learns that somebody
made it: what names the person is sealed with the third party's key, and no other table has it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q

from ecluse.domain.findings import Certainty, Way
from ecluse.domain.machines.finding import WITH_HOLDER
from ecluse.domain.optouts import Capacity, Cause
from ecluse.portal.accounts.models import User
from ecluse.portal.cases.conditions import both_or_none
from ecluse.portal.cases.models import CaseRecord, Item, Party
from ecluse.portal.cases.recusals import Recusal
from ecluse.portal.catalogue.models import Dataset
from ecluse.portal.holders.models import Holder
from ecluse.portal.optouts.models import Period
from ecluse.portal.permits.models import PermitRecord

DIGEST = 71
CERTAINTIES = [(one.value, one.value) for one in Certainty]


class FindingQuerySet(models.QuerySet["FindingFile"]):
    """Questions asked of findings; every page begins with `visible_to`."""

    def visible_to(self, user: User) -> Self:
        """Keep those of the projects of `user`, those sent to their holders; for officers, all.

        A draft is its project's alone; an officer who has a part in it reads no other.
        """
        named = Party.objects.filter(subject=user.subject).values("case")
        mine = Q(item__case__in=named)
        mine |= Q(item__state__in=WITH_HOLDER, recipients__holder__persons__subject=user.subject)
        if user.may("finding.read-any"):
            recused = Recusal.objects.filter(subject=user.subject).values("case")
            mine |= Q(reported_at__isnull=False) & ~Q(item__case__in=recused)
        found = self.filter(mine).select_related("item__case", "permit", "opened_by")
        return found.distinct()

    def of_holders_of(self, user: User) -> Self:
        """Keep those sent to a holder for which `user` speaks."""
        return self.filter(
            item__state__in=WITH_HOLDER, recipients__holder__persons__subject=user.subject
        ).distinct()

    def newest_first(self) -> Self:
        """Order from the last opened to the first."""
        return self.order_by("-opened_at", "-pk")


class FindingFile(models.Model):
    """A significant finding of a project; where it stands is the state of `item`.

    The answers are words about what was found, checked to name nobody. The persons are in the zone,
    under `number`. The counts are those that the zone told, None where too few to be said: nobody
    of the project reads them.
    """

    number = models.CharField(max_length=24, unique=True)
    item = models.OneToOneField(Item, on_delete=models.PROTECT, related_name="finding")
    permit = models.ForeignKey(PermitRecord, on_delete=models.PROTECT, related_name="findings")
    what = models.TextField(blank=True)
    relevance = models.TextField(blank=True)
    action = models.TextField(blank=True)
    basis = models.TextField(blank=True)
    certainty = models.CharField(max_length=12, choices=CERTAINTIES, blank=True)
    is_urgent = models.BooleanField(default=False)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    opened_at = models.DateTimeField()
    reported_at = models.DateTimeField(null=True)
    order_digest = models.CharField(max_length=DIGEST, blank=True)
    searched_at = models.DateTimeField(null=True)
    to_tell_count = models.PositiveIntegerField(null=True)
    unwilling_count = models.PositiveIntegerField(null=True)
    not_found_count = models.PositiveIntegerField(null=True)

    objects = FindingQuerySet.as_manager()

    def __str__(self) -> str:
        return self.number

    @property
    def case(self) -> CaseRecord:
        """The file that its acts and clocks belong to."""
        return self.item.case

    @property
    def state(self) -> str:
        """Where it stands: a state of the machine of findings."""
        return self.item.state


class HubJudgement(models.Model):
    """What the hub answered to the three questions, each time that it judged, and why."""

    finding = models.ForeignKey(FindingFile, on_delete=models.PROTECT, related_name="judgements")
    is_relevant = models.BooleanField()
    is_actionable = models.BooleanField()
    certainty = models.CharField(max_length=12, choices=CERTAINTIES)
    reasons = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.finding_id} {self.at:%Y-%m-%d}"


class Recipient(models.Model):
    """A holder that a finding is sent to, the sealed file that awaits it, and what it did.

    Its counts are kept where they are not of a few: None otherwise.
    """

    finding = models.ForeignKey(FindingFile, on_delete=models.PROTECT, related_name="recipients")
    holder = models.ForeignKey(Holder, on_delete=models.PROTECT, related_name="findings")
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="+")
    answer_digest = models.CharField(max_length=DIGEST, blank=True)
    told_at = models.DateTimeField(null=True)
    told_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    way = models.CharField(max_length=12, choices=[(one.value, one.value) for one in Way])
    told_count = models.PositiveIntegerField(null=True)
    refused_count = models.PositiveIntegerField(null=True)
    not_found_count = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("finding", "holder", "dataset"), name="finding_recipient_once"
            ),
            models.CheckConstraint(
                name="finding_told_by_somebody", condition=both_or_none("told_at", "told_by")
            ),
            models.CheckConstraint(
                name="finding_told_once_sealed",
                condition=Q(told_at__isnull=True) | Q(answer_digest__gt="", way__gt=""),
            ),
        )

    def __str__(self) -> str:
        return f"{self.finding_id} {self.holder_id}"


class WishQuerySet(models.QuerySet["Wish"]):
    """Who wishes not to be told, without ever a name."""

    def believed(self) -> Self:
        """Keep what the register believes now."""
        return self.filter(superseded_at=None)

    def open_for(self, wish_key: str) -> Self:
        """Keep the wish of a person that was not taken back, if there is one."""
        return self.believed().filter(wish_key=wish_key, until=None)

    def in_force(self, *, as_of: datetime) -> Self:
        """Keep the wishes that held at an instant, as they are believed now."""
        ends_later = Q(until=None) | Q(until__gt=as_of)
        return self.believed().filter(ends_later, from_at__lte=as_of)


class Wish(models.Model):
    """A person who wishes not to be told of findings, during a period, as believed during another.

    `wish_key` finds the row of a person and `sealed` holds their identifier, both by the third
    party's key: neither is the pseudonym that opt-outs have; `receipt_digest` finds it by its
    receipt, with that key. `capacity`: in which it was declared. Two rows of one person are never
    both in force and believed; no row is removed.
    """

    declaration = models.UUIDField(db_index=True)
    receipt_digest = models.CharField(max_length=64, db_index=True)
    wish_key = models.CharField(max_length=64)
    sealed = models.TextField()
    capacity = models.CharField(max_length=20, choices=[(one.value, one.value) for one in Capacity])
    from_at = models.DateTimeField()
    until = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField()
    cause = models.CharField(max_length=12, choices=[(one.value, one.value) for one in Cause])
    superseded_at = models.DateTimeField(null=True)

    objects = WishQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("from_at")),
                name="wish_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(superseded_at=None) | Q(superseded_at__gte=F("recorded_at")),
                name="wish_believed_after_it_is_recorded",
            ),
            ExclusionConstraint(
                name="wish_one_at_a_time",
                expressions=[
                    ("wish_key", RangeOperators.EQUAL),
                    (Period("from_at", "until"), RangeOperators.OVERLAPS),
                    (Period("recorded_at", "superseded_at"), RangeOperators.OVERLAPS),
                ],
            ),
        )

    def __str__(self) -> str:
        return f"{self.cause} {self.from_at:%Y-%m-%d}"
