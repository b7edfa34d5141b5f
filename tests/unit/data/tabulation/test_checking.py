"""Files of an answer read again: what ought to be hidden stops the file."""

from pathlib import Path

import pytest

from ecluse.data.tabulation import check, write
from ecluse.domain.documents import Verdict
from ecluse.domain.tabulation import ControlledRounding, Suppression, TabulationPlan, policy_of
from tests.unit.data.tabulation.clinics import MAN, clinic, person, plan, table

PEOPLE = [*(person(key) for key in range(30)), *(person(key, sex=MAN) for key in range(30, 50))]


def written(folder: Path, asked: TabulationPlan) -> Path:
    """The answer about 30 women and 20 men, as files."""
    made = clinic(folder, PEOPLE).answer(asked)
    write(made, folder / "answer")
    return folder / "answer"


def verdicts(asked: TabulationPlan, folder: Path) -> dict[str, tuple[str, list[str]]]:
    return {
        file.name: (file.verdict.value, [finding.rule for finding in file.findings])
        for file in check(asked, folder, policy=policy_of())
    }


def test_a_table_is_for_eyes_and_a_notice_is_not(tmp_path: Path) -> None:
    asked = plan(table("sex"))

    assert verdicts(asked, written(tmp_path, asked)) == {
        "LISEZMOI.md": ("pass", []),
        "README.md": ("pass", []),
        "codebook.csv": ("pass", []),
        "t.csv": ("review", ["TP"]),
        "t.json": ("review", ["TP"]),
    }


def test_a_small_number_in_a_file_stops_it(tmp_path: Path) -> None:
    asked = plan(table("sex"))
    folder = written(tmp_path, asked)
    path = folder / "t.csv"
    path.write_text(path.read_text().replace("M,20", "M,7"))

    found = verdicts(asked, folder)

    assert found["t.csv"] == ("blocked", ["TP", "R1", "T2"])
    assert found["t.json"][0] == "blocked"


@pytest.mark.parametrize("protection", [Suppression(5), ControlledRounding(10)])
def test_a_number_that_is_not_rounded_stops_the_file(
    tmp_path: Path, protection: Suppression | ControlledRounding
) -> None:
    asked = plan(table("sex"), protection=protection)
    folder = written(tmp_path, asked)
    before = verdicts(asked, folder)["t.csv"]
    path = folder / "t.csv"
    path.write_text(path.read_text().replace("M,20", "M,21"))

    assert before == ("review", ["TP"])
    assert "R9" in verdicts(asked, folder)["t.csv"][1]


def test_two_forms_that_differ_stop_both(tmp_path: Path) -> None:
    asked = plan(table("sex"))
    folder = written(tmp_path, asked)
    path = folder / "t.json"
    path.write_text(path.read_text().replace(" 20,", " 21,"))

    found = check(asked, folder, policy=policy_of())

    assert {one.verdict for one in found if one.name.startswith("t.")} == {Verdict.BLOCKED}
