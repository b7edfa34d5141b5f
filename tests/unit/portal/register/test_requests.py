"""Data requests on the register: received, refused, approved, answered, as applications are."""

import pytest
from django.test import Client

from ecluse.portal.register import actions, recount
from ecluse.portal.register.models import Publication
from ecluse.portal.register.rows import PublicRow
from tests.unit.portal.requests.road import Requests, requests

__all__ = ["requests"]
pytestmark = pytest.mark.usefixtures("at_now")


def line(number: str) -> PublicRow:
    actions.follow()
    return Publication.objects.get(number=number).row()


@pytest.mark.parametrize(
    ("step", "stage"),
    [
        ("submitted", "received"),
        ("awaiting", "received"),
        ("refused", "refused"),
        ("answering", "approved"),
    ],
)
def test_a_data_request_is_public_at_each_stage(requests: Requests, step: str, stage: str) -> None:
    request = getattr(requests, step)()

    row = line(request.number)
    assert (row.kind, row.stage) == ("data-request", stage)
    assert row.datasets == ("snds-synthetic",)
    assert row.title == request.last_submission().answers["title"]


def test_a_draft_is_not_public(requests: Requests) -> None:
    requests.draft()
    actions.follow()

    assert not Publication.objects.exists()


def test_an_answer_given_is_public(requests: Requests, client: Client) -> None:
    requests.answered()
    actions.follow()

    (row,) = Publication.objects.filter(kind="data-request")
    assert row.stage == "answered"
    assert "Réponse donnée" in client.get(f"/register/{row.number}/").content.decode()


def test_requests_are_counted_as_their_files_say(requests: Requests) -> None:
    requests.refused()
    requests.answering()
    actions.follow()

    counted = {key[1:]: count for key, (count, _) in recount.stored().items()}
    assert counted["received", "data-request"] == 2
    assert counted["decided", "request-refused"] == 1
    assert counted["decided", "request-approved"] == 1
    assert recount.differences() == {}
