"""What a page shows of a request: its road, votes, remarks and what this reader may do now."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ecluse.domain.documents import Decision
from ecluse.domain.errors import NotAllowed
from ecluse.domain.reviews import acts, judging
from ecluse.domain.reviews.judging import Phase
from ecluse.domain.reviews.machine import State
from ecluse.domain.reviews.review import Review
from ecluse.portal.accounts.models import User
from ecluse.portal.outputs import evidence
from ecluse.portal.outputs.labels import VOTES
from ecluse.portal.outputs.models import Remark, Request, RequestVote
from ecluse.portal.outputs.reviewing import Opinion

Stop = tuple[str, datetime | None, str | None, str]
"""A stop of the road: title, when, a sentence, and `done`, `current` or `todo`."""

_ORDER = (
    (State.DRAFT, State.RETURNED),
    (State.SUBMITTED, State.SCREENING, State.BLOCKED),
    (State.IN_REVIEW, State.ONE_REVIEW),
    (State.REVIEWED, State.REJECTED),
    (State.APPROVED, State.RELEASING, State.RELEASE_FAILED),
    (State.RELEASED, State.RECALLED),
)


@dataclass(frozen=True, slots=True)
class SaidVote:
    """A vote in words: on which file, by whom, what, why."""

    file: str
    checker: str
    decision: str
    comment: str


def road(request: Request, review: Review) -> list[Stop]:
    """Return the stops of a request, with where it stands."""
    state = review.frozen_from or review.state
    here = next((at for at, states in enumerate(_ORDER) if state in states), -1)
    texts = _texts(request, review)
    return [
        (title, request.requested_at if at == 1 else None, texts.get(at), _mark(at, here, state))
        for at, title in enumerate(
            (
                _("Préparée"),
                _("Contrôles automatiques"),
                _("Avis indépendants"),
                _("Décision"),
                _("Libération"),
                _("Résultat sorti"),
            )
        )
    ]


def _mark(at: int, here: int, state: State) -> str:
    if at == here:
        return "done" if state is State.RELEASED else "current"
    return "done" if at < here else "todo"


def _texts(request: Request, review: Review) -> dict[int, str]:
    count = len(review.submitted)
    given = ngettext("%(n)d avis rendu", "%(n)d avis rendus", count) % {"n": count}
    expected = _("%(k)d attendus, chacun sans voir les autres.") % {"k": review.policy.reviewers}
    turn = _("par %(name)s") % {"name": request.requester} if request.document else ""
    if review.turn > 1:
        turn = _("%(who)s, tour %(turn)d") % {"who": turn, "turn": review.turn}
    last = _("Rappelée : plus personne ne l’obtient.") if review.state is State.RECALLED else None
    return {0: turn, 2: f"{given}, {expected}", **({5: last} if last else {})}


def said_votes(request: Request, review: Review, user: User) -> list[SaidVote]:
    """Return the votes that this reader may see now, file by file."""
    if user.may("output.read-content"):
        visible = judging.visible_votes(review, viewer=user.subject)
    else:
        visible = judging.votes_for_author(review)
    seen = {(vote.name, vote.checker) for vote in visible}
    rows = RequestVote.objects.filter(file__request=request).select_related("file", "checker")
    return [
        SaidVote(row.file.name, row.checker.full_name, str(VOTES[row.decision]), row.comment)
        for row in rows.order_by("file__name", "voted_at")
        if (row.file.name, row.checker.subject) in seen
    ]


def own_opinions(request: Request, user: User) -> dict[str, Opinion]:
    """Return what this checker said of the files, by name: those that changed lost it."""
    rows = RequestVote.objects.filter(file__request=request, checker=user).select_related("file")
    return {row.file.name: Opinion(Decision(row.decision), row.comment) for row in rows}


def remarks(request: Request, review: Review, user: User) -> list[Remark]:
    """Return the remarks that this reader may see now.

    A checker at work sees their own and the author's; private ones are for checkers alone.
    """
    rows = request.remarks.select_related("by").order_by("at", "pk")
    if not user.may("output.read-content"):
        return [row for row in rows if not row.is_private]
    if judging.phase(review) is not Phase.INDEPENDENT:
        return list(rows)
    return [row for row in rows if row.by_id in (user.pk, request.requested_by_id)]


def obstacle(request: Request, review: Review, user: User, *, now: datetime) -> str:
    """Return why this person cannot hand in a review now; empty if they can."""
    if not user.may("output.vote", state=request.state):
        return _("Seuls les contrôleurs des sorties votent, tant que rien n’est décidé.")
    if not may_decide(review, user):
        return _("Vous êtes lié à ce projet : une autre personne doit voter (art. 55(3)).")
    try:
        acts.check_checker(review, user.subject, at=now)
    except NotAllowed:
        return _("Votre accréditation ne couvre pas ces données : une autre personne doit voter.")
    return _passing_obstacle(request, review, user)


def _passing_obstacle(request: Request, review: Review, user: User) -> str:
    if user.subject in review.submitted and review.state is not State.REVIEWED:
        return _("Vous avez voté. Un second contrôleur vote à son tour, sans voir votre vote.")
    if review.is_suspended:
        return _("L’autorisation est suspendue : rien ne se décide avant la levée.")
    if not evidence.all_arrived(request):
        return _("Les fichiers ne sont pas encore tous arrivés : revenez dans quelques minutes.")
    return ""


def may_decide(review: Review, user: User) -> bool:
    """Whether this person may return or refuse the request: a checker of no part of it."""
    return user.subject not in review.barred and user.subject != review.author
