"""Requests as files: written by an analysis, read as the work of an adversary."""

import json
import zlib
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from ecluse.data.results import (
    Category,
    Figure,
    Model,
    Number,
    Regression,
    Request,
    Results,
    Survival,
    Tabulation,
    bins,
    read_request,
    write_request,
)
from ecluse.data.results.requests import Asked
from ecluse.domain.errors import InvalidInput

PERSONS = np.array([3, 5, 5, 2**63], np.uint64)
COLUMNS = {
    "sex": Category(np.array([0, 1, 1, 0], np.int32), ("F", "M")),
    "cost": Number(np.array([1.5, np.nan, -2.0, 1e12])),
    "died": Number(np.array([0.0, 1.0, 1.0, 0.0])),
}


@pytest.mark.parametrize(
    "asked",
    [
        Tabulation(("sex",), "cost", (50,), ("sex",), Figure.BARS),
        Tabulation(()),
        Regression(Model.LINEAR, "cost", ("sex", "died")),
        Regression(Model.COX, "died", ("sex",), "cost"),
        Survival("cost", "died", "sex", Figure.STEPS),
    ],
)
def test_a_request_is_read_as_it_was_written(tmp_path: Path, asked: Asked) -> None:
    write_request(Request("t", asked, PERSONS, COLUMNS), tmp_path / "t.result")

    read = read_request((tmp_path / "t.result").read_bytes())

    assert (read.name, read.asked) == ("t", asked)
    assert read.persons.tolist() == PERSONS.tolist()
    assert read.category("sex").labels == ("F", "M")
    assert read.category("sex").codes.tolist() == [0, 1, 1, 0]
    assert np.array_equal(read.number("cost"), [1.5, np.nan, -2.0, 1e12], equal_nan=True)


def file_of(header: dict[str, object], body: bytes) -> bytes:
    text = json.dumps(header).encode()
    return f"ECLUSE-RESULT-1 {len(text)}\n".encode() + text + zlib.compress(body)


HEADER: dict[str, object] = {
    "name": "t",
    "kind": "Tabulation",
    "asked": {
        "by": ["sex"], "amount": None, "percentiles": [], "sensitive": [], "figure": "none",
    },
    "rows": 1,
    "columns": [{"name": "sex", "labels": ["F"]}],
}  # fmt: skip
BODY = bytes(8 + 4)


def test_the_smallest_request_is_read() -> None:
    assert read_request(file_of(HEADER, BODY)).persons.tolist() == [0]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"ECLUSE-RESULT-1 10\n{}",
        b"ECLUSE-RESULT-2 2\n{}",
        b"ECLUSE-RESULT-1 999999999999\n{}",
        file_of(HEADER, BODY + b"x"),
        file_of(HEADER, BODY[:-1]),
        file_of(HEADER, bytes(100_000_000)),
        file_of({**HEADER, "rows": 10**12}, BODY),
        file_of({**HEADER, "rows": -1}, BODY),
        file_of({**HEADER, "kind": "Program"}, BODY),
        file_of({**HEADER, "name": "../escape"}, BODY),
        file_of({**HEADER, "name": "a.b"}, BODY),
        file_of({**HEADER, "columns": []}, bytes(8)),
        file_of({**HEADER, "columns": [{"name": "sex", "labels": None}]}, bytes(16)),
        file_of({**HEADER, "columns": [{"name": "sex", "labels": []}]}, BODY),
        file_of({**HEADER, "columns": [{"name": "sex", "labels": ["F\u202e"]}]}, BODY),
        file_of({**HEADER, "columns": [{"name": "sex", "labels": ["F", "F"]}]}, BODY),
        file_of({**HEADER, "columns": [{"name": "sex", "labels": ["F" * 81]}]}, BODY),
        file_of(HEADER, bytes(8) + b"\x01\0\0\0"),
        file_of(HEADER, bytes(8) + b"\xff\xff\xff\xff"),
        file_of(HEADER, BODY)[:-3],
        file_of(HEADER, BODY) + b"more",
    ],
)
def test_anything_else_is_refused_without_being_run(data: bytes) -> None:
    with pytest.raises(InvalidInput):
        read_request(data)


