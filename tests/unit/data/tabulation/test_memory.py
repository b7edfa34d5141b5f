"""Answers given before, kept and read again."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from ecluse.data.tabulation import Memory
from ecluse.data.tabulation.memory import Earlier
from ecluse.domain.errors import InvalidInput, Refused
from ecluse.domain.tabulation import Cell, Source
from tests.unit.data.tabulation.clinics import clinic, person, plan, read, table


def earlier() -> Earlier:
    """An answer about two persons of five."""
    shown: Mapping[Source | None, Mapping[Cell, int | None]] = {
        None: {(): 20, (("sex", "F"),): None}
    }
    return Earlier(plan(table("sex")), "S1", np.array([1, 4], np.int32), shown)


def test_what_is_remembered_is_read_again(tmp_path: Path) -> None:
    with Memory(tmp_path).of("clinic") as answers:
        answers.remember(earlier())
        (found,) = answers.earlier()

    assert found.plan == earlier().plan
    assert found.snapshot == "S1"
    assert found.persons.tolist() == [1, 4]
    assert found.shown == earlier().shown


def test_nobody_counted_is_remembered_too(tmp_path: Path) -> None:
    nobody = Earlier(plan(table("sex")), "S1", np.array([], np.int32), {None: {(): 0}})

    with Memory(tmp_path).of("clinic") as answers:
        answers.remember(nobody)
        (found,) = answers.earlier()

    assert found.persons.tolist() == []


def test_an_answer_altered_on_disk_stops_every_other(tmp_path: Path) -> None:
    with Memory(tmp_path).of("clinic") as answers:
        answers.remember(earlier())
        (file,) = (tmp_path / "clinic").glob("*.json")
        file.write_text(file.read_text().replace('"S1"', '"S2"'))

        with pytest.raises(Refused, match="was altered"):
            answers.earlier()


def test_only_the_account_of_the_zone_reads_the_memory(tmp_path: Path) -> None:
    with Memory(tmp_path).of("clinic") as answers:
        answers.remember(earlier())
        answers.secret()

    modes = {file.stat().st_mode & 0o077 for file in (tmp_path / "clinic").glob("*[!k]")}
    assert modes == {0}


def test_a_dataset_has_a_folder_and_no_other(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput), Memory(tmp_path).of("../other"):
        pass


def test_the_ledger_adds_up_and_refuses_what_is_not_left(tmp_path: Path) -> None:
    with Memory(tmp_path).of("clinic") as answers:
        answers.spend(600, limit=1000, plan=plan(table("sex"), number="D-1"))
        answers.spend(400, limit=1000, plan=plan(table("sex"), number="D-2"))

        with pytest.raises(Refused, match="1 thousandths of epsilon asked, 0 left"):
            answers.spend(1, limit=1000, plan=plan(table("sex"), number="D-3"))
        assert answers.spent() == 1000


def test_a_loss_entered_before_a_crash_is_not_entered_again(tmp_path: Path) -> None:
    asked = plan(table("sex"))
    with Memory(tmp_path).of("clinic") as answers:
        answers.spend(600, limit=1000, plan=asked)

    with Memory(tmp_path).of("clinic") as answers:
        answers.spend(600, limit=1000, plan=asked)
        spent = answers.spent()

    assert spent == 600


def test_the_same_plan_answered_and_asked_again_is_paid_again(tmp_path: Path) -> None:
    asked = plan(table("sex"))
    with Memory(tmp_path).of("clinic") as answers:
        answers.spend(400, limit=1000, plan=asked)
        answers.remember(earlier())
        answers.spend(400, limit=1000, plan=asked)
        spent = answers.spent()

    assert spent == 800


def test_a_ledger_that_cannot_be_read_gives_no_noise(tmp_path: Path) -> None:
    with Memory(tmp_path).of("clinic") as answers:
        answers.spend(600, limit=1000, plan=plan(table("sex"), number="D-1"))
        ledger = tmp_path / "clinic" / "privacy.jsonl"
        ledger.write_text(json.dumps({"number": "D-1", "epsilon_thousandths": -600}) + "\n")

        with pytest.raises(Refused, match="cannot be read"):
            answers.spend(1, limit=1000, plan=plan(table("sex"), number="D-2"))


def test_the_same_request_is_answered_with_the_same_numbers(tmp_path: Path) -> None:
    here = clinic(tmp_path, [person(key) for key in range(30)] + [person(30, sex=8507)])

    first = here.answer(plan(table("sex", "age")))
    second = here.answer(plan(table("sex", "age"), number="D-2"))

    assert read(first) == read(second)
