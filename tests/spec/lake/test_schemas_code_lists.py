"""Code lists are loaded with their days of validity, and the codes of a study checked in them."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ecluse.cli.nomenclature import nomenclature_app

BEFORE = "CODE;LIBELLE\nE11;Diabète de type 2\nE110;avec coma\nB97;Agents viraux\n"
AFTER = "CODE;LIBELLE\nE11;Diabète de type 2\nE110;avec coma\nU071;Covid-19\n"


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    lake = tmp_path / "lake"
    for text, day in ((BEFORE, "2010-01-01"), (AFTER, "2020-03-01")):
        file = tmp_path / f"{day}.csv"
        file.write_text(text, encoding="utf-8")
        said(lake, "load", str(file), "--name", "ICD", "--valid-from", day, "--columns",
             "CODE,LIBELLE")  # fmt: skip
    return lake


def said(lake: Path, *words: str) -> dict[str, Any]:
    command = [*words, "--lake", str(lake), "--json"]
    result = CliRunner().invoke(nomenclature_app, command, catch_exceptions=False)
    found = json.loads(result.stdout)
    assert isinstance(found, dict)
    return found


def verdicts(lake: Path, *words: str) -> dict[object, object]:
    return {item["code"]: item["status"] for item in said(lake, "check", "ICD", *words)["codes"]}


def test_a_version_holds_until_the_next_one_begins(lake: Path) -> None:
    (listed,) = said(lake, "list")["nomenclatures"]

    assert listed == {
        "name": "ICD",
        "versions": [
            {
                "valid_from": "2010-01-01",
                "valid_until": "2020-03-01",
                "codes": 3,
                "title": "2010-01-01",
            },
            {"valid_from": "2020-03-01", "valid_until": None, "codes": 3, "title": "2020-03-01"},
        ],
    }


def test_codes_are_known_retired_mistyped_or_unknown(lake: Path) -> None:
    assert verdicts(lake, "E11", "B97", "e11.0", "Z99") == {
        "E11": "known",
        "B97": "retired",
        "e11.0": "mistyped",
        "Z99": "unknown",
    }


def test_a_code_is_judged_as_of_the_day_of_the_study(lake: Path) -> None:
    assert verdicts(lake, "B97", "U071", "--on", "2015-06-30") == {
        "B97": "known",
        "U071": "retired",
    }


def test_a_prefix_stands_for_the_codes_that_begin_with_it(lake: Path) -> None:
    assert verdicts(lake, "E1", "--prefix") == {"E1": "known"}
    assert verdicts(lake, "E1") == {"E1": "mistyped"}


def test_the_codes_of_a_file_are_checked(lake: Path, tmp_path: Path) -> None:
    study = tmp_path / "study.csv"
    study.write_text("group,code\ndiabetes,E11\ndiabetes,E1I0\n", encoding="utf-8")

    assert verdicts(lake, f"@{study}") == {"E11": "known", "E1I0": "mistyped"}


def test_the_codes_of_a_category_are_shown(lake: Path) -> None:
    shown = said(lake, "show", "ICD", "--begins", "E")

    assert shown["codes"] == {"E11": "Diabète de type 2", "E110": "avec coma"}
