"""Who may open what is attached to a file: its team; its officers, once it is submitted."""

from django.db.models import F
from django.utils.translation import gettext as _

from ecluse.domain.errors import EcluseError, NotFound
from ecluse.portal.accounts.models import User
from ecluse.portal.applications import drafts
from ecluse.portal.applications.blocks import attached
from ecluse.portal.applications.models import Application
from ecluse.portal.drafts.actions import check_may_open
from ecluse.portal.drafts.models import Attachment


def find_file(number: str, digest: str, user: User) -> Attachment:
    """Return an attached file that this person may open now.

    Raises NotFound: nothing of that name for them, or no longer. Raises NotAllowed: it waits for
    the search for viruses, and they are not of the team.
    """
    is_own = _is_of_team(number, user)
    known = Attachment.objects.filter(file=number, digest=digest)
    found = (
        known.order_by(F("removed_at").asc(nulls_first=True)).first()
        if is_own or _reads(number, digest, user)
        else None
    )
    if found is None or (is_own and not known.of_file(number).exists()):
        raise NotFound(_("Aucun fichier de ce nom ne vous est ouvert."))
    check_may_open(found, is_own=is_own)
    return found


def _is_of_team(number: str, user: User) -> bool:
    try:
        drafts.find(number, user)
    except EcluseError:
        return False
    return True


def _reads(number: str, digest: str, user: User) -> bool:
    """Whether an officer reads a submission of the file that names this attachment."""
    application = Application.objects.visible_to(user).filter(number=number).first()
    if application is None or not user.may("application.read-any"):
        return False
    return any(
        item["digest"] == digest
        for submission in application.submissions.all()
        for answer in submission.answers.values()
        for item in attached(answer)
    )
