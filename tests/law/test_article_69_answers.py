"""EHDS art. 69(1): a data request is answered in anonymised statistical form, never by the data."""

import dataclasses
from datetime import date
from pathlib import Path

import pytest

from ecluse.data.optouts import Listing
from ecluse.data.tabulation import Memory, countable, write
from ecluse.domain.documents import OptOutList
from ecluse.domain.errors import StaleOptOuts
from tests.unit.data.lakes import LOADED_AT, publish
from tests.unit.data.tabulation.clinics import (
    CARE,
    MAN,
    Clinic,
    clinic,
    condition,
    person,
    plan,
    table,
)

SMALL = {str(number) for number in range(1, 11)}


def test_paragraph_1_no_file_of_the_answer_has_a_line_about_a_person(tmp_path: Path) -> None:
    people = [*(person(key) for key in range(30)), person(30, sex=MAN, born=1931)]
    events = [condition(key, f"E11{key:02}", date(2021, 5, 4)) for key in range(31)]
    here = clinic(tmp_path, people, events)

    made = here.answer(plan(table("sex", "age", "disease", of=CARE)))
    write(made, tmp_path / "answer")

    texts = {file.name: file.read_text() for file in (tmp_path / "answer").iterdir()}
    lines = texts["t.csv"].splitlines()
    assert len(lines) == 1 + 4 * 5 * 4
    assert [line for line in lines if line.rpartition(",")[2] in SMALL] == []
    assert not any("E1130" in text or "2021-05-04" in text for text in texts.values())


def test_paragraph_1_the_answer_holds_protected_tables_and_no_other_data(tmp_path: Path) -> None:
    here = clinic(tmp_path, [person(key) for key in range(30)])

    made = here.answer(plan(table("sex")))

    names = {field.name for field in dataclasses.fields(made)}
    assert names == {"plan", "dataset", "snapshot", "policy", "tables", "counts", "digest"}
    assert {type(one).__name__ for one in made.tables} == {"ProtectedTable"}


def test_article_71_who_opted_out_or_cannot_be_named_is_not_counted(tmp_path: Path) -> None:
    names = [(key, str(key), f"N{key:02}" if key else None) for key in range(30)]
    tables = {"person": [person(key) for key in range(30)]}
    snapshot = publish(tmp_path / "lake", "clinic", tables, names, model_name="omop")
    listed = OptOutList("D-1", LOADED_AT, ("N03", "N04", "N99"))
    here = Clinic(snapshot, Memory(tmp_path / "memory"))

    with here.connected() as connection:
        kept = countable(connection, snapshot, Listing(listed), number="D-1")
        with pytest.raises(StaleOptOuts):
            countable(connection, snapshot, Listing(listed), number="D-2")

    assert kept.tolist() == [1, 2, *range(5, 30)]
