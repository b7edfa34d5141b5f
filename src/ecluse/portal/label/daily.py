"""What time brings to labels: those past their last day end."""

from datetime import date, datetime

from django.db import transaction

from ecluse.domain.metadata.label import State
from ecluse.portal.label import actions
from ecluse.portal.label.models import QualityLabel


def expire_labels(*, now: datetime, today: date) -> int:
    """End the labels whose last day has passed, and return how many; nothing twice."""
    found = QualityLabel.objects.filter(state=State.GRANTED, expires_on__lt=today).order_by("pk")
    for label in found:
        with transaction.atomic():
            actions.expire(label, now=now)
    return len(found)
