"""The officer's desk at the size of a national body: `python -m benchmarks.desk`.

One file is taken through its real road of twenty acts by `perform`, then copied row by row into
3,000 files with their objects, clocks, acts and letters, and 200 answers each. A hundred officers
then read the work list (pages, filters, words) and files, two at a time. Prints the median and the
95th percentile of each page, and of `perform` itself. Aim: work list p95 under 400 ms.
"""
# ruff: noqa: PLC0415 — Django starts once the database exists

import argparse
import json
import os
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from itertools import cycle
from typing import TYPE_CHECKING, Any

from benchmarks.site import Measure, public_site

if TYPE_CHECKING:
    from ecluse.portal.accounts.models import User
    from ecluse.portal.cases.models import CaseRecord

FILES, EVENTS, OFFICERS, ANSWERS = 3_000, 20, 100, 200
READINGS, SIDE_BY_SIDE = 400, 2
MONDAY = datetime(2026, 1, 5, 9, tzinfo=UTC)
DAY = timedelta(days=1)
QUERIES = ("", "?page=7", "?turn=all&page=40", "?turn=decider", "?late=on", "?mine=on", "?words=42")
SEED = 7


def measure(what: str, requests: list[Callable[[], None]]) -> Measure:
    """Time these requests, two at a time."""

    def timed(ask: Callable[[], None]) -> float:
        started = time.perf_counter()
        ask()
        return (time.perf_counter() - started) * 1000

    with ThreadPoolExecutor(SIDE_BY_SIDE) as threads:
        found = list(threads.map(timed, requests))
    return Measure.of(what, found)


def officers() -> "list[User]":
    """Half of them assess, half decide."""
    from ecluse.portal.accounts.models import AccountRole, User

    made = User.objects.bulk_create(
        User(email=f"agent-{n}@hub.example", full_name=f"Agent {n}", organisation="Hub")
        for n in range(OFFICERS)
    )
    AccountRole.objects.bulk_create(
        AccountRole(account=user, role=role)
        for user, role in zip(made, cycle(("assessor", "decider")), strict=False)
    )
    return made


def one_file(assessor: "User", decider: "User") -> "tuple[CaseRecord, list[float]]":
    """A file taken through twenty acts, and the milliseconds of each."""
    from ecluse.domain.clocks.tracks import Track
    from ecluse.domain.machines import Kind
    from ecluse.portal.accounts.models import AccountRole, User
    from ecluse.portal.cases.actions import Content, open_case, perform

    camille = User.objects.create(
        email="camille@univ.example", full_name="Camille", organisation="Université"
    )
    AccountRole.objects.create(account=camille, role="data-user")
    case = open_case(Kind.APPLICATION, Track.STANDARD, number="2026-00000", by=camille, now=MONDAY)
    begin = [("file", "submit", camille), ("file", "start-screening", assessor)]
    begin += [("file", "declare-complete", assessor)]
    talk = [("file", "ask-supplement", assessor), ("file", "supply-supplement", camille)]
    talk += [("unit-1", "consult-committee", assessor)]
    back = [("unit-1", "assess", assessor), ("unit-1", "no-estimate", assessor)]
    back += [("unit-1", "send-back", decider), ("file", "assign", decider)]
    asks = [("file", "ask-supplement", assessor), ("file", "supply-supplement", camille)]
    acts = [*begin, *talk, *back, *asks, *back, *asks, ("unit-1", "extend", decider), *asks]
    spent = []
    for number, (item_id, action, by) in enumerate(acts[:EVENTS]):
        started = time.perf_counter()
        item = case.items.select_related("case").get(item_id=item_id)
        content = Content(reason="Motif écrit par l’agent, en deux lignes.")
        perform(item, action, by=by, now=MONDAY + number * DAY, content=content)
        spent.append((time.perf_counter() - started) * 1000)
    case.refresh_from_db()
    return case, spent


