"""The figures of the activity report: counted as things happen, equal to what the files say."""

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from ecluse.domain.errors import InvalidInput, NotAllowed, NotFound
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.cases import daily
from ecluse.portal.optouts.actions import Concerned, opt_back_in, opt_out
from ecluse.portal.permits import actions as permit_actions
from ecluse.portal.register import actions, counters, recount
from ecluse.portal.register.actions import Stated
from ecluse.portal.register.counters import Figure
from ecluse.portal.register.facts import year_of
from ecluse.portal.register.models import Counted
from tests.unit.portal.applications.road import NOW, Road
from tests.unit.portal.register.walking import Walk

AUDIT = Stated("user-audit", "internal", 2, date(2026, 1, 4), "Deux visites d’équipes.")


def figure(key: str, year: int = 2026) -> Figure:
    actions.follow()
    (found,) = (one for one in counters.report(counters.period(year)) if one.key == key)
    return found


def numbers(key: str, year: int = 2026) -> dict[str, float]:
    return {label: value for label, _, value in figure(key, year).lines}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_after_a_random_walk_what_is_stored_is_what_the_files_say(
    account: Callable[..., User], seed: int
) -> None:
    walk = Walk(account, seed=seed)
    walk.go(steps=60)
    actions.follow()

    assert recount.differences() == {}
    assert sum(count for count, _ in recount.stored().values()) >= 6


def test_a_whole_road_is_counted_figure_by_figure(
    road: Road, account: Callable[..., User], at_now: None
) -> None:
    extraction = road.delivered()
    permit_actions.revoke(extraction.permit, "Mésusage.", by=road.decider, now=NOW)
    road.refused()
    citizen = account(Role.CITIZEN, email="citizen@example.org")
    opt_out(Concerned("1850599000042"), by=citizen, now=NOW)
    opt_back_in(Concerned("1850599000042"), by=citizen, now=NOW + timedelta(days=1))
    actions.state(AUDIT, by=road.assessor, now=NOW)

    assert numbers("received") == {"application": 2}
    assert numbers("applicants") == {"research-organisation": 2}
    assert numbers("purposes") == {"e": 2}
    assert numbers("decided") == {"granted": 1, "refused": 1}
    assert numbers("categories") == {"b": 1}
    assert numbers("measures") == {"revoked": 1}
    assert numbers("rights") == {"opt-out": None, "opt-out-reversed": None}
    assert numbers("revenue-cents") == {"permit": 1500.5}
    assert numbers("access-days") == {"": 0.0}
    assert numbers("user-audit") == {"internal": 2}
    assert recount.differences() == {}


@pytest.mark.parametrize(
    ("persons", "back", "rights"),
    [
        (10, 0, {"opt-out": None}),
        (11, 0, {"opt-out": 11, "opt-out-in-force": 11}),
        (24, 1, {"opt-out": 24, "opt-out-reversed": None}),
        (24, 12, {"opt-out": 24, "opt-out-in-force": 12, "opt-out-reversed": 12}),
        (12, 11, {"opt-out": 12, "opt-out-in-force": None, "opt-out-reversed": 11}),
    ],
    ids=["too few", "enough", "too few came back", "enough came back", "too few are left"],
)
def test_rights_of_so_few_that_somebody_could_be_guessed_are_not_told(
    account: Callable[..., User], persons: int, back: int, rights: dict[str, int | None]
) -> None:
    citizen = account(Role.CITIZEN, email="citizen@example.org")
    numbered = [Concerned(f"18505990{rank:05}") for rank in range(persons)]
    [opt_out(one, by=citizen, now=NOW) for one in numbered]
    [opt_back_in(one, by=citizen, now=NOW + timedelta(days=1)) for one in numbered[:back]]
    actions.follow()

    assert numbers("rights") == rights
    assert recount.differences() == {}


def test_a_due_day_that_the_user_lets_pass_is_a_commitment_not_kept(road: Road) -> None:
    road.awaiting()
    daily.run(now=NOW + timedelta(days=40))

    assert numbers("commitments") == {}  # the file was closed in time by the software
    assert numbers("decided") == {"incomplete": 1}
    assert recount.differences() == {}


def test_a_fact_is_counted_in_the_year_of_the_hub() -> None:
    assert year_of(datetime(2026, 12, 31, 23, 30, tzinfo=UTC)) == 2027


