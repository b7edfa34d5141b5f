"""`ecluse lake convert`, from the command line."""

import json
from datetime import date
from pathlib import Path

import typer
from click.testing import Result
from typer.testing import CliRunner

from ecluse.cli.omop import convert
from ecluse.data.lake import Lake
from ecluse.domain.errors import InvalidInput
from tests.unit.data.conversion.converting import claim, snds

MAY_2 = date(2022, 5, 2)


def run(folder: Path, *arguments: str) -> Result:
    """Convert the dataset `snds` of the lake in `folder`, which is published first."""
    snds(folder, {"ER_PRS_F": [claim(11, MAY_2), claim(12, MAY_2, 6111)]})
    app = typer.Typer()
    app.command()(convert)
    return CliRunner().invoke(app, ["snds", "--lake", str(folder), *arguments])


def test_the_account_is_told_in_french(tmp_path: Path) -> None:
    done = run(tmp_path, "--dataset", "omop", "--first-day", "2022-01-01")

    assert done.exit_code == 0
    assert "acte sans" in done.output
    assert "2 personnes, soins du 2022-01-01 au 2022-05-31" in " ".join(done.output.split())
    assert Lake(tmp_path).snapshot("omop").person_count == 2


def test_the_account_is_json_for_a_machine(tmp_path: Path) -> None:
    done = run(tmp_path, "--dataset", "omop", "--drug-start", "prescription", "--json")

    told = json.loads(done.stdout)
    assert (told["dataset"], told["drug_start"]) == ("omop", "prescription")
    assert told["tables"]["visit_occurrence"] == 1


def test_a_folder_of_maps_that_is_not_there_is_refused(tmp_path: Path) -> None:
    done = run(tmp_path, "--dataset", "omop", "--mappings", str(tmp_path / "none"))

    assert isinstance(done.exception, InvalidInput)
    assert "none" in str(done.exception)
