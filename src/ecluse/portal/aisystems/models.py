"""Records of AI systems. What was declared, added, done and computed is appended, never changed."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from ecluse.domain.aisystems.entries import KINDS, Entry
from ecluse.domain.aisystems.rules import Classification, Reason
from ecluse.domain.aisystems.states import State
from ecluse.domain.aisystems.systems import AISystem, Status
from ecluse.domain.codec import decode
from ecluse.portal.accounts.models import User

SHOWN = frozenset({State.PUBLISHED, State.REMOVED})


class SystemQuerySet(models.QuerySet["SystemRecord"]):
    """Questions asked of records; every page begins with `visible_to` or `public`."""

    def public(self) -> Self:
        """Keep those that everybody reads, as they were published last."""
        return self.filter(published__isnull=False).exclude(state=State.REMOVED)

    def visible_to(self, user: User | None) -> Self:
        """Keep the public ones, one's own; for officers, all but drafts never sent."""
        seen = Q(published__isnull=False) & ~Q(state=State.REMOVED)
        if user is not None:
            seen |= Q(declared_by=user)
            if user.may("aisystem.read-any"):
                seen |= Q(published__isnull=False) | ~Q(state=State.DRAFT)
        return self.filter(seen)

    def with_all(self) -> Self:
        """Read with each record what its page and the tables need, in five queries."""
        return self.select_related("published", "declared_by").prefetch_related(
            "versions", "added", "classified"
        )


class SystemRecord(models.Model):
    """A system of the register. `published`: the version that everybody reads; None before any.

    `reason`: of the last act that needed one.
    """

    number = models.CharField(  # noqa: DJ001 - null for the instant before it is numbered
        max_length=20, unique=True, null=True
    )
    state = models.CharField(max_length=10, default=State.DRAFT.value)
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    declared_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    published = models.ForeignKey(
        "SystemVersion", on_delete=models.PROTECT, related_name="+", null=True
    )
    published_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)

    objects = SystemQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="aisystem_state_exists", condition=Q(state__in=[one.value for one in State])
            ),
            models.CheckConstraint(
                name="aisystem_published_is_a_version",
                condition=~Q(state__in=sorted(one.value for one in SHOWN))
                | Q(published__isnull=False),
            ),
            models.CheckConstraint(
                name="aisystem_decided_by_another",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("declared_by")),
            ),
        )

    def __str__(self) -> str:
        return self.number or "-"

    @cached_property
    def latest(self) -> SystemVersion:
        """The version written last."""
        return max(self.versions.all(), key=lambda one: one.version)

    def system(self, version: SystemVersion) -> AISystem:
        """The system as a version declares it, with its entries that stand."""
        replaced = {one.replaces_id for one in self.added.all()}
        standing = [
            one for one in self.added.all() if one.pk not in replaced and not one.is_withdrawal
        ]
        said = version.content
        return AISystem(
            number=str(self),
            texts=said["texts"],
            facts={
                name: tuple(value) if isinstance(value, list) else value
                for name, value in said["facts"].items()
            },
            status=Status(said["status"]),
            entries=tuple(one.entry() for one in sorted(standing, key=lambda one: one.pk)),
        )


class SystemVersion(models.Model):
    """What a provider declared at once: `texts` by field, `facts` by question, `status`."""

    record = models.ForeignKey(SystemRecord, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    content = models.JSONField()
    source = models.CharField(max_length=20, blank=True)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    written_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("record", "version"), name="aisystem_version_once"),
        )

    def __str__(self) -> str:
        return f"{self.record_id} v{self.version}"


class SystemEntry(models.Model):
    """Something added over a system's life. `replaces`: the entry that it stands in place of.

    One that `is_withdrawal` only takes the other away.
    """

    record = models.ForeignKey(SystemRecord, on_delete=models.PROTECT, related_name="added")
    kind = models.CharField(max_length=12)
    content = models.JSONField()
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, related_name="replaced_by", null=True
    )
    is_withdrawal = models.BooleanField(default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="aisystem_entry_kind_exists", condition=Q(kind__in=sorted(KINDS))
            ),
            models.CheckConstraint(
                name="aisystem_withdrawal_of_an_entry",
                condition=Q(is_withdrawal=False) | Q(replaces__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.record_id} {self.kind} {self.pk}"

    def entry(self) -> Entry:
        """What was added, as a value."""
        value: Entry = decode(self.content, KINDS[self.kind], at=self.kind)
        return value


class SystemAct(models.Model):
    """What was done to a record, by whom (nobody: the software), and why."""

    record = models.ForeignKey(SystemRecord, on_delete=models.PROTECT, related_name="acts")
    action = models.CharField(max_length=12)
    version = models.PositiveIntegerField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    at = models.DateTimeField()
    reason = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.record_id} {self.action}"


class ClassifiedVersion(models.Model):
    """What a rulebook said of a version: kept, so that what changed can be told and why.

    `changes`: against the classification before, by name: `before`, `after`, and the reasons
    `gained` and `lost`.
    """

    record = models.ForeignKey(SystemRecord, on_delete=models.PROTECT, related_name="classified")
    version = models.PositiveIntegerField()
    rulebook = models.CharField(max_length=200)
    values = models.JSONField()
    reasons = models.JSONField()
    changes = models.JSONField(default=list)
    on = models.DateField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("record", "version", "rulebook"), name="aisystem_classified_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.record_id} {self.rulebook}"

    def classification(self) -> Classification:
        """The classification, as a value."""
        return Classification(
            self.rulebook,
            {name: tuple(values) for name, values in self.values.items()},
            tuple(reason_from(one) for one in self.reasons),
        )


def reason_from(said: dict[str, object]) -> Reason:
    """A reason, from the JSON that it is kept as."""
    gives = said["gives"]
    if not isinstance(gives, dict):
        raise TypeError("A reason gives values by name.")
    return Reason(
        rule_id=str(said["rule_id"]),
        rule_set=str(said["rule_set"]),
        article=str(said["article"]),
        because=said["because"],  # type: ignore[arg-type]  # words by language, as written here
        gives={name: tuple(values) for name, values in gives.items()},
    )


class Survey(models.Model):
    """A question to establishments: which systems run there. Public with its denominator."""

    title = models.CharField(max_length=200)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    opened_at = models.DateTimeField()
    closes_on = models.DateField()

    def __str__(self) -> str:
        return self.title

    def is_open(self, on: date) -> bool:
        """Whether answers are still taken."""
        return on <= self.closes_on


class SurveyAsked(models.Model):
    """An establishment that was asked, and the address of who may answer for it."""

    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="asked")
    finess = models.CharField(max_length=9)
    establishment = models.CharField(max_length=200)
    email = models.EmailField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("survey", "finess"), name="aisystem_asked_once"),
        )

    def __str__(self) -> str:
        return self.finess


class SurveyAnswer(models.Model):
    """What an establishment answered; the last one stands. `others`: systems not registered."""

    asked = models.ForeignKey(SurveyAsked, on_delete=models.PROTECT, related_name="answers")
    systems = models.JSONField(default=list)
    others = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.asked_id}"
