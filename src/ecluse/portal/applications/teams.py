"""The team of a file: who is invited, who joins, who carries the application from now on."""

from datetime import datetime

from django.db import transaction

from ecluse.domain.actors import Actor
from ecluse.portal.accounts.models import User
from ecluse.portal.applications import actions
from ecluse.portal.applications.drafts import Place, require_applicant
from ecluse.portal.applications.models import Application
from ecluse.portal.audit.actions import record
from ecluse.portal.cases.models import Party
from ecluse.portal.drafts import actions as around
from ecluse.portal.drafts.models import Invitation, TeamRole


def invite(place: Place, email: str, *, role: str, by: User, now: datetime) -> str:
    """Invite somebody to the file; return the secret of the link, shown once.

    Raises NotAllowed: only the applicant invites. Raises InvalidInput.
    """
    require_applicant(place)
    return around.invite(place.application.number, email, role=role, by=by, now=now)[1]


@transaction.atomic
def accept(token: str, *, by: User, now: datetime) -> Application:
    """Join the file of an invitation, or take over the application. Raises NotAllowed.

    Only who may ask for data joins: nobody of the hub works on a file that they may have to judge
    (EHDS art. 55(3)).
    """
    by.require("application.start")
    invitation = around.find_invitation(token, user=by, now=now)
    around.use(invitation, by=by, now=now)
    application = Application.objects.select_for_update(of=("self",), no_key=True).get(
        number=invitation.file
    )
    if invitation.role == Invitation.APPLICANT:
        _hand_over(application, by, now=now)
    elif application.applicant_id != by.pk:
        around.join(application.number, by, role=TeamRole(invitation.role), now=now)
    actions.name_members(application)
    return application


def _hand_over(application: Application, to: User, *, now: datetime) -> None:
    """Make somebody the applicant; who was becomes an editor of the team."""
    former = application.applicant
    if former == to:
        return
    around.leave(application.number, to)
    application.applicant = to
    application.save(update_fields=["applicant"])
    parties = Party.objects.filter(case=application.case)
    parties.filter(subject=to.subject).exclude(role=Actor.DATA_USER.value).delete()
    parties.filter(subject=former.subject, role=Actor.DATA_USER.value).update(subject=to.subject)
    around.join(application.number, former, role=TeamRole.EDITOR, now=now)
    details = {"to": to.subject}
    record(
        "application.handed-over", application.number, by=former.subject, details=details, at=now
    )


def withdraw(place: Place, pk: int, *, now: datetime) -> None:
    """Take an invitation back. Raises NotAllowed, NotFound."""
    require_applicant(place)
    around.withdraw_invitation(place.application.number, pk, now=now)


@transaction.atomic
def remove(place: Place, pk: int, *, by: User, now: datetime) -> None:
    """Take somebody out of the team. Raises NotAllowed, NotFound."""
    require_applicant(place)
    around.remove_member(place.application.number, pk, by=by, now=now)
    actions.name_members(place.application)
