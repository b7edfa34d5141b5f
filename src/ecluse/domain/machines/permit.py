"""A permit: one version of it. An amendment or an extension archives it and issues another.

At most one version of a decision unit is in force. Source: EHDS art. 61(4), 63(3), 68(7), 68(12).
"""

from ecluse.domain.actors import Actor
from ecluse.domain.machines.machine import (
    VOID_ALL,
    Action,
    Kind,
    Machine,
    State,
    Verb,
    completes,
    effect,
    machine,
    starts,
)
from ecluse.domain.machines.rows import ENTAILED, OFFICERS, SYSTEM, USER, read_row

STATES = (
    State(name="to-issue", owner=Actor.DECIDER, french="À délivrer"),
    State(name="active", owner=Actor.DATA_USER, french="En vigueur"),
    State(name="suspended", owner=Actor.DECIDER, french="Suspendue"),
    State(name="superseded", owner=Actor.NOBODY, french="Remplacée"),
    State(name="expired", owner=Actor.PREPARER, french="Expirée"),
    State(name="revoked", owner=Actor.PREPARER, french="Retirée"),
    State(name="closing", owner=Actor.PREPARER, french="Effacement en cours"),
    State(name="deleted", owner=Actor.NOBODY, french="Données effacées"),
)
IN_FORCE = ("active", "suspended")
"""The states in which a version counts as the active permit of its decision unit."""

LIVING = (
    Action(
        name="issue",
        sources=("to-issue",),
        to="active",
        by=ENTAILED,
        clocks=starts("permit-duration", "request-data", "fee-agreement"),
        messages=("permit-changed", "data-asked"),
        source="68(3), 68(7), 62(4)",
    ),
    Action(
        name="issue-amended",
        sources=("to-issue",),
        to="active",
        by=ENTAILED,
        messages=("permit-changed",),
        source="68(13): its period is that of the version it replaces",
    ),
    Action(
        name="issue-extended",
        sources=("to-issue",),
        to="active",
        by=ENTAILED,
        clocks=starts("permit-extension"),
        messages=("permit-changed",),
        source="68(12)",
    ),
    Action(
        name="ask-holders",
        sources=("active",),
        by=(Actor.PREPARER,),
        clocks=completes("request-data"),
        messages=("data-asked",),
        source="68(7)",
    ),
    Action(
        name="agree-fees",
        sources=("active",),
        by=USER,
        clocks=completes("fee-agreement"),
        source="62(4)",
    ),
    Action(
        name="set-fees",
        sources=("active",),
        by=(Actor.DECIDER,),
        clocks=completes("fee-agreement"),
        needs_reason=True,
        after_lapse=("fee-agreement",),
        source="62(4)",
    ),
    *(
        Action(
            name=name,
            sources=("active",),
            by=by,
            messages=("persons-changed",),
            source="67(2)(a), 68(10)(d)",
        )
        for name, by in (
            ("invite-member", (Actor.DATA_USER, Actor.ASSESSOR)),
            ("uninvite-member", (Actor.DATA_USER, Actor.ASSESSOR)),
            ("remove-member", (Actor.DATA_USER, Actor.ASSESSOR)),
            ("accept-invitation", (Actor.INVITEE,)),
            ("accept-terms", (Actor.DATA_USER, Actor.PROJECT_MEMBER)),
        )
    ),
    Action(
        name="tell-late-condition",
        sources=IN_FORCE,
        by=SYSTEM,
        messages=("condition-late",),
        source="68(10)(h): the day until which it was to be met has passed",
    ),
    Action(
        name="supersede",
        sources=("active",),
        to="superseded",
        by=ENTAILED,
        clocks=VOID_ALL,
        source="68(12), 68(13): the version stays in the archive with its days",
    ),
)
ENDING = (
    Action(
        name="suspend",
        sources=("active",),
        to="suspended",
        by=(Actor.DECIDER,),
        letter="suspension",
        messages=("permit-changed",),
        needs_reason=True,
        source="63(3)",
    ),
    Action(
        name="lift-suspension",
        sources=("suspended",),
        to="active",
        by=(Actor.DECIDER,),
        messages=("permit-changed",),
        needs_reason=True,
        source="63(3)",
    ),
    Action(
        name="revoke",
        sources=IN_FORCE,
        to="revoked",
        by=(Actor.DECIDER,),
        clocks=(
            *effect(Verb.VOID, "request-data"),
            *effect(Verb.VOID, "fee-agreement"),
            *starts("deletion"),
        ),
        letter="revocation",
        messages=("permit-changed",),
        needs_reason=True,
        source="63(3)",
    ),
    Action(
        name="restore",
        sources=("revoked",),
        to="active",
        by=ENTAILED,
        clocks=effect(Verb.VOID, "deletion"),
        messages=("permit-changed",),
        source="63(5): an appeal was upheld",
    ),
    Action(
        name="expire",
        sources=IN_FORCE,
        to="expired",
        by=SYSTEM,
        clocks=(*VOID_ALL, *starts("deletion", "results-public")),
        letter="expiry",
        messages=("permit-changed", "results-due"),
        after_lapse=("permit-duration", "permit-extension"),
        source="68(12), 61(4)",
    ),
    Action(
        name="finish",
        sources=("active",),
        to="expired",
        by=USER,
        clocks=(*VOID_ALL, *starts("deletion", "results-public")),
        letter="expiry",
        messages=("permit-changed", "results-due"),
        source="61(4), 68(12): the processing is completed before the end",
    ),
    Action(
        name="close-enclave",
        sources=("expired", "revoked"),
        to="closing",
        by=(Actor.PREPARER, Actor.SYSTEM),
        clocks=(
            *effect(Verb.VOID, "permit-duration"),
            *effect(Verb.VOID, "permit-extension"),
        ),
        source="68(12)",
    ),
    Action(
        name="certify-deletion",
        sources=("closing",),
        to="deleted",
        by=(Actor.PREPARER, Actor.SYSTEM),
        clocks=completes("deletion"),
        letter="deletion-certificate",
        source="68(12): on the statements of two persons, or a certificate of the secure zone",
    ),
    Action(
        name="publish-results",
        sources=("expired", "closing", "deleted"),
        by=USER,
        clocks=completes("results-public"),
        source="61(4)",
    ),
    Action(
        name="extend-results",
        sources=("expired", "closing", "deleted"),
        by=(Actor.DECIDER,),
        clocks=effect(Verb.EXTEND, "results-public"),
        letter="extension",
        messages=("due-day-moved",),
        needs_reason=True,
        source="61(4)",
    ),
    Action(
        name="remind",
        sources=("active", "expired", "closing", "deleted"),
        by=SYSTEM,
        messages=("results-due",),
        source="61(4), 68(12)",
    ),
)
READING = (
    read_row(
        STATES,
        (
            *(Actor.DATA_USER, Actor.PROJECT_MEMBER, *OFFICERS, Actor.CHECKER),
            *(Actor.PREPARER, Actor.DATA_HOLDER, Actor.EXPERT, Actor.AUDITOR),
        ),
    ),
    Action(
        name="remark",
        sources=tuple(state.name for state in STATES),
        by=(*OFFICERS, Actor.EXPERT),
    ),
)
PERMIT: Machine = machine(
    Kind.PERMIT,
    STATES,
    (*LIVING, *ENDING, *READING),
    source="EHDS art. 61(4), 62(4), 63(3), 68(7), 68(10), 68(12), 68(13)",
)
