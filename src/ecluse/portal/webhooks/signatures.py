"""How a receiver knows that a call is ours: HMAC-SHA256 of its id, its instant and its body.

The headers and the text signed are those of the Standard Webhooks specification, so that the
libraries of any language verify them: `webhook-id`, `webhook-timestamp`, `webhook-signature`.

Source: standard-webhooks/standard-webhooks, spec/standard-webhooks.md (1.0.0).
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.conf import settings

PREFIX = "whsec_"
PURPOSE = b"ecluse.webhooks.secret\n"


def secret_of(salt: str) -> str:
    """The secret of a subscription, as it is shown once.

    It is derived from the secret of the site, so that a copy of the database alone signs nothing.
    """
    site = settings.SECRET_KEY.encode()
    key = hmac.digest(site, PURPOSE + salt.encode(), hashlib.sha256)
    return PREFIX + base64.b64encode(key).decode()


def headers(event_id: UUID, body: bytes, *, secret: str, now: datetime) -> Mapping[str, str]:
    """The headers of one call; `webhook-timestamp` is in whole seconds since 1970."""
    at = str(int(now.timestamp()))
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = b".".join((str(event_id).encode(), at.encode(), body))
    digest = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    return {
        "webhook-id": str(event_id),
        "webhook-timestamp": at,
        "webhook-signature": f"v1,{digest}",
    }
