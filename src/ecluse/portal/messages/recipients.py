"""Whom a message is for: accounts, found from what the file says and from the roles held."""

from collections.abc import Iterator
from itertools import chain

from ecluse.domain.actors import Actor
from ecluse.domain.machines import Kind
from ecluse.domain.machines.letters import LETTERS, MESSAGES
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User, UserQuerySet
from ecluse.portal.cases import storage
from ecluse.portal.cases.models import PARTIES, CaseRecord, Dispatch, Item
from ecluse.portal.cases.parties import APPLICANTS
from ecluse.portal.cases.speaking import speaking

ASSIGNED = "file-assigned"
OF_THE_FILE = frozenset(PARTIES)


def actors_told(dispatch: Dispatch) -> tuple[Actor, ...]:
    """What the recipients of a letter, a message or a reminder are on the file."""
    if dispatch.clock is not None:
        return (storage.law_of(dispatch.clock.rule).rule(dispatch.clock.rule).owner,)
    if dispatch.is_letter:
        return (LETTERS[dispatch.name].to,)
    return MESSAGES[dispatch.name].to


def asks_to_act(dispatch: Dispatch) -> bool:
    """Whether something is awaited from the recipient: letters and reminders always count."""
    if dispatch.is_letter or dispatch.clock is not None:
        return True
    return MESSAGES[dispatch.name].asks == "review"


def recipients(dispatch: Dispatch) -> list[tuple[User, Actor]]:
    """The accounts to tell, each once, as the first thing they are on the file.

    Nobody where the recipient has no account here: an authority, a court, somebody invited by link.
    """
    found: dict[int, tuple[User, Actor]] = {}
    for account, actor in chain.from_iterable(
        _accounts(dispatch, actor) for actor in actors_told(dispatch)
    ):
        found.setdefault(account.pk, (account, actor))
    return list(found.values())


def item_of(dispatch: Dispatch) -> Item | None:
    """The object that a dispatch is about."""
    source = dispatch.act or dispatch.clock
    return source.item if source is not None else None


def page_for(dispatch: Dispatch, actor: str) -> tuple[str, str] | None:
    """The number and the page that a holder knows it by; None for who reads the file itself.

    What a holder describes has that one page for everybody.
    """
    item = item_of(dispatch)
    has_own = actor == Actor.DATA_HOLDER or (item is not None and item.kind == Kind.DESCRIPTION)
    return speaking().page_of(item) if item and has_own else None


def _accounts(dispatch: Dispatch, actor: Actor) -> Iterator[tuple[User, Actor]]:
    item = item_of(dispatch)
    subjects = speaking().subjects_of(item) if item and actor is Actor.DATA_HOLDER else None
    if subjects is not None:
        spoken = User.objects.filter(is_active=True, email__in=subjects).order_by("pk")
        yield from ((account, actor) for account in spoken)
        return
    for account in accounts_of(dispatch.case, actor, is_assigned=dispatch.name == ASSIGNED):
        yield account, actor


def accounts_of(case: CaseRecord, actor: Actor, *, is_assigned: bool = False) -> UserQuerySet:
    """The active accounts that are `actor` on the file.

    Of an office, whoever the file is assigned to, else all who hold the role; never a person of
    the file (EHDS art. 55(3)).
    """
    active = User.objects.get_queryset().filter(is_active=True).order_by("pk")
    if actor in OF_THE_FILE:
        named = case.parties.filter(role=actor.value).values("subject")
        return active.filter(email__in=named)
    if actor.value not in {role.value for role in Role}:
        return active.none()
    held = active.with_role(Role(actor.value))
    persons = case.parties.filter(role__in=[one.value for one in APPLICANTS]).values("subject")
    held = held.exclude(email__in=persons)
    mine = held.filter(assigned=case)
    return mine if is_assigned or mine.exists() else held
