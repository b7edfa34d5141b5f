"""Who may do nothing on a file, not even read it, because they have an interest in it."""

from __future__ import annotations

from django.db import models

SUBJECT_LENGTH = 254


class Recusal(models.Model):
    """Somebody declared an interest in a file: for them it does not exist any more, for ever.

    It says nothing of the interest: that is written where it was declared. Source: EHDS art.
    55(4) and 55(5); code des relations entre le public et l'administration art. R133-12.
    """

    case = models.ForeignKey("cases.CaseRecord", on_delete=models.PROTECT, related_name="recusals")
    subject = models.CharField(max_length=SUBJECT_LENGTH, db_index=True)
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("case", "subject"), name="recusal_once"),)

    def __str__(self) -> str:
        return f"{self.case_id} {self.at:%Y-%m-%d}"