def copies(case: "CaseRecord", people: "list[User]", count: int) -> None:
    """The same file so many times, with its own due day, turn and officer."""
    from ecluse.portal.cases.models import ActRow, CaseRecord, ClockRow, Dispatch, Item, Party

    dice = random.Random(SEED)  # noqa: S311 - which day, not a secret
    turns = ("assessor", "decider", "data-user", "nobody")
    made = CaseRecord.objects.bulk_create(
        CaseRecord(
            **_values(case, "id", "number", "title", "turn", "due_on", "due_rule", "assignee"),
            number=f"2026-{n:05}",
            title=f"Projet {n} sur les effets d’un médicament",
            turn=dice.choices(turns, weights=(4, 3, 2, 3))[0],
            due_on=date(2026, 2, 1) + timedelta(days=dice.randrange(180)),
            due_rule="decision",
            assignee=dice.choice(people) if dice.random() < 0.5 else None,
        )
        for n in range(1, count + 1)
    )
    for model, owner in ((Party, "case"),):
        rows = list(model.objects.filter(case=case))
        model.objects.bulk_create(
            model(**_values(row, "id", owner), case=copy) for copy in made for row in rows
        )
    for item in list(case.items.all()):
        items = Item.objects.bulk_create(
            Item(**_values(item, "id", "case"), case=copy) for copy in made
        )
        for model in (ClockRow, ActRow):
            rows = list(model.objects.filter(item=item))
            model.objects.bulk_create(
                (model(**_values(row, "id", "item"), item=one) for one in items for row in rows),
                batch_size=5_000,
            )
    first = dict(ActRow.objects.values_list("item__case", "pk"))
    rows = list(Dispatch.objects.filter(case=case))
    Dispatch.objects.bulk_create(
        (
            Dispatch(**_values(row, "id", "case", "act"), case=copy, act_id=first[copy.pk])
            for copy in made
            for row in rows
        ),
        batch_size=5_000,
    )


def applications() -> None:
    """An application of 200 answers for each file."""
    from ecluse.portal.accounts.models import User
    from ecluse.portal.applications import versions
    from ecluse.portal.applications.models import Application, Submission
    from ecluse.portal.cases.models import Item
    from ecluse.portal.catalogue.models import Dataset

    dataset = Dataset.objects.create(slug="snds", title_fr="SNDS")
    camille = User.objects.get(email="camille@univ.example")
    answers = {f"field_{n}": f"Une réponse de quelques mots, la {n}e." for n in range(ANSWERS)}
    items = Item.objects.filter(item_id="file").select_related("case")
    made = Application.objects.bulk_create(
        Application(
            number=item.case.number,
            item=item,
            form=versions.FORM,
            form_version=versions.newest(versions.FORM),
            dataset=dataset,
            answers=answers,
            applicant=camille,
            started_at=MONDAY,
        )
        for item in items
    )
    Submission.objects.bulk_create(
        Submission(application=one, round=1, answers=answers, digest="-", submitted_at=MONDAY)
        for one in made
    )


def _values(row: Any, *without: str) -> dict[str, Any]:
    fields = [field for field in row._meta.concrete_fields if field.name not in without]
    return {field.attname: getattr(row, field.attname) for field in fields}


def run(count: int, readings: int) -> dict[str, object]:
    """Build everything, read, and say how long it took."""
    from django.db import connection
    from django.test import Client

    people = officers()
    case, acts = one_file(people[0], people[1])
    copies(case, people, count)
    applications()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    dice = random.Random(SEED)  # noqa: S311 - who reads what
    clients = []
    for user in people:
        client = Client()
        client.force_login(user)
        clients.append(client)

    def reads(address: Callable[[], str]) -> list[Callable[[], None]]:
        def ask(client: Client, where: str) -> Callable[[], None]:
            def go() -> None:
                status = client.get(where).status_code
                assert status == 200, (where, status)

            return go

        return [ask(dice.choice(clients), address()) for _ in range(readings)]

    reads(lambda: "/cases/")[0]()  # templates are compiled once, when a worker starts
    measures = [
        measure("work list", reads(lambda: "/cases/" + dice.choice(QUERIES))),
        measure("one file", reads(lambda: f"/applications/2026-{dice.randint(1, count):05}/")),
    ]
    performed = Measure.of("perform", acts)
    return {
        "files": count,
        "acts": EVENTS * count,
        "officers": OFFICERS,
        "processors": os.cpu_count(),
        "load": os.getloadavg()[0],
        "measures": [asdict(one) for one in (*measures, performed)],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=FILES)
    parser.add_argument("--readings", type=int, default=READINGS)
    chosen = parser.parse_args()
    with public_site(now=MONDAY):
        print(json.dumps(run(chosen.files, chosen.readings), indent=2))


if __name__ == "__main__":
    main()
