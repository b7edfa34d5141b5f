"""Opinions asked outside by a link: asked, an interest declared, given, sealed until all are in."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from ecluse.domain import opinions
from ecluse.domain.actors import Actor, check_separate
from ecluse.domain.committees import Choice
from ecluse.domain.errors import InvalidInput, NotAllowed, NotFound
from ecluse.domain.opinions import Standing
from ecluse.domain.parameters import OPINION_LINK_DAYS
from ecluse.portal.accounts.models import User
from ecluse.portal.applications.actions import form_of
from ecluse.portal.applications.models import Application
from ecluse.portal.assessments.models import ExpertOpinion
from ecluse.portal.audit.actions import record
from ecluse.portal.cases import actions as cases
from ecluse.portal.cases.models import ActedAs
from ecluse.portal.cases.parties import role_for
from ecluse.portal.cases.recusals import Recusal
from ecluse.trust import canonical

EXPERT = "expert"
"""Who acts, in the journal: an expert without account is not named there."""
TOKEN_BYTES = 32
DECIDING = ("assess", "no-estimate", "grant", "refuse")
"""Whoever may do one of these on the decision may ask an opinion about it."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of whom, and which sections of the form they read."""

    expert_name: str
    expert_email: str
    question: str
    sections: tuple[str, ...]


@transaction.atomic
def ask(
    application: Application, asked: Request, *, by: User, now: datetime
) -> tuple[ExpertOpinion, str]:
    """Ask an opinion; the link's token is returned once and never stored.

    Raises NotAllowed: not an officer whose turn it is, or the expert has another part in the file.
    InvalidInput: unknown sections, or an opinion already awaited from the same person.
    """
    case = cases.hold(application.case)
    check_may_ask(application, by)
    email = asked.expert_email.strip().lower()
    _check_expert(application, email)
    known = {section.id for section in form_of(application).sections}
    if not asked.sections or not set(asked.sections) <= known:
        raise InvalidInput("Choose which sections of the form the expert reads.")
    token = secrets.token_urlsafe(TOKEN_BYTES)
    opinion = ExpertOpinion.objects.create(
        application=application,
        submission=application.submissions.count(),
        expert_name=asked.expert_name.strip(),
        expert_email=email,
        question=asked.question.strip(),
        sections=sorted(asked.sections),
        token_digest=_digest(token),
        asked_by=by,
        asked_at=now,
        expires_at=now + timedelta(days=OPINION_LINK_DAYS.value),
    )
    record("opinion.asked", case.number, by=by.subject, details=_told(opinion), at=now)
    return opinion, token


def check_may_ask(application: Application, user: User) -> None:
    """Pass if `user` assesses or decides the file now. Raises NotAllowed."""
    unit, refusal = application.unit(), None
    for action in DECIDING:
        try:
            role_for(unit, action, user)
        except NotAllowed as error:
            refusal = refusal or error
        else:
            return
    raise NotAllowed(str(refusal))


def _check_expert(application: Application, email: str) -> None:
    case = application.case
    acted = case.acted_rows.filter(subject=email).values_list("role", flat=True)
    check_separate(Actor.EXPERT, [Actor(role) for role in acted])
    is_person = case.parties.filter(subject=email).exists()
    if is_person or acted or case.recusals.filter(subject=email).exists():
        raise NotAllowed(
            _("Cette personne a déjà une part dans ce dossier : choisissez-en une autre.")
        )
    now_awaited = application.opinions.filter(
        expert_email=email, given_at=None, conflicted_at=None, withdrawn_at=None
    )
    if now_awaited.exists():
        raise InvalidInput(_("Un avis est déjà demandé à cette personne : retirez-le d’abord."))


def _told(opinion: ExpertOpinion) -> dict[str, str | int]:
    return {"opinion": opinion.pk, "submission": opinion.submission}


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def find(token: str) -> ExpertOpinion:
    """The opinion that a link is about. Raises NotFound, the same for any link that is not one."""
    rows = ExpertOpinion.objects.select_related("application__item__case")
    found = rows.filter(token_digest=_digest(token)).first()
    if found is None:
        raise NotFound(_("Ce lien ne mène à rien : demandez-en un autre à qui vous l’a envoyé."))
    return found


@transaction.atomic
def declare(token: str, interest: str, *, now: datetime) -> ExpertOpinion:
    """Say that one has no interest in the file, or which: then nothing of it is shown.

    Raises NotFound, NotAllowed: the link has served or expired.
    """
    opinion = _held(token)
    opinions.check_can_declare(opinion.value(), now=now)
    case, said = opinion.application.case, interest.strip()
    if said:
        opinion.conflicted_at, opinion.interest = now, said
        Recusal.objects.get_or_create(case=case, subject=opinion.expert_email, defaults={"at": now})
    else:
        opinion.cleared_at = opinion.cleared_at or now
    opinion.save(update_fields=["conflicted_at", "interest", "cleared_at"])
    details = {**_told(opinion), "interest": "yes" if said else "no"}
    record("opinion.declared", case.number, by=EXPERT, details=details, at=now)
    return opinion


@transaction.atomic
def give(token: str, choice: Choice, text: str, *, now: datetime) -> ExpertOpinion:
    """Sign the opinion: the link serves once, and nothing changes what was signed.

    Raises NotFound, NotAllowed: no declaration before, the link has served or expired, or the
    file is decided. InvalidInput for an empty opinion.
    """
    opinion = _held(token)
    opinions.check_can_give(opinion.value(), now=now)
    if not text.strip():
        raise InvalidInput(_("Un avis est motivé : écrivez-le."))
    case = opinion.application.case
    opinion.choice, opinion.text, opinion.given_at = choice.value, text.strip(), now
    opinion.digest = canonical.digest(canonical.encode([choice.value, opinion.text]))
    opinion.save(update_fields=["choice", "text", "given_at", "digest"])
    ActedAs.objects.get_or_create(case=case, subject=opinion.expert_email, role=Actor.EXPERT.value)
    details = _told(opinion)
    record("opinion.signed", case.number, by=EXPERT, digest=opinion.digest, details=details, at=now)
    return opinion


@transaction.atomic
def withdraw(opinion: ExpertOpinion, *, by: User, now: datetime) -> ExpertOpinion:
    """Ask this opinion no more: its link serves no more. Raises NotAllowed."""
    cases.hold(opinion.application.case)
    check_may_ask(opinion.application, by)
    fresh = ExpertOpinion.objects.select_for_update(of=("self",)).get(pk=opinion.pk)
    if opinions.standing(fresh.value(), now=now) not in (*opinions.AWAITED, Standing.LAPSED):
        raise NotAllowed(_("Cet avis n’est plus attendu."))
    fresh.withdrawn_at = now
    fresh.save(update_fields=["withdrawn_at"])
    number = fresh.application.number
    record("opinion.withdrawn", number, by=by.subject, details=_told(fresh), at=now)
    return fresh


def _held(token: str) -> ExpertOpinion:
    """The opinion of the link, held with its file: two uses of a link come one after the other."""
    case = cases.hold(find(token).application.case)
    rows = ExpertOpinion.objects.select_related("application__item__case")
    found = rows.select_for_update(of=("self",)).get(token_digest=_digest(token))
    if case.turn == Actor.NOBODY.value:
        raise NotAllowed(_("Ce dossier est clos : votre avis n’est plus attendu. Merci."))
    return found
