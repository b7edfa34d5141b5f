"""How often something may be tried: counted before it is done, so that parallel ones count too."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import connection, transaction

from ecluse.portal.identities.models import Tried


@dataclass(frozen=True, slots=True)
class Limit:
    """So many tries of one thing within a time."""

    what: str
    most: int
    within: timedelta


NUMBERS: Final = Limit("number", 20, timedelta(days=1))
"""National numbers that one account may give."""
RECEIPTS: Final = Limit("receipt", 30, timedelta(minutes=1))
"""Receipt numbers that one address may ask about."""
QUESTIONS: Final = Limit("question", 3, timedelta(days=1))
"""Questions to the secure zone that one account may ask."""
LONGEST: Final = timedelta(days=1)


@transaction.atomic
def is_within(limit: Limit, who: str, *, now: datetime) -> bool:
    """Count one more try of `who`; whether it is still allowed."""
    key = settings.SECRET_KEY.encode()
    fingerprint = hmac.digest(key, f"{limit.what}\n{who}".encode(), hashlib.sha256).hex()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [fingerprint])
    Tried.objects.filter(at__lte=now - LONGEST).delete()
    recent = Tried.objects.filter(fingerprint=fingerprint, at__gt=now - limit.within)
    if recent.count() >= limit.most:
        return False
    Tried.objects.create(fingerprint=fingerprint, at=now)
    return True
