"""Opt-outs by pseudonym of the national number: the number itself is never stored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models

from ecluse.domain.optouts import OptOutPeriod


class Period(models.Func):
    """The instants of an opt-out, first included, last not (PostgreSQL `tstzrange`)."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class OptOutQuerySet(models.QuerySet["OptOut"]):
    """Who is out, without ever a name."""

    def open_for(self, opt_out_id: str) -> Self:
        """Keep the opt-out of this person that was not taken back."""
        return self.filter(opt_out_id=opt_out_id, until=None)

    def periods(self) -> Iterator[OptOutPeriod]:
        """Yield every period as the rules read it."""
        for identifier, from_, until in self.values_list("opt_out_id", "from_at", "until"):
            yield OptOutPeriod(identifier, from_, until)


class OptOut(models.Model):
    """One period during which a person was out of secondary use (EHDS art. 71).

    `from_at`/`until`: when it holds. `recorded_at`, `reversed_at`: when this register learnt it,
    and by an account of which role. Two periods of one person never overlap.
    """

    receipt_number = models.CharField(max_length=24, unique=True)
    opt_out_id = models.CharField(max_length=64, db_index=True)
    from_at = models.DateTimeField()
    until = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=20)
    reversed_at = models.DateTimeField(null=True)
    reversed_by = models.CharField(max_length=20, blank=True)

    objects = OptOutQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(until=None) | models.Q(until__gte=models.F("from_at")),
                name="optout_ends_after_it_begins",
            ),
            ExclusionConstraint(
                name="optout_one_at_a_time",
                expressions=[
                    ("opt_out_id", RangeOperators.EQUAL),
                    (Period("from_at", "until"), RangeOperators.OVERLAPS),
                ],
            ),
        )

    def __str__(self) -> str:
        return self.receipt_number
