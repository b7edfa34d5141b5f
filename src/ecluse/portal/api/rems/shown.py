"""A file of ours as REMS shows an application."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.conf import settings

from ecluse.domain.codec import format_instant
from ecluse.domain.machines.application import EDITABLE
from ecluse.portal.accounts.models import User
from ecluse.portal.api import duo, visas
from ecluse.portal.api.models import Acceptance, PartnerPerson
from ecluse.portal.api.rems.forms import form_shown
from ecluse.portal.applications import actions
from ecluse.portal.applications.models import Application
from ecluse.portal.applications.reading import answers_shown
from ecluse.portal.cases.models import ActRow
from ecluse.portal.catalogue.models import Dataset
from ecluse.portal.drafts.models import Attachment, Invitation
from ecluse.portal.permits.models import PermitRecord
from ecluse.trust import canonical

WORKFLOW: Final = 1
"""There is one: the machines of the law."""
STATES: Final[Mapping[str, str]] = {
    "draft": "draft",
    "awaiting-information": "returned",
    "awaiting-supplement": "returned",
    "decided-positive": "approved",
    "decided-negative": "rejected",
    "withdrawn": "closed",
    "deleted": "closed",
}
EVENTS: Final[Mapping[str, str]] = {
    "submit": "submitted",
    "supply-information": "submitted",
    "supply-supplement": "submitted",
    "ask-information": "returned",
    "ask-supplement": "returned",
    "grant": "approved",
    "refuse": "rejected",
    "close-incomplete": "rejected",
    "withdraw": "closed",
    "delete": "deleted",
    "revoke": "revoked",
    "expire": "expired",
}
TYPES: Final[Mapping[str, str]] = {
    "pdf": "application/pdf",
    "csv": "text/csv",
    "png": "image/png",
    "jpeg": "image/jpeg",
    "zip": "application/zip",
}
BINARY: Final = "application/octet-stream"


def overview(found: Application, reader: User, partner: User) -> dict[str, Any]:
    """An application as the list of somebody's own shows it."""
    created, last = _times(found)
    permit = PermitRecord.objects.filter(application=found).order_by("pk").last()
    shown: dict[str, Any] = {
        "application/id": found.pk,
        "application/external-id": found.number,
        "application/generated-external-id": found.number,
        "application/state": f"application.state/{_state(found, permit)}",
        "application/workflow": {"workflow/id": WORKFLOW, "workflow/type": "workflow/master"},
        "application/applicant": user_shown(found.applicant, partner),
        "application/members": _members(found, partner),
        "application/invited-members": _invited(found),
        "application/description": found.title_for(reader),
        "application/resources": [resource_shown(found.dataset)],
        "application/accepted-licenses": accepted(found, partner),
        "application/attachments": [_attachment(one) for one in attachments(found)],
        "application/permissions": _permissions(found, reader),
        "application/roles": ["applicant" if found.applicant_id == reader.pk else "member"],
        "application/todo": None,
        "application/blacklist": [],
        "application/created": created,
        "application/modified": last,
        "application/last-activity": last,
    }
    if found.submitted_at:
        shown["application/first-submitted"] = format_instant(found.submitted_at)
    if permit:
        shown["entitlement/end"] = format_instant(visas.ends_at(permit))
    return shown


def whole(found: Application, reader: User, partner: User) -> dict[str, Any]:
    """A whole application: its form with the answers, its conditions, what was done."""
    answers = answers_shown(found, reader)
    form = form_shown(actions.form_of(found), answers, attachments(found))
    return {
        **overview(found, reader, partner),
        "application/forms": [form],
        "application/licenses": [license_shown(found.dataset)],
        "application/events": _events(found, partner),
    }


def _state(found: Application, permit: PermitRecord | None) -> str:
    if permit is not None and permit.revoked_at is not None:
        return "revoked"
    return STATES.get(found.state, "submitted")


def _times(found: Application) -> tuple[str, str]:
    last = ActRow.objects.filter(item__case=found.case).order_by("at").last()
    created = format_instant(found.started_at)
    return created, format_instant(last.at) if last else created


def user_id(account: User, partner: User) -> str:
    """The name of a person for a portal: its own if it brought them, else their subject."""
    known = PartnerPerson.objects.filter(partner=partner, account=account).first()
    return known.user_id if known else account.subject


def user_shown(account: User, partner: User) -> dict[str, Any]:
    """A person of a file."""
    return {
        "userid": user_id(account, partner),
        "name": account.full_name,
        "email": account.email,
        "organizations": [{"organization/id": account.organisation}],
    }


