"""The French declaration of conformity to a reference methodology (MR), instead of a permit.

Not in the EHDS: it stays for data outside its categories, and for all until 2029. Source: loi 78-17
art. 73; reference methodologies of the CNIL.
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
from ecluse.domain.machines.rows import USER, filed_rows

STATES = (
    State(name="draft", owner=Actor.DATA_USER, french="Brouillon"),
    State(name="declared", owner=Actor.ASSESSOR, french="Conformité à vérifier"),
    State(name="committee", owner=Actor.COMMITTEE, french="Avis du comité attendu"),
    State(name="registered", owner=Actor.DATA_USER, french="Au registre public"),
    State(name="completed", owner=Actor.DATA_USER, french="Résultats à déposer"),
    State(name="closed", owner=Actor.NOBODY, french="Résultats déposés"),
    State(name="redirected", owner=Actor.NOBODY, french="Procédure complète nécessaire"),
    State(name="withdrawn", owner=Actor.NOBODY, french="Retirée"),
)
FILED = tuple(state.name for state in STATES if state.name != "draft")
_LAW = "loi 78-17 art. 73"
_REPORT = (*completes("methodology-report"), *starts("methodology-report"))

DECLARATION: Machine = machine(
    Kind.DECLARATION,
    STATES,
    (
        Action(name="save-draft", sources=("draft",), by=USER, source=_LAW),
        Action(
            name="declare",
            sources=("draft",),
            to="declared",
            by=USER,
            letter="acknowledgement",
            messages=("file-submitted",),
            source=_LAW,
        ),
        Action(
            name="register",
            sources=("declared",),
            to="registered",
            by=(Actor.ASSESSOR, Actor.SYSTEM),
            clocks=starts("methodology-report"),
            letter="declaration-receipt",
            messages=("decided",),
            source=_LAW + "; the rule set of the methodology is met",
        ),
        Action(
            name="ask-committee",
            sources=("declared",),
            to="committee",
            by=(Actor.ASSESSOR,),
            clocks=starts("committee-opinion"),
            messages=("opinion-asked",),
            source="loi 78-17 art. 76; only where the methodology says so",
        ),
        Action(
            name="give-favourable-opinion",
            sources=("committee",),
            to="registered",
            by=(Actor.COMMITTEE,),
            clocks=(*completes("committee-opinion"), *starts("methodology-report")),
            letter="declaration-receipt",
            messages=("opinion-given", "decided"),
            source="loi 78-17 art. 76",
        ),
        Action(
            name="give-unfavourable-opinion",
            sources=("committee",),
            to="redirected",
            by=(Actor.COMMITTEE,),
            clocks=completes("committee-opinion"),
            letter="full-procedure-needed",
            messages=("opinion-given", "decided"),
            needs_reason=True,
            source="loi 78-17 art. 76",
        ),
        Action(
            name="redirect",
            sources=("declared",),
            to="redirected",
            by=(Actor.ASSESSOR,),
            letter="full-procedure-needed",
            messages=("decided",),
            needs_reason=True,
            source=_LAW + ": the methodology is not met",
        ),
        Action(
            name="report",
            sources=("registered",),
            by=USER,
            clocks=_REPORT,
            source="reference methodologies: every three years",
        ),
        Action(
            name="complete",
            sources=("registered",),
            to="completed",
            by=USER,
            clocks=(*VOID_ALL, *starts("results-public")),
            messages=("results-due",),
            source="CSP art. L1461-3 II",
        ),
        Action(
            name="deposit-results",
            sources=("completed",),
            to="closed",
            by=USER,
            clocks=completes("results-public"),
            source="CSP art. L1461-3 II",
        ),
        Action(
            name="withdraw",
            sources=("draft", "declared", "committee", "registered"),
            to="withdrawn",
            by=USER,
            clocks=VOID_ALL,
            messages=("file-withdrawn",),
            source=_LAW,
        ),
        *filed_rows(drafts=("draft",), filed=FILED),
    ),
    source="loi 78-17 art. 73, 76; CSP art. L1461-3",
)
