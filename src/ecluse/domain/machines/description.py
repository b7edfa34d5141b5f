"""The description of a dataset by its holder: written, checked, published, checked each year.

A new version is written beside the one that the catalogue shows: `revise` opens it, `drop-changes`
lets it go, `publish` replaces the other. The clock of the yearly check runs on meanwhile.
Source: EHDS art. 60(3), 77.
"""

from ecluse.domain.actors import Actor
from ecluse.domain.machines.machine import (
    VOID_ALL,
    Action,
    Kind,
    Machine,
    State,
    completes,
    machine,
    starts,
)
from ecluse.domain.machines.rows import OFFICERS, SYSTEM, read_row

HOLDER = (Actor.DATA_HOLDER,)
HUB = (Actor.PREPARER,)
CHECK = "description-check"
WRITABLE = ("draft", "returned")
SHOWN = ("published", "check-due")
"""The states in which nothing is under way beside what the catalogue shows."""
STATES = (
    State(name="draft", owner=Actor.DATA_HOLDER, french="Brouillon"),
    State(name="submitted", owner=Actor.PREPARER, french="Soumise"),
    State(name="returned", owner=Actor.DATA_HOLDER, french="À corriger"),
    State(name="validated", owner=Actor.PREPARER, french="Validée"),
    State(name="published", owner=Actor.NOBODY, french="Publiée"),
    State(name="check-due", owner=Actor.DATA_HOLDER, french="Vérification due"),
    State(name="withdrawn", owner=Actor.NOBODY, french="Retirée"),
)
DESCRIPTION: Machine = machine(
    Kind.DESCRIPTION,
    STATES,
    (
        Action(name="save-draft", sources=WRITABLE, by=HOLDER),
        Action(
            name="submit",
            sources=WRITABLE,
            to="submitted",
            by=HOLDER,
            messages=("description-submitted",),
            source="60(3)",
        ),
        Action(
            name="ask-changes",
            sources=("submitted", "validated"),
            to="returned",
            by=HUB,
            messages=("description-returned",),
            needs_reason=True,
            source="77(1): what a description says",
        ),
        Action(
            name="validate",
            sources=("submitted",),
            to="validated",
            by=HUB,
            source="77(1)",
        ),
        Action(
            name="publish",
            sources=("validated",),
            to="published",
            by=HUB,
            clocks=(*completes(CHECK), *starts(CHECK)),
            messages=("description-published",),
            source="57(1)(j)(i), 77(2)",
        ),
        Action(
            name="revise",
            sources=(*SHOWN, "withdrawn"),
            to="draft",
            by=HOLDER,
            source="60(3): accurate and up to date",
        ),
        Action(
            name="drop-changes",
            sources=WRITABLE,
            to="published",
            by=HOLDER,
            source="60(3): what is published is still right",
        ),
        Action(
            name="confirm-unchanged",
            sources=SHOWN,
            to="published",
            by=HOLDER,
            clocks=(*completes(CHECK), *starts(CHECK)),
            source="60(3): checked at least yearly",
        ),
        Action(
            name="fall-due",
            sources=("published",),
            to="check-due",
            by=SYSTEM,
            after_lapse=(CHECK,),
            source="60(3): the year has passed",
        ),
        Action(
            name="withdraw",
            sources=(*WRITABLE, "submitted", "validated", *SHOWN),
            to="withdrawn",
            by=HOLDER,
            clocks=VOID_ALL,
            source="60(3): the data are no longer held",
        ),
        read_row(STATES, (Actor.DATA_HOLDER, Actor.PREPARER, *OFFICERS, Actor.AUDITOR)),
    ),
    source="EHDS art. 60(3), 77",
)
