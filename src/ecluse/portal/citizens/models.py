"""What is kept beside the register: the receipts that an account made, proofs seen at the desk.

Each is sealed with the third party's key: who reads these tables learns no number, and cannot tell
which entry of the register an account made.
"""

from django.conf import settings
from django.db import models

from ecluse.domain.citizens import Channel, ProofKind
from ecluse.portal.lives.models import Matter


class KeptReceipt(models.Model):
    """A receipt that an account made for somebody else, to find it again in another session."""

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="kept_receipts"
    )
    sealed = models.TextField()
    kept_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.account_id} {self.kept_at:%Y-%m-%d}"


class Requester(models.Model):
    """Whom a request under the GDPR is about: a pseudonym, sealed for that request alone."""

    matter = models.OneToOneField(Matter, on_delete=models.PROTECT, related_name="requester")
    sealed = models.TextField()

    def __str__(self) -> str:
        return str(self.matter_id)


class Proof(models.Model):
    """What the desk saw before it recorded a choice: its kind and its reference, not a copy.

    `receipt_digest` finds it by its receipt, with the third party's key; so does `sealed` open.
    """

    receipt_digest = models.CharField(max_length=64, db_index=True)
    channel = models.CharField(max_length=12, choices=[(one.value, one.value) for one in Channel])
    kind = models.CharField(max_length=20, choices=[(one.value, one.value) for one in ProofKind])
    sealed = models.TextField()
    seen_at = models.DateTimeField()
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="proofs_seen"
    )

    def __str__(self) -> str:
        return f"{self.channel} {self.kind}"
