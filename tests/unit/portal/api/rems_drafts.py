"""A draft that a partner portal fills, in REMS's texts and rows."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from ecluse.domain.forms import Kind
from ecluse.portal.api.rems.fields import written
from ecluse.portal.applications import versions
from ecluse.portal.applications.models import Application
from tests.unit.portal.api.programs import Portal
from tests.unit.portal.applications.road import ANSWERS, Road

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


def form_of(portal: Portal, number: int) -> int:
    """The number of the form of an application."""
    _status, said = portal.get(f"applications/{number}")
    return int(said["application/forms"][0]["form/id"])


def as_field_values(form: int, answers: dict[str, Any]) -> list[dict[str, Any]]:
    """Answers as a portal sends them."""
    version = versions.load(versions.FORM, versions.newest(versions.FORM))
    known = {field.id: field for field in version.fields()}
    return [
        {"form": form, "field": name, "value": written(known[name], answer, {})}
        for name, answer in answers.items()
        if known[name].kind is not Kind.ATTACHMENT
    ]


def attach(portal: Portal, number: int, content: bytes = PDF) -> dict[str, Any]:
    """Attach a file; what is answered."""
    answer = portal.client.post(
        f"/api/applications/add-attachment?application-id={number}",
        {"file": SimpleUploadedFile("plan.pdf", content)},
        headers=portal.headers(),
    )
    said: dict[str, Any] = answer.json()
    return said


def answered(portal: Portal, road: Road) -> int:
    """A draft with every question answered, through REMS's words alone; its number."""
    _status, said = portal.post("applications/create", {"catalogue-item-ids": [road.dataset.pk]})
    number = int(said["application-id"])
    form = form_of(portal, number)
    applicant = Application.objects.get(pk=number).applicant
    person = {"subject": applicant.subject, "name": "Alice", "is_principal_investigator": True}
    values = as_field_values(form, {**ANSWERS, "persons": [person]})
    file = {"form": form, "field": "research_plan", "value": str(attach(portal, number)["id"])}
    portal.post(
        "applications/save-draft", {"application-id": number, "field-values": [*values, file]}
    )
    return number
