"""Who acts in a procedure: the roles of accounts, and those that only the procedures know so far.

`domain.roles.Role` is what an account holds today. PROPOSED are the further actors of the EHDS that
the state machines need, each with what it does, its source, and whom one person may not be as well.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ecluse.domain.errors import NotAllowed
from ecluse.domain.roles import INCOMPATIBLE, Role


class Actor(StrEnum):
    """Whose turn it is, or who acts. The value of a role is the value of the actor."""

    DATA_USER = Role.DATA_USER.value
    ASSESSOR = Role.ASSESSOR.value
    DECIDER = Role.DECIDER.value
    OPT_OUT_DESK = Role.OPT_OUT_DESK.value
    CITIZEN = Role.CITIZEN.value
    CHECKER = Role.CHECKER.value
    AUDITOR = Role.AUDITOR.value
    PROJECT_MEMBER = "project-member"
    INVITEE = "invitee"
    DATA_HOLDER = "data-holder"
    TRUSTED_HOLDER = "trusted-holder"
    EXPERT = "expert"
    COMMITTEE = Role.COMMITTEE.value
    AUTHORITY = "data-protection-authority"
    PREPARER = Role.PREPARER.value
    COMPLAINT_DESK = "complaint-desk"
    APPEAL_BODY = "appeal-body"
    CONTACT_POINT = "contact-point"
    SYSTEM = "system"
    ENTAILED = "entailed"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class ProposedRole:
    """A role that accounts do not hold yet. `apart_from` may not be the same person."""

    does: str
    source: str
    apart_from: frozenset[Actor] = frozenset()


OFFICERS = frozenset({Actor.ASSESSOR, Actor.DECIDER, Actor.CHECKER})
_OUTSIDE = frozenset({*OFFICERS, Actor.AUDITOR})

PROPOSED: Mapping[Actor, ProposedRole] = {
    Actor.PROJECT_MEMBER: ProposedRole(
        "is named in a file by its applicant, and works under its permit",
        "EHDS art. 67(2)(a), 68(10)(d)",
        frozenset({*_OUTSIDE, Actor.PREPARER}),
    ),
    Actor.INVITEE: ProposedRole("was invited to a file by a link", "EHDS art. 67(2)(a)"),
    Actor.DATA_HOLDER: ProposedRole(
        "supplies data, estimates its costs, may complain", "EHDS art. 60, 62(2), 52"
    ),
    Actor.TRUSTED_HOLDER: ProposedRole(
        "assesses and proposes a decision on its own data",
        "EHDS art. 72(4) and 72(5)",
        frozenset({Actor.DECIDER, Actor.DATA_USER}),
    ),
    Actor.EXPERT: ProposedRole(
        "gives an opinion that was asked, by link", "EHDS art. 55(2)", frozenset({Actor.DATA_USER})
    ),
    Actor.AUTHORITY: ProposedRole(
        "authorises (in France CNIL), enforces the opt-out, receives its complaints",
        "EHDS art. 65, 81(4); loi 78-17 art. 66",
        frozenset({Actor.DATA_USER, *_OUTSIDE}),
    ),
    Actor.COMPLAINT_DESK: ProposedRole(
        "receives complaints and answers them",
        "EHDS art. 81",
        frozenset({Actor.DATA_USER, Actor.ASSESSOR, Actor.DECIDER}),
    ),
    Actor.APPEAL_BODY: ProposedRole(
        "judges an appeal; outside the access body",
        "EHDS art. 63(5), 64(7); CJA art. R421-1",
        frozenset({Actor.DATA_USER, Actor.PREPARER, *_OUTSIDE}),
    ),
    Actor.CONTACT_POINT: ProposedRole(
        "forwards files from and to other countries", "EHDS art. 67(3), 75(1)"
    ),
    Actor.SYSTEM: ProposedRole(
        "the software: time that passed, signed receipts of the secure zone", "–"
    ),
    Actor.ENTAILED: ProposedRole(
        "nobody: what an act on one object of a file entails on another", "–"
    ),
    Actor.NOBODY: ProposedRole("nobody has to act: the matter rests", "–"),
}


ON_ONE_FILE = frozenset({frozenset({Actor.COMMITTEE, Actor.DATA_USER})})
"""Roles that one account may hold, as a researcher who sits on the committee, but not on a file."""


def conflicts() -> frozenset[frozenset[Actor]]:
    """The pairs that one person may never be on one file: of accounts, of a file, proposed."""
    held = {frozenset(Actor(role.value) for role in pair) for pair in INCOMPATIBLE}
    proposed = {frozenset({one, other}) for one, p in PROPOSED.items() for other in p.apart_from}
    return frozenset(held | proposed | ON_ONE_FILE)


CONFLICTS = conflicts()


def check_separate(actor: Actor, acted_as: Iterable[Actor]) -> None:
    """Pass if who acted on a file as `acted_as` may now act on it as `actor`. Raises NotAllowed.

    Source: EHDS art. 55(3) to 55(5).
    """
    for other in sorted(acted_as):
        if frozenset({actor, other}) in CONFLICTS:
            raise NotAllowed(
                f"Who acted on this file as {other} may not act on it as {actor}"
                " (EHDS art. 55(3)): somebody else must."
            )
