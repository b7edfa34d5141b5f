"""GA4GH visas: a permit in force says, in a signed token, that its person may reach a dataset.

A visa only tells what the permit gives; the secure zone obeys the signed permit, never a visa.

Source: GA4GH Passport 1.2 (`ControlledAccessGrants`), AAI OIDC profile 1.2 (RS256, `jku`, `kid`).
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import jwt
from django.conf import settings

from ecluse.domain.clocks.calendars import CALENDARS
from ecluse.portal.accounts.models import User
from ecluse.portal.api.visa_keys import ALGORITHM, VisaKey, visa_key
from ecluse.portal.permits.models import PermitRecord, State

LIFE: Final = timedelta(days=365)
"""How long a visa is believed when the permit lasts longer; a revoked permit gives no new one."""
TYPE: Final = "ControlledAccessGrants"
BY: Final = "dac"


@dataclass(frozen=True, slots=True)
class Grant:
    """Who may reach what, since when, until which instant (excluded); None without an end."""

    subject: str
    resource: str
    since: datetime
    until: datetime | None


def issuer() -> str:
    """The name under which this site issues visas: its address, with a slash."""
    return f"{settings.ECLUSE_URL}/"


def claims(grant: Grant, *, issuer: str, now: datetime) -> dict[str, Any]:
    """What a visa says; instants in whole seconds since 1970."""
    ends_at = min(now + LIFE, grant.until) if grant.until else now + LIFE
    return {
        "iss": issuer,
        "sub": grant.subject,
        "iat": int(now.timestamp()),
        "exp": int(ends_at.timestamp()),
        "ga4gh_visa_v1": {
            "type": TYPE,
            "value": grant.resource,
            "source": issuer,
            "by": BY,
            "asserted": int(grant.since.timestamp()),
        },
    }


def sign(said: dict[str, Any], key: VisaKey) -> str:
    """Return the visa as a token; its header says where the public key is."""
    headers = {"kid": key.key_id, "jku": f"{said['iss']}api/jwk"}
    return jwt.encode(said, key.private, algorithm=ALGORITHM, headers=headers)


def passport(user: User, *, now: datetime) -> list[str]:
    """The visas of an account: one for each dataset of each permit in force that names it."""
    key = visa_key()
    return [sign(claims(one, issuer=issuer(), now=now), key) for one in grants(user, now=now)]


def grants(user: User, *, now: datetime) -> list[Grant]:
    """What the permits in force give to an account, the first granted first."""
    records = PermitRecord.objects.naming(user).order_by("granted_at", "pk")
    return [
        Grant(user.subject, resource(given.dataset), record.granted_at, ends_at(record))
        for record in records
        if is_in_force(record, now=now)
        for given in record.terms().datasets
    ]


def is_in_force(record: PermitRecord, *, now: datetime) -> bool:
    """Whether a permit has begun and is neither over nor revoked."""
    today = CALENDARS[settings.ECLUSE_CALENDAR].day(now)
    return record.valid_from <= today and record.state(today=today) is State.ACTIVE


def ends_at(record: PermitRecord) -> datetime:
    """The instant when the last day of a permit is over."""
    after = record.valid_until + timedelta(days=1)
    zone = ZoneInfo(CALENDARS[settings.ECLUSE_CALENDAR].zone)
    return datetime.combine(after, time(), tzinfo=zone).astimezone(UTC)


def resource(slug: str) -> str:
    """The name of a dataset for the other sides: its address in the catalogue."""
    return f"{settings.ECLUSE_URL}/catalogue/{slug}/"
