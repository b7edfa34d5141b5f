"""Indirect matching by probability: what Splink finds, and what is left out."""

import random
from datetime import date, timedelta

import pyarrow as pa
import pytest

from ecluse.data.engines import connect
from ecluse.data.linkage import Matches, Records, measure
from ecluse.domain.errors import InvalidInput

pytest.importorskip("splink", reason="needs the package splink (extra linkage)")
from ecluse.data.linkage.probabilistic import (
    Model,
    match_probably,
)

MODEL = Model(
    ("sex", "birth_year", "birth_month", "department"),
    (("birth_year", "birth_month"), ("sex", "birth_year", "department")),
)
START = date(2022, 1, 1)
NO_CARE = pa.table(
    {
        "record_id": pa.array([], pa.string()),
        "day": pa.array([], pa.date32()),
        "place": pa.array([], pa.string()),
    }
)


def country(count: int) -> Records:
    """`count` persons drawn at random, always the same, each second with a stay."""
    draw = random.Random(1)  # noqa: S311 - data, not keys
    numbers = range(count)
    persons = pa.table(
        {
            "record_id": [f"lake {number}" for number in numbers],
            "sex": [draw.choice("FM") for _ in numbers],
            "birth_year": [str(draw.randrange(1940, 2000)) for _ in numbers],
            "birth_month": [f"{draw.randrange(1, 13):02d}" for _ in numbers],
            "department": [f"{draw.randrange(1, 91):02d}" for _ in numbers],
        }
    )
    ill = range(0, count, 2)
    care = pa.table(
        {
            "record_id": [f"lake {number}" for number in ill],
            "day": [START + timedelta(draw.randrange(700)) for _ in ill],
            "place": ["H1" for _ in ill],
        }
    )
    return Records(persons, care)


def cohort(source: Records, step: int) -> Records:
    """One person of `step`, under other names; one of ten has a wrong month of birth."""
    persons = source.persons.take(list(range(0, len(source.persons), step)))
    names = [name.replace("lake", "cohort") for name in persons.column("record_id").to_pylist()]
    months = persons.column("birth_month").to_pylist()
    months[::10] = ["09"] * len(months[::10])
    care = source.care.set_column(
        0,
        "record_id",
        pa.array([name.replace("lake", "cohort") for name in source.care[0].to_pylist()]),
    )
    renamed = persons.set_column(0, "record_id", pa.array(names))
    return Records(renamed.set_column(3, "birth_month", pa.array(months)), care)


def match(first: Records, second: Records, model: Model = MODEL) -> Matches:
    with connect(readable=[]) as connection:
        return match_probably(first, second, model, connection=connection)


def test_persons_with_an_error_in_a_trait_are_found_by_the_others() -> None:
    lake = country(3_000)
    volunteers = cohort(lake, step=6)

    found = match(volunteers, lake)

    names = volunteers.persons.column("record_id").to_pylist()
    truth = {name: name.replace("cohort", "lake") for name in names}
    quality = measure(found, records=len(names), truth=truth)
    assert quality.precision == 1.0
    assert quality.recall is not None
    assert quality.recall > 0.95


def test_the_same_records_give_the_same_matches() -> None:
    lake = country(600)
    volunteers = cohort(lake, step=3)

    assert match(volunteers, lake) == match(volunteers, lake)


def test_persons_whom_nothing_tells_apart_are_in_no_pair() -> None:
    lake = country(600)
    twins = pa.concat_tables(
        [
            lake.persons,
            lake.persons.set_column(
                0, "record_id", pa.array([f"twin {number}" for number in range(600)])
            ),
        ]
    )

    found = match(cohort(lake, step=3), Records(twins, NO_CARE))

    assert found.pairs == {}


def test_a_source_without_records_is_refused() -> None:
    lake = country(10)
    nobody = Records(lake.persons.slice(0, 0), NO_CARE)

    with pytest.raises(InvalidInput, match="no record"):
        match(nobody, lake)


def test_a_trait_that_a_source_lacks_is_named() -> None:
    lake = country(10)
    model = Model(("sex", "commune"), (("sex",),))

    with pytest.raises(InvalidInput, match="commune"):
        match(lake, lake, model)


@pytest.mark.parametrize(
    "model",
    [
        {"traits": ("sex",), "blocks": ()},
        {"traits": ("sex",), "blocks": (("commune",),)},
        {"traits": ("sex",), "blocks": (("sex",),), "threshold": 1.0},
    ],
)
def test_a_model_that_compares_nothing_is_refused(model: dict[str, object]) -> None:
    with pytest.raises(InvalidInput, match="blocks made of its traits"):
        Model(**model)  # type: ignore[arg-type]
