"""A national catalogue searched as people do: `python -m benchmarks.catalogue_search`.

Datasets are made of words drawn from the descriptions of the SNDS's own tables and columns, by
their frequency there, with 50 variables each; then pages of the search are asked, two at a time,
of two processes as a site has them: one word, several, with a typing mistake, a synonym, facets,
years, the whole catalogue, variables. Prints the median and the 95th percentile of each kind, at
two sizes. Aim: p95 under 300 ms at 5,000 datasets and 250,000 variables on two processors.
"""
# ruff: noqa: PLC0415 — Django starts once the database exists

import argparse
import json
import os
import random
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime
from multiprocessing import get_context
from urllib.parse import urlencode

from benchmarks.site import Measure, public_site

SIZES = (1_000, 5_000)
VARIABLES = 50
READINGS, SIDE_BY_SIDE, SEED = 60, 2, 11
NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
LETTERS = "abcdefghijklmnopq"
PLACES = ("FRA", "FRA", "FRA", "FR1", "FRE", "FRH", "FRI", "FRJ", "FRK", "FRY4")


class Words:
    """Texts drawn from real titles of columns, always the same for the same seed."""

    def __init__(self, seed: int) -> None:
        from ecluse.data.schemas import model

        self.random = random.Random(seed)  # noqa: S311 - no secret
        tables = model("snds").tables.values()
        self.labels = [column.title_fr for table in tables for column in table.columns]
        self.names = [column.name for table in tables for column in table.columns]
        self.pool = [word for label in self.labels for word in label.split() if len(word) > 3]

    def text(self, count: int) -> str:
        return " ".join(self.random.choices(self.pool, k=count))


def fill(words: Words, start: int, end: int) -> None:
    """Publish datasets number `start` to `end` (not included), indexed."""
    from ecluse.domain.metadata import (
        Agent,
        Concept,
        DatasetDescription,
        Period,
        Place,
        Table,
        TableGroup,
        Text,
        Variable,
    )
    from ecluse.portal.catalogue.actions import publish
    from ecluse.portal.catalogue.lists import CODES, HEALTH_CATEGORIES
    from ecluse.portal.search.indexing import refresh

    draw = words.random
    for number in range(start, end):
        columns = (draw.randrange(len(words.names)) for _ in range(VARIABLES))
        variables = tuple(
            Variable(name=Text(words.names[at]), titles=(Text(words.labels[at], "fr"),))
            for at in columns
        )
        first = draw.randrange(1980, 2024)
        table = Table(titles=(Text(f"T{number}"),), variables=variables)
        category = CODES[draw.choice(LETTERS)]
        said = DatasetDescription(
            titles=(Text(words.text(6), "fr"),),
            descriptions=(Text(words.text(60), "fr"),),
            keywords=tuple(Text(words.text(1), "fr") for _ in range(5)),
            holders=(Agent(names=(Text(f"Détenteur {draw.randrange(200)}", "fr"),)),),
            health_categories=(Concept(address=f"{HEALTH_CATEGORIES}{category}"),),
            spatial=(Place(address=f"http://data.europa.eu/nuts/code/{draw.choice(PLACES)}"),),
            temporal=(Period(start=Text(str(first)), end=None),),
            variables=(TableGroup(tables=(table,)),),
        )
        publish(f"dataset-{number}", said, by="benchmark", now=NOW)
    refresh(now=datetime.now(UTC), at_most=None)


def questions(words: Words) -> dict[str, list[str]]:
    """The addresses of each kind of question."""
    draw = words.random
    frequent = ["date", "code", "patient", "sejour", "hospitalisation", "soins"]

    def asked(path: str = "catalogue/", **values: object) -> str:
        return f"/{path}?{urlencode(values)}"

    kinds = {
        "one word": lambda: asked(q=words.text(1)),
        "three words": lambda: asked(q=words.text(3)),
        "a frequent word": lambda: asked(q=draw.choice(frequent)),
        "a letter missing": lambda: asked(q=words.text(1)[:-2] + "x"),
        "synonyms": lambda: asked(q=draw.choice(["pmsi", "cancer", "ald", "deces"])),
        "facets and years": lambda: asked(
            q=words.text(1), category=draw.choice(LETTERS), **{"from": 2000, "to": 2015}
        ),
        "everything": lambda: asked(page=draw.randrange(1, 20)),
        "variables": lambda: asked("search/variables/", q=words.text(2)),
        "name of a variable": lambda: asked("search/variables/", q=draw.choice(words.names)[:6]),
    }
    return {kind: [make() for _ in range(READINGS)] for kind, make in kinds.items()}


def timed(address: str) -> float:
    """Ask for a page; how long it took, in milliseconds."""
    from django.test import Client

    started = time.perf_counter()
    answer = Client().get(address)
    assert answer.status_code == 200, address
    return (time.perf_counter() - started) * 1000


def measure(what: str, addresses: list[str]) -> Measure:
    """Ask these pages, two at a time; the first of each process, which loads it, is not timed."""
    from django.db import connection

    connection.close()
    warm = [addresses[0]] * SIDE_BY_SIDE
    with ProcessPoolExecutor(SIDE_BY_SIDE, mp_context=get_context("fork")) as processes:
        list(processes.map(timed, warm))
        found = list(processes.map(timed, addresses))
    return Measure.of(what, found)


def run(sizes: list[int]) -> list[dict[str, object]]:
    """Measure each size, the smaller first, in one growing catalogue."""
    from django.db import connection

    words, filled, told = Words(SEED), 0, []
    for size in sizes:
        started = time.perf_counter()
        fill(words, filled, size)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        took, made, filled = time.perf_counter() - started, size - filled, size
        measures = [asdict(measure(*one)) for one in questions(words).items()]
        told.append(
            {
                "datasets": size,
                "variables": size * VARIABLES,
                "indexed_a_second": round(made / took, 1),
                "load": os.getloadavg()[0],
                "measures": measures,
            }
        )
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    sizes = [int(size) for size in parser.parse_args().sizes.split(",")]
    with public_site(now=NOW):
        print(json.dumps(run(sizes), indent=1))


if __name__ == "__main__":
    main()
