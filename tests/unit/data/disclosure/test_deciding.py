"""A job's requests, one after the other; policies; controls."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ecluse.data.disclosure import (
    Population,
    check_outputs,
    decide_all,
    digest_of,
    is_request,
    policy,
    read_declarations,
    references,
    try_outputs,
)
from ecluse.data.results import Figure, Results
from ecluse.domain.disclosure import DisclosurePolicy, for_author
from ecluse.domain.documents import Verdict
from ecluse.domain.errors import InvalidInput, NotFound
from tests.unit.data.disclosure.results import POLICY, decided, frame


def test_results_of_one_job_are_compared_with_each_other(tmp_path: Path) -> None:
    results = Results(tmp_path)
    results.tabulate(frame(range(1, 36), sex=["F"] * 35), name="one", by=["sex"])
    results.tabulate(frame(range(1, 35), sex=["F"] * 34), name="two", by=["sex"])
    requests = [(name, tmp_path / name) for name in ("one.result", "two.result")]

    made = decide_all(requests, POLICY, project="P-1")

    assert [(one.name, one.verdict) for one in made.verdicts] == [
        ("one.csv", Verdict.PASS),
        ("two.csv", Verdict.BLOCKED),
    ]
    assert sorted(made.released) == ["one.csv", "two.csv"]


def test_a_trial_makes_the_files_and_judges_the_others(tmp_path: Path) -> None:
    Results(tmp_path).tabulate(frame(range(1, 36), sex=["F"] * 35), name="t", by=["sex"])
    (tmp_path / "notes.md").write_text("# Results\n")
    files = [(name, tmp_path / name) for name in ("t.result", "notes.md")]

    verdicts = try_outputs(files, {}, POLICY, made_in=tmp_path / "made")

    assert [(one.name, one.verdict) for one in verdicts] == [
        ("notes.md", Verdict.REVIEW),
        ("t.csv", Verdict.PASS),
    ]
    assert (tmp_path / "made" / "t.csv").read_text() == "sex,persons\nTotal,35\nF,35\n"


def test_a_request_that_cannot_be_computed_says_why_and_makes_nothing(tmp_path: Path) -> None:
    (tmp_path / "bad.result").write_bytes(b"not a request")

    made = decide_all([("bad.result", tmp_path / "bad.result")], POLICY, project="P-1")

    assert made.files == ()
    (verdict,) = made.verdicts
    assert (verdict.name, verdict.verdict) == ("bad.result", Verdict.BLOCKED)
    assert "write it again" in verdict.findings[0].explanation


def test_the_note_says_what_was_made_and_compared(tmp_path: Path) -> None:
    Results(tmp_path).tabulate(frame(range(1, 36), sex=["F"] * 35), name="t", by=["sex"])

    (note,) = decided(tmp_path).verdicts[0].findings

    assert note.rule == "M1"
    assert "made by the engine from 35 persons: 2 cells, 0 hidden" in note.explanation
    assert digest_of(POLICY) in note.explanation
    assert "compared with … earlier files" in for_author(note).explanation


def test_a_figure_is_drawn_from_the_table_alone(tmp_path: Path) -> None:
    columns = frame(range(1, 71), age=["A"] * 30 + ["B"] * 35 + ["C"] * 5)
    Results(tmp_path).plot(columns, name="p", by=["age"], kind=Figure.BARS)

    made = decided(tmp_path)
    again = decided(tmp_path)

    assert [name for name, _ in made.files] == ["p.csv", "p.png"]
    assert b"tEXt" not in made.files[1][1]
    assert made.files == again.files


def test_a_request_never_leaves_as_a_file(tmp_path: Path) -> None:
    (tmp_path / "t.result").write_bytes(b"rows of persons")

    (verdict,) = check_outputs([("t.result", tmp_path / "t.result")], {}, POLICY)

    assert is_request("t.result")
    assert verdict.verdict is Verdict.BLOCKED


def test_a_trained_model_is_denied_by_name(tmp_path: Path) -> None:
    (tmp_path / "forest.onnx").write_bytes(b"x")

    (verdict,) = check_outputs([("forest.onnx", tmp_path / "forest.onnx")], {}, POLICY)

    assert [finding.rule for finding in verdict.findings] == ["R18", "T1"]


CONTROLLED = b'[file."costs.csv"]\ncounts = ["persons"]\namounts = {cost = "controls.csv"}\n'
COSTS = "age,persons,cost\n0-19,50,900\n20-39,60,1100\n"


def test_controls_are_read_and_stay(tmp_path: Path) -> None:
    (tmp_path / "costs.csv").write_text(COSTS)
    (tmp_path / "controls.csv").write_text(
        "column,row,total,first,second\ncost,1,900,100,90\ncost,2,1100,1000,50\n"
    )
    files = [(name, tmp_path / name) for name in ("costs.csv", "controls.csv")]

    costs, controls = check_outputs(files, read_declarations(CONTROLLED), POLICY)

    # 1000 + 50 of 1100 is 95 %.
    assert [(one.rule, one.place) for one in costs.findings] == [("R4", "row 2, column cost")]
    assert controls.verdict is Verdict.BLOCKED


def test_controls_that_are_missing_leave_sums_to_eyes(tmp_path: Path) -> None:
    (tmp_path / "costs.csv").write_text(COSTS)

    (costs,) = check_outputs(
        [("costs.csv", tmp_path / "costs.csv")], read_declarations(CONTROLLED), POLICY
    )

    assert costs.verdict is Verdict.REVIEW
    assert [one.rule for one in costs.findings] == ["D3", "D3"]


def test_policies_are_data_of_holders() -> None:
    assert references() == ("Open-data-2026", "SNDS-2026", "SNDS-noise-2026")
    assert policy("SNDS-2026") == DisclosurePolicy()
    assert policy("SNDS-2026", minimum_count=20) == replace(DisclosurePolicy(), minimum_count=20)
    assert digest_of(policy("Open-data-2026")) != digest_of(DisclosurePolicy())


def test_a_policy_is_never_made_laxer() -> None:
    with pytest.raises(InvalidInput, match="The minimum count is 11, not 5"):
        policy("SNDS-2026", minimum_count=5)
    with pytest.raises(NotFound):
        policy("../roles")


def test_two_persons_whom_64_bits_do_not_tell_apart_are_refused() -> None:
    with pytest.raises(InvalidInput, match="1 persons share 64 bits"):
        Population.of(np.array([7, 7], np.uint64), np.array([1, 2], np.int32))
