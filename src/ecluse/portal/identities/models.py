"""Which account was shown to bear which number, told by keyed digests; and attempts, counted."""

from typing import Final

from django.conf import settings
from django.db import models

DOMAIN: Final = "citizen.invalid"
"""No mail reaches the accounts of citizens: their names are only digests."""


class Binding(models.Model):
    """An account and a number, found true together: neither is told to who reads the table.

    `digest` needs the third party's key and the number itself, which is kept nowhere.
    """

    account = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="binding"
    )
    digest = models.CharField(max_length=64)
    bound_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.account_id} {self.bound_at:%Y-%m-%d}"


class Tried(models.Model):
    """Something that may be tried so often, by a keyed fingerprint of who tried."""

    fingerprint = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)

    class Meta:
        indexes = (models.Index(fields=("fingerprint", "at"), name="tried_recently"),)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"
