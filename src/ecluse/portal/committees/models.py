"""Sittings, who sits, the files on the agenda, interests declared, votes, signatures.

Rows repeat `domain.committees.Deliberation` and decide nothing: actions rebuild the value, ask the
domain, and write what changed.
"""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from ecluse.domain.committees import Choice, Phase
from ecluse.portal.accounts.models import User
from ecluse.portal.cases.models import Item

NAME = 24
DIGEST = 71


class State(models.TextChoices):
    """Where a sitting stands."""

    PLANNED = "planned"
    OPEN = "open"
    MINUTES = "minutes"  # nothing is judged any more: two members sign
    SIGNED = "signed"
    CANCELLED = "cancelled"


class SittingQuerySet(models.QuerySet["Sitting"]):
    """Questions asked of sittings; every page begins with `visible_to`."""

    def visible_to(self, user: User) -> Self:
        """Keep what `user` may read: members the sittings they are called to, officers all."""
        if user.may("committee.read-any"):
            return self
        return self.filter(seats__member=user)

    def newest_first(self) -> Self:
        """Order from the last day to the first."""
        return self.order_by("-held_on", "-pk")


class Sitting(models.Model):
    """A day on which the committee sits. `recalls` is the sitting that lacked its quorum.

    A second sitting on the same agenda needs no quorum (CRPA art. R133-10).
    """

    number = models.CharField(max_length=NAME, unique=True)
    held_on = models.DateField()
    place = models.CharField(max_length=200)
    chair = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    deputy = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recalls = models.OneToOneField(
        "self", on_delete=models.PROTECT, related_name="recalled_by", null=True
    )
    state = models.CharField(max_length=NAME, choices=State.choices, default=State.PLANNED)
    called_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    called_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    minutes = models.BinaryField(null=True)
    minutes_digest = models.CharField(max_length=DIGEST, blank=True)

    objects = SittingQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="sitting_state_known", condition=Q(state__in=[one.value for one in State])
            ),
            models.CheckConstraint(
                name="sitting_chair_and_deputy_are_two", condition=~Q(chair=F("deputy"))
            ),
            models.CheckConstraint(
                name="sitting_minutes_with_their_digest",
                condition=Q(minutes__isnull=True, minutes_digest="")
                | Q(minutes__isnull=False, minutes_digest__gt=""),
            ),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def is_over(self) -> bool:
        """Whether nothing is judged any more."""
        return self.state not in (State.PLANNED, State.OPEN)

    def seat_of(self, user: User) -> Seat | None:
        """The seat of somebody, or None: they are no member of this sitting."""
        return self.seats.filter(member=user).first()


class Seat(models.Model):
    """A member called to a sitting, and when they came and left."""

    sitting = models.ForeignKey(Sitting, on_delete=models.PROTECT, related_name="seats")
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="seats"
    )
    arrived_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("sitting", "member"), name="seat_once"),
            models.CheckConstraint(
                name="seat_left_after_arriving",
                condition=Q(left_at__isnull=True) | Q(arrived_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.sitting_id} {self.member_id}"

    @property
    def is_present(self) -> bool:
        """Whether the member is there now."""
        return self.arrived_at is not None and self.left_at is None


class Entry(models.Model):
    """A file on the agenda: `item` is the object on which the opinion is awaited.

    `is_open` until the file is postponed or the minutes are signed: one open entry at most for an
    object. `had_effect` is None before, then whether the file still awaited the opinion.
    """

    sitting = models.ForeignKey(Sitting, on_delete=models.PROTECT, related_name="entries")
    rank = models.PositiveSmallIntegerField()
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="agenda_entries")
    phase = models.CharField(max_length=NAME, default=Phase.LISTED.value)
    turn = models.PositiveSmallIntegerField(default=0)
    opinion = models.CharField(max_length=NAME, blank=True)
    reason = models.TextField(blank=True)
    is_open = models.BooleanField(default=True)
    had_effect = models.BooleanField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("sitting", "item"), name="entry_once_a_sitting"),
            models.UniqueConstraint(fields=("sitting", "rank"), name="entry_rank_once"),
            models.UniqueConstraint(
                fields=("item",), condition=Q(is_open=True), name="entry_open_once"
            ),
            models.CheckConstraint(
                name="entry_phase_known", condition=Q(phase__in=[one.value for one in Phase])
            ),
            models.CheckConstraint(
                name="entry_opinion_once_concluded",
                condition=Q(phase=Phase.CONCLUDED.value, opinion__gt="")
                | (~Q(phase=Phase.CONCLUDED.value) & Q(opinion="")),
            ),
            models.CheckConstraint(
                name="entry_opinion_is_no_abstention",
                condition=~Q(opinion=Choice.ABSTENTION.value),
            ),
            models.CheckConstraint(
                name="entry_postponed_says_why",
                condition=~Q(phase=Phase.POSTPONED.value) | Q(reason__gt=""),
            ),
        )

    def __str__(self) -> str:
        return f"{self.sitting_id} {self.rank}"


class Interest(models.Model):
    """What a member declared about one file. Never changed; an interest is never taken back."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="interests")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    has_interest = models.BooleanField()
    statement = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("entry", "member", "has_interest"), name="interest_once"
            ),
            models.CheckConstraint(
                name="interest_says_which", condition=Q(has_interest=False) | Q(statement__gt="")
            ),
        )

    def __str__(self) -> str:
        return f"{self.entry_id} {self.member_id}"


class Ballot(models.Model):
    """A member's vote in one turn. Never changed, and shown to nobody else before it is closed."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="ballots")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    turn = models.PositiveSmallIntegerField()
    choice = models.CharField(max_length=NAME)
    note = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("entry", "member", "turn"), name="ballot_once_a_turn"),
            models.CheckConstraint(
                name="ballot_choice_known", condition=Q(choice__in=[one.value for one in Choice])
            ),
        )

    def __str__(self) -> str:
        return f"{self.entry_id} {self.member_id} {self.turn}"


class Signature(models.Model):
    """A member who was present signed the minutes."""

    sitting = models.ForeignKey(Sitting, on_delete=models.PROTECT, related_name="signatures")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=DIGEST)
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("sitting", "member"), name="signature_once"),
        )

    def __str__(self) -> str:
        return f"{self.sitting_id} {self.member_id}"
