"""The case: what the access body owes to everyone about one file, whatever its kind.

It opens when the file is received, is published, is decided, is published again with the decision,
and is closed. An appeal opens it again. Source: EHDS art. 57(1)(j).
"""

from ecluse.domain.actors import Actor
from ecluse.domain.machines.machine import (
    Action,
    Kind,
    Machine,
    State,
    completes,
    machine,
    starts,
)
from ecluse.domain.machines.rows import ENTAILED, OFFICERS, SYSTEM, read_row

PUBLISHERS = (Actor.ASSESSOR, Actor.SYSTEM)
STATES = (
    State(name="expected", owner=Actor.DATA_USER, french="Pas encore déposé"),
    State(name="received", owner=Actor.ASSESSOR, french="Reçu, à publier"),
    State(name="under-way", owner=Actor.ASSESSOR, french="En cours"),
    State(name="decided", owner=Actor.ASSESSOR, french="Décidé, à publier"),
    State(name="on-appeal", owner=Actor.APPEAL_BODY, french="En recours"),
    State(name="closed", owner=Actor.NOBODY, french="Clos"),
    State(name="archived", owner=Actor.NOBODY, french="Archivé"),
)
CASE: Machine = machine(
    Kind.CASE,
    STATES,
    (
        Action(
            name="open",
            sources=("expected",),
            to="received",
            by=ENTAILED,
            clocks=starts("publish-application"),
            source="57(1)(j)(ii)",
        ),
        Action(
            name="publish-application",
            sources=("received",),
            to="under-way",
            by=PUBLISHERS,
            clocks=completes("publish-application"),
            source="57(1)(j)(ii)",
        ),
        Action(
            name="record-decision",
            sources=("received", "under-way", "on-appeal"),
            to="decided",
            by=ENTAILED,
            clocks=(*completes("publish-application"), *starts("publish-decision")),
            source="57(1)(j)(iii): the application is published with its decision at the latest",
        ),
        Action(
            name="record-withdrawal",
            sources=("received", "under-way", "on-appeal"),
            to="closed",
            by=ENTAILED,
            clocks=completes("publish-application"),
            source="57(1)(j)(ii): a withdrawn application was received, so it is published",
        ),
        Action(
            name="publish-decision",
            sources=("decided",),
            to="closed",
            by=PUBLISHERS,
            clocks=completes("publish-decision"),
            source="57(1)(j)(iii)",
        ),
        Action(
            name="reopen-on-appeal",
            sources=("closed", "decided"),
            to="on-appeal",
            by=ENTAILED,
            clocks=completes("publish-decision"),
            messages=("appeal-lodged",),
            source="63(5); a decision not yet published is, with the appeal",
        ),
        Action(
            name="settle-appeal",
            sources=("on-appeal",),
            to="decided",
            by=ENTAILED,
            clocks=starts("publish-decision"),
            source="57(1)(j)(iii)",
        ),
        Action(
            name="resume-after-appeal",
            sources=("on-appeal",),
            to="under-way",
            by=ENTAILED,
            source="63(5): the decision is taken anew",
        ),
        Action(name="archive", sources=("closed",), to="archived", by=SYSTEM, source="–"),
        read_row(STATES, (*OFFICERS, Actor.AUDITOR)),
    ),
    source="EHDS art. 57(1)(j)",
)
