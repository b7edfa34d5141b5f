"""The page of faults names tests that exist, and says what none shows."""

import sys
import tomllib
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "docs"))
import fault_table
import traceability_table as matrix

LISTED = tomllib.loads(fault_table.FAULTS.read_text(encoding="utf-8"))
NAMED = sorted({test for part in LISTED.values() for one in part.values() for test in one["tests"]})


@pytest.mark.parametrize("test", NAMED)
def test_every_test_that_it_names_exists(test: str) -> None:
    assert matrix.exists(test)


def test_what_no_test_shows_says_why() -> None:
    every = [one for part in LISTED.values() for one in part.values()]

    assert all(one["tests"] or len(one["missing"]) > 12 for one in every)
    assert (len(LISTED["fault"]), len(LISTED["attack"])) == (13, 18)
