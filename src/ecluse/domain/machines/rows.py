"""Rows that several kinds of file share: reading, remarks, the team, opinions."""

from collections.abc import Collection

from ecluse.domain.actors import Actor
from ecluse.domain.machines.machine import Action, State

OFFICERS = (Actor.ASSESSOR, Actor.DECIDER)
READERS = (*OFFICERS, Actor.EXPERT, Actor.COMMITTEE, Actor.AUDITOR)
USER = (Actor.DATA_USER,)
SYSTEM = (Actor.SYSTEM,)
ENTAILED = (Actor.ENTAILED,)


def read_row(states: Collection[State], by: tuple[Actor, ...]) -> Action:
    """Who reads an object whatever its state."""
    return Action(name="read", sources=tuple(state.name for state in states), by=by)


def filed_rows(*, drafts: Collection[str], filed: Collection[str]) -> tuple[Action, ...]:
    """Who reads a file, remarks on it and blacks out what does not belong in it.

    A draft is its authors' alone (the auditor reads everything); a filed one is read by officers
    and by those whose opinion was asked, who keep sight of it once given.
    """
    every = (*drafts, *filed)
    return (
        Action(name="read", sources=every, by=(Actor.DATA_USER, Actor.PROJECT_MEMBER)),
        Action(name="read", sources=tuple(drafts), by=(Actor.AUDITOR,)),
        Action(name="read", sources=tuple(filed), by=READERS),
        Action(name="copy-as-new", sources=every, by=(Actor.DATA_USER, Actor.PROJECT_MEMBER)),
        Action(name="remark", sources=tuple(filed), by=(*OFFICERS, Actor.EXPERT, Actor.COMMITTEE)),
        Action(
            name="redact-attachment",
            sources=tuple(filed),
            by=(*OFFICERS, Actor.EXPERT),
            source="EHDS art. 67: no personal data in attachments",
        ),
    )


def team_rows(*, editable: Collection[str], filed: Collection[str]) -> tuple[Action, ...]:
    """The persons of a file: invited while it can be edited, removed at any time until decided.

    A draft is its applicant's; once filed, the assessor may keep the list right too. After the
    decision, the list is that of the permit. Source: EHDS art. 67(2)(a): kept up to date.
    """
    source = "EHDS art. 67(2)(a)"
    open_ = ("draft", *filed)
    kept_by = {USER: open_, (Actor.ASSESSOR,): tuple(filed)}
    return (
        *(
            Action(
                name="invite-member",
                sources=tuple(state for state in states if state in editable),
                by=by,
                messages=("member-invited",),
                source=source,
            )
            for by, states in kept_by.items()
        ),
        *(
            Action(name=name, sources=states, by=by, source=source)
            for name in ("uninvite-member", "remove-member")
            for by, states in kept_by.items()
        ),
        Action(name="accept-invitation", sources=open_, by=(Actor.INVITEE,), source=source),
        Action(
            name="accept-terms",
            sources=open_,
            by=(Actor.DATA_USER, Actor.PROJECT_MEMBER),
            source="EHDS art. 61",
        ),
    )


def desk_rows(*, under_way: Collection[str]) -> tuple[Action, ...]:
    """What officers do beside the road: assign, hand over, ask and give opinions, vote."""
    states = tuple(under_way)
    opinions = (Actor.EXPERT, Actor.COMMITTEE, Actor.AUTHORITY)
    return (
        Action(name="assign", sources=states, by=OFFICERS, messages=("file-assigned",), source="–"),
        Action(name="tag", sources=states, by=OFFICERS, source="the desk's own bookkeeping"),
        Action(
            name="hand-over",
            sources=states,
            by=(Actor.DATA_USER, Actor.ASSESSOR),
            needs_reason=True,
            source="another applicant of the same legal person takes the file over",
        ),
        Action(
            name="ask-opinion",
            sources=states,
            by=OFFICERS,
            messages=("opinion-asked",),
            source="EHDS art. 55(2), 67(2)(j)",
        ),
        Action(
            name="give-opinion",
            sources=states,
            by=opinions,
            messages=("opinion-given",),
            source="EHDS art. 55(2), 67(2)(j)",
        ),
        Action(name="vote", sources=states, by=(Actor.COMMITTEE, Actor.EXPERT), source="–"),
    )


def reminder_rows(states: Collection[State]) -> tuple[Action, ...]:
    """The payer of an invoice past its due day is reminded, whatever became of the file since."""
    return (
        Action(
            name="remind-payment",
            sources=tuple(state.name for state in states),
            by=SYSTEM,
            messages=("payment-late",),
            source="62(1); a choice of this hub",
        ),
    )


def estimate_rows() -> tuple[Action, ...]:
    """The estimate of the fees, sent before the decision and accepted, or not needed.

    Source: EHDS art. 62(1) and 62(5).
    """
    return (
        Action(
            name="send-estimate",
            sources=("estimating",),
            to="estimate-sent",
            by=(Actor.ASSESSOR,),
            letter="estimate",
            messages=("estimate-sent",),
            source="62(5)",
        ),
        Action(
            name="no-estimate",
            sources=("estimating",),
            to="deciding",
            by=(Actor.ASSESSOR,),
            messages=("decision-awaited",),
            needs_reason=True,
            source="62(1): nothing to charge, or a refusal is proposed",
        ),
        Action(
            name="accept-estimate",
            sources=("estimate-sent",),
            to="deciding",
            by=USER,
            messages=("decision-awaited",),
            source="62(5)",
        ),
    )
