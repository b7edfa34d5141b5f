"""Amendment and extension of a permit: kinds of file of their own, with the permit as parent.

The Regulation sets no clock for either. Those of an application are applied by analogy: the choice
of this project. A new purpose or new data is no amendment but a new application; the list of
persons is an update (art. 67(2)(a)), not a file. Source: EHDS art. 68(12), 68(13), recital 74.
"""

from ecluse.domain.actors import Actor
from ecluse.domain.machines.machine import (
    DECISION,
    VOID_ALL,
    Action,
    Call,
    Kind,
    Machine,
    State,
    Verb,
    completes,
    effect,
    machine,
    starts,
)
from ecluse.domain.machines.rows import ENTAILED, SYSTEM, USER, desk_rows, filed_rows

STATES = (
    State(name="draft", owner=Actor.DATA_USER, french="Brouillon"),
    State(name="assessment", owner=Actor.ASSESSOR, french="En évaluation"),
    State(name="awaiting-information", owner=Actor.DATA_USER, french="Pièces manquantes"),
    State(name="deciding", owner=Actor.DECIDER, french="À décider"),
    State(name="granted", owner=Actor.NOBODY, french="Accordée"),
    State(name="refused", owner=Actor.NOBODY, french="Refusée"),
    State(name="withdrawn", owner=Actor.NOBODY, french="Retirée"),
    State(name="redirected", owner=Actor.NOBODY, french="Nouvelle demande nécessaire"),
)
UNDER_WAY = ("assessment", "awaiting-information", "deciding")
FILED = (*UNDER_WAY, "granted", "refused", "withdrawn", "redirected")


def _rows(source: str, *, issue: str, letter: str) -> tuple[Action, ...]:
    return (
        Action(name="save-draft", sources=("draft", "awaiting-information"), by=USER),
        Action(
            name="submit",
            sources=("draft",),
            to="assessment",
            by=USER,
            clocks=starts(DECISION),
            letter="acknowledgement",
            messages=("file-submitted",),
            source=source,
        ),
        Action(
            name="ask-information",
            sources=("assessment",),
            to="awaiting-information",
            by=(Actor.ASSESSOR,),
            clocks=(*effect(Verb.SUSPEND), *starts("completion")),
            letter="incomplete-file",
            messages=("information-asked",),
            needs_reason=True,
            source="68(4) by analogy",
        ),
        Action(
            name="supply-information",
            sources=("awaiting-information",),
            to="assessment",
            by=USER,
            clocks=(*completes("completion"), *effect(Verb.RESUME)),
            messages=("information-supplied",),
            source="68(4) by analogy",
        ),
        Action(
            name="close-incomplete",
            sources=("awaiting-information",),
            to="refused",
            by=SYSTEM,
            clocks=VOID_ALL,
            letter="incomplete-refusal",
            messages=("decided",),
            after_lapse=("completion",),
            source="68(4) by analogy",
        ),
        Action(
            name="assess",
            sources=("assessment",),
            to="deciding",
            by=(Actor.ASSESSOR,),
            messages=("decision-awaited",),
            source=source,
        ),
        Action(
            name="extend",
            sources=("assessment", "deciding"),
            by=(Actor.DECIDER,),
            clocks=effect(Verb.EXTEND),
            letter="extension",
            messages=("due-day-moved",),
            needs_reason=True,
            source="68(4) by analogy",
        ),
        Action(
            name="grant",
            sources=("deciding",),
            to="granted",
            by=(Actor.DECIDER,),
            clocks=completes(DECISION),
            calls=(Call(Kind.PERMIT, "supersede"), Call(Kind.PERMIT, issue)),
            letter=letter,
            messages=("decided",),
            source=source,
        ),
        Action(
            name="refuse",
            sources=("deciding",),
            to="refused",
            by=(Actor.DECIDER,),
            clocks=completes(DECISION),
            letter="refusal",
            messages=("decided",),
            needs_reason=True,
            source="68(9)",
        ),
        Action(
            name="reconsider",
            sources=("refused",),
            to="deciding",
            by=ENTAILED,
            clocks=starts(DECISION),
            messages=("decision-awaited",),
            source="63(5): an appeal was upheld",
        ),
        Action(
            name="redirect",
            sources=("assessment",),
            to="redirected",
            by=(Actor.ASSESSOR,),
            clocks=VOID_ALL,
            letter="new-application-needed",
            messages=("decided",),
            needs_reason=True,
            source="68(13): another purpose or other data; 68(12): too late, or a second time",
        ),
        Action(
            name="withdraw",
            sources=("draft", *UNDER_WAY),
            to="withdrawn",
            by=USER,
            clocks=VOID_ALL,
            messages=("file-withdrawn",),
            source="62(5)",
        ),
        *filed_rows(drafts=("draft",), filed=FILED),
        *desk_rows(under_way=UNDER_WAY),
    )


AMENDMENT: Machine = machine(
    Kind.AMENDMENT,
    STATES,
    _rows("68(13)", issue="issue-amended", letter="amended-permit"),
    source="EHDS art. 68(13), recital 74",
)
RENEWAL: Machine = machine(
    Kind.RENEWAL,
    STATES,
    _rows("68(12)", issue="issue-extended", letter="extended-permit"),
    source="EHDS art. 68(12)",
)
