"""What five years of practice elsewhere lets people do, mapped on our machines; each difference.

REMS has one machine with 7 states, 10 roles and 31 commands; ours has a file, its decision units
and its permits. A command is met if one of the objects that stand for the REMS state lets one of
the actors that stand for the REMS role do one of the actions that stand for the command.
"""

from ecluse.domain.actors import Actor
from ecluse.domain.machines.machine import Kind

FILE, UNIT, PERMIT = Kind.APPLICATION, Kind.DECISION_UNIT, Kind.PERMIT

STATES: dict[str, tuple[tuple[Kind, str], ...]] = {
    "draft": ((FILE, "draft"),),
    "submitted": (
        *((FILE, "submitted"), (FILE, "pre-screening"), (FILE, "processing")),
        *((UNIT, "assessment"), (UNIT, "deciding")),
    ),
    "returned": ((FILE, "awaiting-information"), (FILE, "awaiting-supplement")),
    "approved": ((FILE, "decided-positive"), (PERMIT, "active")),
    "rejected": ((FILE, "decided-negative"), (UNIT, "refused")),
    "closed": ((FILE, "withdrawn"), (PERMIT, "expired")),
    "revoked": ((PERMIT, "revoked"), (FILE, "decided-positive")),
}
OFFICERS = (Actor.ASSESSOR, Actor.DECIDER)
ROLES: dict[str, tuple[Actor, ...]] = {
    "applicant": (Actor.DATA_USER,),
    "member": (Actor.PROJECT_MEMBER,),
    "handler": OFFICERS,
    "reviewer": (Actor.EXPERT,),
    "past-reviewer": (Actor.EXPERT,),
    "decider": (Actor.DECIDER,),
    "past-decider": (Actor.DECIDER,),
    "expirer": (Actor.SYSTEM,),
    "reporter": (Actor.AUDITOR,),
    "everyone-else": (Actor.INVITEE,),
}
COMMANDS: dict[str, tuple[str, ...]] = {
    "see-everything": ("read",),
    "remark": ("remark",),
    "redact-attachments": ("redact-attachment",),
    "copy-as-new": ("copy-as-new",),
    "save-draft": ("save-draft",),
    "change-resources": ("change-datasets",),
    "submit": ("submit", "supply-information", "supply-supplement"),
    "return": ("ask-information", "ask-supplement"),
    "approve": ("grant", "grant-with-conditions"),
    "reject": ("refuse",),
    "decide": ("grant", "refuse"),
    "request-decision": ("assess", "no-estimate"),
    "request-review": ("ask-opinion",),
    "review": ("give-opinion",),
    "vote": ("vote",),
    "invite-reviewer": ("ask-opinion",),
    "invite-decider": ("assign",),
    "change-applicant": ("hand-over",),
    "change-processing-state": ("tag",),
    "assign-external-id": ("tag",),
    "add-licenses": ("grant-with-conditions",),
    "accept-licenses": ("accept-terms",),
    "invite-member": ("invite-member",),
    "add-member": ("invite-member",),
    "remove-member": ("remove-member",),
    "uninvite-member": ("uninvite-member",),
    "accept-invitation": ("accept-invitation",),
    "close": ("withdraw", "finish"),
    "delete": ("delete",),
    "revoke": ("revoke",),
    "send-expiration-notifications": ("remind",),
}

# (states or "*", roles or "*", commands) -> why ours does not let them
DIFFERENCES: tuple[tuple[str, str, str, str], ...] = (
    ("*", "expirer", "delete", "a filed or decided file is kept: archives and the public register"),
    (
        "submitted returned rejected closed revoked",
        "expirer",
        "send-expiration-notifications",
        "reminders belong to clocks, and to the states that something expires in",
    ),
    ("*", "handler everyone-else", "accept-invitation", "an invitation is accepted as invitee"),
    (
        "approved rejected closed revoked",
        "handler",
        "change-processing-state",
        "the desk's own labels stop when nothing is left to do",
    ),
    (
        "submitted approved returned",
        "handler",
        "change-resources",
        "data are changed by the applicant, or by an amendment: never by who assesses",
    ),
    (
        "submitted",
        "handler",
        "invite-member add-member",
        "the persons of a filed file change when it is open to its applicant, or under its permit",
    ),
    (
        "submitted returned approved",
        "handler",
        "close",
        "a file ends by a decision, a withdrawal or a lapse; an officer cannot drop it",
    ),
    (
        "approved returned",
        "decider past-decider",
        "decide",
        "a decision is taken once, on a complete file; later, by amendment, revocation or appeal",
    ),
    ("returned", "handler", "add-licenses", "conditions come with the decision"),
    (
        "*",
        "handler",
        "vote",
        "committee members and experts vote; who assesses or decides does not (55(3))",
    ),
)
