"""In which role somebody stands before a file: their account's roles, and what the file says."""

from ecluse.domain.actors import Actor, check_separate
from ecluse.domain.clocks.tracks import Track
from ecluse.domain.errors import NotAllowed
from ecluse.domain.machines import MACHINES, Kind
from ecluse.domain.machines.steps import why_not
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.cases.models import CaseRecord, Item, Party

APPLICANTS = frozenset({Actor.DATA_USER, Actor.PROJECT_MEMBER})
OF_THE_FILE = frozenset({Role.DATA_USER})
"""Roles of accounts that give nothing by themselves: the file says what their holder is on it."""


def actors_of(user: User, case: CaseRecord) -> frozenset[Actor]:
    """What `user` is on this file. The software (`Actor.SYSTEM`) is nobody's role.

    A person of the file is nothing else on it, whatever their account is for (EHDS art. 55(3)),
    and who declared an interest in it is nothing at all (art. 55(4) and 55(5)).
    """
    named = frozenset(
        Actor(role)
        for role in Party.objects.filter(case=case, subject=user.subject).values_list(
            "role", flat=True
        )
    )
    if named & APPLICANTS:
        return named if Role.DATA_USER in user.roles() else frozenset()
    if case.recusals.filter(subject=user.subject).exists():
        return frozenset()
    offices = frozenset(Actor(role.value) for role in user.roles() - OF_THE_FILE)
    return named | offices


def is_person_of(user: User, case: CaseRecord) -> bool:
    """Whether the file names `user` as its applicant or as somebody who will see the data."""
    names = [actor.value for actor in APPLICANTS]
    return Party.objects.filter(case=case, subject=user.subject, role__in=names).exists()


def role_for(item: Item, action: str, user: User) -> Actor:
    """The role in which `user` may do `action` on the object now.

    Raises NotAllowed: none of theirs, not now, or they acted on the file in a role apart from it.
    """
    machine = MACHINES[Kind(item.kind)]
    found = sorted(actors_of(user, item.case))
    track = Track(item.track)
    reasons = {actor: why_not(machine, item.state, action, actor, track=track) for actor in found}
    for actor, reason in reasons.items():
        if reason is None:
            check_separate(actor, acted_as(user, item.case))
            return actor
    raise NotAllowed(next(iter(reasons.values()), None) or _why_nobody(user, item.case))


def acted_as(user: User, case: CaseRecord) -> frozenset[Actor]:
    """The roles in which `user` acted on the file before."""
    roles = case.acted_rows.filter(subject=user.subject).values_list("role", flat=True)
    return frozenset(Actor(role) for role in roles)


def _why_nobody(user: User, case: CaseRecord) -> str:
    if is_person_of(user, case):
        return "You are a person of this file: somebody else must act on it."
    return f"You have no role on the file {case.number}: ask somebody who has."
