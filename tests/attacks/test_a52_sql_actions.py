"""An action in SQL tries to read, write or load what it was not given.

Each statement first succeeds in an engine as it is by default. Numbers are those of the list of
attacks (docs/reference/attacks.md).
"""

import shutil
from pathlib import Path

import duckdb
import pytest

from ecluse.data.enclave import interpreter
from ecluse.data.enclave.limits import Limits
from ecluse.data.enclave.sandbox import SandboxResult, run, uid_for
from tests.attacks.sandboxes import needs_bubblewrap

pytestmark = needs_bubblewrap

READS = (
    "SELECT * FROM read_text('{secret}')",
    "SELECT * FROM glob('{folder}/*')",
    "CREATE TABLE t AS SELECT * FROM read_csv('{secret}', header = false)",
    "ATTACH '{folder}/other.db'",
    "COPY (SELECT 1) TO '{folder}/written.csv'",
    "EXPORT DATABASE '{folder}/export'",
)
SETTINGS = (
    "SET threads = 1",
    "SET memory_limit = '1GB'",
    "RESET memory_limit",
)


def run_sql(folder: Path, script: str) -> SandboxResult:
    for name in ("data", "code"):
        (folder / name).mkdir(exist_ok=True)
    (folder / "code" / "attack.sql").write_text(script)
    shutil.rmtree(folder / "work", ignore_errors=True)
    return run(
        [interpreter.PYTHON, "/opt/ecluse/run_sql.py", "/code/attack.sql"],
        data=folder / "data",
        code=folder / "code",
        limits=Limits(wall_seconds=60),
        uid=uid_for(4),
        work=folder / "work",
    )


def complaint(result: SandboxResult) -> str:
    return result.stderr_path.read_text()


@pytest.mark.parametrize("statement", READS)
def test_a52_sql_reaches_no_file_but_those_it_was_given(tmp_path: Path, statement: str) -> None:
    (tmp_path / "secret").write_text("a row of another project")
    outside = statement.format(secret=tmp_path / "secret", folder=tmp_path)
    duckdb.connect().execute(outside)  # by default it succeeds

    # Inside, files that are there: the engine must refuse before the sandbox has to.
    result = run_sql(tmp_path, statement.format(secret="/etc/passwd", folder="/tmp"))  # noqa: S108

    assert result.exit_code == 1
    assert "PermissionException" in complaint(result)


@pytest.mark.parametrize("statement", SETTINGS)
def test_a52_sql_changes_no_setting(tmp_path: Path, statement: str) -> None:
    duckdb.connect().execute(statement)

    result = run_sql(tmp_path, statement)

    assert result.exit_code == 1
    assert "configuration has been locked" in complaint(result)


@pytest.mark.parametrize(
    "statement", ["SET enable_external_access = true", "INSTALL httpfs", "LOAD httpfs"]
)
def test_a52_sql_opens_no_door_again(tmp_path: Path, statement: str) -> None:
    result = run_sql(tmp_path, f"SELECT 1; {statement};")

    assert result.exit_code == 1
    assert "Exception" in complaint(result)


def test_a52_a_name_of_a_table_is_a_name_and_no_statement(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / 'a"; DROP TABLE b; --.csv').write_text("n\n1\n")
    (tmp_path / "data" / "b.csv").write_text("n\n2\n")

    result = run_sql(tmp_path, "SELECT n FROM b;")

    assert result.exit_code == 0
