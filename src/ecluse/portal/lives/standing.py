"""As what somebody acts on a matter: what its file says, their office, or one they stand for.

Two offices have no account of their own. Complaints are answered by the desk of opt-outs. What a
court decides is entered by the auditor, who takes no part in decisions (EHDS art. 63(5), 81).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from ecluse.domain.actors import Actor
from ecluse.domain.machines import MACHINES, Kind, why_not
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.cases import reading
from ecluse.portal.cases.models import Party
from ecluse.portal.cases.reading import Reader
from ecluse.portal.lives.models import Matter

STANDS_FOR: Final[Mapping[Kind, tuple[Role, Actor]]] = {
    Kind.COMPLAINT: (Role.OPT_OUT_DESK, Actor.COMPLAINT_DESK),
    Kind.APPEAL: (Role.AUDITOR, Actor.APPEAL_BODY),
}


def office_on(matter: Matter, user: User) -> Actor | None:
    """The office without an account for which `user` acts on a matter that does not name them."""
    role, actor = STANDS_FOR.get(matter.kind, (None, None))
    is_named = Party.objects.filter(case=matter.case, subject=user.subject).exists()
    return actor if role in user.roles() and not is_named else None


def actor_on(matter: Matter, action: str, user: User) -> Actor | None:
    """The office in which `user` does the action, where the file itself does not say it."""
    office = office_on(matter, user)
    if office is None:
        return None
    refused = why_not(MACHINES[matter.kind], matter.state, action, office)
    return office if refused is None else None


def reader_of(matter: Matter, user: User, *, today: date) -> Reader:
    """Who reads the file of a matter today, as what they are on it."""
    reader = reading.reader_of(matter.case, user, today=today)
    office = office_on(matter, user)
    return replace(reader, actors=(*reader.actors, office)) if office else reader
