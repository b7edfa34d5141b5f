from pathlib import Path

import duckdb
import pytest

from ecluse.data.engines import connect, quoted, storage_failures
from ecluse.domain.errors import InvalidInput, StorageFull


def test_a_connection_reads_the_folder_it_was_given(tmp_path: Path) -> None:
    (tmp_path / "codes.csv").write_text("code\nE11\n")

    with connect(readable=[tmp_path]) as connection:
        found = connection.read_csv(str(tmp_path / "codes.csv")).fetchall()

    assert found == [("E11",)]


def test_a_connection_reads_no_other_folder(tmp_path: Path) -> None:
    given, other = tmp_path / "given", tmp_path / "other"
    given.mkdir()
    other.mkdir()
    (other / "codes.csv").write_text("code\nE11\n")

    with (
        connect(readable=[given]) as connection,
        pytest.raises(duckdb.PermissionException),
    ):
        connection.read_csv(str(other / "codes.csv")).fetchall()


def test_a_connection_writes_no_other_folder(tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.mkdir()

    with (
        connect(readable=[], writable=[given]) as connection,
        pytest.raises(duckdb.PermissionException),
    ):
        connection.sql("SELECT 1 AS one").write_parquet(str(tmp_path / "escaped.parquet"))

    assert not (tmp_path / "escaped.parquet").exists()


@pytest.mark.parametrize(
    "statement",
    [
        "SET enable_external_access = true",
        "SET memory_limit = '64GiB'",
        "RESET lock_configuration",
        "SET allowed_directories = ['/']",
    ],
)
def test_settings_cannot_be_changed_afterwards(tmp_path: Path, statement: str) -> None:
    with connect(readable=[tmp_path]) as connection, pytest.raises(duckdb.Error):
        connection.execute(statement)


@pytest.mark.parametrize("statement", ["INSTALL httpfs", "LOAD httpfs"])
def test_no_extension_is_fetched_or_loaded(tmp_path: Path, statement: str) -> None:
    with (
        connect(readable=[tmp_path]) as connection,
        pytest.raises(duckdb.PermissionException),
    ):
        connection.execute(statement)


def test_variables_of_the_program_are_not_tables(tmp_path: Path) -> None:
    secret_rows = {"name": ["ANNA"]}

    with connect(readable=[tmp_path]) as connection, pytest.raises(duckdb.Error):
        connection.sql("SELECT * FROM secret_rows").fetchall()

    assert secret_rows


def test_spilled_rows_stay_in_the_writable_folder(tmp_path: Path) -> None:
    with connect(readable=[], writable=[tmp_path]) as connection:
        spill = connection.sql("SELECT current_setting('temp_directory')").fetchall()[0][0]

    assert Path(spill).parent == tmp_path


def test_a_folder_that_does_not_exist_is_named_in_the_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="absent does not exist"):
        connect(readable=[tmp_path / "absent"])


def test_a_quoted_name_cannot_end_its_own_quotes() -> None:
    assert quoted('a"; DROP TABLE persons; --') == '"a""; DROP TABLE persons; --"'


@pytest.mark.parametrize("name", ["", "line\nbreak", "nul\x00", "x" * 129])
def test_a_name_that_cannot_be_a_column_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput):
        quoted(name)


def test_a_full_disk_is_told_without_the_row_being_written(tmp_path: Path) -> None:
    engine_says = "IO Error: Could not write file: No space left on device: ANNA;E11"

    with pytest.raises(StorageFull) as raised, storage_failures(tmp_path):
        raise duckdb.IOException(engine_says)

    assert "ANNA" not in str(raised.value)
    assert raised.value.__cause__ is None
