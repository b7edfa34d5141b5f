"""Codes of a telephone: the vectors of RFC 6238, a clock that drifts, a code shown again."""

from datetime import UTC, datetime, timedelta

import pytest

from ecluse.trust import one_time_codes

SECRET = b"12345678901234567890"
"""The secret of RFC 6238, appendix B, for HMAC-SHA-1."""
NOW = datetime(2005, 3, 18, 1, 58, 29, tzinfo=UTC)
"""1111111109 seconds after 1970."""
STEP = 1111111109 // 30


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    assert one_time_codes.code_at(SECRET, seconds // 30) == code[-6:]


def test_a_clock_half_a_minute_away_is_accepted_and_two_minutes_are_not() -> None:
    late, later = NOW + timedelta(seconds=30), NOW + timedelta(minutes=2)

    found = [
        one_time_codes.step_of(SECRET, "081804", now=now, after=0) for now in (NOW, late, later)
    ]

    assert found == [STEP, STEP, None]


def test_a_code_that_was_accepted_is_not_accepted_again() -> None:
    assert one_time_codes.step_of(SECRET, "081804", now=NOW, after=STEP) is None


def test_an_application_reads_the_secret_from_its_address() -> None:
    found = one_time_codes.address(SECRET, account="a@hub.example", issuer="Hub d’État")

    assert found == (
        "otpauth://totp/Hub%20d%E2%80%99%C3%89tat%3Aa%40hub.example"
        "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Hub+d%E2%80%99%C3%89tat"
    )
