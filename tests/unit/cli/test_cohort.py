import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ecluse.cli.cohort import app
from ecluse.domain.codec import decode, encode
from ecluse.domain.cohorts import AtLeast, Cohort, Events, cohort_of
from ecluse.domain.errors import InvalidInput, NotFound
from ecluse.domain.studies import STUDIES, study


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_the_list_names_every_study() -> None:
    told = json.loads(run("list", "--json").stdout)["studies"]

    assert [found["name"] for found in told] == list(STUDIES)
    assert "Accident vasculaire cérébral" in run("list").stdout


def test_a_study_is_explained_with_its_lists_and_their_sources() -> None:
    told = json.loads(run("explain", "stroke", "--year", 2019, "--lang", "en", "--json").stdout)

    assert told["text"].startswith("Persons are kept, step after step, for whom:")
    assert "Hospital stays, main diagnosis" in told["text"]
    assert told["study"]["code_lists"][0]["codes"] == ["I60", "I61", "I62", "I63", "I64"]


def test_a_cohort_written_as_json_is_the_study_and_is_read_from_its_file(tmp_path: Path) -> None:
    written = run("json", "diabetes", "--year", "2020").stdout
    file = tmp_path / "cohort.json"
    file.write_text(written, encoding="utf-8")

    assert decode(json.loads(written), Cohort) == study("diabetes").cohort(2020)
    assert "diabète" not in run("explain", file).stdout.lower()
    assert run("explain", file).stdout.startswith("Sont retenues")


def test_a_drawing_goes_to_a_file(tmp_path: Path) -> None:
    file = tmp_path / "flow.svg"

    assert run("draw", "births", "--output", file).exit_code == 0
    assert "Nés vivants à l’hôpital" in file.read_text(encoding="utf-8")
    assert run("draw", "births").stdout == file.read_text(encoding="utf-8")


def test_what_cannot_be_checked_is_said(tmp_path: Path) -> None:
    told = json.loads(run("check", "stroke", "--lake", tmp_path, "--json").stdout)

    assert told == {
        "lists": 1,
        "unknown_codes": {},
        "not_checked": ["the nomenclature MS_CIM_V is not loaded"],
    }


def test_a_cohort_that_the_model_cannot_answer_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "cohort.json"
    cohort = cohort_of(AtLeast(Events("horoscope", ("LEO",))))
    file.write_text(json.dumps(encode(cohort)), encoding="utf-8")

    assert isinstance(run("check", file).exception, InvalidInput)


@pytest.mark.parametrize("text", ["", "[]", '{"steps": []}', "\xff"])
def test_a_file_that_holds_no_cohort_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "cohort.json"
    file.write_text(text, encoding="latin-1")

    assert isinstance(run("explain", file).exception, InvalidInput)


def test_an_unknown_name_is_not_found() -> None:
    assert isinstance(run("explain", "horoscope").exception, NotFound)


def test_a_year_before_the_data_is_refused() -> None:
    assert isinstance(run("explain", "stroke", "--year", 1990).exception, InvalidInput)
