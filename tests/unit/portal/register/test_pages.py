"""The register as everybody reads, searches and downloads it."""

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from datetime import date

import pytest
from django.test import Client
from pytest_django import Settings

from ecluse.portal.applications import actions as application_actions
from ecluse.portal.cases import daily
from ecluse.portal.cases.models import ClockRow
from ecluse.portal.register.actions import follow
from ecluse.portal.register.models import Publication
from tests.unit.portal.applications.road import DAY, NOW, Road

pytestmark = pytest.mark.usefixtures("at_now")
OFFICERS = {"assessor", "decider", "auditor", "committee"}
ATOM = "{http://www.w3.org/2005/Atom}"


def read(client: Client, address: str) -> str:
    page = re.sub(r"<[^>]+>", " ", client.get(address).content.decode())
    return re.sub(r"\s+", " ", page)


def found(client: Client, query: str) -> list[str]:
    rows = json.loads(client.get(f"/register/register.json?{query}").content)["rows"]
    return sorted(row["number"] for row in rows)


@pytest.fixture
def three(road: Road) -> Road:
    """A permit (2026-00001), a refusal (2026-00002) and an application received (2026-00003)."""
    road.permit()
    road.refused()
    road.submitted()
    return road


def test_one_line_for_each_matter(three: Road, client: Client) -> None:
    assert found(client, "") == ["2026-00002", "2026-00003", "FR-2026-0001"]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("kind=permit", ["FR-2026-0001"]),
        ("kind=application", ["2026-00001", "2026-00002", "2026-00003"]),
        ("stage=refused", ["2026-00002"]),
        ("stage=received", ["2026-00003"]),
        ("stage=active", ["FR-2026-0001"]),
        ("purpose=e", ["2026-00002", "2026-00003", "FR-2026-0001"]),
        ("purpose=a", []),
        ("dataset=snds-synthetic&stage=active", ["FR-2026-0001"]),
        ("dataset=no-such", ["2026-00002", "2026-00003", "FR-2026-0001"]),
        ("year=2026", ["2026-00002", "FR-2026-0001"]),
        ("year=2025", []),
    ],
)
def test_the_register_is_filtered(
    three: Road, client: Client, query: str, numbers: list[str]
) -> None:
    assert found(client, query) == numbers


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("saignement", ["2026-00002", "2026-00003", "FR-2026-0001"]),  # the stem of saignements
        ("SAIGNEMENTS universite", ["2026-00002", "2026-00003", "FR-2026-0001"]),  # no accent
        ("médicament comparé", ["2026-00002", "2026-00003", "FR-2026-0001"]),  # in the summary
        ("colonnes", ["2026-00002"]),  # in the reasons of the refusal
        ("FR-2026", ["FR-2026-0001"]),
        ("saignements -colonnes", ["2026-00003", "FR-2026-0001"]),
        ("diabète", []),
        ("' ; \\ & | ! ( :*", []),
    ],
)
def test_words_are_found_by_their_stem_whatever_their_accents(
    three: Road, client: Client, words: str, numbers: list[str]
) -> None:
    rows = json.loads(client.get("/register/register.json", {"words": words}).content)["rows"]

    assert sorted(row["number"] for row in rows) == numbers


def test_a_permit_past_its_last_day_has_ended_before_the_daily_job_says_so(
    three: Road, client: Client
) -> None:
    follow()
    permit = Publication.objects.get(number="FR-2026-0001")
    still = Publication.objects.at_stage("active", today=date(2028, 1, 4))
    ended = Publication.objects.at_stage("ended", today=date(2028, 1, 5))

    assert list(still) == [permit]
    assert list(ended) == [permit]
    assert permit.stage_on(date(2028, 1, 5)) == "ended"


def test_every_decision_has_its_permanent_address_and_leads_to_the_others_of_its_file(
    three: Road, client: Client
) -> None:
    assert "Saignements digestifs" in read(client, "/register/FR-2026-0001/")
    assert "FR-2026-0001" in read(client, "/register/2026-00001/")
    assert "Trop de colonnes." in read(client, "/register/2026-00002/")
    assert client.get("/register/FR-2026-9999/").status_code == 404


def test_a_draft_has_no_address(road: Road, client: Client) -> None:
    road.draft()

    assert client.get("/register/2026-00001/").status_code == 404