def test_a_period_is_two_calendar_years(road: Road, at_now: None) -> None:
    road.submitted()

    assert numbers("received", 2025) == {"application": 1}
    assert numbers("received", 2026) == {"application": 1}
    assert numbers("received", 2024) == {}
    assert numbers("received", 2027) == {}


def test_a_row_lost_or_added_by_hand_is_found_by_the_recount(road: Road, at_now: None) -> None:
    road.submitted()
    actions.follow()
    Counted.objects.filter(counter="received").update(label="data-request")

    assert set(recount.differences()) == {
        (2026, "received", "application"),
        (2026, "received", "data-request"),
    }


def test_every_point_of_the_article_has_a_figure() -> None:
    points = {one.paragraph for one in counters.report(counters.Period(2026))}

    assert points == set("abcdefghijk")


def test_the_figures_follow_the_order_of_the_article() -> None:
    told = [one.paragraph for one in counters.report(counters.Period(2026))]

    assert told == sorted(told)
    assert len({one.key for one in counters.POINTS}) == len(told)


def test_a_statement_withdrawn_counts_no_more_and_both_stay_in_the_journal(road: Road) -> None:
    made = actions.state(AUDIT, by=road.assessor, now=NOW)
    before = numbers("user-audit")
    actions.withdraw(made.pk, by=road.decider, now=NOW)

    assert (before, numbers("user-audit")) == ({"internal": 2}, {})
    assert recount.differences() == {}
    assert JournalEntry.objects.filter(action__startswith="report.").count() == 2


def test_a_statement_is_withdrawn_once(road: Road) -> None:
    made = actions.state(AUDIT, by=road.assessor, now=NOW)
    actions.withdraw(made.pk, by=road.assessor, now=NOW)

    with pytest.raises(NotFound):
        actions.withdraw(made.pk, by=road.assessor, now=NOW)


@pytest.mark.parametrize(
    "stated",
    [
        Stated("received", "", 1, date(2026, 1, 4), "Compté par le journal."),
        Stated("fine", "", 0, date(2026, 1, 4), "Rien."),
        Stated("fine", "", 1, date(2026, 1, 6), "Demain."),
        Stated("fine", "", 1, date(2026, 1, 4), "   "),
    ],
)
def test_what_is_counted_or_has_not_come_cannot_be_stated(road: Road, stated: Stated) -> None:
    with pytest.raises(InvalidInput):
        actions.state(stated, by=road.assessor, now=NOW)


@pytest.mark.parametrize("person", ["camille", "auditor", "preparer", "committee"])
def test_only_officers_who_treat_files_state_figures(
    road: Road, client: Client, person: str
) -> None:
    with pytest.raises(NotAllowed):
        actions.state(AUDIT, by=getattr(road, person), now=NOW)

    client.force_login(getattr(road, person))
    assert client.post("/register/report/statements/", {}).status_code == 403
    assert client.post("/register/report/statements/1/", {}).status_code == 403


def test_the_report_is_read_by_everybody_as_page_csv_and_json(
    road: Road, client: Client, at_now: None
) -> None:
    road.permit()

    page = re.sub(r"<[^>]+>", " ", client.get("/register/report/?year=2026").content.decode())
    graph = json.loads(client.get("/register/report/report.json?year=2026").content)
    lines = list(
        csv.DictReader(
            io.StringIO(b"".join(client.get("/register/report/report.csv?year=2026")).decode())
        )
    )
    assert "(h) De la demande à l’accès" in page
    assert graph["years"] == [2026, 2027]
    assert {line["paragraph"] for line in lines} == {f"59(1)({point})" for point in "abcdefghijk"}
    assert next(line["value"] for line in lines if line["label"] == "granted") == "1"


def test_an_officer_states_a_figure_on_the_page(road: Road, client: Client, at_now: None) -> None:
    client.force_login(road.assessor)
    sent = {"counter": "fine-cents", "value": "150050", "on": "2026-01-04", "about": "Retard."}

    answer = client.post("/register/report/statements/", sent, follow=True)

    assert "C’est noté dans le rapport." in answer.content.decode()
    assert numbers("fine-cents") == {"": 1500.5}


def test_a_wrong_statement_is_explained_on_the_page(road: Road, client: Client) -> None:
    client.force_login(road.assessor)

    assert client.post("/register/report/statements/", {"value": "0"}).status_code == 422
