"""The register of opt-outs in two times, by pseudonym: the number itself is never stored.

No row is removed, and of a row only the instant until which it was believed is ever written again:
the database refuses the rest. Nothing of a citizen's account is here, nor a receipt number in
clear: who can read the tables learns which pseudonyms are out, and no identity.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import connection, models

from ecluse.domain.documents import Basis
from ecluse.domain.optouts import Capacity, Cause, IdentifierKind, OptOutPeriod

LISTED = """
    SELECT opt_out_id FROM optouts_optout
    WHERE basis = %s AND from_at <= %s AND (until IS NULL OR until > %s)
        AND recorded_at <= %s AND (superseded_at IS NULL OR superseded_at > %s)
    GROUP BY opt_out_id ORDER BY opt_out_id COLLATE "C"
"""
"""Who is out under a basis at an instant, as known at another: in the order of the bytes."""


class Period(models.Func):
    """The instants between two, first included, last not (PostgreSQL `tstzrange`)."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class OptOutQuerySet(models.QuerySet["OptOut"]):
    """Who is out, without ever a name."""

    def believed(self) -> Self:
        """Keep what the register believes now."""
        return self.filter(superseded_at=None)

    def open_for(self, opt_out_ids: tuple[str, ...], basis: Basis) -> Self:
        """Keep the rows under which one of these identifiers is out and was not taken back."""
        return self.believed().filter(opt_out_id__in=opt_out_ids, basis=basis.value, until=None)

    def periods(self) -> Iterator[OptOutPeriod]:
        """Yield every row as the rules read it, a few at a time."""
        for one in self.iterator(chunk_size=10_000):
            yield OptOutPeriod(
                one.opt_out_id,
                one.from_at,
                one.until,
                one.recorded_at,
                one.superseded_at,
                Basis(one.basis),
            )

    def acts(self) -> Iterator[tuple[Cause, datetime]]:
        """Yield each declaration and reversal once, whatever its identifiers, and its instant."""
        found = self.exclude(cause=Cause.CORRECTED.value).order_by()
        for _, cause, at in found.values_list("declaration", "cause", "recorded_at").distinct():
            yield Cause(cause), at

    def lines(self, basis: Basis, *, as_of: datetime, known_at: datetime) -> Iterator[bytes]:
        """Yield the identifiers listed, one a line, sorted: blocks of bytes, straight from COPY."""
        values = (basis.value, as_of, as_of, known_at, known_at)
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY ({LISTED}) TO STDOUT", values) as rows,
        ):
            for block in rows:
                yield bytes(block)


class OptOut(models.Model):
    """One identifier out of secondary use during a period, as believed during another.

    `from_at`/`until`: when it holds. `recorded_at`/`superseded_at`: when this register believed
    it, written by an account of the role `recorded_by`, for `cause`. A `declaration` may concern
    several identifiers of one person; `receipt_digest` finds it by its receipt, with the third
    party's key. Two rows of one identifier and basis are never both in force and believed.
    """

    declaration = models.UUIDField(db_index=True)
    receipt_digest = models.CharField(max_length=64, db_index=True)
    opt_out_id = models.CharField(max_length=80)
    basis = models.CharField(
        max_length=16, choices=[(one.value, one.value) for one in Basis], default=Basis.EHDS.value
    )
    identifier = models.CharField(
        max_length=12, choices=[(one.value, one.value) for one in IdentifierKind]
    )
    capacity = models.CharField(max_length=20, choices=[(one.value, one.value) for one in Capacity])
    from_at = models.DateTimeField()
    until = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=20)
    cause = models.CharField(max_length=12, choices=[(one.value, one.value) for one in Cause])
    superseded_at = models.DateTimeField(null=True)

    objects = OptOutQuerySet.as_manager()

    class Meta:
        indexes = (
            # The exclusion below has an index too, which answers no list of identifiers.
            models.Index(
                fields=("opt_out_id",),
                condition=models.Q(superseded_at=None),
                name="optout_believed_of_person",
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(until=None) | models.Q(until__gte=models.F("from_at")),
                name="optout_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=models.Q(superseded_at=None)
                | models.Q(superseded_at__gte=models.F("recorded_at")),
                name="optout_believed_after_it_is_recorded",
            ),
            ExclusionConstraint(
                name="optout_one_at_a_time",
                expressions=[
                    ("opt_out_id", RangeOperators.EQUAL),
                    ("basis", RangeOperators.EQUAL),
                    (Period("from_at", "until"), RangeOperators.OVERLAPS),
                    (Period("recorded_at", "superseded_at"), RangeOperators.OVERLAPS),
                ],
            ),
        )

    def __str__(self) -> str:
        return f"{self.basis} {self.cause}"


class Question(models.Model):
    """A question to the secure zone about one person, who is not told here, and its sealed answer.

    `reply_key` opens the answer; it is itself sealed with the third party's key. So is `refusal`:
    of a receipt, the right that it is for and when that held, to judge the answer by. In clear, its
    instants would lead from whoever asked to an entry of the register.
    """

    number = models.CharField(max_length=24, unique=True)
    asked_at = models.DateTimeField(db_index=True)
    digest = models.CharField(max_length=71, unique=True)
    reply_key = models.TextField()
    refusal = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.number
