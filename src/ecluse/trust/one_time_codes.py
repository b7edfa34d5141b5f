"""Codes that change every thirty seconds, from a secret shared with a telephone.

Source: RFC 6238 (TOTP) over RFC 4226 (HOTP): HMAC-SHA-1, six digits, as every application reads.
"""

import base64
import hmac
import secrets
from datetime import datetime
from typing import Final
from urllib.parse import quote, urlencode

SECRET_BYTES: Final = 20
STEP_SECONDS: Final = 30
DIGITS: Final = 6
DRIFT: Final = 1
"""Steps before and after the present one that are accepted: clocks differ."""


def draw_secret() -> bytes:
    """Return a new secret."""
    return secrets.token_bytes(SECRET_BYTES)


def code_at(secret: bytes, step: int) -> str:
    """Return the code of a step: the seconds since 1970 over thirty."""
    digest = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    place = digest[-1] & 15
    number = int.from_bytes(digest[place : place + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def step_of(secret: bytes, code: str, *, now: datetime, after: int) -> int | None:
    """Return the step whose code this is, later than `after`: each is accepted once; else None."""
    present = int(now.timestamp()) // STEP_SECONDS
    for step in range(max(present - DRIFT, after + 1), present + DRIFT + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), code.encode()):
            return step
    return None


def readable(secret: bytes) -> str:
    """Return the secret as a person types it: base32."""
    return base64.b32encode(secret).decode()


def address(secret: bytes, *, account: str, issuer: str) -> str:
    """Return the `otpauth:` address that an application opens."""
    query = urlencode({"secret": readable(secret), "issuer": issuer})
    return f"otpauth://totp/{quote(f'{issuer}:{account}')}?{query}"
