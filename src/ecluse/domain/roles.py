"""Who may do what, when: one table of (action, role, states), read by actions, pages and documents.

The law keeps apart those who assess applications, those who prepare data and those who provide the
secure environment and check its outputs (EHDS art. 55(3)): `INCOMPATIBLE` names the pairs that one
person may never hold on one site. Across the two sites, whose accounts are apart, each permit names
who assessed and decided it, and `outputs.check_checker` refuses these persons.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from ecluse.domain.errors import NotAllowed


class Role(StrEnum):
    """What an account is for. A data user acts on the files that name them."""

    DATA_USER = "data-user"
    ASSESSOR = "assessor"
    DECIDER = "decider"
    OPT_OUT_DESK = "opt-out-desk"
    CITIZEN = "citizen"
    CHECKER = "checker"
    AUDITOR = "auditor"
    PREPARER = "preparer"
    COMMITTEE = "committee"


INCOMPATIBLE: frozenset[frozenset[Role]] = frozenset(
    frozenset(pair)
    for pair in (
        (Role.ASSESSOR, Role.CHECKER),
        (Role.DECIDER, Role.CHECKER),
        (Role.ASSESSOR, Role.DECIDER),
        (Role.DATA_USER, Role.ASSESSOR),
        (Role.DATA_USER, Role.DECIDER),
        (Role.DATA_USER, Role.CHECKER),
        (Role.AUDITOR, Role.ASSESSOR),
        (Role.AUDITOR, Role.DECIDER),
        (Role.AUDITOR, Role.CHECKER),
        (Role.PREPARER, Role.DATA_USER),
        (Role.PREPARER, Role.ASSESSOR),
        (Role.PREPARER, Role.DECIDER),
        (Role.PREPARER, Role.CHECKER),
        (Role.PREPARER, Role.AUDITOR),
        (Role.COMMITTEE, Role.DECIDER),
    )
)


@dataclass(frozen=True)
class Right:
    """A role may do an action while the object is in one of the states; no state means any."""

    role: Role
    states: frozenset[str] = frozenset()


def _rights(role: Role, *states: str) -> Right:
    return Right(role, frozenset(states))


RIGHTS: dict[str, tuple[Right, ...]] = {
    "application.start": (_rights(Role.DATA_USER),),
    "application.read-any": (
        _rights(Role.ASSESSOR),
        _rights(Role.DECIDER),
        _rights(Role.COMMITTEE),
        _rights(Role.AUDITOR),
    ),
    "case.assign": (_rights(Role.ASSESSOR), _rights(Role.DECIDER)),
    "committee.call": (_rights(Role.ASSESSOR),),
    "committee.read-any": (
        _rights(Role.ASSESSOR),
        _rights(Role.DECIDER),
        _rights(Role.AUDITOR),
    ),
    "fees.read-any": (
        _rights(Role.ASSESSOR),
        _rights(Role.DECIDER),
        _rights(Role.AUDITOR),
    ),
    "fees.bill": (_rights(Role.ASSESSOR),),
    "fees.collect": (_rights(Role.DECIDER),),
    "holder.keep": (_rights(Role.PREPARER),),
    "description.judge": (_rights(Role.PREPARER),),
    "source.harvest": (_rights(Role.PREPARER),),
    "description.read-any": (
        _rights(Role.ASSESSOR),
        _rights(Role.DECIDER),
        _rights(Role.PREPARER),
        _rights(Role.AUDITOR),
    ),
    "permit.read-any": (
        _rights(Role.ASSESSOR),
        _rights(Role.DECIDER),
        _rights(Role.PREPARER),
        _rights(Role.AUDITOR),
    ),
    "extraction.order": (_rights(Role.DATA_USER, "active"),),
    "finding.judge": (_rights(Role.ASSESSOR),),
    "finding.read-any": (
        _rights(Role.ASSESSOR),
        _rights(Role.DECIDER),
        _rights(Role.AUDITOR),
    ),
    "release.download": (_rights(Role.DATA_USER),),
    "optout.record": (_rights(Role.CITIZEN), _rights(Role.OPT_OUT_DESK)),
    "optout.reverse": (_rights(Role.CITIZEN), _rights(Role.OPT_OUT_DESK)),
    "optout.read": (_rights(Role.CITIZEN), _rights(Role.OPT_OUT_DESK)),
    "optout.correct": (_rights(Role.OPT_OUT_DESK),),
    "optout.ask": (_rights(Role.CITIZEN), _rights(Role.OPT_OUT_DESK)),
    "right.exercise": (_rights(Role.CITIZEN),),
    "right.record-for-others": (_rights(Role.OPT_OUT_DESK),),
    "job.submit": (_rights(Role.DATA_USER, "active"),),
    "job.cancel": (
        _rights(Role.DATA_USER, "waiting"),
        _rights(Role.CHECKER, "waiting"),
        _rights(Role.AUDITOR, "waiting"),
    ),
    "output.request": (_rights(Role.DATA_USER, "checked"),),
    "output.edit": (_rights(Role.DATA_USER, "draft", "returned"),),
    "output.withdraw": (_rights(Role.DATA_USER, "draft", "returned"),),
    "output.vote": (_rights(Role.CHECKER, "in-review", "one-review", "reviewed"),),
    "output.decide": (_rights(Role.CHECKER, "reviewed"),),
    "output.retry": (_rights(Role.CHECKER, "release-failed"),),
    "output.recall": (_rights(Role.CHECKER, "released"),),
    "output.dispose": (_rights(Role.CHECKER),),
    "output.freeze": (_rights(Role.CHECKER), _rights(Role.AUDITOR)),
    "output.unfreeze": (_rights(Role.AUDITOR, "frozen"),),
    "output.remark": (_rights(Role.DATA_USER), _rights(Role.CHECKER)),
    "output.read-content": (_rights(Role.CHECKER),),
    "output.read-any": (_rights(Role.CHECKER), _rights(Role.AUDITOR)),
    "workspace.enter": (_rights(Role.DATA_USER, "active"),),
    "import.bring": (_rights(Role.DATA_USER, "active"),),
    "import.judge": (_rights(Role.CHECKER),),
    "workspace.supervise": (_rights(Role.CHECKER), _rights(Role.AUDITOR)),
    "workspace.close": (_rights(Role.CHECKER), _rights(Role.AUDITOR)),
    "incident.keep": (_rights(Role.CHECKER), _rights(Role.AUDITOR)),
    "journal.read": (_rights(Role.AUDITOR),),
    "aisystem.judge": (_rights(Role.PREPARER),),
    "board.keep": (_rights(Role.PREPARER),),
    "board.submit": (_rights(Role.DATA_USER),),
    "aisystem.read-any": (
        _rights(Role.ASSESSOR),
        _rights(Role.DECIDER),
        _rights(Role.PREPARER),
        _rights(Role.AUDITOR),
    ),
}


def may(action: str, *, roles: Collection[Role], state: str | None = None) -> bool:
    """Whether somebody with `roles` may do `action` on an object in `state`."""
    return any(
        right.role in roles and (not right.states or state in right.states)
        for right in RIGHTS[action]
    )


def require(action: str, *, roles: Collection[Role], state: str | None = None) -> None:
    """Pass if the action is allowed. Raises NotAllowed saying who could, and when."""
    if may(action, roles=roles, state=state):
        return
    who = "; ".join(
        f"{right.role.value}"
        + (f" while {', '.join(sorted(right.states))}" if right.states else "")
        for right in RIGHTS[action]
    )
    raise NotAllowed(
        f"{action} is for: {who}. Your roles: {', '.join(sorted(roles)) or 'none'};"
        f" state: {state or 'any'}."
    )


def check_compatible(roles: Collection[Role]) -> None:
    """Pass if one person may hold all these roles. Raises NotAllowed. Source: EHDS art. 55(3)."""
    for pair in INCOMPATIBLE:
        if pair <= set(roles):
            first, second = sorted(pair)
            raise NotAllowed(
                f"One person cannot be both {first} and {second} (EHDS art. 55(3)):"
                " give the role to somebody else."
            )
