"""The forms of the second gate, filled in as a browser does."""

import pytest
from django.test import Client

from ecluse.portal.accounts.models import User
from ecluse.portal.outputs import reviewing
from ecluse.portal.outputs.models import Request
from tests.unit.portal.outputs.asking import NO, vote
from tests.unit.portal.zone import NOW, Zone, checked_job

HERE = "/outputs/FR-2026-0001-R1/"
GROUP = {"name": "Résultats", "context": "Counts.", "controls": "11 or more.", "take_0": "on"}


@pytest.fixture
def author(zone: Zone, people: dict[str, User], client: Client) -> Client:
    """The principal investigator, whose job has left a table and a blocked file."""
    checked_job(zone, people["pi"])
    client.force_login(people["pi"])
    return client


def test_an_author_prepares_reads_again_and_sends(author: Client) -> None:
    page = author.get("/outputs/ask/FR-2026-0001-J1/").content.decode()
    prepared = author.post("/outputs/ask/FR-2026-0001-J1/", GROUP)
    state = Request.objects.get().state
    author.post(f"{HERE}submit/")

    assert "Demander la sortie de counts.csv" in page
    assert "Demander la sortie de rows.csv" not in page
    assert (prepared["Location"], state) == (HERE, "draft")
    assert Request.objects.get().state == "in-review"


def test_a_group_without_its_reason_is_explained_beside_the_field(author: Client) -> None:
    answer = author.post("/outputs/ask/FR-2026-0001-J1/", {**GROUP, "controls": ""})

    assert answer.status_code == 422
    assert "Dites pourquoi ces fichiers" in answer.content.decode()


def test_a_returned_request_is_mended_by_its_author_and_sent_again(
    author: Client, people: dict[str, User]
) -> None:
    author.post("/outputs/ask/FR-2026-0001-J1/", {**GROUP, "take_1": "on"})
    author.post(f"{HERE}submit/")
    request = Request.objects.get()
    vote(request, people["sarah"], NO)
    vote(request, people["marc"], NO)
    reviewing.send_back(request, "Too few.", by=people["marc"], now=NOW)
    form = author.get(f"{HERE}edit/?group=R%C3%A9sultats").content.decode()
    author.post(f"{HERE}edit/?group=R%C3%A9sultats", GROUP)
    author.post(f"{HERE}submit/")

    request.refresh_from_db()
    assert form.count(" checked") == 2
    assert [file.name for file in request.files.all()] == ["counts.csv"]
    assert (request.state, request.turn) == ("in-review", 2)


def test_the_page_is_english_in_the_other_theme(author: Client, people: dict[str, User]) -> None:
    author.post("/outputs/ask/FR-2026-0001-J1/", GROUP)
    author.post(f"{HERE}submit/")
    author.force_login(people["sarah"])
    author.cookies["ecluse_language"] = "en"
    author.get("/theme/dsfr/")

    page = author.get(HERE).content.decode()

    assert "Your decision on counts.csv" in page
    assert "Independent reviews" in page
    assert "bits per byte" in page
