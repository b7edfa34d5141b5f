"""SACRO-ML's reports, read and judged; a Python that has it, run.

The shape and the figures of both reports are those that the project publishes as examples of its
documentation (report_example_worstcase.json and report_example_lira.json of 30 June 2024, on a
forest of scikit-learn): names, areas, shares and sizes are kept, curves are not.
"""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from ecluse.data.evaluation.privacy import plugins
from ecluse.domain.disclosure import ModelKind
from ecluse.domain.disclosure.model_trials import ModelTrial, ModelVerdict, Tried
from ecluse.domain.errors import InvalidInput, JobFailed
from ecluse.domain.evaluations.analysis import Attack

WORST_CASE = {
    "AUC": (0.56909548, 0.5831483, 0.55296833),
    "TPR@0.001": (0.0, 0.0, 0.0),
    "sizes": (199.0, 86.0),
}
LIRA = {"AUC": (0.75869112,), "TPR@0.001": (0.12814070351758794,), "sizes": (398.0, 171.0)}


def entry(name: str, told: dict[str, Any]) -> dict[str, Any]:
    instances = {
        f"instance_{rank}": {
            "AUC": area,
            "P_HIGHER_AUC": 0.03,
            "TPR@0.001": told["TPR@0.001"][rank],
            "n_pos_test_examples": told["sizes"][0],
            "n_neg_test_examples": told["sizes"][1],
        }
        for rank, area in enumerate(told["AUC"])
    }
    return {
        "log_id": "ccd2def8",
        "log_time": "30/06/2024 18:34:39",
        "metadata": {"attack_name": name, "target_model": "RandomForestClassifier"},
        "attack_experiment_logger": {"attack_instance_logger": instances},
    }


def report(folder: Path, **changes: Any) -> Path:
    told = {
        "WorstCase attack_ccd2def8": entry("WorstCase attack", WORST_CASE),
        "LiRA Attack_0d8cf41e": entry("LiRA Attack", {**LIRA, **changes}),
        "Structural attack_1": {"metadata": {"attack_name": "Structural attack"}},
    }
    path = folder / "report.json"
    path.write_text(json.dumps(told))
    return path


def test_each_attack_is_judged_by_our_limits(tmp_path: Path) -> None:
    membership, lira = plugins.read_report(report(tmp_path))

    # Of 199 and 86, .5684 on average of three repetitions: under .60, but too few others.
    assert (membership.attack, membership.value) == (Attack.MEMBERSHIP, "0.5684")
    assert membership.verdict is ModelVerdict.REFUSE
    assert "under 100 members or others" in membership.explanation
    # Of 171 others no cut passes 1 in 1,000: the area, whose low end is over .65 and under .75.
    assert (lira.attack, lira.value) == (Attack.LIRA, "0.7587")
    assert lira.verdict is ModelVerdict.NEEDS_PROTECTION


def test_with_enough_others_members_recognised_are_judged(tmp_path: Path) -> None:
    _, lira = plugins.read_report(report(tmp_path, sizes=(4000.0, 4000.0)))

    assert lira.value == "0.1281"
    assert lira.verdict is ModelVerdict.REFUSE


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"a": {"metadata": 3}}', '{"a": 3}'])
def test_what_is_no_such_report_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "report.json"
    path.write_text(text)

    with pytest.raises(InvalidInput, match=r"report.json"):
        plugins.read_report(path)


def test_the_worse_of_both_opinions_stands(tmp_path: Path) -> None:
    own = tuple(
        Tried(attack, "0.5000", "0.4", "0.6", ModelVerdict.PASS, "ours") for attack in Attack
    )
    trial = ModelTrial("sha256:" + "0" * 64, ModelKind.ENSEMBLE, 400, 400, own)

    found = plugins.with_opinion(trial, plugins.read_report(report(tmp_path)))

    assert trial.verdict is ModelVerdict.PASS
    assert found.verdict is ModelVerdict.REFUSE
    assert [one.explanation.endswith("(SACRO-ML)") for one in found.attacks] == [
        *(True, True),
        *(False, False),
    ]


def test_a_python_without_it_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="has no SACRO-ML: install `sacroml` there"):
        plugins.run_sacro(Path(sys.executable), tmp_path, into=tmp_path)


def program(folder: Path, last: str) -> Path:
    """A Python that has it, as far as asked: the check passes, the attacks copy a report."""
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n[ $# -eq 3 ] && exit 0\n{last}\n")
    path.chmod(0o755)
    return path


def test_a_python_that_has_it_is_run_and_its_report_read(tmp_path: Path) -> None:
    recorded, into = tmp_path / "recorded", tmp_path / "into"
    recorded.mkdir()
    into.mkdir()
    python = program(tmp_path, f'/bin/cp {report(recorded)} "$5/report.json"')

    found = plugins.run_sacro(python, tmp_path / "target", into=into)

    assert [one.attack for one in found] == [Attack.MEMBERSHIP, Attack.LIRA]


def test_a_run_that_fails_tells_its_code_and_none_of_its_words(tmp_path: Path) -> None:
    python = program(tmp_path, "echo 'row of Jeanne' >&2; exit 3")

    with pytest.raises(JobFailed, match="ended with code 3") as failed:
        plugins.run_sacro(python, tmp_path, into=tmp_path)

    assert "Jeanne" not in str(failed.value)
