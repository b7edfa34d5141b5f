"""From rows to the sheet of a letter: who writes, to whom, about what, in one language."""

from dataclasses import dataclass

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ecluse.domain.actors import Actor
from ecluse.domain.machines.letters import LETTERS
from ecluse.portal.accounts.models import User
from ecluse.portal.cases.actions import day_of
from ecluse.portal.cases.letters import CUTS, LetterText, letter_text, letterhead
from ecluse.portal.cases.models import ActRow, CaseRecord, Dispatch
from ecluse.portal.letters import contents
from ecluse.portal.letters.paper import Sheet
from ecluse.portal.permits.models import PermitRecord
from ecluse.trust.keys import to_milliseconds

OFFICES: dict[str, Promise] = {
    Actor.ASSESSOR.value: _("agent chargé de l’instruction"),
    Actor.DECIDER.value: _("agent habilité à décider"),
    Actor.TRUSTED_HOLDER.value: _("détenteur de données de confiance"),
    Actor.PREPARER.value: _("agent chargé de préparer les données"),
    Actor.CHECKER.value: _("agent chargé du contrôle des sorties"),
    Actor.COMPLAINT_DESK.value: _("agent chargé des plaintes"),
    Actor.APPEAL_BODY.value: _("agent chargé des recours"),
}
"""Whose acts are the hub's own: their letters bear a name (CRPA art. L212-1)."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What a letter comes from, its number and its code."""

    dispatch: Dispatch
    act: ActRow
    permit: PermitRecord | None
    number: str
    code: str


def sheet_of(origin: Origin, *, language: str) -> Sheet:
    """The letter in one language."""
    act, case = origin.act, origin.dispatch.case
    head = letterhead()
    is_officer = act.by is not None and act.role in OFFICES
    with translation.override(language):
        return Sheet(
            language=language,
            number=origin.number,
            case_number=case.number,
            authority=head["authority"][language],
            address=tuple(head["address"]),
            contact=head["contact"],
            city=head["city"],
            addressee=_addressee(case, origin.dispatch.name),
            author=act.by.full_name if act.by and is_officer else "",
            office=str(OFFICES[act.role]) if is_officer else "",
            text=text_of(origin),
            dated_on=day_of(case, act.at),
            decided_at=to_milliseconds(act.at),
            code=origin.code,
            check_address=f"{settings.ECLUSE_PUBLIC_URL}/check/{origin.code}/",
        )


def text_of(origin: Origin) -> LetterText:
    """The words of the letter, in the language of now."""
    dispatch, act = origin.dispatch, origin.act
    return letter_text(
        dispatch.name,
        dispatch.case,
        reason=act.reason,
        due_on=contents.due_on_of(dispatch, act),
        dated_on=day_of(dispatch.case, act.at),
        parts=contents.parts_of(dispatch.name, dispatch.case, origin.permit),
    )


def states_remedies(origin: Origin) -> bool:
    """Whether the letter can be contested: by what it is, or by what it does not give."""
    parts = contents.parts_of(origin.dispatch.name, origin.dispatch.case, origin.permit)
    return LETTERS[origin.dispatch.name].states_remedies or bool(parts.get(CUTS))


def addressees_of(case: CaseRecord, name: str) -> list[User]:
    """Whom a letter is for: the holder where it is for one, else whoever opened the file."""
    parties = case.parties.order_by("pk")
    for role in (LETTERS[name].to.value, Actor.DATA_USER.value):
        subjects = parties.filter(role=role).values_list("subject", flat=True)
        found = {user.subject: user for user in User.objects.filter(email__in=subjects)}
        if found:
            return [found[subject] for subject in subjects if subject in found]
    return []


def _addressee(case: CaseRecord, name: str) -> tuple[str, ...]:
    lines = (
        line for user in addressees_of(case, name) for line in (user.full_name, user.organisation)
    )
    return tuple(line for line in lines if line)
