"""A call to a data holder under a permit: asked, acknowledged, supplied, received, made available.

The three months of the holder run from the request and may be extended once, where justified, by
the access body. What was supplied and is not what was asked was not supplied: the clock runs again
from its first day. Source: EHDS art. 60(2), 63(4), 68(7).
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
from ecluse.domain.machines.rows import OFFICERS, read_row

STATES = (
    State(name="to-ask", owner=Actor.PREPARER, french="À adresser"),
    State(name="asked", owner=Actor.DATA_HOLDER, french="Données demandées"),
    State(name="acknowledged", owner=Actor.DATA_HOLDER, french="Prise en charge"),
    State(name="supplied", owner=Actor.PREPARER, french="Données remises, à vérifier"),
    State(name="received", owner=Actor.PREPARER, french="Données reçues"),
    State(name="available", owner=Actor.NOBODY, french="Données mises à disposition"),
    State(name="cancelled", owner=Actor.NOBODY, french="Sans objet"),
)
OPEN = ("asked", "acknowledged")
"""The states in which the data are awaited from the holder."""
HOLDER, PREPARER, DECIDER = (Actor.DATA_HOLDER,), (Actor.PREPARER,), (Actor.DECIDER,)

ASKING = (
    Action(
        name="ask",
        sources=("to-ask",),
        to="asked",
        by=PREPARER,
        clocks=starts("supply"),
        messages=("data-asked",),
        source="60(2), 68(7)",
    ),
    Action(
        name="acknowledge", sources=("asked",), to="acknowledged", by=HOLDER, source="60(1): duty"
    ),
    Action(
        name="cancel",
        sources=("to-ask", *OPEN, "supplied", "received"),
        to="cancelled",
        by=(Actor.PREPARER, Actor.SYSTEM),
        clocks=VOID_ALL,
        needs_reason=True,
        source="63(3), 68(12): the permit no longer needs these data",
    ),
    read_row(
        STATES,
        (
            *(Actor.DATA_HOLDER, Actor.DATA_USER, Actor.PROJECT_MEMBER),
            *(*OFFICERS, Actor.PREPARER, Actor.AUDITOR),
        ),
    ),
)
LONGER = tuple(
    Action(
        name=name, sources=OPEN, by=by, clocks=clocks, messages=told, needs_reason=True, source=law
    )
    for name, by, clocks, told, law in (
        ("ask-extension", HOLDER, (), ("decision-awaited",), "60(2): in justified cases"),
        (
            *("extend", DECIDER, effect(Verb.EXTEND, "supply"), ("due-day-moved",)),
            "60(2): three months more, once, decided by the access body",
        ),
        ("refuse-extension", DECIDER, (), (), "60(2): not justified"),
    )
)
"""The extension: asked, given or not; each with its reason, on an open call."""
SUPPLYING = (
    Action(
        name="supply",
        sources=OPEN,
        to="supplied",
        by=HOLDER,
        clocks=completes("supply"),
        source="60(2)",
    ),
    Action(
        name="return-supply",
        sources=("supplied",),
        to="acknowledged",
        by=PREPARER,
        clocks=effect(Verb.REOPEN, "supply"),
        messages=("data-asked",),
        needs_reason=True,
        source="60(2): what was asked was not supplied",
    ),
    Action(
        name="receive",
        sources=("supplied",),
        to="received",
        by=PREPARER,
        clocks=starts("provision"),
        source="68(7): the two months of the access body begin",
    ),
    Action(
        name="make-available",
        sources=("received",),
        to="available",
        by=PREPARER,
        clocks=completes("provision"),
        source="68(7)",
    ),
)
HOLDER_CALL: Machine = machine(
    Kind.HOLDER_CALL,
    STATES,
    (*ASKING, *LONGER, *SUPPLYING),
    source="EHDS art. 60(2), 63(4), 68(7)",
)
