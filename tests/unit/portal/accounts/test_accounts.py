"""Accounts: created with compatible roles, signed in with care, locked after ten failures."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.roles import INCOMPATIBLE, Role
from ecluse.portal.accounts import actions
from ecluse.portal.accounts.models import AccountRole, SignInFailure, User
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.site.settings import both
from tests.sites import PASSWORD, Signers

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ADDRESS = "192.0.2.7"
Create = Callable[..., User]


def fail(email: str, times: int, *, at: datetime = NOON, address: str = ADDRESS) -> list[str]:
    """What a visitor is told at each of so many sign-ins with a wrong password."""
    return [one_failure(email, at=at, address=address) for _ in range(times)]


def one_failure(email: str, *, at: datetime = NOON, address: str = ADDRESS) -> str:
    """What a visitor is told at a sign-in with a wrong password."""
    with pytest.raises(NotAllowed) as refused:
        actions.sign_in(email, "wrong", address=address, now=at)
    return str(refused.value)


def test_an_account_has_its_roles_and_two_kinds_of_journal_lines(account: Create) -> None:
    user = account(Role.DATA_USER, email="Camille@Univ.example")

    assert (user.subject, user.roles()) == ("camille@univ.example", {Role.DATA_USER})
    assert list(JournalEntry.objects.order_by("sequence").values_list("action", flat=True)) == [
        "role.granted",
        "account.created",
    ]


def test_an_e_mail_has_one_account_however_it_is_written(account: Create) -> None:
    account(email="camille@univ.example")

    with pytest.raises(InvalidInput, match="existe déjà"):
        account(email="CAMILLE@univ.example ")


@pytest.mark.parametrize("password", ["short", "motdepasse", "123456789012"])
def test_a_weak_password_is_refused(signers: Signers, password: str) -> None:
    with pytest.raises(InvalidInput):
        actions.create_account(
            "a@hub.example",
            full_name="A",
            organisation="Hub",
            roles=[],
            password=password,
            by="set-up",
        )

    assert User.objects.get_queryset().count() == 0


def test_incompatible_roles_make_no_account_at_all(account: Create) -> None:
    with pytest.raises(NotAllowed, match="55"):
        account(Role.ASSESSOR, Role.CHECKER)

    assert User.objects.get_queryset().count() == 0
    assert JournalEntry.objects.count() == 0


@pytest.mark.parametrize(
    "pair", sorted(INCOMPATIBLE, key=sorted), ids=lambda p: "+".join(sorted(p))
)
def test_the_database_itself_refuses_two_incompatible_roles(
    account: Create, pair: frozenset[Role]
) -> None:
    first, second = sorted(pair)
    user = account(first)

    with pytest.raises(IntegrityError), transaction.atomic():
        AccountRole.objects.create(account=user, role=second.value)

    assert AccountRole.objects.get().role == first.value


def test_two_persons_may_hold_the_roles_that_one_may_not(account: Create) -> None:
    assert account(Role.ASSESSOR).roles() == {Role.ASSESSOR}
    assert account(Role.CHECKER).roles() == {Role.CHECKER}


def test_a_role_taken_back_makes_room_for_another(account: Create) -> None:
    user = account(Role.ASSESSOR)

    actions.revoke_role(user, Role.ASSESSOR, by="set-up")
    actions.grant_role(user, Role.DECIDER, by="set-up")

    assert user.roles() == {Role.DECIDER}


def test_the_right_password_signs_in_and_is_journalled(account: Create) -> None:
    user = account(Role.DATA_USER)

    found = actions.sign_in(user.email.upper(), PASSWORD, address=ADDRESS, now=NOON)

    assert found == user
    assert JournalEntry.objects.newest_first()[0].action == "account.signed_in"


def test_the_account_and_sign_in_of_a_citizen_name_nobody_in_the_journal(account: Create) -> None:
    user = account(Role.CITIZEN, email="jeanne.petit@citizen.example")

    actions.sign_in(user.email, PASSWORD, address=ADDRESS, now=NOON)

    journal = b"".join(bytes(entry.body) for entry in JournalEntry.objects.all())
    assert b"account.signed_in" in journal
    assert b"jeanne" not in journal


def test_the_same_words_answer_a_wrong_password_and_an_unknown_account(account: Create) -> None:
    account(email="known@hub.example")

    assert fail("known@hub.example", 12) == fail("unknown@hub.example", 12)


def test_ten_failures_lock_even_the_right_password_for_fifteen_minutes(account: Create) -> None:
    user = account(Role.DATA_USER)
    fail(user.email, 10)

    with pytest.raises(NotAllowed, match="quinze minutes"):
        actions.sign_in(user.email, PASSWORD, address=ADDRESS, now=NOON + timedelta(minutes=14))

    later = NOON + timedelta(minutes=15)
    assert actions.sign_in(user.email, PASSWORD, address=ADDRESS, now=later) == user


def test_nine_failures_do_not_lock_and_a_success_forgets_them(account: Create) -> None:
    user = account(Role.DATA_USER)
    fail(user.email, 9)

    actions.sign_in(user.email, PASSWORD, address=ADDRESS, now=NOON)

    assert SignInFailure.objects.count() == 0


def test_a_lock_holds_one_address_and_one_account_only(account: Create) -> None:
    user = account(Role.DATA_USER)
    fail(user.email, 10)

    assert actions.sign_in(user.email, PASSWORD, address="192.0.2.8", now=NOON) == user


def test_failures_keep_neither_the_e_mail_nor_the_address(account: Create) -> None:
    one_failure("camille@univ.example")

    kept = SignInFailure.objects.get().fingerprint

    assert len(kept) == 64
    assert "camille" not in kept


def test_an_account_that_is_closed_does_not_sign_in(account: Create) -> None:
    user = account(Role.DATA_USER)
    user.is_active = False
    user.save()

    assert "n’est pas le bon" in one_failure(user.email)


def test_only_oneself_and_the_auditor_see_an_account(account: Create) -> None:
    camille, victor = account(Role.DATA_USER), account(Role.AUDITOR)

    assert list(User.objects.get_queryset().visible_to(camille)) == [camille]
    assert set(User.objects.get_queryset().visible_to(victor)) == {camille, victor}


def test_the_page_signs_in_then_goes_where_one_was_going(account: Create, client: Client) -> None:
    user = account(Role.ASSESSOR)

    answer = client.post(
        "/accounts/sign-in/", {"email": user.email, "password": PASSWORD, "next": "/cases/"}
    )

    assert (answer.status_code, answer["Location"]) == (302, "/cases/")
    assert client.get("/cases/").status_code == 200


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil"]
)
def test_the_page_never_sends_to_another_site(
    account: Create, client: Client, elsewhere: str
) -> None:
    user = account(Role.ASSESSOR)

    answer = client.post(
        "/accounts/sign-in/", {"email": user.email, "password": PASSWORD, "next": elsewhere}
    )

    assert answer["Location"] == "/"


def test_a_session_ends_twelve_hours_after_the_sign_in_whatever_happens(
    account: Create, client: Client
) -> None:
    user = account(Role.ASSESSOR)
    client.post("/accounts/sign-in/", {"email": user.email, "password": PASSWORD})
    planned = client.session.get_expiry_date()
    session = client.session
    session["something"] = "new"
    session.save()

    assert client.session.get_expiry_date() == planned
    assert planned - timezone.now() <= timedelta(hours=12)


def test_signing_out_ends_the_session(account: Create, client: Client) -> None:
    client.force_login(account(Role.AUDITOR))

    client.post("/accounts/sign-out/")

    assert client.get("/journal/").status_code == 302


def test_a_wrong_password_is_told_on_the_page_and_never_shown_again(
    account: Create, client: Client
) -> None:
    answer = client.post(
        "/accounts/sign-in/", {"email": "a@hub.example", "password": "s3cret-typed"}
    )

    assert answer.status_code == 422
    assert "s3cret-typed" not in answer.content.decode()
    assert "n’est pas le bon" in answer.content.decode()


def test_the_demonstration_shows_its_accounts_without_any_password(
    account: Create, client: Client, settings: Settings
) -> None:
    account(Role.DATA_USER, email="camille@univ.example")
    settings.ECLUSE_DEMO = True

    page = client.get("/accounts/sign-in/").content.decode()

    assert "camille@univ.example" in page
    assert PASSWORD not in page


def test_a_real_site_shows_no_account(account: Create, client: Client) -> None:
    account(Role.DATA_USER, email="camille@univ.example")

    assert "camille@univ.example" not in client.get("/accounts/sign-in/").content.decode()


def test_passwords_are_stored_with_argon2() -> None:
    assert both.PASSWORD_HASHERS == ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    assert settings.AUTH_USER_MODEL == "accounts.User"


def test_sessions_that_ended_are_forgotten_at_the_next_sign_in(
    account: Create, client: Client
) -> None:
    client.force_login(account(Role.CITIZEN))
    Session.objects.update(expire_date=NOON - timedelta(seconds=1))
    account(email="camille@univ.example")

    actions.sign_in("camille@univ.example", PASSWORD, address=ADDRESS, now=NOON)

    assert Session.objects.count() == 0