def test_the_csv_has_a_column_for_each_public_field(three: Road, client: Client) -> None:
    answer = client.get("/register/register.csv?stage=active")

    (row,) = csv.DictReader(io.StringIO(b"".join(answer).decode()))
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert row["number"] == "FR-2026-0001"
    assert row["holders"] == "Caisse d’exemple"
    assert row["valid_until"] == "2028-01-04"


def test_a_title_that_is_a_formula_is_given_to_spreadsheets_as_text(
    road: Road, client: Client
) -> None:
    draft = road.draft()
    application_actions.save(draft, {"title": "=HYPERLINK(1)"}, by=road.camille, now=NOW)
    application_actions.submit(draft, by=road.camille, now=NOW)

    (row,) = csv.DictReader(io.StringIO(b"".join(client.get("/register/register.csv")).decode()))
    assert row["title"] == "'=HYPERLINK(1)"


def test_one_decision_is_given_as_json_with_its_address(three: Road, client: Client) -> None:
    row = json.loads(client.get("/register/FR-2026-0001/decision.json").content)

    assert row["address"] == "http://127.0.0.1:8000/register/FR-2026-0001/"
    assert row["purposes"] == ["e"]
    assert row["replaces"] == ""


def test_the_register_is_a_dataset_of_dcat(three: Road, client: Client) -> None:
    answer = client.get("/register/register.jsonld")

    graph = json.loads(answer.content)
    assert answer["Content-Type"] == "application/ld+json"
    assert graph["@type"] == "dcat:Dataset"
    assert len(graph["dct:hasPart"]) == 3
    assert {one["dcat:mediaType"] for one in graph["dcat:distribution"]} == {
        "text/csv",
        "application/json",
        "application/atom+xml",
    }


def test_the_feed_gives_the_last_changes_at_their_permanent_addresses(
    three: Road, client: Client
) -> None:
    answer = client.get("/register/feed.atom")

    entries = ET.fromstring(answer.content).findall(f"{ATOM}entry")  # noqa: S314 - our own
    ids = {entry.findtext(f"{ATOM}id") for entry in entries}
    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert ids == {
        "http://127.0.0.1:8000/register/FR-2026-0001/",
        "http://127.0.0.1:8000/register/2026-00002/",
        "http://127.0.0.1:8000/register/2026-00003/",
    }


@pytest.mark.parametrize(
    "query", ["page=2", "page=x", "year=x", "stage=no-such", "words=" + "a" * 300]
)
def test_a_query_that_makes_no_sense_is_answered_all_the_same(
    three: Road, client: Client, query: str
) -> None:
    assert client.get(f"/register/?{query}").status_code == 200
    assert client.get(f"/register/register.json?{query}").status_code == 200


def test_officers_see_what_is_to_be_published_and_until_when(road: Road, client: Client) -> None:
    road.refused()
    client.force_login(road.assessor)

    page = read(client, "/register/due/")
    assert "Publier la décision" in page
    assert "16 février 2026" in page  # thirty working days after 5 January, no holiday between


def test_what_is_published_is_no_longer_due(road: Road, client: Client) -> None:
    road.refused()
    daily.run(now=NOW + DAY)
    client.force_login(road.assessor)

    assert ClockRow.objects.get(rule="publish-decision").completed_on == date(2026, 1, 6)
    assert "Tout est publié" in read(client, "/register/due/")


@pytest.mark.parametrize(
    "person",
    ["camille", "stranger", "assessor", "decider", "auditor", "preparer", "committee"],
)
def test_the_list_of_what_is_due_is_for_officers(road: Road, client: Client, person: str) -> None:
    client.force_login(getattr(road, person))

    assert client.get("/register/due/").status_code == (200 if person in OFFICERS else 403)


@pytest.mark.parametrize("theme", ["neutral", "dsfr"])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_pages_are_served_in_both_themes_and_languages(
    three: Road, client: Client, settings: Settings, theme: str, language: str
) -> None:
    settings.ECLUSE_THEME = theme
    client.cookies["ecluse_language"] = language

    statuses = {
        client.get(address).status_code
        for address in ("/register/", "/register/FR-2026-0001/", "/register/report/")
    }
    assert statuses == {200}
