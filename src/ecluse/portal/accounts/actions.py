"""Create accounts, give and take roles, sign in."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from ecluse.domain import roles as rules
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import AccountRole, User
from ecluse.portal.accounts.tries import count_attempt, forget_attempts
from ecluse.portal.audit.actions import record

SESSION_TIME = timedelta(hours=12)


@transaction.atomic
def create_account(
    email: str,
    *,
    full_name: str,
    organisation: str,
    roles: Collection[Role],
    password: str | None,
    by: str,
) -> User:
    """Create an account with its roles. `by` is the subject of who creates it, or `set-up`.

    Without a password nobody signs in to it here: an identity provider opens it.

    Raises:
        InvalidInput: the e-mail is taken or wrong, the password too short or too common.
        NotAllowed: the roles may not meet in one person (EHDS art. 55(3)).
    """
    subject = email.strip().lower()
    _check_new(subject, password)
    user = User(email=subject, full_name=full_name, organisation=organisation)
    user.set_password(password)
    user.save()
    for role in sorted(set(roles)):
        grant_role(user, role, by=by)
    record("account.created", user.journal_name(), by=by)
    return user


def _check_new(subject: str, password: str | None) -> None:
    try:
        validate_email(subject)
        if password is not None:
            validate_password(password)
    except ValidationError as error:
        raise InvalidInput(" ".join(error.messages)) from error
    if User.objects.filter(email=subject).exists():
        raise InvalidInput(_("Un compte existe déjà pour %(email)s.") % {"email": subject})


@transaction.atomic
def grant_role(account: User, role: Role, *, by: str) -> None:
    """Give a role; the same again changes nothing. Raises NotAllowed (EHDS art. 55(3))."""
    held = {Role(row.role) for row in AccountRole.objects.filter(account=account)}
    if role in held:
        return
    rules.check_compatible(held | {role})
    AccountRole.objects.create(account=account, role=role.value)
    record("role.granted", account.journal_name(), by=by, details={"role": role.value})


@transaction.atomic
def revoke_role(account: User, role: Role, *, by: str) -> None:
    """Take a role back; one not held changes nothing."""
    taken, _ = AccountRole.objects.filter(account=account, role=role.value).delete()
    if taken:
        record("role.revoked", account.journal_name(), by=by, details={"role": role.value})


def sign_in(email: str, password: str, *, address: str, now: datetime) -> User:
    """Return the account of this e-mail and password, whose sign-in is journalled.

    Raises as `identify`.
    """
    user = identify(email, password, address=address, now=now)
    note_sign_in(user, now=now)
    return user


def identify(email: str, password: str, *, address: str, now: datetime) -> User:
    """Return the account of this e-mail and password.

    Every attempt counts before the password is read, so that parallel ones do not slip through.

    Raises:
        NotAllowed: they do not match, or ten attempts failed here within fifteen minutes. The
            message is the same whether the account exists or not.
    """
    who = f"{email.strip().lower()}\n{address}"
    count_attempt(who, now=now)
    user = authenticate(username=email, password=password)
    if not isinstance(user, User):
        raise NotAllowed(_("L’adresse ou le mot de passe n’est pas le bon. Vérifiez les deux."))
    forget_attempts(who)
    return user


def change_password(account: User, present: str, new: str, *, now: datetime) -> None:
    """Replace the password of an account by who knows it; its other sessions end.

    Raises:
        NotAllowed: the present password is not this one, or was tried ten times in fifteen minutes.
        InvalidInput: the new one is too short or too common.
    """
    who = f"{account.email}\nchange"
    count_attempt(who, now=now)
    if not account.check_password(present):
        raise NotAllowed(_("Ce n’est pas votre mot de passe actuel : retapez-le."))
    try:
        validate_password(new, account)
    except ValidationError as error:
        raise InvalidInput(" ".join(error.messages)) from error
    with transaction.atomic():
        account.set_password(new)
        account.save(update_fields=["password"])
        by = account.journal_name()
        record("account.password_changed", by, by=by, at=now)
    forget_attempts(who)


@transaction.atomic
def note_sign_in(user: User, *, now: datetime) -> None:
    """Journal a sign-in, and remove the sessions that are over."""
    # A session remembers more than an account should: the receipts of opt-outs, for one.
    Session.objects.filter(expire_date__lte=now).delete()
    record("account.signed_in", user.journal_name(), by=user.journal_name(), at=now)
