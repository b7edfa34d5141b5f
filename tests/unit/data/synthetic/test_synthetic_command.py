"""`ecluse synth` writes a country, adds its twins, and loads it when asked for a lake."""

import json
from pathlib import Path

import typer
from typer.testing import CliRunner

from ecluse.cli.synth import synth
from ecluse.data.lake import Lake

app = typer.Typer()
app.command()(synth)


def test_a_country_is_written_where_it_was_asked(tmp_path: Path) -> None:
    asked = ["--persons", "60", "--years", "2021-2022", "--out", str(tmp_path), "--json"]

    told = CliRunner().invoke(app, [*asked, "--workers", "1", "--twins"])

    assert told.exit_code == 0, told.output
    found = json.loads(told.stdout)
    assert (found["persons"], found["years"], found["rendering"]) == (60, [2021, 2022], "delivery")
    assert (tmp_path / "delivery" / "IR_BEN_R.csv").exists()
    assert (tmp_path / "truth" / "report.html").exists()
    assert (tmp_path / "twins" / "hospital").is_dir()


def test_the_lake_rendering_loads_the_delivery(tmp_path: Path) -> None:
    asked = ["--persons", "60", "--years", "2022", "--out", str(tmp_path), "--json"]

    told = CliRunner().invoke(app, [*asked, "--rendering", "lake", "--workers", "1"])

    assert told.exit_code == 0, told.output
    snapshot = json.loads(told.stdout)["snapshot"]
    assert Lake(tmp_path / "lake").snapshot("synthetic").snapshot_id == snapshot


def test_years_that_are_not_numbers_are_refused(tmp_path: Path) -> None:
    told = CliRunner().invoke(app, ["--years", "soon", "--out", str(tmp_path)])

    assert told.exit_code == 2
