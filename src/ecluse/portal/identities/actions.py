"""Open the account of who signed in with the State's provider; bind it to a number once shown."""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from ecluse.domain.errors import NotAllowed
from ecluse.domain.optouts import Capacity
from ecluse.domain.roles import Role
from ecluse.portal.accounts.actions import create_account
from ecluse.portal.accounts.models import User
from ecluse.portal.audit import actions as audit
from ecluse.portal.identities import limits
from ecluse.portal.identities.directory import directory
from ecluse.portal.identities.models import DOMAIN, Binding
from ecluse.portal.identities.provider import SignedIn
from ecluse.portal.identities.sessions import Citizen
from ecluse.portal.optouts.receipts import third_party_key
from ecluse.trust.pseudonyms.national_numbers import checked_number

NAMELESS: Final = "Citoyenne ou citoyen"
LETTERS: Final = 40


@transaction.atomic
def enter(found: SignedIn, *, issuer: str, now: datetime) -> User:
    """Return the account of who signed in, opened the first time.

    Its name is a keyed digest of the provider's name for the person: nothing of their identity is
    stored. Raises NotAllowed: the account was closed.
    """
    digest = third_party_key().derive(f"account\0{issuer}\0{found.subject}").hex()[:LETTERS]
    subject = f"{digest}@{DOMAIN}"
    audit.lock()  # two first sign-ins of one person wait for each other here
    user = User.objects.filter(email=subject).first()
    if user is None:
        user = create_account(
            subject,
            full_name=NAMELESS,
            organisation="–",
            roles={Role.CITIZEN},
            password=None,
            by=Role.CITIZEN.value,
        )
    if not user.is_active:
        raise NotAllowed(_("Ce compte est fermé : écrivez au guichet."))
    audit.record("account.signed_in", user.journal_name(), by=user.journal_name(), at=now)
    return user


def bear(who: Citizen, number: str, *, by: User, now: datetime) -> str:
    """Return the number, without spaces, that was found to be that of `by`.

    What is refused is refused in the same words, and before the register is read: nothing tells
    whether the number exists, nor whether its person is out.

    Raises:
        NotAllowed: not theirs, or too many numbers were given today.
        InvalidInput: not a national number.
        Unreachable, Malformed, SetupIncomplete: the third party does not answer.
    """
    compact = checked_number(number)
    _count(by, now=now)
    asked = directory(is_local=who.is_local)
    is_theirs = asked.agrees(who.identity, compact, Capacity.SELF)
    if not is_theirs or not _bind(by, compact, may_change=asked.is_proof, now=now):
        raise NotAllowed(
            _("Ce numéro ne correspond pas à votre identité. Relisez-le ; sinon, voyez le guichet.")
        )
    return compact


def represent(who: Citizen, number: str, capacity: Capacity, *, by: User, now: datetime) -> str:
    """Return the number of somebody whom `by` was found to represent. Raises as `bear`."""
    compact = checked_number(number)
    _count(by, now=now)
    if not directory(is_local=who.is_local).agrees(who.identity, compact, capacity):
        raise NotAllowed(
            _(
                "Nous n’avons pas pu vérifier que vous représentez cette personne. Écrivez au "
                "guichet, ou appelez-le, avec la preuve : livret de famille, jugement ou mandat."
            )
        )
    return compact


def _count(by: User, *, now: datetime) -> None:
    if not limits.is_within(limits.NUMBERS, str(by.pk), now=now):
        raise NotAllowed(_("Trop de numéros essayés aujourd’hui : voyez le guichet, ou demain."))


@transaction.atomic
def _bind(account: User, number: str, *, may_change: bool, now: datetime) -> bool:
    """Bind an account to a number, or find that it is already; False if to another for good."""
    key = third_party_key()
    digest = key.derive(f"binding\0{account.pk}\0{number}").hex()
    User.objects.get_queryset().select_for_update().get(pk=account.pk)
    known = Binding.objects.filter(account=account).first()
    if known is None:
        Binding.objects.create(account=account, digest=digest, bound_at=now)
        return True
    if known.digest != digest and may_change:
        Binding.objects.filter(pk=known.pk).update(digest=digest, bound_at=now)
    return known.digest == digest or may_change
