"""A file as rows: its objects, their clocks, who acted on it, what is to be sent.

Rows repeat `domain.machines.files.CaseFile` and decide nothing: `actions.perform` rebuilds the
value, asks the machines, and writes what changed. What must always hold is a constraint here too.
"""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q

from ecluse.domain.actors import CONFLICTS, Actor
from ecluse.domain.clocks.calendars import CALENDARS
from ecluse.domain.clocks.tracks import Track
from ecluse.domain.machines import MACHINES, Kind
from ecluse.domain.machines.permit import IN_FORCE
from ecluse.portal.accounts.models import User
from ecluse.portal.cases.conditions import NO_REMINDER, REMINDER, RUNNING, both_or_none
from ecluse.portal.cases.recusals import Recusal

NAME = 40
SUBJECT = 254
PARTIES = (Actor.DATA_USER, Actor.PROJECT_MEMBER, Actor.DATA_HOLDER, Actor.EXPERT, Actor.CITIZEN)
"""What a person can be on one file whatever their account is for."""


class CaseQuerySet(models.QuerySet["CaseRecord"]):
    """Questions asked of files; every page begins with `visible_to`."""

    def visible_to(self, user: User) -> Self:
        """Keep the files that name `user`; for officers, all filed but those they have a part in.

        A draft belongs to its persons alone: no officer reads it.
        """
        named = Q(pk__in=Party.objects.filter(subject=user.subject).values("case"))
        if not user.may("application.read-any"):
            return self.filter(named)
        recused = Q(pk__in=Recusal.objects.filter(subject=user.subject).values("case"))
        return self.filter(named | (Q(filed_at__isnull=False) & ~recused))

    def waiting_for(self, *turns: Actor) -> Self:
        """Keep the files whose turn it is for one of `turns` to act."""
        return self.filter(turn__in=[turn.value for turn in turns])

    def awaiting_opinion(self, rule: str) -> Self:
        """Keep the files on which an opinion is awaited, by the rule of its clock."""
        running = ClockRow.objects.filter(RUNNING, rule=rule)
        return self.filter(pk__in=running.values("item__case"))

    def by_due_day(self) -> Self:
        """Order by the day that is due first; files without one come last, oldest first."""
        return self.order_by(F("due_on").asc(nulls_last=True), "turn_since", "pk")


class CaseRecord(models.Model):
    """A file. `turn`, `due_on` and `due_rule` repeat what its objects say, for the lists.

    `due_on` is the governing due day; None where law gives no figure, and while `is_suspended`.
    """

    number = models.CharField(max_length=24, unique=True)
    kind = models.CharField(max_length=NAME)
    calendar = models.CharField(max_length=24)
    title = models.CharField(max_length=300, blank=True)
    opened_at = models.DateTimeField()
    filed_at = models.DateTimeField(null=True)
    turn = models.CharField(max_length=NAME)
    turn_since = models.DateTimeField()
    due_on = models.DateField(null=True)
    due_rule = models.CharField(max_length=NAME, blank=True)
    is_suspended = models.BooleanField(default=False)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="assigned", null=True
    )

    objects = CaseQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(fields=("turn", "due_on", "turn_since"), name="case_work_list"),)
        constraints = (
            models.CheckConstraint(
                name="case_kind_known", condition=Q(kind__in=[kind.value for kind in Kind])
            ),
            models.CheckConstraint(
                name="case_turn_known", condition=Q(turn__in=[actor.value for actor in Actor])
            ),
            models.CheckConstraint(
                name="case_calendar_known", condition=Q(calendar__in=sorted(CALENDARS))
            ),
            models.CheckConstraint(
                name="case_due_day_by_a_rule", condition=Q(due_on__isnull=True) | Q(due_rule__gt="")
            ),
            models.CheckConstraint(
                name="case_suspended_has_no_due_day",
                condition=Q(is_suspended=False) | Q(due_on__isnull=True, due_rule__gt=""),
            ),
        )

    def __str__(self) -> str:
        return self.number

    def item(self, item_id: str) -> Item:
        """One object of the file. Raises Item.DoesNotExist."""
        return self.items.get(item_id=item_id)


