"""What the register says of each file, at each stage: line by line, from the decisions."""

from datetime import date

import pytest
from django.test import Client

from ecluse.portal.applications import actions as application_actions
from ecluse.portal.applications.models import Submission
from ecluse.portal.cases.actions import Content, perform
from ecluse.portal.cases.models import Item
from ecluse.portal.letters.models import Opening
from ecluse.portal.permits import actions as permit_actions
from ecluse.portal.register.actions import follow, publish
from ecluse.portal.register.models import Publication
from ecluse.portal.register.rows import PublicRow, rows_of
from tests.unit.portal.applications.road import NOW, Road

pytestmark = pytest.mark.usefixtures("at_now")


def lines(road: Road) -> list[tuple[str, str]]:
    follow()
    return list(Publication.objects.order_by("pk").values_list("number", "stage"))


def line(number: str) -> PublicRow:
    follow()
    return Publication.objects.get(number=number).row()


def test_a_draft_is_on_no_line(road: Road) -> None:
    road.draft()

    assert lines(road) == []


def test_an_application_is_on_a_line_as_soon_as_it_is_received(road: Road) -> None:
    road.submitted()

    assert lines(road) == [("2026-00001", "received")]
    assert line("2026-00001").received_on == date(2026, 1, 5)


def test_a_withdrawn_application_was_received_so_its_line_stays(road: Road) -> None:
    road.withdrawn()

    assert lines(road) == [("2026-00001", "withdrawn")]
    assert line("2026-00001").ended_on == date(2026, 1, 5)


def test_a_refusal_is_published_with_its_reasons(road: Road) -> None:
    road.refused()

    assert lines(road) == [("2026-00001", "refused")]
    assert line("2026-00001").reason == "Trop de colonnes."
    assert line("2026-00001").decided_on == date(2026, 1, 5)


def test_the_reasons_of_a_refusal_name_nobody_of_the_file(road: Road) -> None:
    assessed = road.assessed()
    reason = "Louis Bernard (louis.bernard@univ.example, 06 12 34 56 78) n’est pas qualifié."
    application_actions.refuse(assessed, reason, by=road.decider, now=NOW)

    assert line("2026-00001").reason == "[…] ([…], […]) n’est pas qualifié."


def test_a_permit_has_a_line_of_its_own_beside_that_of_its_application(road: Road) -> None:
    road.permit()

    assert lines(road) == [("2026-00001", "granted"), ("FR-2026-0001", "active")]


def test_the_line_of_a_permit_says_all_that_is_public(road: Road) -> None:
    road.permit()

    row = line("FR-2026-0001")
    assert (row.file, row.kind, row.organisation) == (
        "2026-00001",
        "permit",
        "Université d’Exemple",
    )
    assert (row.purposes, row.datasets, row.holders) == (
        ("e",),
        ("snds-synthetic",),
        ("Caisse d’exemple",),
    )
    assert (row.valid_from, row.valid_until) == (date(2026, 1, 5), date(2028, 1, 4))
    assert row.data_format == "pseudonymised"


def test_a_revocation_is_published_with_its_reasons(road: Road) -> None:
    permit_actions.revoke(road.permit(), "Usage hors finalité.", by=road.decider, now=NOW)

    assert line("FR-2026-0001").stage == "revoked"
    assert line("FR-2026-0001").reason == "Usage hors finalité."


def test_a_suspension_lifted_no_longer_shows_its_reason(road: Road) -> None:
    permit = road.permit()
    suspended = Content(reason="Incident.")
    perform(permit.item, "suspend", by=road.decider, now=NOW, content=suspended)
    before = line("FR-2026-0001")
    lifted = Content(reason="Incident clos.")
    perform(permit.item, "lift-suspension", by=road.decider, now=NOW, content=lifted)

    assert (before.stage, before.reason) == ("suspended", "Incident.")
    assert (line("FR-2026-0001").stage, line("FR-2026-0001").reason) == ("active", "")


def test_a_summary_that_the_applicant_withholds_is_not_published(road: Road) -> None:
    submitted = road.submitted()
    submission = Submission.objects.get()
    submission.answers |= {"summary_withheld": True, "lay_summary": "Secret industriel."}
    submission.save()

    (row,) = rows_of(submitted.case)

    assert row.summary == ""


def test_a_natural_person_is_not_named_as_an_organisation(road: Road) -> None:
    permit = road.permit()
    submission = Submission.objects.get()
    submission.answers |= {"person_form": "natural", "organisation": "Docteur Jeanne Petit"}
    submission.save()

    assert [row.organisation for row in rows_of(permit.item.case)] == ["", ""]


def test_what_is_being_corrected_since_is_not_public(road: Road) -> None:
    awaiting = road.awaiting()
    application_actions.save(awaiting, {"title": "Autre titre"}, by=road.camille, now=NOW)

    (row,) = rows_of(awaiting.case)

    assert row.title == "Saignements digestifs sous anti-inflammatoires"


def test_following_again_changes_nothing(road: Road) -> None:
    road.permit()
    follow()
    before = list(Publication.objects.values_list("pk", "changed_at", "search"))

    assert follow() == 0
    assert list(Publication.objects.values_list("pk", "changed_at", "search")) == before


def test_a_line_once_published_is_never_removed(road: Road) -> None:
    submitted = road.submitted()
    follow()
    application_actions.withdraw(submitted, by=road.camille, now=NOW)

    assert lines(road) == [("2026-00001", "withdrawn")]


def test_a_permit_that_was_replaced_keeps_its_number_and_its_page(
    road: Road, client: Client
) -> None:
    permit = road.permit()
    follow()
    Item.objects.filter(pk=permit.item.pk).update(state="superseded")
    publish("2026-00001", at=NOW)

    assert lines(road) == [("2026-00001", "granted"), ("FR-2026-0001", "replaced")]
    assert "Remplacée" in client.get("/register/FR-2026-0001/").content.decode()


def test_every_column_of_a_line_is_a_field_of_the_allow_list() -> None:
    columns = {field.name for field in Publication._meta.get_fields()}

    assert columns - set(PublicRow.__dataclass_fields__) == {"id", "changed_at", "search"}


def test_a_refusal_is_public_before_its_letter_is_opened(road: Road) -> None:
    road.refused()

    assert line("2026-00001").stage == "refused"
    assert not Opening.objects.exists()
