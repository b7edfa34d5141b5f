"""Results made public: who, when, what of them is on the register."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.test import Client

from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.portal.cases import daily
from ecluse.portal.cases.models import CaseRecord, ClockRow
from ecluse.portal.register import actions, counters, reading, recount, result_actions
from ecluse.portal.register.result_actions import Found
from tests.unit.portal.applications.road import NOW, TODAY, Road

pytestmark = pytest.mark.usefixtures("at_now")
FOUND = Found(
    "Moins de saignements sous celecoxib",
    "https://doi.example/10.1/x",
    "Louis Bernard montre que le risque est deux fois moindre.",
    TODAY,
)
SENT = {
    "title": FOUND.title,
    "link": FOUND.link,
    "summary": FOUND.summary,
    "public_on": "2026-01-05",
}
PAGE = "/register/results/2026-00001/"
AFTER = NOW + timedelta(days=731)  # the permit ends on 4 January 2028


def case() -> CaseRecord:
    return CaseRecord.objects.get(number="2026-00001")


def public(client: Client) -> list[dict[str, str]]:
    row = json.loads(client.get("/register/FR-2026-0001/decision.json").content)
    found: list[dict[str, str]] = row["results"]
    return found


def test_a_result_is_on_the_page_of_its_permit_without_the_name_of_a_person(
    road: Road, client: Client
) -> None:
    road.permit()
    result_actions.publish(case(), FOUND, by=road.camille, now=NOW)

    assert public(client) == [
        {
            "number": "FR-2026-0001",
            "title": "Moins de saignements sous celecoxib",
            "link": "https://doi.example/10.1/x",
            "summary": "[…] montre que le risque est deux fois moindre.",
            "public_on": "2026-01-05",
        }
    ]
    page = client.get("/register/FR-2026-0001/").content.decode()
    assert "Moins de saignements sous celecoxib" in page
    assert 'href="https://doi.example/10.1/x"' in page


def test_the_first_result_after_the_end_stops_the_eighteen_months(road: Road) -> None:
    road.permit()
    daily.run(now=AFTER)
    clock = ClockRow.objects.get(rule="results-public")
    before = clock.completed_on
    result_actions.publish(case(), FOUND, by=road.camille, now=AFTER)
    result_actions.publish(case(), replace(FOUND, title="Suite"), by=road.camille, now=AFTER)

    clock.refresh_from_db()
    assert (before, clock.completed_on) == (None, AFTER.date())
    assert [one.title for one in reading.results_of(["FR-2026-0001"])] == [FOUND.title, "Suite"]


def test_results_are_counted_in_the_report(road: Road) -> None:
    road.permit()
    result_actions.publish(case(), FOUND, by=road.camille, now=NOW)
    actions.follow()

    (figure,) = (one for one in counters.report(counters.period(2026)) if one.key == "results")
    assert [(label, count) for label, _, count in figure.lines] == [("permit", 1)]
    assert recount.differences() == {}


@pytest.mark.parametrize("person", ["stranger", "assessor", "decider", "auditor"])
def test_only_the_persons_of_a_file_make_its_results_public(road: Road, person: str) -> None:
    road.permit()

    with pytest.raises(NotAllowed):
        result_actions.publish(case(), FOUND, by=getattr(road, person), now=NOW)


def test_a_file_without_a_permit_has_no_results(road: Road) -> None:
    road.submitted()

    with pytest.raises(NotAllowed, match="no permit and no answer"):
        result_actions.publish(case(), FOUND, by=road.camille, now=NOW)


@pytest.mark.parametrize(
    "found",
    [
        replace(FOUND, title="  "),
        replace(FOUND, summary=""),
        replace(FOUND, link="http://doi.example/x"),
        replace(FOUND, link="javascript:alert(1)"),
        replace(FOUND, public_on=date(2026, 1, 6)),
    ],
)
def test_a_result_that_says_nothing_or_is_not_public_yet_is_refused(
    road: Road, found: Found
) -> None:
    road.permit()

    with pytest.raises(InvalidInput):
        result_actions.publish(case(), found, by=road.camille, now=NOW)


def test_a_result_is_published_on_the_page(road: Road, client: Client) -> None:
    road.permit()
    client.force_login(road.camille)

    answer = client.post(PAGE, SENT, follow=True)

    assert answer.redirect_chain == [("/register/FR-2026-0001/", 302)]
    assert FOUND.title in answer.content.decode()


def test_a_day_that_has_not_come_is_explained_on_the_page(road: Road, client: Client) -> None:
    road.permit()
    client.force_login(road.camille)

    answer = client.post(PAGE, SENT | {"public_on": "2026-02-01"})

    assert answer.status_code == 422
    assert "Donnez un jour qui est venu" in answer.content.decode()


@pytest.mark.parametrize(
    ("person", "status"),
    [
        *(("camille", 200), ("louis", 200), ("stranger", 404), ("assessor", 403)),
        *(("decider", 403), ("auditor", 403), ("preparer", 404), ("committee", 403)),
    ],
)
def test_the_page_is_for_the_persons_of_the_file(
    road: Road, client: Client, person: str, status: int
) -> None:
    road.permit()
    client.force_login(getattr(road, person))

    assert client.get(PAGE).status_code == status
