"""How often a secret may be tried: counted before it is read, so that parallel tries count too."""

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from ecluse.domain.errors import NotAllowed
from ecluse.portal.accounts.models import SignInFailure

FAILURES_ALLOWED: Final = 10
LOCK_TIME: Final = timedelta(minutes=15)
FAILURES_KEPT: Final = timedelta(days=1)


@transaction.atomic
def count_attempt(who: str, *, now: datetime, most: int = FAILURES_ALLOWED) -> None:
    """Count one more try of `who`. Raises NotAllowed: `most` failed within fifteen minutes."""
    fingerprint = _fingerprint(who)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [fingerprint])
    SignInFailure.objects.filter(at__lt=now - FAILURES_KEPT).delete()
    recent = SignInFailure.objects.filter(fingerprint=fingerprint, at__gt=now - LOCK_TIME)
    if recent.count() >= most:
        raise NotAllowed(_("Trop d’essais : attendez quinze minutes, puis recommencez."))
    SignInFailure.objects.create(fingerprint=fingerprint, at=now)


def forget_attempts(who: str) -> None:
    """Forget the tries of `who`, who succeeded."""
    SignInFailure.objects.filter(fingerprint=_fingerprint(who)).delete()


def _fingerprint(who: str) -> str:
    """A keyed fingerprint: neither e-mail nor address can be read back."""
    return hmac.digest(settings.SECRET_KEY.encode(), who.encode(), hashlib.sha256).hex()
