"""A significant finding about persons of an extract: from the user to the holder, who tells them.

The file says what was found, never about whom: that stays in the secure zone. The hub looks at the
form and sends it on; it meets no person and gives no medical opinion.
Source: EHDS art. 58(3), 61(5).
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

TEAM = (Actor.DATA_USER, Actor.PROJECT_MEMBER)
HUB = (Actor.ASSESSOR,)
HOLDER = (Actor.DATA_HOLDER,)
CHECK, TOLD = "finding-check", "finding-told"
WRITABLE = ("draft", "asked")
WITH_HOLDER = ("with-holder", "done")
"""The states in which the holders have something to read."""
STATES = (
    State(name="draft", owner=Actor.DATA_USER, french="Brouillon"),
    State(name="reported", owner=Actor.ASSESSOR, french="À examiner"),
    State(name="asked", owner=Actor.DATA_USER, french="Précisions demandées"),
    State(name="qualified", owner=Actor.ASSESSOR, french="Significative, à transmettre"),
    State(name="searching", owner=Actor.SYSTEM, french="Recherche dans la zone sécurisée"),
    State(name="with-holder", owner=Actor.DATA_HOLDER, french="Chez le détenteur"),
    State(name="done", owner=Actor.NOBODY, french="Close : le détenteur a rendu compte"),
    State(name="set-aside", owner=Actor.NOBODY, french="Non retenue"),
    State(name="withdrawn", owner=Actor.NOBODY, french="Retirée"),
)
BY_TEAM = (
    Action(name="save-draft", sources=WRITABLE, by=TEAM),
    Action(
        name="report-finding",
        sources=("draft",),
        to="reported",
        by=TEAM,
        clocks=starts(CHECK),
        messages=("finding-reported",),
        source="61(5)",
    ),
    Action(
        name="give-precision",
        sources=("asked",),
        to="reported",
        by=TEAM,
        clocks=starts(CHECK),
        messages=("finding-reported",),
        source="61(5), 61(6)",
    ),
    Action(
        name="withdraw",
        sources=("draft", "reported", "asked"),
        to="withdrawn",
        by=TEAM,
        clocks=VOID_ALL,
        needs_reason=True,
        source="61(5): what was reported proves wrong",
    ),
)
BY_HUB = (
    Action(
        name="ask-precision",
        sources=("reported",),
        to="asked",
        by=HUB,
        clocks=completes(CHECK),
        messages=("finding-precision-asked",),
        needs_reason=True,
        source="58(3)",
    ),
    Action(
        name="qualify",
        sources=("reported",),
        to="qualified",
        by=HUB,
        messages=("finding-qualified",),
        needs_reason=True,
        source="58(3): significant, for the health of these persons",
    ),
    Action(
        name="set-aside",
        sources=("reported", "qualified"),
        to="set-aside",
        by=HUB,
        clocks=completes(CHECK),
        messages=("finding-set-aside",),
        needs_reason=True,
        source="58(3): not significant, or of no use to these persons",
    ),
    Action(
        name="send-finding",
        sources=("qualified",),
        to="searching",
        by=HUB,
        clocks=completes(CHECK),
        source="58(3): the access body tells the data holder",
    ),
)
BY_ZONE = (
    Action(
        name="record-refusal",
        sources=("searching",),
        to="qualified",
        by=SYSTEM,
        clocks=starts(CHECK),
        messages=("finding-refused",),
        needs_reason=True,
        source="the secure zone did not obey the order",
    ),
    Action(
        name="record-search",
        sources=("searching",),
        to="with-holder",
        by=SYSTEM,
        clocks=starts(TOLD),
        messages=("finding-sent",),
        source="58(3)",
    ),
)
BY_HOLDER = (
    Action(
        name="tell-outcome",
        sources=("with-holder",),
        by=HOLDER,
        source="58(3): the person or their health professional, as national law says",
    ),
    Action(
        name="close-finding",
        sources=("with-holder",),
        to="done",
        by=SYSTEM,
        clocks=completes(TOLD),
        messages=("finding-done",),
        source="58(3): every holder concerned has told what it did",
    ),
)
FINDING: Machine = machine(
    Kind.FINDING,
    STATES,
    (
        *(*BY_TEAM, *BY_HUB, *BY_ZONE, *BY_HOLDER),
        read_row(STATES, (*TEAM, *OFFICERS, Actor.AUDITOR)),
        Action(name="read", sources=WITH_HOLDER, by=HOLDER, source="58(3)"),
    ),
    source="EHDS art. 58(3), 61(5)",
)
