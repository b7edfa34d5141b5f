from datetime import datetime, timedelta

import jwt
import pytest

from ecluse.domain.errors import NotAllowed
from ecluse.trust.keys import Keyring
from ecluse.trust.tokens import make_token, verify_token
from tests.unit.trust.build import AGENT, KEYRING, NOW, PORTAL

SITE = "http://127.0.0.1:8000"
SECOND = timedelta(seconds=1)


def signed(*, key: object = AGENT.private, algorithm: str = "EdDSA", **changes: object) -> str:
    """A token with the claims of a true one, but for `changes`; None removes a claim."""
    issued = int(NOW.timestamp())
    claims = {
        "iss": "agent:zone-1",
        "aud": SITE,
        "iat": issued,
        "exp": issued + 60,
        "jti": "1",
    } | changes
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(kept, key, algorithm=algorithm, headers={"kid": AGENT.key_id})


def test_a_token_names_the_agent_and_a_number_used_once() -> None:
    first = verify_token(make_token(AGENT, audience=SITE, now=NOW), KEYRING, audience=SITE, now=NOW)
    second = verify_token(
        make_token(AGENT, audience=SITE, now=NOW), KEYRING, audience=SITE, now=NOW
    )

    assert (first.agent, first.key_id) == ("agent:zone-1", AGENT.key_id)
    assert first.jti != second.jti
    assert first.forget_at == NOW + 90 * SECOND


@pytest.mark.parametrize("now", [NOW - 30 * SECOND, NOW + 89 * SECOND], ids=["slow", "fast"])
def test_clocks_may_differ_by_half_a_minute(now: datetime) -> None:
    token = make_token(AGENT, audience=SITE, now=NOW)

    assert verify_token(token, KEYRING, audience=SITE, now=now).agent == "agent:zone-1"


@pytest.mark.parametrize("now", [NOW - 31 * SECOND, NOW + 90 * SECOND], ids=["early", "late"])
def test_a_token_of_another_minute_is_refused(now: datetime) -> None:
    token = make_token(AGENT, audience=SITE, now=NOW)

    with pytest.raises(NotAllowed, match="not of this minute"):
        verify_token(token, KEYRING, audience=SITE, now=now)


def test_a_token_for_another_site_is_refused() -> None:
    token = make_token(AGENT, audience="http://127.0.0.1:8001", now=NOW)

    with pytest.raises(NotAllowed, match="InvalidAudience"):
        verify_token(token, KEYRING, audience=SITE, now=NOW)


def test_only_agents_open_the_mailbox() -> None:
    token = make_token(PORTAL, audience=SITE, now=NOW)

    with pytest.raises(NotAllowed, match="not an agent"):
        verify_token(token, KEYRING, audience=SITE, now=NOW)


@pytest.mark.parametrize(
    "keyring",
    [
        Keyring(),
        KEYRING.revoked(AGENT.key_id, NOW),
        KEYRING.retired(AGENT.key_id, NOW - SECOND),
    ],
    ids=["absent", "revoked", "retired"],
)
def test_a_key_no_longer_believed_opens_nothing(keyring: Keyring) -> None:
    token = make_token(AGENT, audience=SITE, now=NOW)

    with pytest.raises(NotAllowed):
        verify_token(token, keyring, audience=SITE, now=NOW)


@pytest.mark.parametrize(
    "token",
    [
        "",
        "a.b.c",
        signed(key=PORTAL.private),
        signed(key="k" * 32, algorithm="HS256"),
        signed(key=None, algorithm="none"),
        signed(exp=int(NOW.timestamp()) + 61),
        signed(exp=10**30, iat=10**30 - 1),
        signed(exp=True),
        signed(iat=1.5),
        signed(exp=int(NOW.timestamp())),
        signed(exp=None),
        signed(jti=None),
        signed(iss=None),
        signed(role="admin"),
    ],
)
def test_a_forged_or_unusual_token_is_refused(token: str) -> None:
    with pytest.raises(NotAllowed):
        verify_token(token, KEYRING, audience=SITE, now=NOW)
