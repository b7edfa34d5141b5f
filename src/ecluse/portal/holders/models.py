"""Data holders, the calls made to them, the files that they supplied, the evidence of delay."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from ecluse.domain.documents import TableScope
from ecluse.domain.machines.holder_call import OPEN
from ecluse.portal.accounts.models import User
from ecluse.portal.applications import scope
from ecluse.portal.cases.models import SUBJECT, Item, Lapse
from ecluse.portal.catalogue.models import Dataset
from ecluse.portal.permits.models import PermitRecord

DIGEST = 71


class HolderQuerySet(models.QuerySet["Holder"]):
    """Questions asked of data holders."""

    def speaking(self, user: User) -> Self:
        """Keep the holders in whose name `user` acts."""
        return self.filter(persons__subject=user.subject).distinct()


class Holder(models.Model):
    """A health data holder (EHDS art. 2(2)(t)): who must supply the datasets that it holds.

    `opening_key` (base64url): the public half of its pair, where it leaves people out at source.
    """

    slug = models.SlugField(unique=True, max_length=60)
    name = models.CharField(max_length=200, unique=True)
    legal_id = models.CharField(max_length=20, blank=True)
    email = models.EmailField()
    opening_key = models.CharField(max_length=64, blank=True)
    datasets = models.ManyToManyField(Dataset, related_name="holders")

    objects = HolderQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    def has(self, user: User) -> bool:
        """Whether `user` acts in the name of this holder."""
        return self.persons.filter(subject=user.subject).exists()


class HolderPerson(models.Model):
    """Somebody who acts in the name of a holder, by the subject of their account."""

    holder = models.ForeignKey(Holder, on_delete=models.CASCADE, related_name="persons")
    subject = models.CharField(max_length=SUBJECT, db_index=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("holder", "subject"), name="holder_person_once"),
        )

    def __str__(self) -> str:
        return self.subject


class HolderCallQuerySet(models.QuerySet["HolderCall"]):
    """Questions asked of calls; every page begins with `visible_to`."""

    def visible_to(self, user: User) -> Self:
        """Keep the calls that `user` may read: officers all; holders and persons, their own."""
        if user.may("permit.read-any"):
            return self
        mine = Q(holder__persons__subject=user.subject)
        return self.filter(mine | Q(permit__persons__subject=user.subject)).distinct()

    def open(self) -> Self:
        """Keep the calls whose data are still awaited."""
        return self.filter(item__state__in=OPEN)

    def newest_first(self) -> Self:
        """Order from the last request to the first."""
        return self.order_by("-asked_at", "-pk")


class HolderCall(models.Model):
    """What one holder is asked to supply under a permit: its state and clocks are those of `item`.

    It says which tables and which care period, under which permit; of the study, nothing: neither
    its purpose nor its persons (EHDS art. 60(2), 68(7)).
    """

    number = models.CharField(max_length=40, unique=True)
    item = models.OneToOneField(Item, on_delete=models.PROTECT, related_name="holder_call")
    permit = models.ForeignKey(PermitRecord, on_delete=models.PROTECT, related_name="calls")
    holder = models.ForeignKey(Holder, on_delete=models.PROTECT, related_name="calls")
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="calls")
    tables = models.JSONField()
    care_from = models.DateField()
    care_to = models.DateField()
    instructions = models.TextField(blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField()

    objects = HolderCallQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="holder_call_period_in_order", condition=Q(care_to__gte=F("care_from"))
            ),
        )

    def __str__(self) -> str:
        return self.number

    def scopes(self) -> tuple[TableScope, ...]:
        """The tables and columns asked."""
        return scope.read_tables(self.tables)

    def lot(self) -> int:
        """The rank of the last declaration of files; 0 before the first."""
        return self.files.aggregate(last=models.Max("lot"))["last"] or 0

    def last_files(self) -> models.QuerySet[SuppliedFile]:
        """The files that the holder declared last."""
        return self.files.filter(lot=self.lot()).order_by("name")


class SentList(models.Model):
    """The opt-outs of the decision that a holder applies at source, and when it said that it did.

    `data` is the signed document, `digest` its digest; `list_digest` is that of the whole list.
    """

    call = models.OneToOneField(HolderCall, on_delete=models.PROTECT, related_name="sent_list")
    digest = models.CharField(max_length=DIGEST, unique=True)
    list_digest = models.CharField(max_length=DIGEST)
    data = models.BinaryField()
    sent_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="sent_list_applied_by_somebody",
                condition=Q(applied_at__isnull=True, applied_by__isnull=True)
                | Q(applied_at__isnull=False, applied_by__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return self.digest


class SuppliedFile(models.Model):
    """The receipt of a file put at the disposal of this hub: its name, size and digest.

    The bytes go to the delivery folder of the lake, never to this site. `is_confirmed` is None
    until the hub has compared what arrived.
    """

    NAME_LENGTH = 120

    call = models.ForeignKey(HolderCall, on_delete=models.PROTECT, related_name="files")
    lot = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=NAME_LENGTH)
    octets = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=DIGEST)
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    declared_at = models.DateTimeField()
    is_confirmed = models.BooleanField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("call", "lot", "name"), name="supplied_file_once"),
            models.CheckConstraint(name="supplied_file_holds_something", condition=Q(octets__gt=0)),
            models.CheckConstraint(
                name="supplied_file_digest_form",
                condition=Q(digest__regex=r"^sha256:[0-9a-f]{64}$"),
            ),
        )

    def __str__(self) -> str:
        return self.name


class DelayEvidence(models.Model):
    """The evidence that a holder was late, frozen the day it was seen. Source: EHDS art. 63(4).

    `body` is canonical JSON; its digest stands in the journal.
    """

    call = models.ForeignKey(HolderCall, on_delete=models.PROTECT, related_name="evidence")
    lapse = models.OneToOneField(Lapse, on_delete=models.PROTECT, related_name="delay_evidence")
    body = models.BinaryField()
    digest = models.CharField(max_length=DIGEST, unique=True)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.call_id} {self.digest}"
