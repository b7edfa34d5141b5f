import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ecluse.cli.lake import lake_app
from ecluse.domain.errors import LoadFailed, NotFound, SnapshotDamaged
from tests.unit.data.deliveries import ACTS, REGISTER, write


def run(*arguments: object) -> Result:
    return CliRunner().invoke(lake_app, [str(argument) for argument in arguments])


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    source = write(tmp_path / "delivery", {"IR_BEN_R.csv": REGISTER, "ER_PRS_F.csv": ACTS})
    lake = tmp_path / "lake"
    loaded = run("load", source, "--dataset", "claims", "--model", "snds", "--lake", lake)
    assert loaded.exit_code == 0, loaded.output
    return lake


def test_a_load_tells_its_counts_as_json(tmp_path: Path) -> None:
    source = write(tmp_path / "delivery", {"IR_BEN_R.csv": REGISTER})

    done = run(
        *("load", source / "IR_BEN_R.csv", "--dataset", "claims", "--model", "snds"),
        *("--lake", tmp_path / "lake", "--json"),
    )

    told = json.loads(done.stdout)
    assert (told["persons"], told["rows_read"], told["rows_quarantined"]) == (2, 2, 0)


def test_a_delivery_that_cannot_be_loaded_raises_its_own_error(tmp_path: Path) -> None:
    source = write(tmp_path / "delivery", {"ER_PRS_F.csv": ACTS})

    done = run(
        *("load", source, "--dataset", "claims", "--model", "snds", "--lake", tmp_path / "lake")
    )

    assert isinstance(done.exception, LoadFailed)


def test_the_list_names_each_dataset_with_its_persons(lake: Path) -> None:
    told = json.loads(run("list", "--lake", lake, "--json").stdout)

    assert [(item["dataset"], item["persons"]) for item in told["datasets"]] == [("claims", 2)]


def test_show_gives_the_columns_of_a_table(lake: Path) -> None:
    shown = run("show", "claims", "--table", "ER_PRS_F", "--lake", lake, "--json")

    assert json.loads(shown.stdout)["columns"][:2] == ["person_key", "event_date"]


def test_showing_a_table_that_is_absent_names_those_that_exist(lake: Path) -> None:
    shown = run("show", "claims", "--table", "ER_TIP_F", "--lake", lake)

    assert isinstance(shown.exception, NotFound)
    assert "ER_PRS_F, IR_BEN_R" in str(shown.exception)


def test_an_intact_dataset_verifies(lake: Path) -> None:
    verified = run("verify", "claims", "--lake", lake, "--json")

    assert json.loads(verified.stdout)["ok"] is True


def test_a_changed_dataset_does_not_verify(lake: Path) -> None:
    (table,) = lake.glob("claims/*/ER_PRS_F.parquet")
    table.write_bytes(table.read_bytes()[:-1] + b"x")

    verified = run("verify", "claims", "--lake", lake)

    assert isinstance(verified.exception, SnapshotDamaged)


def test_a_schema_gives_each_column_its_role() -> None:
    told = json.loads(run("schema", "IR_BEN_R", "--json").stdout)

    roles = {column["name"]: column["role"] for column in told["columns"]}
    assert (roles["BEN_NIR_PSA"], roles["BEN_NAI_ANN"]) == ("person", "date")


def test_a_synthetic_country_is_written_where_it_was_asked(tmp_path: Path) -> None:
    made = run("synth", "--out", tmp_path, "--persons", 50, "--years", "2022", "--json")

    assert json.loads(made.stdout)["rows"]["IR_BEN_R"] >= 50
    assert (tmp_path / "delivery" / "ER_PRS_F.csv").is_file()


@pytest.mark.parametrize("years", ["2022-x", "hier", "2022-2021"])
def test_years_that_make_no_sense_are_refused(tmp_path: Path, years: str) -> None:
    refused = run("synth", "--out", tmp_path, "--persons", 50, "--years", years)

    assert refused.exit_code != 0
    assert not (tmp_path / "delivery").exists()
