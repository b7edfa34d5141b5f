import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ecluse.cli.filters import filters_app
from ecluse.domain.errors import InvalidInput, NotFound
from tests.unit.data.filters.reading import line
from tests.unit.data.lakes import publish


def run(*arguments: object) -> Result:
    return CliRunner().invoke(filters_app, [str(argument) for argument in arguments])


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    lines = [line(1, CPL_MAJ_TOP=0), line(2, CPL_MAJ_TOP=2), line(3, CPL_MAJ_TOP=None)]
    publish(tmp_path, "claims", {"ER_PRS_F": lines}, [(1, "ANNA", None)])
    return tmp_path


def surcharges(done: Result) -> dict[str, object]:
    counts = json.loads(done.stdout)["counts"]
    (found,) = [count for count in counts if count["name"] == "surcharges"]
    return dict(found)


def test_the_list_gives_each_filter_with_the_state_advised() -> None:
    told = json.loads(run("list", "--json").stdout)["filters"]

    assert {"surcharges": "on", "private_stays": "off"}.items() <= {
        item["name"]: item["default"] for item in told
    }.items()


def test_show_says_why_in_french() -> None:
    shown = run("show", "surcharges")

    assert "CPL_MAJ_TOP à 2 ou plus" in " ".join(shown.stdout.split())


def test_a_filter_that_does_not_exist_is_not_found() -> None:
    assert isinstance(run("show", "nothing").exception, NotFound)


def test_counts_are_given_before_and_after(lake: Path) -> None:
    done = run("count", "claims", "--lake", lake, "--json")

    told = surcharges(done)
    assert (told["rows_before"], told["rows_after"], told["rows_unknown"]) == (3, 2, 1)


def test_a_filter_can_be_cut_or_made_strict(lake: Path) -> None:
    cut = run("count", "claims", "--lake", lake, "--off", "surcharges", "--json")
    strict = run("count", "claims", "--lake", lake, "--strict", "surcharges", "--json")

    assert (surcharges(cut)["rows_left"], surcharges(strict)["rows_left"]) == (3, 1)


def test_a_filter_named_twice_is_refused(lake: Path) -> None:
    done = run("count", "claims", "--lake", lake, "--on", "surcharges", "--off", "surcharges")

    assert isinstance(done.exception, InvalidInput)


@pytest.mark.parametrize("years", ["twenty", "2023-2021", "2021-", "-"])
def test_what_is_not_years_is_refused(lake: Path, years: str) -> None:
    done = run("count", "claims", "--lake", lake, f"--years={years}")

    assert isinstance(done.exception, InvalidInput)


def test_years_before_a_regime_joined_give_a_warning(lake: Path) -> None:
    done = run("count", "claims", "--lake", lake, "--years", "2011-2021")

    assert "pas de tendance nationale" in done.stderr
    assert "SNCF" in done.stderr


def test_a_filter_that_cannot_be_applied_says_what_it_lacks(lake: Path) -> None:
    shown = run("count", "claims", "--lake", lake)

    assert "manque" in shown.stdout


def test_a_cut_off_too_close_to_the_care_gives_a_warning(lake: Path) -> None:
    early = run(
        *("count", "claims", "--lake", lake, "--years", "2021", "--flux-until", "2022-05-01")
    )
    right = run(
        *("count", "claims", "--lake", lake, "--years", "2021", "--flux-until", "2022-06-01")
    )

    assert "2022-06-01" in early.stderr
    assert "Attention" not in right.stderr