def _members(found: Application, partner: User) -> list[dict[str, Any]]:
    others = found.persons.exclude(subject=found.applicant.subject).order_by("subject")
    accounts = {
        one.email: one
        for one in User.objects.get_queryset().filter(email__in=[p.subject for p in others])
    }
    return [
        user_shown(accounts[one.subject], partner)
        if one.subject in accounts
        else {"userid": one.subject, "name": one.name, "email": one.subject}
        for one in others
    ]


def _invited(found: Application) -> list[dict[str, str]]:
    waiting = Invitation.objects.filter(
        file=found.number, accepted_at__isnull=True, withdrawn_at__isnull=True
    )
    return [{"name": one.email, "email": one.email} for one in waiting.order_by("pk")]


def resource_shown(dataset: Dataset) -> dict[str, Any]:
    """A dataset as the resource of an application."""
    address = f"{settings.ECLUSE_URL}/catalogue/{dataset.slug}/"
    since = dataset.described_at
    return {
        "catalogue-item/id": dataset.pk,
        "catalogue-item/title": {"fr": dataset.title_fr, "en": dataset.title_en},
        "catalogue-item/infourl": {"fr": address, "en": address},
        "catalogue-item/start": format_instant(since) if since else "1970-01-01T00:00:00.000Z",
        "catalogue-item/end": None,
        "catalogue-item/expired": False,
        "catalogue-item/enabled": True,
        "catalogue-item/archived": False,
        "resource/id": dataset.pk,
        "resource/ext-id": dataset.slug,
        "resource/duo": {"duo/codes": [_term(term) for term in duo.terms_of(dataset)]},
    }


def _term(term: str) -> dict[str, Any]:
    known = duo.TERMS[term]
    label = {"en": known.label}
    return {"id": term, "shorthand": known.shorthand, "label": label, "description": label}


def license_shown(dataset: Dataset) -> dict[str, Any]:
    """The conditions of a dataset as a licence to accept."""
    return {
        "license/id": dataset.pk,
        "license/type": "text",
        "license/title": {"fr": "Conditions d’accès", "en": "Conditions of access"},
        "license/text": {"fr": dataset.conditions_fr, "en": dataset.conditions_en},
        "license/enabled": True,
        "license/archived": False,
    }


def conditions_digest(dataset: Dataset) -> str:
    """The digest of the conditions as they stand: other conditions are to be accepted again."""
    return canonical.digest(canonical.encode([dataset.conditions_fr, dataset.conditions_en]))


def accepted(found: Application, partner: User) -> dict[str, list[int]]:
    """Who accepted the conditions as they stand, for this file."""
    rows = Acceptance.objects.filter(
        file=found.number, digest=conditions_digest(found.dataset)
    ).select_related("account")
    return {user_id(row.account, partner): [found.dataset.pk] for row in rows}


def attachments(found: Application) -> list[Attachment]:
    """What is attached to a file now."""
    return list(Attachment.objects.of_file(found.number).order_by("pk"))


def _attachment(one: Attachment) -> dict[str, Any]:
    return {
        "attachment/id": one.pk,
        "attachment/filename": one.name,
        "attachment/type": TYPES.get(one.type, BINARY),
    }


def _permissions(found: Application, reader: User) -> list[str]:
    if found.applicant_id != reader.pk:
        return ["application.command/copy-as-new"]
    names = ["copy-as-new"]
    if found.state in EDITABLE:
        names += ["accept-licenses", "invite-member", "save-draft", "submit"]
    if found.state == "draft":
        names.append("delete")
    return [f"application.command/{name}" for name in sorted(names)]


def _events(found: Application, partner: User) -> list[dict[str, Any]]:
    """What was done, in REMS's words; an officer is named by their office."""
    rows = ActRow.objects.filter(item__case=found.case, action__in=EVENTS).select_related("by")
    first = _event(found, "created", found.started_at, user_shown(found.applicant, partner))
    return [
        first,
        *(
            _event(found, EVENTS[row.action], row.at, _actor(found, row, partner))
            for row in rows.order_by("at", "pk")
        ),
    ]


def _actor(found: Application, row: ActRow, partner: User) -> dict[str, Any]:
    if row.by is not None and row.by.subject in found.subjects():
        return user_shown(row.by, partner)
    return {"userid": row.role, "name": None, "email": None}


def _event(found: Application, name: str, at: datetime, actor: dict[str, Any]) -> dict[str, Any]:
    return {
        "event/type": f"application.event/{name}",
        "event/time": format_instant(at),
        "event/actor": actor["userid"],
        "event/actor-attributes": actor,
        "application/id": found.pk,
    }


def entitlement(record: PermitRecord, subject: User, slug: str, partner: User) -> dict[str, Any]:
    """What a permit gives to one person on one dataset."""
    return {
        "resource": slug,
        "user": user_shown(subject, partner),
        "application-id": record.application_id,
        "start": format_instant(record.granted_at),
        "end": format_instant(visas.ends_at(record)),
        "mail": subject.email,
    }
