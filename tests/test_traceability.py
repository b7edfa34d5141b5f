"""The matrix of requirements names tests that exist, and tells how a run ended."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "docs"))
import traceability_table as matrix

NAMED = matrix.named_tests()
REPORT = """<testsuites><testsuite>
<testcase classname="tests.law.test_a" name="test_x[1]"/>
<testcase classname="tests.law.test_a" name="test_x[2]"><failure/></testcase>
<testcase classname="tests.law.test_a" name="test_y"/>
<testcase classname="tests.law.test_a" name="test_z"><skipped/></testcase>
</testsuite></testsuites>"""


@pytest.mark.parametrize("test", NAMED)
def test_every_test_that_a_control_names_exists(test: str) -> None:
    assert matrix.exists(test)


def test_a_test_that_does_not_exist_is_noticed() -> None:
    assert not matrix.exists("tests/test_traceability.py::test_nothing")
    assert not matrix.exists("tests/test_nowhere.py::test_nothing")


def test_no_control_is_without_a_test_or_an_id() -> None:
    assert [one["what"] for one in matrix.controls() if not one["tests"] or not one["ids"]] == []


def test_a_run_is_told_test_by_test_and_one_bad_case_counts(tmp_path: Path) -> None:
    (tmp_path / "report.xml").write_text(REPORT)

    assert matrix.results(tmp_path / "report.xml") == {
        "tests/law/test_a.py::test_x": "failed",
        "tests/law/test_a.py::test_y": "passed",
        "tests/law/test_a.py::test_z": "skipped",
    }