@pytest.mark.parametrize(
    "asked",
    [
        Tabulation(("sex", "sex")),
        Tabulation(("sex",), percentiles=(50,)),
        Tabulation(("sex",), sensitive=("town",)),
        Tabulation((), figure=Figure.BARS),
        Tabulation(("sex",), figure=Figure.STEPS),
        Tabulation(("cost",)),
        Regression(Model.COX, "died", ("sex",)),
        Regression(Model.LINEAR, "cost", ("sex",), "died"),
        Regression(Model.LINEAR, "cost", ()),
        Regression(Model.LINEAR, "cost", ("town",)),
        Regression(Model.LINEAR, "sex", ("cost",)),
        Survival("cost", "sex"),
        Survival("cost", "died", figure=Figure.BARS),
    ],
)
def test_what_cannot_be_computed_is_refused(asked: Asked) -> None:
    with pytest.raises(InvalidInput):
        Request("t", asked, PERSONS, COLUMNS)


PEOPLE: dict[str, list[str | None]] = {"person_pseudonym": ["a", "b"], "sex": ["F", None]}
TWO_PERSONS = [
    {"sex": "Total", "persons": 2},
    {"sex": "F", "persons": 1},
    {"sex": "missing", "persons": 1},
]


@pytest.mark.parametrize("kind", [dict, pd.DataFrame, pa.table])
def test_any_kind_of_table_is_taken(
    tmp_path: Path, kind: Callable[[dict[str, list[str | None]]], object]
) -> None:
    rows = Results(tmp_path).tabulate(kind(PEOPLE), name="t", by=["sex"])

    assert rows == TWO_PERSONS


def test_a_relation_of_duckdb_is_taken(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        relation = connection.sql("VALUES ('a', 'F'), ('b', NULL)").project(
            "col0 AS person_pseudonym, col1 AS sex"
        )
        rows = Results(tmp_path).tabulate(relation, name="t", by=["sex"])

    assert rows == TWO_PERSONS


def test_a_column_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no column 'town'"):
        Results(tmp_path).tabulate(PEOPLE, name="t", by=["town"])


def test_numbers_are_put_in_bins_without_outer_edges() -> None:
    assert bins([-5, 0, 9.9, 10, 40], [0, 10, 20]) == [
        "< 0",
        "[0, 10)",
        "[0, 10)",
        "[10, 20)",
        ">= 20",
    ]
    with pytest.raises(InvalidInput, match="rising"):
        bins([1], [10, 0])


def test_cells_hold_distinct_persons_and_their_amounts(tmp_path: Path) -> None:
    frame = {
        "person_pseudonym": ["a", "a", "b", "c"],
        "sex": ["F", "F", "F", "M"],
        "cost": [1.0, 2.0, 5.0, None],
    }

    rows = Results(tmp_path).tabulate(frame, name="t", by=["sex"], amount="cost")

    # a: 3, b: 5; c has no amount.
    assert rows == [
        {"sex": "Total", "persons": 3, "total": 8.0, "mean": 4.0},
        {"sex": "F", "persons": 2, "total": 8.0, "mean": 4.0},
        {"sex": "M", "persons": 1, "total": 0.0, "mean": None},
    ]


def test_survival_is_that_of_the_textbook(tmp_path: Path) -> None:
    # 6-MP arm of Freireich et al. (1963), 21 patients: S(6) = 18/21, S(7) = 18/21 x 16/17,
    # S(10) = that x 14/15.
    days = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    events = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    frame = {"person_pseudonym": [str(n) for n in range(21)], "days": days, "relapse": events}

    made = Results(tmp_path).survival(frame, name="s", duration="days", event="relapse")["all"]

    found = dict(zip(made.times.tolist(), made.survival.round(4).tolist(), strict=True))
    assert (found[6], found[7], found[10]) == (0.8571, 0.8067, 0.7529)
    assert found[23] == 0.4482
