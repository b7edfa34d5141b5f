"""The second proof: a role that reads citizens' requests opens no session by a password alone."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from ecluse.domain.errors import BadSignature, NotAllowed
from ecluse.domain.roles import Role
from ecluse.portal.accounts import second_factor
from ecluse.portal.accounts.models import RecoveryCode, SecondFactor, User
from ecluse.portal.audit.models import JournalEntry
from ecluse.trust import one_time_codes
from ecluse.trust.one_time_codes import STEP_SECONDS
from tests.sites import PASSWORD

Create = Callable[..., User]
NOW = timezone.now()
LATER = NOW + timedelta(seconds=2 * STEP_SECONDS)
PAGE = "/accounts/second-factor/"


def code(secret: bytes, *, at: object = NOW) -> str:
    """What the telephone shows."""
    return one_time_codes.code_at(secret, int(at.timestamp()) // STEP_SECONDS)  # type: ignore[attr-defined]


def set_up(user: User) -> tuple[bytes, tuple[str, ...]]:
    """Take the secret, give its first code: the secret, and the recovery codes."""
    secret = second_factor.begin(user)
    return secret, second_factor.confirm(user, code(secret), now=NOW)


def with_password(client: Client, user: User, **more: str) -> str:
    """Give the right password; where it leads."""
    given = {"email": user.email, "password": PASSWORD, **more}
    return client.post("/accounts/sign-in/", given)["Location"]


@pytest.mark.parametrize("role", [Role.OPT_OUT_DESK, Role.AUDITOR])
def test_a_password_alone_opens_no_session(account: Create, client: Client, role: Role) -> None:
    user = account(role)

    where = with_password(client, user)

    assert where == PAGE
    assert client.get("/accounts/profile/").status_code == 302
    assert not JournalEntry.objects.filter(action="account.signed_in").exists()


@pytest.mark.parametrize("role", [Role.DATA_USER, Role.CITIZEN, Role.DECIDER])
def test_other_roles_sign_in_as_before(account: Create, client: Client, role: Role) -> None:
    assert with_password(client, account(role)) == "/"


def test_the_policy_of_a_demonstration_asks_no_code(
    account: Create, client: Client, settings: Settings
) -> None:
    settings.ECLUSE_SECOND_FACTOR = False

    assert with_password(client, account(Role.OPT_OUT_DESK)) == "/"


def test_the_first_time_the_page_gives_the_secret_then_the_recovery_codes(
    account: Create, client: Client
) -> None:
    user = account(Role.OPT_OUT_DESK)
    with_password(client, user, next="/citizens/desk/")
    first = client.get(PAGE).content.decode()
    secret = second_factor.begin(user)

    answer = client.post(PAGE, {"code": code(secret, at=timezone.now())})

    assert one_time_codes.readable(secret) in first
    assert '<img src="data:image/svg+xml' in first
    codes = re.findall(r"<code>([0-9a-f]{16})</code>", answer.content.decode())
    assert len(set(codes)) == 10
    assert 'href="/citizens/desk/"' in answer.content.decode()
    assert client.get("/citizens/desk/").status_code == 200
    assert answer["Cache-Control"] == "private, no-store"


def test_afterwards_the_page_asks_a_code_and_shows_no_secret(
    account: Create, client: Client
) -> None:
    user = account(Role.OPT_OUT_DESK)
    secret, _ = set_up(user)
    with_password(client, user, next="/citizens/desk/")

    page = client.get(PAGE).content.decode()
    answer = client.post(PAGE, {"code": code(secret, at=timezone.now() + timedelta(seconds=30))})

    assert one_time_codes.readable(secret) not in page
    assert (answer.status_code, answer["Location"]) == (302, "/citizens/desk/")
    assert JournalEntry.objects.filter(action="account.signed_in").count() == 1


def test_a_wrong_code_opens_nothing(account: Create, client: Client) -> None:
    user = account(Role.OPT_OUT_DESK)
    set_up(user)
    with_password(client, user)

    answer = client.post(PAGE, {"code": "000000"})

    assert answer.status_code == 422
    assert client.get("/accounts/profile/").status_code == 302


def test_nobody_reaches_the_page_without_a_password(signers: object, client: Client) -> None:
    assert client.get(PAGE)["Location"] == "/accounts/sign-in/"


def test_a_password_given_too_long_ago_is_asked_again(account: Create, client: Client) -> None:
    user = account(Role.OPT_OUT_DESK)
    with_password(client, user)
    session = client.session
    waiting = session["second_factor"]
    session["second_factor"] = {**waiting, "until": (NOW - timedelta(seconds=1)).isoformat()}
    session.save()

    assert client.get(PAGE)["Location"] == "/accounts/sign-in/"


def test_a_code_seen_over_the_shoulder_does_not_count_again(account: Create) -> None:
    user = account(Role.OPT_OUT_DESK)
    secret, _ = set_up(user)
    second_factor.check(user, code(secret, at=LATER), now=LATER)

    with pytest.raises(NotAllowed):
        second_factor.check(user, code(secret, at=LATER), now=LATER)


def test_a_recovery_code_counts_once_and_for_its_account_alone(account: Create) -> None:
    user, other = account(Role.OPT_OUT_DESK), account(Role.AUDITOR)
    _, (first, *_others) = set_up(user)
    set_up(other)

    with pytest.raises(NotAllowed):
        second_factor.check(other, first, now=LATER)
    second_factor.check(user, f" {first.upper()} ", now=LATER)
    with pytest.raises(NotAllowed):
        second_factor.check(user, first, now=LATER)

    assert JournalEntry.objects.filter(action="second-factor.recovered").count() == 1


def test_five_wrong_codes_close_the_door_for_a_quarter_of_an_hour(
    account: Create, client: Client
) -> None:
    user = account(Role.OPT_OUT_DESK)
    secret, _ = set_up(user)
    with_password(client, user)
    answers = [client.post(PAGE, {"code": "000000"}).status_code for _ in range(5)]

    right = client.post(PAGE, {"code": code(secret, at=timezone.now() + timedelta(seconds=30))})

    assert answers == [422] * 5
    assert right.status_code == 422
    assert "attendez quinze minutes" in right.content.decode()


def test_a_secret_that_was_confirmed_is_shown_to_nobody(account: Create) -> None:
    user = account(Role.OPT_OUT_DESK)
    set_up(user)

    with pytest.raises(NotAllowed):
        second_factor.begin(user)


def test_the_operator_resets_it_for_who_lost_everything_and_the_journal_says_so(
    account: Create,
) -> None:
    user = account(Role.OPT_OUT_DESK)
    former, (recovery, *_) = set_up(user)

    second_factor.reset(user, by="operator", now=NOW)

    assert second_factor.begin(user) != former
    assert not RecoveryCode.objects.exists()
    assert JournalEntry.objects.filter(action="second-factor.reset", actor="operator").exists()
    with pytest.raises(NotAllowed):
        second_factor.check(user, recovery, now=NOW)


def test_an_administrator_of_the_database_reads_no_secret_and_moves_none(account: Create) -> None:
    user, other = account(Role.OPT_OUT_DESK), account(Role.AUDITOR)
    secret, codes = set_up(user)
    set_up(other)
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(t)::text FROM accounts_secondfactor t")
        rows = "".join(row[0] for row in cursor.fetchall())
        cursor.execute("SELECT row_to_json(t)::text FROM accounts_recoverycode t")
        rows += "".join(row[0] for row in cursor.fetchall())
    mine = SecondFactor.objects.get(account=user)
    SecondFactor.objects.filter(account=other).update(sealed=bytes(mine.sealed))

    with pytest.raises(BadSignature):
        second_factor.check(other, code(secret, at=LATER), now=LATER)

    assert secret.hex() not in rows
    assert not any(one in rows for one in codes)
