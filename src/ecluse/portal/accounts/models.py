"""Accounts, their roles, and the failures that lock a sign-in for a while."""

from __future__ import annotations

from typing import ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models.functions import Lower

from ecluse.domain import roles
from ecluse.domain.roles import INCOMPATIBLE, Role


class UserQuerySet(models.QuerySet["User"]):
    """Accounts by what they may do."""

    def with_role(self, role: Role) -> Self:
        """Keep the active accounts that hold the role."""
        return self.filter(role_rows__role=role, is_active=True)

    def visible_to(self, user: User) -> Self:
        """Keep the accounts that `user` may see: their own; the auditor sees all."""
        return self if Role.AUDITOR in user.roles() else self.filter(pk=user.pk)


class Accounts(BaseUserManager["User"]):
    """Where accounts are found; Django's sign-in asks it by e-mail."""

    def get_queryset(self) -> UserQuerySet:
        """Return all accounts."""
        return UserQuerySet(self.model, using=self._db)

    def get_by_natural_key(self, username: str | None) -> User:
        """Return the account of this e-mail, however it is capitalised."""
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """An account; its e-mail is the `subject` by which permits and documents name the person."""

    email = models.EmailField(unique=True)
    full_name = models.CharField(max_length=150)
    organisation = models.CharField(max_length=150)
    is_active = models.BooleanField(default=True)

    objects: ClassVar[Accounts] = Accounts()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["full_name", "organisation"]

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="account_email_lower_case"
            ),
        )

    def __str__(self) -> str:
        return self.full_name

    @property
    def subject(self) -> str:
        """The name of this person in permits, documents and the journal."""
        return self.email

    def roles(self) -> frozenset[Role]:
        """Return the roles that this account holds."""
        return frozenset(Role(row.role) for row in self.role_rows.all())

    def may(self, action: str, *, state: str | None = None) -> bool:
        """Whether this person may do `action` on an object in `state`."""
        return roles.may(action, roles=self.roles(), state=state)

    def require(self, action: str, *, state: str | None = None) -> None:
        """Pass if this person may do `action` on an object in `state`. Raises NotAllowed."""
        roles.require(action, roles=self.roles(), state=state)

    def journal_name(self) -> str:
        """Return who acts, for the journal: a citizen who exercises a right is not named."""
        return Role.CITIZEN.value if self.roles() == {Role.CITIZEN} else self.subject


def _never_both(first: Role, second: Role) -> ExclusionConstraint:
    """Refuse, in the database itself, one account in two roles that the law keeps apart."""
    return ExclusionConstraint(
        name=f"never_{first.value}_and_{second.value}".replace("-", "_"),
        expressions=[("account", RangeOperators.EQUAL), ("role", RangeOperators.NOT_EQUAL)],
        condition=models.Q(role__in=[first.value, second.value]),
    )


class AccountRole(models.Model):
    """One role of one account (EHDS art. 55(3): incompatible ones cannot be stored together)."""

    account = models.ForeignKey(User, on_delete=models.CASCADE, related_name="role_rows")
    role = models.CharField(max_length=20, choices=[(role.value, role.value) for role in Role])

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("account", "role"), name="role_once"),
            models.CheckConstraint(
                condition=models.Q(role__in=[role.value for role in Role]), name="role_known"
            ),
            *(_never_both(*sorted(pair)) for pair in sorted(INCOMPATIBLE, key=sorted)),
        )

    def __str__(self) -> str:
        return self.role


class SecondFactor(models.Model):
    """The secret of the codes of an account, sealed with a key that is not in the database.

    `last_step` is the step of the last code accepted: none counts twice.
    """

    account = models.OneToOneField(User, on_delete=models.CASCADE, related_name="second_factor")
    sealed = models.BinaryField()
    last_step = models.BigIntegerField(default=0)
    confirmed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.account_id)


class RecoveryCode(models.Model):
    """A code for who lost their telephone, by a keyed digest: it counts once."""

    account = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64, unique=True)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.account_id)


class SignInFailure(models.Model):
    """A failed sign-in, by a keyed fingerprint of e-mail and address: neither can be read back."""

    fingerprint = models.CharField(max_length=64, db_index=True)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"
