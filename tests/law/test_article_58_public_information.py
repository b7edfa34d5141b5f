"""EHDS art. 58(1): what natural persons may read without asking: who got which data, for what."""

import json

import pytest
from django.test import Client

from tests.unit.portal.applications.road import Road, at_now, road

__all__ = ["at_now", "road"]
pytestmark = pytest.mark.usefixtures("at_now")


def test_point_f_who_was_granted_access_to_which_datasets_of_which_holders(
    road: Road, client: Client
) -> None:
    road.permit()

    (permit,) = json.loads(client.get("/register/register.json?kind=permit").content)["rows"]
    assert permit["organisation"] == "Université d’Exemple"
    assert permit["datasets"] == ["snds-synthetic"]
    assert permit["holders"] == ["Caisse d’exemple"]


def test_point_f_for_which_purposes(road: Road, client: Client) -> None:
    road.permit()

    page = client.get("/register/?purpose=e").content.decode()
    assert "FR-2026-0001" in page
    assert "Recherche scientifique" in page


def test_paragraph_1_it_is_easy_to_search_and_open_to_everybody(road: Road, client: Client) -> None:
    road.permit()

    assert "FR-2026-0001" in client.get("/register/?words=saignement").content.decode()
