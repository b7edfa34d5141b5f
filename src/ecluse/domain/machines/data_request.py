"""The data request of art. 69: an answer in aggregated form, never the data behind it.

Its clock runs from receipt, complete or not: asking for information stops nothing, and the four
weeks of art. 68(4) do not apply. What leaves is checked as any output (art. 73(2)).
"""

from ecluse.domain.actors import Actor
from ecluse.domain.clocks.tracks import Track
from ecluse.domain.machines.machine import (
    DECISION,
    VOID_ALL,
    Action,
    Call,
    Kind,
    Machine,
    State,
    completes,
    machine,
    starts,
)
from ecluse.domain.machines.rows import (
    ENTAILED,
    USER,
    desk_rows,
    estimate_rows,
    filed_rows,
    reminder_rows,
    team_rows,
)

AWAITING = "AWAITING_ADDITIONAL_INFORMATION"
PROCESSING = "PROCESSING"
STATES = (
    State(name="draft", owner=Actor.DATA_USER, french="Brouillon", eu_name="DRAFT"),
    State(name="submitted", owner=Actor.ASSESSOR, french="Déposée", eu_name="SUBMITTED"),
    State(name="assessment", owner=Actor.ASSESSOR, french="En évaluation", eu_name=PROCESSING),
    State(
        name="awaiting-information",
        owner=Actor.DATA_USER,
        french="Précisions attendues",
        eu_name=AWAITING,
    ),
    State(
        name="trusted-assessment",
        owner=Actor.TRUSTED_HOLDER,
        french="En évaluation chez le détenteur de confiance",
        eu_name=PROCESSING,
    ),
    State(
        name="estimating",
        owner=Actor.ASSESSOR,
        french="Redevances à estimer",
        eu_name=PROCESSING,
    ),
    State(
        name="estimate-sent",
        owner=Actor.DATA_USER,
        french="Estimation à accepter",
        eu_name=PROCESSING,
    ),
    State(name="deciding", owner=Actor.DECIDER, french="À décider", eu_name=PROCESSING),
    State(
        name="answering",
        owner=Actor.PREPARER,
        french="Réponse en préparation",
        eu_name="DECISION_ISSUED POSITIVE",
    ),
    State(
        name="checking",
        owner=Actor.CHECKER,
        french="Réponse en vérification",
        eu_name="DECISION_ISSUED POSITIVE",
    ),
    State(
        name="answered",
        owner=Actor.NOBODY,
        french="Réponse donnée",
        eu_name="DECISION_ISSUED POSITIVE",
    ),
    State(
        name="refused",
        owner=Actor.NOBODY,
        french="Refusée",
        eu_name="DECISION_ISSUED NEGATIVE",
    ),
    State(name="withdrawn", owner=Actor.NOBODY, french="Retirée", eu_name="WITHDRAWN"),
    State(name="deleted", owner=Actor.NOBODY, french="Brouillon supprimé"),
)
FILED = tuple(state.name for state in STATES if state.name not in ("draft", "deleted"))
BEFORE_DECISION = (
    *("submitted", "assessment", "awaiting-information", "trusted-assessment"),
    *("estimating", "estimate-sent", "deciding"),
)
EDITABLE = ("draft", "awaiting-information")
DECISION_RECORDED = (Call(Kind.CASE, "record-decision"),)

