"""Nothing private ever leaves by the register, whatever field it stands in.

Every text of every table is replaced by a mark, but for the few that the register is made of; the
lines are written again; no public page or file may hold a mark.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, models, transaction
from django.test import Client

import ecluse
from ecluse.portal.applications.models import Submission
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.cases.models import ActRow, CaseRecord
from ecluse.portal.permits import actions as permit_actions
from ecluse.portal.register.actions import follow, publish
from tests.unit.portal.applications.road import NOW, Road, at_now, road

__all__ = ["at_now", "road"]

pytestmark = pytest.mark.usefixtures("at_now")
MARK = "canary-7c1f"
FORMS = Path(ecluse.__file__).parent / "schemas" / "forms"

PUBLIC_ANSWERS = {"title", "lay_summary", "organisation", "purposes", "data_format", "domicile"}
"""What an applicant is told will be published; the two others below only withhold."""
WITHHOLDING = {"summary_withheld", "person_form"}
PUBLIC = {
    *("catalogue.Dataset.slug", "catalogue.Dataset.title_fr", "catalogue.Dataset.title_en"),
    *("catalogue.Dataset.holder", "catalogue.Dataset.category"),
    *("cases.Item.item_id", "applications.Application.form"),
}
"""What the catalogue shows already, and two codes without which no file can be read."""
AGAINST_SOMEBODY = ("refuse", "close-incomplete", "revoke", "suspend")
ADDRESSES = (
    *("/register/", "/register/?kind=application", "/register/?words=canary"),
    *("/register/register.csv", "/register/register.csv?kind=application"),
    *("/register/register.json", "/register/register.json?kind=application"),
    *("/register/register.jsonld", "/register/feed.atom", "/register/feed.atom?kind=application"),
    *("/register/2026-00001/", "/register/2026-00002/", "/register/FR-2026-0001/"),
    *("/register/2026-00001/decision.json", "/register/FR-2026-0001/decision.json"),
    *("/register/report/?year=2026", "/register/report/report.csv?year=2026"),
    "/register/report/report.json?year=2026",
)


def texts(model: type[models.Model]) -> list[Any]:
    """The fields of a table that hold words and that nothing else depends on."""
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField)
        and not (field.primary_key or field.unique or field.is_relation)
        and f"{model._meta.label}.{field.name}" not in PUBLIC
    ]


def mark_everything() -> set[str]:
    """Put the mark in every private text there is; the names of the fields that took it."""
    marked: set[str] = set()
    for model in apps.get_models():
        if not model.__module__.startswith("ecluse.") or "register" in model.__module__:
            continue
        rows = model._default_manager.all()
        if model is ActRow:
            rows = rows.exclude(action__in=AGAINST_SOMEBODY)
        for field in texts(model):
            mark = f"{MARK}-{field.name}"[: field.max_length or 200]
            try:
                with transaction.atomic():
                    changed = rows.update(**{field.name: mark})
            except DatabaseError:
                continue  # a code that the database itself checks, or a table never changed
            marked |= {f"{model._meta.label}.{field.name}"} if changed else set()
    return marked


def mark_answers() -> int:
    """Put the mark in every answer that is not public, of every form that there is."""
    asked = {each for path in FORMS.glob("*.v*.json") for each in ids(json.loads(path.read_text()))}
    private = asked - PUBLIC_ANSWERS - WITHHOLDING
    for submission in Submission.objects.all():
        submission.answers |= {each: f"{MARK}-{each}" for each in private}
        submission.save()
    return len(private)


def ids(form: Any) -> set[str]:
    """Every question of a form, wherever it stands in it."""
    if isinstance(form, list):
        return {each for one in form for each in ids(one)}
    if not isinstance(form, dict):
        return set()
    own = {str(form["id"])} if "id" in form and "kind" in form else set()
    return own | {each for one in form.values() for each in ids(one)}


def body(client: Client, address: str) -> str:
    answer = client.get(address)
    content = b"".join(answer) if answer.streaming else answer.content
    return content.decode()


@pytest.fixture
def published(road: Road) -> Road:
    """A permit with a release, then revoked, and a refusal: all published."""
    released = road.release()
    permit_actions.revoke(released.permit, "Mésusage.", by=road.decider, now=NOW)
    road.refused()
    follow()
    return road


def test_no_private_text_of_any_table_is_in_any_public_output(
    published: Road, client: Client
) -> None:
    marked, answers = mark_everything(), mark_answers()
    for number in CaseRecord.objects.values_list("number", flat=True):
        publish(number, at=NOW)

    said = {address: body(client, address) for address in ADDRESSES}

    leaking = [address for address, text in said.items() if MARK in text]
    assert leaking == []
    assert answers > 100
    assert len(marked) > 15
    assert {
        "accounts.User.full_name",
        "accounts.User.organisation",
        "applications.ApplicationPerson.name",
        "applications.CriterionRow.reason",
        "cases.ActRow.reason",
        "cases.CaseRecord.title",
        "cases.Party.subject",
    } <= marked


def test_the_marks_would_be_seen_if_they_left(published: Road, client: Client) -> None:
    submission = Submission.objects.get(application__number="2026-00002")
    submission.answers |= {"title": MARK}
    submission.save()
    publish("2026-00002", at=NOW)

    seen = [address for address in ADDRESSES if MARK in body(client, address)]

    assert {"/register/", "/register/register.csv", "/register/register.jsonld"} <= set(seen)


def test_nothing_of_the_signed_permit_but_its_public_terms_is_given(
    published: Road, client: Client
) -> None:
    of_the_permit = [address for address in ADDRESSES if "report" not in address]
    said = "".join(body(client, address) for address in of_the_permit)
    private = ("Moreau", "Bernard", "univ.example", "hub.example", "Analyses isolées", "1500")

    assert [word for word in private if word in said] == []


def test_a_visitor_cannot_tell_a_draft_from_nothing(published: Road, client: Client) -> None:
    draft = published.draft()

    there = client.get(f"/register/{draft.number}/")
    nothing = client.get("/register/2026-99999/")

    assert (there.status_code, nothing.status_code) == (404, 404)
    assert there.content.replace(draft.number.encode(), b"") == nothing.content.replace(
        b"2026-99999", b""
    )


def test_reading_the_register_moves_no_file_and_writes_no_entry(
    published: Road, client: Client
) -> None:
    before = JournalEntry.objects.count()
    statuses = {client.get(address).status_code for address in ADDRESSES}

    assert statuses == {200}
    assert JournalEntry.objects.count() == before
