"""What a person asks under the GDPR: information, access, rectification, opposition.

Answered within a month, which may be extended by two, once, with the reason told within the first.
Source: GDPR art. 12(3), 12(4), 13 to 16, 21; 77 for the complaint to the authority.
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

ANSWER = "rights-answer"
PERSON = (Actor.CITIZEN,)
DESK = (Actor.OPT_OUT_DESK,)
OPEN = ("received", "under-way")
RIGHTS_REQUEST: Machine = machine(
    Kind.RIGHTS_REQUEST,
    (
        State(name="draft", owner=Actor.CITIZEN, french="Brouillon"),
        State(name="received", owner=Actor.OPT_OUT_DESK, french="Reçue"),
        State(name="under-way", owner=Actor.OPT_OUT_DESK, french="En cours d'examen"),
        State(name="answered", owner=Actor.NOBODY, french="Réponse donnée"),
        State(name="refused", owner=Actor.NOBODY, french="Refusée"),
        State(name="withdrawn", owner=Actor.NOBODY, french="Retirée"),
    ),
    (
        Action(
            name="lodge",
            sources=("draft",),
            to="received",
            by=PERSON,
            clocks=starts(ANSWER),
            letter="rights-receipt",
            messages=("rights-request-received",),
            source="GDPR 12(2), 12(3)",
        ),
        Action(
            name="start-assessment",
            sources=("received",),
            to="under-way",
            by=DESK,
            source="GDPR 12(3): without undue delay",
        ),
        Action(
            name="extend",
            sources=OPEN,
            by=DESK,
            clocks=effect(Verb.EXTEND, ANSWER),
            letter="rights-extension",
            needs_reason=True,
            source="GDPR 12(3): two further months, told with reasons within the first",
        ),
        Action(
            name="answer",
            sources=OPEN,
            to="answered",
            by=DESK,
            clocks=completes(ANSWER),
            letter="rights-answer",
            needs_reason=True,
            source="GDPR 12(3), 15, 16, 21",
        ),
        Action(
            name="refuse",
            sources=OPEN,
            to="refused",
            by=DESK,
            clocks=completes(ANSWER),
            letter="rights-refusal",
            needs_reason=True,
            source="GDPR 12(4): reasons, complaint to the authority, remedy before a court",
        ),
        Action(
            name="withdraw",
            sources=("draft", *OPEN),
            to="withdrawn",
            by=PERSON,
            clocks=VOID_ALL,
            source="–",
        ),
        Action(
            name="read",
            sources=(*OPEN, "answered", "refused", "withdrawn"),
            by=(*PERSON, *DESK, Actor.AUDITOR),
        ),
    ),
    source="GDPR art. 12, 15, 16, 21, 77",
)