ROAD = (
    Action(name="save-draft", sources=EDITABLE, by=USER, source="69(2)"),
    Action(name="delete", sources=("draft",), to="deleted", by=(Actor.DATA_USER, Actor.SYSTEM)),
    Action(
        name="submit",
        sources=("draft",),
        to="submitted",
        by=(Actor.DATA_USER, Actor.CONTACT_POINT),
        tracks=(Track.REQUEST,),
        clocks=starts(DECISION),
        calls=(Call(Kind.CASE, "open"),),
        letter="acknowledgement",
        messages=("file-submitted",),
        source="69(4): from receipt",
    ),
    Action(
        name="submit",
        sources=("draft",),
        to="trusted-assessment",
        by=(Actor.DATA_USER, Actor.CONTACT_POINT),
        tracks=(Track.TRUSTED_HOLDER,),
        clocks=starts("trusted-holder-assessment"),
        calls=(Call(Kind.CASE, "open"),),
        letter="acknowledgement",
        messages=("file-forwarded",),
        source="72(4), 72(5)",
    ),
    Action(
        name="start-assessment",
        sources=("submitted",),
        to="assessment",
        by=(Actor.ASSESSOR,),
        source="69(4)",
    ),
    Action(
        name="ask-information",
        sources=("assessment",),
        to="awaiting-information",
        by=(Actor.ASSESSOR,),
        letter="supplement",
        messages=("information-asked",),
        needs_reason=True,
        source="69(4): the clock goes on",
    ),
    Action(
        name="supply-information",
        sources=("awaiting-information",),
        to="assessment",
        by=USER,
        messages=("information-supplied",),
        source="69(4)",
    ),
    Action(
        name="go-on-without",
        sources=("awaiting-information",),
        to="assessment",
        by=(Actor.ASSESSOR,),
        needs_reason=True,
        source="69(4): the clock went on",
    ),
    Action(
        name="assess",
        sources=("assessment",),
        to="estimating",
        by=(Actor.ASSESSOR,),
        source="69(3)",
    ),
    Action(
        name="propose",
        sources=("trusted-assessment",),
        to="estimating",
        by=(Actor.TRUSTED_HOLDER,),
        clocks=(*completes("trusted-holder-assessment"), *starts(DECISION)),
        messages=("decision-awaited",),
        source="72(5)",
    ),
    *estimate_rows(),
)
DECIDING = (
    Action(
        name="approve",
        sources=("deciding",),
        to="answering",
        by=(Actor.DECIDER,),
        clocks=(*completes(DECISION), *starts("request-answer")),
        calls=DECISION_RECORDED,
        letter="request-approved",
        messages=("decided",),
        source="69(4)",
    ),
    Action(
        name="refuse",
        sources=("deciding",),
        to="refused",
        by=(Actor.DECIDER,),
        clocks=completes(DECISION),
        calls=DECISION_RECORDED,
        letter="request-refusal",
        messages=("decided",),
        needs_reason=True,
        source="69(3)",
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
        name="prepare-answer",
        sources=("answering",),
        to="checking",
        by=(Actor.PREPARER, Actor.SYSTEM),
        messages=("answer-ready",),
        source="69(1), 73(2)",
    ),
    Action(
        name="return-answer",
        sources=("checking",),
        to="answering",
        by=(Actor.CHECKER, Actor.SYSTEM),
        needs_reason=True,
        source="73(2)",
    ),
    Action(
        name="release-answer",
        sources=("checking",),
        to="answered",
        by=(Actor.CHECKER, Actor.SYSTEM),
        clocks=(*completes("request-answer"), *starts("results-public")),
        letter="answer",
        messages=("decided", "results-due"),
        source="69(1), 61(4)",
    ),
    Action(
        name="publish-results",
        sources=("answered",),
        by=USER,
        clocks=completes("results-public"),
        source="61(4)",
    ),
    Action(
        name="withdraw",
        sources=BEFORE_DECISION,
        to="withdrawn",
        by=USER,
        clocks=VOID_ALL,
        calls=(Call(Kind.CASE, "record-withdrawal"),),
        messages=("file-withdrawn",),
        source="62(5)",
    ),
)
DATA_REQUEST: Machine = machine(
    Kind.DATA_REQUEST,
    STATES,
    (
        *ROAD,
        *DECIDING,
        *filed_rows(drafts=("draft",), filed=FILED),
        *team_rows(editable=EDITABLE, filed=BEFORE_DECISION),
        *desk_rows(under_way=BEFORE_DECISION),
        *reminder_rows(STATES),
    ),
    source="EHDS art. 61(4), 62(5), 69, 72(5), 73(2)",
)
