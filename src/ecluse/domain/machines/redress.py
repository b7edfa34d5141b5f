"""Appeal against a decision, and complaint of a person or a holder.

An appeal lies against a negative decision or a measure, not against conditions (they are accepted
or declined), nor after a withdrawal: APPEALABLE. Source: EHDS art. 52, 63(5), 81; D6.4 § 10.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ecluse.domain.actors import Actor
from ecluse.domain.machines.machine import (
    Action,
    Call,
    Kind,
    Machine,
    State,
    machine,
)
from ecluse.domain.machines.rows import OFFICERS


@dataclass(frozen=True, slots=True)
class Upheld:
    """What follows when an appeal is upheld: on the decision appealed, and on the case."""

    action: str
    case_action: str


APPEALABLE: Mapping[tuple[Kind, str], Upheld] = {
    (Kind.DECISION_UNIT, "refused"): Upheld("reconsider", "resume-after-appeal"),
    (Kind.DATA_REQUEST, "refused"): Upheld("reconsider", "resume-after-appeal"),
    (Kind.AMENDMENT, "refused"): Upheld("reconsider", "settle-appeal"),
    (Kind.RENEWAL, "refused"): Upheld("reconsider", "settle-appeal"),
    (Kind.DESIGNATION, "refused"): Upheld("reconsider", "settle-appeal"),
    (Kind.PERMIT, "revoked"): Upheld("restore", "settle-appeal"),
}
"""What can be appealed, by kind and state."""

SETTLED = (Call(Kind.CASE, "settle-appeal"),)

APPELLANTS = (Actor.DATA_USER, Actor.DATA_HOLDER)
APPEAL: Machine = machine(
    Kind.APPEAL,
    (
        State(name="draft", owner=Actor.DATA_USER, french="Brouillon"),
        State(name="lodged", owner=Actor.DECIDER, french="Déposé"),
        State(name="before-court", owner=Actor.APPEAL_BODY, french="Devant le juge"),
        State(name="upheld", owner=Actor.NOBODY, french="Accueilli"),
        State(name="dismissed", owner=Actor.NOBODY, french="Rejeté"),
        State(name="inadmissible", owner=Actor.NOBODY, french="Irrecevable"),
        State(name="withdrawn", owner=Actor.NOBODY, french="Désistement"),
    ),
    (
        Action(
            name="lodge",
            sources=("draft",),
            to="lodged",
            by=APPELLANTS,
            calls=(Call(Kind.CASE, "reopen-on-appeal"),),
            letter="appeal-receipt",
            messages=("appeal-lodged",),
            source="63(5); CJA art. R421-1",
        ),
        Action(
            name="send-observations",
            sources=("lodged",),
            to="before-court",
            by=(Actor.DECIDER,),
            source="63(5)",
        ),
        Action(
            name="uphold",
            sources=("before-court",),
            to="upheld",
            by=(Actor.APPEAL_BODY,),
            letter="appeal-decision",
            messages=("decided",),
            needs_reason=True,
            source="D6.4 § 10: linked to the decision, which is taken anew",
        ),
        Action(
            name="dismiss",
            sources=("before-court",),
            to="dismissed",
            by=(Actor.APPEAL_BODY,),
            calls=SETTLED,
            letter="appeal-decision",
            messages=("decided",),
            needs_reason=True,
            source="63(5)",
        ),
        Action(
            name="declare-inadmissible",
            sources=("lodged", "before-court"),
            to="inadmissible",
            by=(Actor.APPEAL_BODY,),
            calls=SETTLED,
            letter="appeal-decision",
            messages=("decided",),
            needs_reason=True,
            source="CJA art. R421-1: out of time",
        ),
        Action(name="withdraw", sources=("draft",), to="withdrawn", by=APPELLANTS, source="–"),
        Action(
            name="withdraw",
            sources=("lodged", "before-court"),
            to="withdrawn",
            by=APPELLANTS,
            calls=SETTLED,
            source="–",
        ),
        Action(
            name="read",
            sources=(
                *("lodged", "before-court", "upheld", "dismissed"),
                *("inadmissible", "withdrawn"),
            ),
            by=(*APPELLANTS, *OFFICERS, Actor.APPEAL_BODY, Actor.AUDITOR),
        ),
    ),
    source="EHDS art. 63(5), 64(7); TEHDAS2 D6.4 § 10; CJA art. R421-1",
)

COMPLAINANTS = (Actor.CITIZEN, Actor.DATA_HOLDER, Actor.DATA_USER)
_COMPLAINT_READ = ("received", "under-way", "decided", "transmitted", "withdrawn")
COMPLAINT: Machine = machine(
    Kind.COMPLAINT,
    (
        State(name="draft", owner=Actor.CITIZEN, french="Brouillon"),
        State(name="received", owner=Actor.COMPLAINT_DESK, french="Reçue"),
        State(name="under-way", owner=Actor.COMPLAINT_DESK, french="En cours d'examen"),
        State(name="decided", owner=Actor.NOBODY, french="Réponse donnée"),
        State(name="transmitted", owner=Actor.NOBODY, french="Transmise à l'autorité"),
        State(name="withdrawn", owner=Actor.NOBODY, french="Retirée"),
    ),
    (
        Action(
            name="lodge",
            sources=("draft",),
            to="received",
            by=COMPLAINANTS,
            letter="complaint-receipt",
            messages=("complaint-received",),
            source="81(1), alone, together or through a mandated body; 52 for holders and users",
        ),
        Action(
            name="inform-progress",
            sources=("received", "under-way"),
            to="under-way",
            by=(Actor.COMPLAINT_DESK,),
            source="81(2)",
        ),
        Action(
            name="answer",
            sources=("under-way",),
            to="decided",
            by=(Actor.COMPLAINT_DESK,),
            letter="complaint-answer",
            needs_reason=True,
            source="81(2)",
        ),
        Action(
            name="transmit",
            sources=("received", "under-way"),
            to="transmitted",
            by=(Actor.COMPLAINT_DESK,),
            letter="complaint-transmitted",
            messages=("complaint-transmitted",),
            source="81(4): opt-out matters go to the authority, with what is known",
        ),
        Action(
            name="withdraw",
            sources=("draft", "received", "under-way"),
            to="withdrawn",
            by=COMPLAINANTS,
            source="–",
        ),
        Action(
            name="read",
            sources=_COMPLAINT_READ,
            by=(*COMPLAINANTS, Actor.COMPLAINT_DESK, Actor.AUDITOR),
        ),
    ),
    source="EHDS art. 52, 81",
)
