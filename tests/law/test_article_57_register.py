"""EHDS art. 57(1)(e), 57(1)(j) and 57(5): what the register publishes, of whom, until when."""

import json
from datetime import date

import pytest
from django.test import Client

from ecluse.portal.cases.models import ClockRow
from ecluse.portal.permits import actions as permit_actions
from tests.unit.portal.applications.road import NOW, Road, at_now, road

__all__ = ["at_now", "road"]
pytestmark = pytest.mark.usefixtures("at_now")


def line(client: Client, number: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(client.get(f"/register/{number}/decision.json").content)
    return found


def test_point_e_a_permit_is_published_with_whom_why_when_how_long_and_what(
    road: Road, client: Client
) -> None:
    road.permit()

    permit = line(client, "FR-2026-0001")
    assert permit["organisation"] == "Université d’Exemple"
    assert permit["purposes"] == ["e"]
    assert permit["decided_on"] == "2026-01-05"
    assert (permit["valid_from"], permit["valid_until"]) == ("2026-01-05", "2028-01-04")
    assert permit["summary"] == "Comparer deux médicaments."


def test_point_j_ii_an_application_is_public_once_received_before_it_is_complete(
    road: Road, client: Client
) -> None:
    road.submitted()

    assert line(client, "2026-00001")["stage"] == "received"


def test_point_j_iii_a_refusal_is_public_with_its_reasons(road: Road, client: Client) -> None:
    road.refused()

    refusal = line(client, "2026-00001")
    assert (refusal["stage"], refusal["reason"]) == ("refused", "Trop de colonnes.")


def test_point_j_iii_a_decision_is_due_on_the_register_in_thirty_working_days(road: Road) -> None:
    road.refused()  # on Monday 5 January 2026; no public holiday before Easter

    assert ClockRow.objects.get(rule="publish-decision").due_on == date(2026, 2, 16)


def test_point_j_iv_a_measure_against_a_user_is_public_with_its_reasons(
    road: Road, client: Client
) -> None:
    permit_actions.revoke(road.permit(), "Usage hors finalité.", by=road.decider, now=NOW)

    permit = line(client, "FR-2026-0001")
    assert (permit["stage"], permit["reason"]) == ("revoked", "Usage hors finalité.")
