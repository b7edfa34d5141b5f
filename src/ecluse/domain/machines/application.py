"""The application for a data permit, as a file: from the draft to the decision.

The decision itself is taken on decision units, one per decider; the file follows them. The paper
that describes the states sends supplied information back to the screening in one place and to the
assessment in another: both roads exist, by what was asked (`awaiting-information` before the file
is complete, `awaiting-supplement` after), under one EU name. Source: EHDS art. 67 and 68.
"""

from ecluse.domain.actors import Actor
from ecluse.domain.machines.machine import (
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
from ecluse.domain.machines.rows import ENTAILED, SYSTEM, USER, desk_rows, filed_rows, team_rows

AWAITING = "AWAITING_ADDITIONAL_INFORMATION"
STATES = (
    State(name="draft", owner=Actor.DATA_USER, french="Brouillon", eu_name="DRAFT"),
    State(name="submitted", owner=Actor.ASSESSOR, french="Déposée", eu_name="SUBMITTED"),
    State(
        name="pre-screening",
        owner=Actor.ASSESSOR,
        french="Complétude en vérification",
        eu_name="PRE_SCREENING",
    ),
    State(
        name="awaiting-information",
        owner=Actor.DATA_USER,
        french="Pièces manquantes",
        eu_name=AWAITING,
    ),
    State(name="processing", owner=Actor.ASSESSOR, french="En instruction", eu_name="PROCESSING"),
    State(
        name="awaiting-supplement",
        owner=Actor.DATA_USER,
        french="Précisions attendues",
        eu_name=AWAITING,
    ),
    State(
        name="decided-positive",
        owner=Actor.NOBODY,
        french="Accordée",
        eu_name="DECISION_ISSUED POSITIVE",
    ),
    State(
        name="decided-negative",
        owner=Actor.NOBODY,
        french="Refusée",
        eu_name="DECISION_ISSUED NEGATIVE",
    ),
    State(name="withdrawn", owner=Actor.NOBODY, french="Retirée", eu_name="WITHDRAWN"),
    State(name="deleted", owner=Actor.NOBODY, french="Brouillon supprimé"),
)
FILED = tuple(state.name for state in STATES if state.name not in ("draft", "deleted"))
UNDER_WAY = (
    *("submitted", "pre-screening", "awaiting-information"),
    *("processing", "awaiting-supplement"),
)
EDITABLE = ("draft", "awaiting-information", "awaiting-supplement")


def _unit(action: str) -> tuple[Call, ...]:
    return (Call(Kind.DECISION_UNIT, action),)


DRAFTING = (
    Action(
        name="save-draft",
        sources=("draft",),
        by=USER,
        clocks=(*effect(Verb.VOID, "draft-kept"), *starts("draft-kept")),
        source="67(1)",
    ),
    Action(
        name="save-draft",
        sources=("awaiting-information", "awaiting-supplement"),
        by=USER,
        source="68(4)",
    ),
    Action(name="change-datasets", sources=EDITABLE, by=USER, source="67(2)(d)"),
    Action(
        name="remind", sources=("draft",), by=SYSTEM, messages=("draft-expires",), source="D6.4"
    ),
    Action(name="delete", sources=("draft",), to="deleted", by=USER, clocks=VOID_ALL),
    Action(
        name="delete",
        sources=("draft",),
        to="deleted",
        by=SYSTEM,
        clocks=VOID_ALL,
        after_lapse=("draft-kept",),
        source="D6.4: by rule of the hub, with notice",
    ),
    Action(
        name="submit",
        sources=("draft",),
        to="submitted",
        by=(Actor.DATA_USER, Actor.CONTACT_POINT),
        clocks=(*VOID_ALL, *starts("completeness-check")),
        calls=(Call(Kind.CASE, "open"),),
        letter="acknowledgement",
        messages=("file-submitted",),
        source="67(1); 67(3) for a part that another country forwards",
    ),
)
SCREENING = (
    Action(
        name="start-screening",
        sources=("submitted",),
        to="pre-screening",
        by=(Actor.ASSESSOR,),
        source="68(4)",
    ),
    Action(
        name="ask-information",
        sources=("pre-screening",),
        to="awaiting-information",
        by=(Actor.ASSESSOR,),
        clocks=(*completes("completeness-check"), *starts("completion")),
        letter="incomplete-file",
        messages=("information-asked",),
        needs_reason=True,
        source="68(4)",
    ),
    Action(
        name="supply-information",
        sources=("awaiting-information",),
        to="pre-screening",
        by=USER,
        clocks=(*completes("completion"), *starts("completeness-check")),
        messages=("information-supplied",),
        source="68(4)",
    ),
    Action(
        name="close-incomplete",
        sources=("awaiting-information",),
        to="decided-negative",
        by=SYSTEM,
        clocks=VOID_ALL,
        calls=(*_unit("close-incomplete"), Call(Kind.CASE, "record-decision")),
        letter="incomplete-refusal",
        messages=("decided",),
        after_lapse=("completion",),
        source="68(4): the permit is not issued",
    ),
    Action(
        name="declare-complete",
        sources=("pre-screening",),
        to="processing",
        by=(Actor.ASSESSOR,),
        clocks=completes("completeness-check"),
        calls=_unit("begin"),
        messages=("file-complete",),
        source="68(4)",
    ),
)
ASSESSING = (
    Action(
        name="ask-supplement",
        sources=("processing",),
        to="awaiting-supplement",
        by=(Actor.ASSESSOR, Actor.TRUSTED_HOLDER),
        clocks=starts("supplement"),
        calls=_unit("suspend"),
        letter="supplement",
        messages=("information-asked",),
        needs_reason=True,
        source="68(4); D6.4 § 8: the clock of the decision is void meanwhile",
    ),
    Action(
        name="supply-supplement",
        sources=("awaiting-supplement",),
        to="processing",
        by=USER,
        clocks=completes("supplement"),
        calls=_unit("resume"),
        messages=("information-supplied",),
        source="68(4)",
    ),
    Action(
        name="go-on-without",
        sources=("awaiting-supplement",),
        to="processing",
        by=(Actor.ASSESSOR,),
        clocks=VOID_ALL,
        calls=_unit("resume"),
        needs_reason=True,
        source="68(4): decided on the file as it is",
    ),
    Action(
        name="conclude-positive",
        sources=("processing",),
        to="decided-positive",
        by=ENTAILED,
        calls=(Call(Kind.CASE, "record-decision"),),
        source="68(3): a decision unit was granted, none is open",
    ),
    Action(
        name="conclude-negative",
        sources=("processing",),
        to="decided-negative",
        by=ENTAILED,
        calls=(Call(Kind.CASE, "record-decision"),),
        source="68(3): no decision unit was granted, none is open",
    ),
    Action(
        name="conclude-withdrawn",
        sources=("processing",),
        to="withdrawn",
        by=ENTAILED,
        calls=(Call(Kind.CASE, "record-withdrawal"),),
        source="62(5): every decision unit was withdrawn",
    ),
    Action(
        name="reconsider",
        sources=("decided-positive", "decided-negative"),
        to="processing",
        by=ENTAILED,
        source="63(5): an appeal was upheld",
    ),
)
WITHDRAWAL = (
    Action(
        name="withdraw",
        sources=("submitted", "pre-screening", "awaiting-information"),
        to="withdrawn",
        by=USER,
        clocks=VOID_ALL,
        calls=(*_unit("withdraw"), Call(Kind.CASE, "record-withdrawal")),
        messages=("file-withdrawn",),
        source="62(5)",
    ),
    Action(
        name="withdraw",
        sources=("processing", "awaiting-supplement"),
        to="withdrawn",
        by=USER,
        clocks=VOID_ALL,
        calls=(*_unit("withdraw"), Call(Kind.CASE, "record-withdrawal")),
        messages=("file-withdrawn",),
        source="62(5): against the costs incurred",
    ),
)
APPLICATION: Machine = machine(
    Kind.APPLICATION,
    STATES,
    (
        *DRAFTING,
        *SCREENING,
        *ASSESSING,
        *WITHDRAWAL,
        *filed_rows(drafts=("draft",), filed=FILED),
        *team_rows(editable=EDITABLE, filed=UNDER_WAY),
        *desk_rows(under_way=UNDER_WAY),
    ),
    source="EHDS art. 67, 68; TEHDAS2 D6.4 § 7",
)
