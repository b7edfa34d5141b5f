"""A cohort definition tries to read the machine: it is data, decoded strictly, never run.

Each text first does what it wants where definitions are programs. Numbers are those of the list of
attacks (docs/reference/attacks.md).
"""

import json
from datetime import date
from pathlib import Path

import duckdb as engine
import pytest
from typer.testing import CliRunner

from ecluse.cli.cohort import app
from ecluse.data.cohorts import Reading, duckdb
from ecluse.data.engines import connect
from ecluse.data.lake import Snapshot
from ecluse.domain.codec import decode, encode
from ecluse.domain.cohorts import AtLeast, Cohort, Comparison, Events, Where, cohort_of
from ecluse.domain.errors import EcluseError, Malformed
from tests.unit.data import studies

SECRET = "postgres://owner:opensesame@hub/persons"
PROGRAMS = (
    "import os; found = os.environ['DATABASE_URL']",
    "from pathlib import Path; found = Path('{folder}/secret').read_text()",
    "import socket; socket.socket().close(); found = '{secret}'",
    "import subprocess; found = subprocess.getoutput('cat {folder}/secret')",
    "exec('found = ' + repr('{secret}'))",
)


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    return studies.load(tmp_path / "lake")


def careless_definition(text: str) -> object:
    """Read a definition as a module, as some query languages do."""
    found: dict[str, object] = {}
    exec(text, found)  # noqa: S102 - the attack is first shown to work
    return found["found"]


@pytest.mark.parametrize("program", PROGRAMS, ids=["environment", "file", "socket", "run", "exec"])
def test_a54_a_definition_that_is_a_program_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", SECRET)
    (tmp_path / "secret").write_text(SECRET)
    text = program.replace("{folder}", str(tmp_path)).replace("{secret}", SECRET)
    assert careless_definition(text) == SECRET
    definition = tmp_path / "cohort.json"
    definition.write_text(text)

    told = CliRunner().invoke(app, ["explain", str(definition)])

    assert told.exit_code != 0
    assert isinstance(told.exception, EcluseError)
    assert SECRET not in f"{told.output}{told.exception}".replace(text, "")


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "os.system", "command": "id"},
        {"type": "__import__", "name": "os"},
        {"type": "AtLeast", "events": {"type": "Path", "path": "/etc/passwd"}, "distinct_dates": 1},
        {"__class__": "Cohort", "__reduce__": ["os.system", ["id"]]},
    ],
)
def test_a54_a_definition_names_no_class_but_those_of_the_language(
    changes: dict[str, object],
) -> None:
    json_value = json.loads(json.dumps(encode(studies.COHORT)))
    json_value["steps"][0]["keep"] = changes

    with pytest.raises(Malformed):
        decode(json_value, Cohort)


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("read_text('/etc/passwd')", "1"),
        ("../../secret.csv", "1"),
        ("drug_atc", "x' UNION SELECT content FROM read_text('/etc/passwd') --"),
    ],
    ids=["function", "path", "statement"],
)
def test_a54_neither_a_path_nor_a_statement_is_the_name_of_a_source_or_a_code(
    source: str, code: str
) -> None:
    careless = engine.connect().execute("SELECT content FROM read_text('/etc/passwd')").fetchone()
    assert careless is not None  # an engine as it comes reads what its sources name
    json_value = json.loads(json.dumps(encode(studies.COHORT)))
    json_value["steps"][0]["keep"]["events"] |= {"source": source, "codes": [code]}

    with pytest.raises(Malformed, match="is not"):
        decode(json_value, Cohort)


ALWAYS = "nobody' OR 'a' = 'a"


def careless_query(prescriber: str) -> list[tuple[str]]:
    """A condition put in a statement as text."""
    query = "SELECT * FROM (VALUES ('GP-77'), ('GP-78')) AS acts(who) WHERE who = '"
    return engine.connect().execute(query + prescriber + "'").fetchall()


@pytest.mark.parametrize(("value", "persons"), [("GP-77", [1, 2, 3, 4]), (ALWAYS, [])])
def test_a54_a_value_that_is_a_statement_is_a_value_that_no_row_has(
    snapshot: Snapshot, value: str, persons: list[int]
) -> None:
    assert careless_query(ALWAYS) == [("GP-77",), ("GP-78",)]
    of_prescriber = Where("PFS_EXE_NUM", Comparison.IS_IN, (value,))
    cohort = cohort_of(AtLeast(Events("act_nature", ("3313",), where=(of_prescriber,))))
    reading = Reading(date(2022, 1, 1), date(2022, 12, 31), date(2023, 6, 1))

    with connect(readable=[snapshot.folder]) as connection:
        selected = duckdb.run(cohort, snapshot, reading, connection=connection)

    assert sorted(selected.rows["person_key"].to_pylist()) == persons