class Item(models.Model):
    """One object of a file: the application, its case, a decision unit, a permit, an appeal.

    `number` is its rank in the file, `parent` what it depends on.
    """

    case = models.ForeignKey(CaseRecord, on_delete=models.PROTECT, related_name="items")
    number = models.PositiveSmallIntegerField()
    item_id = models.CharField(max_length=NAME)
    kind = models.CharField(max_length=NAME)
    state = models.CharField(max_length=NAME)
    track = models.CharField(max_length=NAME, default=Track.STANDARD.value)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, related_name="parts", null=True)
    since = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("case", "item_id"), name="item_once"),
            models.UniqueConstraint(fields=("case", "number"), name="item_number_once"),
            models.UniqueConstraint(
                fields=("parent",),
                condition=Q(kind=Kind.PERMIT.value, state__in=IN_FORCE),
                name="item_one_permit_in_force",
            ),
            models.CheckConstraint(
                name="item_permit_of_a_decision",
                condition=~Q(kind=Kind.PERMIT.value) | Q(parent__isnull=False),
            ),
            models.CheckConstraint(
                name="item_track_known", condition=Q(track__in=[track.value for track in Track])
            ),
            *(
                models.CheckConstraint(
                    name=f"item_state_of_{kind.value}".replace("-", "_"),
                    condition=~Q(kind=kind.value) | Q(state__in=list(machine.states)),
                )
                for kind, machine in MACHINES.items()
            ),
            models.CheckConstraint(
                name="item_kind_known", condition=Q(kind__in=[kind.value for kind in Kind])
            ),
        )

    def __str__(self) -> str:
        return f"{self.case_id} {self.item_id} {self.state}"


class ClockRow(models.Model):
    """A clock of an object: what law counts from which day to which. None is ever removed.

    `due_on` repeats what the rule, the calendar and the suspensions give.
    """

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="clock_rows")
    rule = models.CharField(max_length=NAME)
    article = models.CharField(max_length=NAME)
    started_on = models.DateField()
    fixed_end_on = models.DateField(null=True)
    extended_on = models.DateField(null=True)
    extension_reason = models.TextField(null=True)  # noqa: DJ001 - given with `extended_on`
    extended_until_on = models.DateField(null=True)
    due_on = models.DateField(null=True)
    completed_on = models.DateField(null=True)
    voided_on = models.DateField(null=True)
    void_reason = models.TextField(null=True)  # noqa: DJ001 - given with `voided_on`

    class Meta:
        indexes = (
            models.Index(fields=("due_on", "rule"), condition=RUNNING, name="clock_running"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("item", "rule"), condition=RUNNING, name="clock_one_running"
            ),
            models.CheckConstraint(
                name="clock_ends_once",
                condition=Q(completed_on__isnull=True) | Q(voided_on__isnull=True),
            ),
            models.CheckConstraint(
                name="clock_void_with_reason", condition=both_or_none("voided_on", "void_reason")
            ),
            models.CheckConstraint(
                name="clock_extended_with_reason",
                condition=both_or_none("extended_on", "extension_reason"),
            ),
            models.CheckConstraint(
                name="clock_extended_until_once_extended",
                condition=Q(extended_until_on__isnull=True) | Q(extended_on__isnull=False),
            ),
            models.CheckConstraint(
                name="clock_extension_says_why",
                condition=Q(extension_reason__isnull=True) | Q(extension_reason__gt=""),
            ),
        )

    def __str__(self) -> str:
        return f"{self.item_id} {self.rule} {self.due_on}"


class Suspension(models.Model):
    """A time during which a clock waits, and why; `until_on` is None while it lasts."""

    clock = models.ForeignKey(ClockRow, on_delete=models.PROTECT, related_name="suspension_rows")
    from_on = models.DateField()
    until_on = models.DateField(null=True)
    reason = models.CharField(max_length=NAME)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("clock",), condition=Q(until_on__isnull=True), name="suspension_one_at_once"
            ),
            models.UniqueConstraint(fields=("clock", "from_on"), name="suspension_once_a_day"),
            models.CheckConstraint(
                name="suspension_ends_after_it_begins",
                condition=Q(until_on__isnull=True) | Q(until_on__gte=F("from_on")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.clock_id} {self.from_on} {self.reason}"


class Party(models.Model):
    """What somebody is on one file, by the subject of their account: applicant, member, expert."""

    case = models.ForeignKey(CaseRecord, on_delete=models.PROTECT, related_name="parties")
    subject = models.CharField(max_length=SUBJECT, db_index=True)
    role = models.CharField(max_length=NAME)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("case", "subject", "role"), name="party_once"),
            models.CheckConstraint(
                name="party_role_known", condition=Q(role__in=[role.value for role in PARTIES])
            ),
        )

    def __str__(self) -> str:
        return f"{self.case_id} {self.role}"


