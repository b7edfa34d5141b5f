"""Every requirement of OWASP ASVS 5.0.0, levels 1 and 2: a test that exists, or why none."""

import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from ecluse.domain.posture import Ground
from ecluse.hosting.posture import frameworks, probes

sys.path.insert(0, str(Path(__file__).parents[1] / "docs"))
import posture_table
import traceability_table as matrix

ROOT = Path(__file__).parents[1]
LISTED = tomllib.loads((ROOT / "docs" / "asvs.toml").read_text(encoding="utf-8"))
NUMBERS = {one.number: one for one in frameworks.load("asvs").controls}
NAMED = sorted({test for tests in LISTED["tests"].values() for test in tests})
PAGE = (ROOT / "docs" / "explanation" / "posture.md").read_text(encoding="utf-8")
POSTURE = [
    *(ROOT / "src/ecluse/hosting/posture").rglob("*.*"),
    ROOT / "src/ecluse/domain/posture.py",
    ROOT / "src/ecluse/trust/postures.py",
    ROOT / "src/ecluse/cli/posture.py",
    ROOT / "src/ecluse/portal/site/postures.py",
    ROOT / "src/ecluse/portal/site/jinja2/site/posture.html",
    ROOT / "docs/asvs.toml",
    ROOT / "docs/posture_table.py",
    ROOT / "docs/explanation/posture.md",
    ROOT / "docs/how-to/show-your-posture.md",
]
CLAIM = re.compile(r"\b(non-?)?(compliant|compliance|conforme|conformes|conformité)\b", re.I)


def test_the_standard_has_253_requirements_at_the_two_levels() -> None:
    assert len(NUMBERS) == 253


def test_every_requirement_is_listed_once() -> None:
    listed = [number for part in LISTED.values() for number in part]

    assert sorted(listed) == sorted(NUMBERS)


def test_a_requirement_that_applies_names_a_test() -> None:
    assert [number for number, tests in LISTED["tests"].items() if not tests] == []


@pytest.mark.parametrize("test", NAMED)
def test_every_test_that_a_requirement_names_exists(test: str) -> None:
    name, _, case = test.partition("[")

    assert matrix.exists(name)
    assert not case or case.removesuffix("]") in probes.PROBES


def test_what_is_missing_or_outside_says_why() -> None:
    told = [*LISTED["missing"].values(), *LISTED["not_applicable"].values()]

    assert [why for why in told if len(why) < 12] == []


def test_what_is_missing_is_missing_in_the_framework_too_and_only_becomes_shorter() -> None:
    missing = {number for number, one in NUMBERS.items() if one.ground is Ground.MISSING}
    outside = {number for number, one in NUMBERS.items() if one.ground is Ground.OUTSIDE}

    assert missing == LISTED["missing"].keys()
    assert outside == LISTED["not_applicable"].keys()
    assert len(missing) <= 12


def test_the_probes_that_a_requirement_names_are_those_of_its_framework() -> None:
    cases = {
        number: tuple(t.partition("[")[2][:-1] for t in tests if t.endswith("]"))
        for number, tests in LISTED["tests"].items()
    }

    assert {number: NUMBERS[number].probes for number in cases} == cases


@pytest.mark.parametrize("path", POSTURE, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_claims_more_than_was_probed(path: Path) -> None:
    assert path.suffix == ".pyc" or not CLAIM.findall(path.read_text(encoding="utf-8"))


def test_the_generated_table_counts_the_requirements() -> None:
    page = posture_table.posture_page()

    assert "| OWASP ASVS 5.0.0, levels 1 and 2 | 253 |" in page
    assert not CLAIM.findall(page)


def test_the_limits_of_use_are_in_the_page_of_the_posture() -> None:
    password: Any = settings.AUTH_PASSWORD_VALIDATORS[0]
    told = {
        "length of a password": password["OPTIONS"]["min_length"],
        "hours of a session": settings.SESSION_COOKIE_AGE // 3600,
        "megabytes of a form": settings.ECLUSE_BODY_BYTES // 1024**2,
        "requests a minute of a token": settings.ECLUSE_API_REQUESTS_A_MINUTE,
    }
    lines = [f"| {name} | {value} |" for name, value in told.items()]

    assert [line for line in lines if line not in PAGE] == []
