"""What a `study.toml` says, and what is answered to one that cannot be used."""

import pytest

from ecluse.domain.errors import InvalidInput
from ecluse.domain.workflows import (
    Action,
    DeclaredOutput,
    Language,
    OutputClass,
    Resources,
    read_workflow,
)

STUDY = b"""
[study]
title = "Incidence of diabetes"

[actions.model]
r = "model.R"
needs = ["counts"]
outputs.results = ["model.csv"]

[actions.counts]
python = "counts.py"
needs = ["cohort"]
outputs.results = ["counts.csv", "figure-*.png"]
resources = {memory = "2 GB", threads = 1, minutes = 30}

[actions.cohort]
sql = "sql/cohort.sql"
outputs.persons = ["cohort.parquet"]
"""


def test_actions_come_after_those_they_need() -> None:
    study = read_workflow(STUDY)

    assert study.title == "Incidence of diabetes"
    assert [action.name for action in study.actions] == ["cohort", "counts", "model"]


def test_an_action_says_what_it_runs_leaves_and_asks() -> None:
    action = read_workflow(STUDY).action("counts")

    assert action == Action(
        "counts",
        Language.PYTHON,
        "counts.py",
        needs=("cohort",),
        outputs=(
            DeclaredOutput("counts.csv", OutputClass.RESULTS),
            DeclaredOutput("figure-*.png", OutputClass.RESULTS),
        ),
        resources=Resources(memory_bytes=2_000_000_000, threads=1, minutes=30),
    )


def test_a_study_is_cut_to_one_action_and_what_it_needs() -> None:
    study = read_workflow(STUDY).only("counts")

    assert [action.name for action in study.actions] == ["cohort", "counts"]


def test_actions_that_wait_for_nothing_keep_the_order_written() -> None:
    study = read_workflow(
        b'[study]\ntitle = "T"\n[actions.late]\npython = "a.py"\n[actions.early]\npython = "b.py"\n'
    )

    assert [action.name for action in study.actions] == ["late", "early"]


def test_a_file_is_of_the_class_declared_and_rows_of_persons_win() -> None:
    action = Action(
        "counts",
        Language.PYTHON,
        "counts.py",
        outputs=(
            DeclaredOutput("*.csv", OutputClass.RESULTS),
            DeclaredOutput("rows*", OutputClass.PERSONS),
        ),
    )

    assert action.class_of("counts.csv") is OutputClass.RESULTS
    assert action.class_of("rows.csv") is OutputClass.PERSONS
    assert action.class_of("notes.txt") is None


def test_only_outputs_named_whole_must_be_there() -> None:
    action = read_workflow(STUDY).action("counts")

    assert action.missing(["other.csv"]) == ("counts.csv",)
    assert action.missing(["counts.csv"]) == ()


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ("title = ", "study.toml is not TOML"),
        ("[actions.a]\npython = 'a.py'", "give it a title"),
        ("[study]\ntitle = 'T'", "1 to 50 actions, not 0"),
        ("[study]\ntitle = 'T'\nowner = 'me'", "'owner' is not known here"),
        ("[study]\ntitle='T'\n[actions.a]\nneeds = []", "name one script, by python, r or sql"),
        ("[study]\ntitle='T'\n[actions.a]\npython='a.py'\nr='a.R'", "name one script"),
        ("[study]\ntitle='T'\n[actions.a]\npython='a.R'", "is in python, and its script is 'a.R'"),
        ("[study]\ntitle='T'\n[actions.a]\npython='../a.py'", "a path inside the study"),
        ("[study]\ntitle='T'\n[actions.a]\npython='/a.py'", "a path inside the study"),
        ("[study]\ntitle='T'\n[actions.A-b]\npython='a.py'", "name it with 1 to 40 of a-z 0-9 _"),
        ("[study]\ntitle='T'\n[actions.a]\npython='a.py'\nneeds=['b']", "there is no such action"),
        ("[study]\ntitle='T'\n[actions.a]\npython='a.py'\nneeds='b'", "give a list of texts"),
        (
            "[study]\ntitle='T'\n[actions.a]\npython='a.py'\noutputs.secret=['a.csv']",
            "there may be persons, results",
        ),
        (
            "[study]\ntitle='T'\n[actions.a]\npython='a.py'\noutputs.results=['x/a.csv']",
            "An output is a name",
        ),
        (
            "[study]\ntitle='T'\n[actions.a]\npython='a.py'\nresources.memory='lots'",
            'write the memory as "500 MB" or "2 GB"',
        ),
        (
            "[study]\ntitle='T'\n[actions.a]\npython='a.py'\nresources.minutes=0",
            "a whole number from 1 to 10080",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place(told: str, reason: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_workflow(told.encode())

    assert reason in str(refused.value)


def test_a_circle_of_actions_is_shown() -> None:
    told = (
        "[study]\ntitle='T'\n"
        "[actions.a]\npython='a.py'\nneeds=['b']\n"
        "[actions.b]\npython='b.py'\nneeds=['a']\n"
    )

    with pytest.raises(InvalidInput, match=r"wait for each other: (a → b → a|b → a → b)"):
        read_workflow(told.encode())


def test_two_actions_leave_no_result_of_the_same_name() -> None:
    told = (
        "[study]\ntitle='T'\n"
        "[actions.a]\npython='a.py'\noutputs.results=['counts.csv']\n"
        "[actions.b]\npython='b.py'\noutputs.results=['Counts.csv']\n"
    )

    with pytest.raises(InvalidInput, match=r"Counts.csv is an output of a and of b"):
        read_workflow(told.encode())
