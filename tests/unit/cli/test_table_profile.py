"""`ecluse catalogue profile`: from tables to a file that a catalogue reads."""

import json
from pathlib import Path

import typer
from typer.testing import CliRunner

from ecluse.cli.table_profile import profile
from ecluse.domain.metadata.table_files import read_tables
from tests.unit.data.lakes import publish
from tests.unit.data.quality.examined import registered

app = typer.Typer()
app.command()(profile)


def test_files_are_profiled_into_a_file_that_gives_tables(tmp_path: Path) -> None:
    lines = [f"{rank};E11" for rank in range(30)]
    (tmp_path / "stays.csv").write_text("\n".join(["id;code", *lines]), encoding="utf-8")
    out = tmp_path / "profile.json"

    ran = CliRunner().invoke(
        app,
        [
            *("clinic", str(tmp_path / "stays.csv"), "--person", "id", "--code", "code"),
            *("--out", str(out)),
        ],
    )

    assert ran.exit_code == 0, ran.output
    (table,) = read_tables("profile.json", out.read_bytes())
    assert table.titles[0].words == "stays"
    assert "Valeurs les plus fréquentes : E11" in table.variables[1].descriptions[0].words
    assert sorted(path.name for path in tmp_path.iterdir()) == ["profile.json", "stays.csv"]


def test_a_table_of_the_lake_is_profiled(tmp_path: Path) -> None:
    persons = [(1 + rank, f"person-{rank}", None) for rank in range(24)]
    register = [registered(key) for key, _, _ in persons]
    publish(tmp_path / "lake", "data", {"IR_BEN_R": register, "ER_PRS_F": []}, persons)
    out = tmp_path / "profile.json"

    ran = CliRunner().invoke(
        app,
        ["data", "--table", "IR_BEN_R", "--lake", str(tmp_path / "lake"), "--out", str(out)],
    )

    assert ran.exit_code == 0, ran.output
    written = json.loads(out.read_text(encoding="utf-8"))
    assert [table["name"] for table in written["tables"]] == ["IR_BEN_R"]
    assert written["persons"] == 20


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    ran = CliRunner().invoke(app, ["clinic", str(tmp_path / "none.csv")])

    assert "none.csv n’est pas un fichier" in str(ran.exception)
