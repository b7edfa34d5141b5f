"""Permits as granted: the signed document, and what is asked of it every day."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Self, cast

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from ecluse.domain import codec, documents, permits
from ecluse.portal.accounts.models import User
from ecluse.portal.applications.models import Application
from ecluse.portal.cases.models import Item
from ecluse.portal.mailbox.models import OutgoingDocument
from ecluse.portal.mailbox.reading import body_in, body_of
from ecluse.portal.permits.terms import Terms


class State(StrEnum):
    """Where a permit stands today."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    EXPIRED = "expired"
    REPLACED = "replaced"


BY_FILE = {
    "suspended": State.SUSPENDED,
    "superseded": State.REPLACED,
    "expired": State.EXPIRED,
    "closing": State.EXPIRED,
    "deleted": State.EXPIRED,
}
"""What the state of the file's own object says; an active one ends on its last day all the same."""


class PermitQuerySet(models.QuerySet["PermitRecord"]):
    """Questions asked of permits; every page begins with `visible_to`."""

    def visible_to(self, user: User) -> Self:
        """Keep the permits that `user` may read: those that name them; for officers, all."""
        found = self.select_related("item")
        if user.may("permit.read-any"):
            return found
        return found.naming(user)

    def naming(self, user: User) -> Self:
        """Keep the permits of which `user` is a person."""
        return self.filter(persons__subject=user.subject)

    def newest_first(self) -> Self:
        """Order from the last decision to the first."""
        return self.order_by("-granted_at", "-pk")


class PermitRecord(models.Model):
    """One version of a permit (EHDS art. 68): the signed bytes are it, the columns repeat them.

    An amendment or an extension signs another version, under its own number.

    The secure zone obeys the document alone; a change to a column here gives nothing to anybody.
    """

    number = models.CharField(max_length=24, unique=True)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="permits")
    item = models.OneToOneField(Item, on_delete=models.PROTECT, related_name="permit")
    data = models.BinaryField()
    digest = models.CharField(max_length=71, unique=True)
    opt_out_list_digest = models.CharField(max_length=71)
    granted_at = models.DateTimeField()
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    valid_from = models.DateField()
    valid_until = models.DateField()
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    revocation_reason = models.TextField(blank=True)
    revocation_digest = models.CharField(max_length=71, blank=True)

    objects = PermitQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="permit_ends_after_it_begins",
                condition=Q(valid_until__gte=F("valid_from")),
            ),
            models.CheckConstraint(
                name="permit_revoked_with_reasons",
                condition=Q(
                    revoked_at__isnull=True,
                    revoked_by__isnull=True,
                    revocation_reason="",
                    revocation_digest="",
                )
                | Q(
                    revoked_at__isnull=False,
                    revoked_by__isnull=False,
                    revocation_reason__gt="",
                    revocation_digest__gt="",
                ),
            ),
        )

    def __str__(self) -> str:
        return self.number

    def terms(self) -> documents.Permit:
        """Return what was signed."""
        return body_in(bytes(self.data), documents.Permit)

    def revocations(self) -> tuple[documents.Revocation, ...]:
        """Return the revocation of this permit, if there is one."""
        if self.revoked_at is None:
            return ()
        return (documents.Revocation(self.number, self.revoked_at, self.revocation_reason),)

    def suspensions(self) -> tuple[documents.Suspension, ...]:
        """Return the suspensions of this permit and their liftings, as signed, in order."""
        rows = OutgoingDocument.objects.filter(kind="Suspension", number=self.number)
        return tuple(body_of(row, documents.Suspension) for row in rows.order_by("sequence"))

    def withdrawals(self) -> tuple[permits.Withdrawal, ...]:
        """Return all that was signed to take this permit back, for ever or for now."""
        return (*self.revocations(), *self.suspensions())

    def state(self, *, today: date) -> State:
        """Return where the permit stands; a revoked permit stays so after its last day."""
        if self.revoked_at is not None:
            return State.REVOKED
        by_file = BY_FILE.get(self.item.state, State.ACTIVE)
        is_over = today > self.valid_until and by_file is not State.REPLACED
        return State.EXPIRED if is_over else by_file

    def names(self, user: User) -> bool:
        """Whether `user` is a person of this permit (EHDS art. 68(10)(d))."""
        return self.persons.filter(subject=user.subject).exists()


class OfferedTerms(models.Model):
    """The terms of a permit that is granted once its conditions are accepted (art. 68(10)(h)).

    `body` is `permits.terms.Terms`, `offered_by` who decided: what is signed then is this.
    """

    unit = models.OneToOneField(Item, on_delete=models.PROTECT, related_name="offered_terms")
    body = models.JSONField()
    offered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    offered_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.unit_id)

    def terms(self) -> Terms:
        """Return what was offered."""
        return cast(Terms, codec.decode(self.body, Terms))


class PermitPerson(models.Model):
    """A person named in the permit: who may read its file, order and download."""

    permit = models.ForeignKey(PermitRecord, on_delete=models.PROTECT, related_name="persons")
    subject = models.CharField(max_length=254, db_index=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("permit", "subject"), name="permit_person_once"),
        )

    def __str__(self) -> str:
        return self.subject