def _never_both(first: Actor, second: Actor) -> ExclusionConstraint:
    """Refuse, in the database itself, one person in two roles on one file (EHDS art. 55(3))."""
    return ExclusionConstraint(
        name=f"acted_{first.value}_or_{second.value}".replace("-", "_")[:63],
        expressions=[
            ("case", RangeOperators.EQUAL),
            ("subject", RangeOperators.EQUAL),
            ("role", RangeOperators.NOT_EQUAL),
        ],
        condition=Q(role__in=[first.value, second.value]),
    )


class ActedAs(models.Model):
    """Who acted in which role on this file; roles that law keeps apart never meet in one person."""

    case = models.ForeignKey(CaseRecord, on_delete=models.PROTECT, related_name="acted_rows")
    subject = models.CharField(max_length=SUBJECT)
    role = models.CharField(max_length=NAME)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("case", "subject", "role"), name="acted_once"),
            *(_never_both(*sorted(pair)) for pair in sorted(CONFLICTS, key=sorted)),
        )

    def __str__(self) -> str:
        return f"{self.case_id} {self.role}"


class ActRow(models.Model):
    """What somebody did to an object; `by` is None for the software itself. Never changed."""

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="acts")
    action = models.CharField(max_length=NAME)
    role = models.CharField(max_length=NAME)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    at = models.DateTimeField()
    before = models.CharField(max_length=NAME)
    after = models.CharField(max_length=NAME)
    reason = models.TextField(blank=True)

    class Meta:
        indexes = (models.Index(fields=("item", "at"), name="act_of_item"),)
        constraints = (
            models.CheckConstraint(
                name="act_of_the_software_by_nobody",
                condition=Q(role=Actor.SYSTEM.value, by__isnull=True)
                | (~Q(role=Actor.SYSTEM.value) & Q(by__isnull=False)),
            ),
            models.CheckConstraint(
                name="act_against_somebody_says_why",
                condition=~Q(action__in=["refuse", "revoke", "suspend", "extend", "reroute"])
                | Q(reason__gt=""),
            ),
        )

    def __str__(self) -> str:
        return f"{self.item_id} {self.action}"


class DispatchQuerySet(models.QuerySet["Dispatch"]):
    """Questions asked of what is to be sent."""

    def to_send(self) -> Self:
        """Keep what has not been sent; a reminder whose clock has ended is never sent."""
        alive = Q(clock__isnull=True) | Q(
            clock__completed_on__isnull=True,
            clock__voided_on__isnull=True,
            clock__due_on=F("due_on"),
        )
        return self.filter(alive, sent_at__isnull=True).order_by("queued_at", "pk")


class Dispatch(models.Model):
    """A letter or a message to send, by its id in `machines.letters`: of an act, or a reminder.

    A reminder is written the day it goes, never ahead: with its clock, the due day it is about,
    and how many days before it belongs (negative once the day has passed).
    """

    case = models.ForeignKey(CaseRecord, on_delete=models.PROTECT, related_name="dispatches")
    act = models.ForeignKey(ActRow, on_delete=models.PROTECT, related_name="dispatches", null=True)
    clock = models.ForeignKey(
        ClockRow, on_delete=models.PROTECT, related_name="reminders", null=True
    )
    due_on = models.DateField(null=True)
    days_before = models.SmallIntegerField(null=True)
    name = models.CharField(max_length=NAME)
    is_letter = models.BooleanField()
    queued_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    objects = DispatchQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("clock", "due_on", "days_before"), name="reminder_once"
            ),
            models.CheckConstraint(
                name="dispatch_of_an_act_or_a_clock",
                condition=(Q(act__isnull=False, clock__isnull=True) & NO_REMINDER)
                | (Q(act__isnull=True, clock__isnull=False) & REMINDER),
            ),
        )

    def __str__(self) -> str:
        return f"{self.case_id} {self.name}"


class Lapse(models.Model):
    """The evidence that a clock passed its due day, written once, the first day it was seen."""

    clock = models.OneToOneField(ClockRow, on_delete=models.PROTECT, related_name="lapse")
    due_on = models.DateField()
    seen_on = models.DateField()

    class Meta:
        constraints = (
            models.CheckConstraint(name="lapse_after_due", condition=Q(seen_on__gt=F("due_on"))),
        )

    def __str__(self) -> str:
        return f"{self.clock_id} {self.due_on}"


class SavedFilter(models.Model):
    """A view of the work list that an officer keeps under a name."""

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_filters"
    )
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=300)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("account", "name"), name="saved_filter_once"),
        )

    def __str__(self) -> str:
        return self.name
