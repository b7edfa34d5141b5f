"""Make, open and revoke tokens; count what they ask for; the persons of a partner portal."""

import hashlib
import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, Value, When

from ecluse.domain.errors import InvalidInput, NotAllowed, NotFound
from ecluse.domain.roles import Role
from ecluse.portal.accounts import actions as accounts
from ecluse.portal.accounts.models import User
from ecluse.portal.api.models import NAME, PartnerPerson, Token
from ecluse.portal.api.scopes import Scope
from ecluse.portal.audit.actions import record

PREFIX: Final = "ecl"
MOST: Final = 20
LONGEST_DAYS: Final = 366
MINUTE: Final = 60


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a token is asked for: its name, what it opens, for how many days."""

    name: str
    scopes: Collection[Scope]
    days: int


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the account of a token, and what the token opens."""

    user: User
    token: Token

    def require(self, scope: Scope) -> None:
        """Pass if the token opens this. Raises NotAllowed."""
        if scope.value not in self.token.scopes:
            raise NotAllowed(f"This token does not open {scope.value}: make one that does.")


@transaction.atomic
def make_token(account: User, wanted: Wanted, *, by: str, now: datetime) -> tuple[Token, str]:
    """Make a token that acts as `account`; return it, and its text, shown once.

    Raises InvalidInput: no name, nothing opened, too long a life, too many tokens.
    """
    _check(account, wanted, now=now)
    key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    token = Token.objects.create(
        account=account,
        name=wanted.name.strip(),
        key_id=key_id,
        secret_digest=_digest(secret),
        scopes=sorted(scope.value for scope in set(wanted.scopes)),
        made_at=now,
        expires_at=now + timedelta(days=wanted.days),
    )
    details = {"scopes": " ".join(token.scopes), "account": account.journal_name()}
    record("token.made", key_id, by=by, details=details, at=now)
    return token, f"{PREFIX}_{key_id}_{secret}"


def _check(account: User, wanted: Wanted, *, now: datetime) -> None:
    if not wanted.name.strip() or len(wanted.name.strip()) > NAME:
        raise InvalidInput(f"Name the token, in {NAME} characters at most.")
    if not wanted.scopes:
        raise InvalidInput("The token would open nothing: choose at least one scope.")
    if not 1 <= wanted.days <= LONGEST_DAYS:
        raise InvalidInput(f"A token lives from 1 to {LONGEST_DAYS} days.")
    # One at a time for an account, or two would pass the count together.
    User.objects.get_queryset().select_for_update(no_key=True).get(pk=account.pk)
    if Token.objects.open(now=now).filter(account=account).count() >= MOST:
        raise InvalidInput(f"{MOST} tokens are open already: revoke one first.")


def _digest(secret: str) -> str:
    # 256 drawn bits: a slow hash would protect nothing more.
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def revoke_token(token: Token, *, by: str, now: datetime) -> None:
    """Close a token for ever; the same again changes nothing."""
    if Token.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=now):
        record("token.revoked", token.key_id, by=by, at=now)


def find_token(key_id: str, *, of: User) -> Token:
    """Return a token of this account. Raises NotFound."""
    found = Token.objects.filter(key_id=key_id, account=of).first()
    if found is None:
        raise NotFound("No token of yours has this name.")
    return found


def open_token(text: str, *, now: datetime) -> Caller | None:
    """Return who a token speaks for, or None: unknown, wrong, ended or revoked, all the same."""
    prefix, _, rest = text.partition("_")
    key_id, _, secret = rest.partition("_")
    found = Token.objects.open(now=now).select_related("account").filter(key_id=key_id[:16]).first()
    kept = found.secret_digest if found else _digest("")
    is_same = hmac.compare_digest(kept, _digest(secret))
    if found is None or prefix != PREFIX or not is_same:
        return None
    return Caller(found.account, found)


def count_request(token: Token, *, now: datetime) -> int:
    """Count one request; return how many are left in this minute, or less than 0 past the limit."""
    minute = int(now.timestamp()) // MINUTE
    Token.objects.filter(pk=token.pk).update(
        count=Case(When(window=minute, then=F("count") + 1), default=Value(1)),
        window=minute,
        used_on=now.date(),
    )
    token.refresh_from_db(fields=["count"])
    return int(settings.ECLUSE_API_REQUESTS_A_MINUTE) - token.count


def account_of(email: str) -> User:
    """Return the account of this address. Raises NotFound."""
    found = User.objects.get_queryset().filter(email=email.strip().lower()).first()
    if found is None:
        raise NotFound(f"No account has the address {email}.")
    return found


@transaction.atomic
def make_machine(email: str, name: str, *, by: str) -> User:
    """Return the account of a program, made if it is new; nobody can sign in to it.

    Raises InvalidInput: the address is wrong, or a person's.
    """
    subject = email.strip().lower()
    found = User.objects.get_queryset().filter(email=subject).first()
    if found is None:
        return accounts.create_account(
            subject,
            full_name=name,
            organisation=name,
            roles=(),
            password=secrets.token_urlsafe(48),
            by=by,
        )
    if found.roles():
        raise InvalidInput(f"{subject} is the account of a person: give the program its own.")
    return found


@transaction.atomic
def bring_person(partner: User, user_id: str, *, email: str, name: str, organisation: str) -> User:
    """Make, or rename, the account of a person whom a partner portal knows as `user_id`.

    A portal never gets hold of an account that it did not make: who has one already uses it here.
    Raises InvalidInput: no address, or one that has an account.
    """
    known = PartnerPerson.objects.filter(partner=partner, user_id=user_id).first()
    if known is not None:
        account = known.account
        account.full_name = name or account.full_name
        account.organisation = organisation or account.organisation
        account.save(update_fields=["full_name", "organisation"])
        return account
    account = accounts.create_account(
        email,
        full_name=name or email,
        organisation=organisation,
        roles=(Role.DATA_USER,),
        password=secrets.token_urlsafe(48),
        by=partner.subject,
    )
    PartnerPerson.objects.create(partner=partner, user_id=user_id, account=account)
    return account


def person_of(partner: User, user_id: str) -> User:
    """Return the account that a partner portal calls `user_id`. Raises NotAllowed."""
    known = (
        PartnerPerson.objects.select_related("account")
        .filter(partner=partner, user_id=user_id, account__is_active=True)
        .first()
    )
    if known is None:
        raise NotAllowed("This portal brought nobody of that name: create the user first.")
    return known.account
