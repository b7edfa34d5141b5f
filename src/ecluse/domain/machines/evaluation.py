"""The evaluation of an AI system: written, registered, locked, run, reported, made public.

What is registered is signed and public; what is locked is never written again. The lock is the
hub's, who knows the data; the sponsor cannot give it to itself. Source: EHDS art. 53(1)(e), 61(4).
"""

from typing import Final

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
from ecluse.domain.machines.rows import OFFICERS, SYSTEM, USER, read_row

HUB: Final = (Actor.PREPARER,)
RESULTS: Final = "results-public"
"""The clock of results: public within 18 months. Source: EHDS art. 61(4)."""
STATES: Final = (
    State(name="draft", owner=Actor.DATA_USER, french="Brouillon"),
    State(name="registered", owner=Actor.PREPARER, french="Protocole enregistré"),
    State(name="locked", owner=Actor.DATA_USER, french="Verrouillé"),
    State(name="run", owner=Actor.DATA_USER, french="Exécuté"),
    State(name="reported", owner=Actor.PREPARER, french="Rapport déposé"),
    State(name="public", owner=Actor.NOBODY, french="Public"),
    State(name="withdrawn", owner=Actor.NOBODY, french="Retiré"),
)
UNDER_WAY: Final = ("registered", "locked", "run", "reported")
OPENED: Final = ("locked", "run", "reported")
"""The states in which data were opened: the protocol stands, deviations are added."""
EVALUATION: Machine = machine(
    Kind.EVALUATION,
    STATES,
    (
        Action(name="save-draft", sources=("draft",), by=USER, source="TRIPOD+AI 18c"),
        Action(
            name="register-protocol",
            sources=("draft",),
            to="registered",
            by=USER,
            messages=("protocol-registered",),
            source="TRIPOD+AI 18d",
        ),
        Action(
            name="revise-protocol",
            sources=("registered",),
            to="draft",
            by=USER,
            source="before data are opened, a new version replaces the former, which stays public",
        ),
        Action(
            name="lock-protocol",
            sources=("registered",),
            to="locked",
            by=HUB,
            messages=("protocol-locked",),
            source="a protocol fixed before data are opened",
        ),
        Action(
            name="deviate",
            sources=OPENED,
            by=USER,
            needs_reason=True,
            source="TRIPOD+AI 18c: deviations are reported",
        ),
        Action(
            name="order-run",
            sources=("locked", "run"),
            by=USER,
            source="EHDS art. 53(1)(e), 73(2): run where the data are, checked before it leaves",
        ),
        Action(
            name="record-run",
            sources=("locked",),
            to="run",
            by=(*USER, *HUB, *SYSTEM),
            clocks=starts(RESULTS),
            source="EHDS art. 61(4): the months run from here",
        ),
        Action(
            name="file-report",
            sources=("run",),
            to="reported",
            by=(*USER, *HUB, *SYSTEM),
            messages=("report-filed",),
            source="EHDS art. 61(4)",
        ),
        Action(
            name="publish-report",
            sources=("reported",),
            to="public",
            by=HUB,
            clocks=completes(RESULTS),
            messages=("report-published",),
            source="EHDS art. 61(4)",
        ),
        Action(
            name="withdraw",
            sources=("draft", *UNDER_WAY),
            to="withdrawn",
            by=USER,
            clocks=VOID_ALL,
            needs_reason=True,
            source="what was registered stays public, with the reason of its withdrawal",
        ),
        read_row(STATES, (*USER, Actor.PROJECT_MEMBER, Actor.PREPARER, *OFFICERS, Actor.AUDITOR)),
    ),
    source="EHDS art. 53(1)(e), 61(4); TRIPOD+AI 18c, 18d",
)
