"""The command `ecluse study`: a study written and tried at home, as it will run in the zone."""

import json
import shutil
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from ecluse.cli import app
from ecluse.domain.documents import Coarsening, DatasetScope, Precision, Signer, TableScope
from ecluse.trust import documents, keys
from tests.unit.domain.build import permit

needs_bubblewrap = pytest.mark.skipif(
    shutil.which("bwrap") is None, reason="bubblewrap is not installed on this machine"
)

DICTIONARY = """\
table,column,type,role,content,title_fr,title_en,nomenclature,sas_name
CARE,person_pseudonym,text,person,pseudonym,Pseudonyme,Pseudonym,,PERSON_P
CARE,EXE_SOI_DTD,date,date,month,Date,Date,,EXE_SOI_
CARE,SEX,integer,code,value,Sexe,Sex,,SEX
"""


@pytest.fixture
def study(tmp_path: Path) -> Path:
    (tmp_path / "dictionary.csv").write_text(DICTIONARY)
    done = said("new", tmp_path / "study", "--dictionary", tmp_path / "dictionary.csv")
    assert done.exit_code == 0
    return tmp_path / "study"


def said(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["study", *map(str, arguments), "--json"])


@needs_bubblewrap
def test_a_new_study_runs_at_once_on_dummy_data(study: Path) -> None:
    done = said("run", study, "--dummy")

    told = json.loads(done.stdout)
    assert done.exit_code == 0
    assert [(one["name"], one["ending"]) for one in told["actions"]] == [
        ("cohort", "ran"),
        ("counts", "ran"),
    ]
    assert told["files"] == [{"name": "counts.csv", "verdict": "pass"}]


@needs_bubblewrap
def test_what_did_not_change_is_not_run_again_unless_asked(study: Path) -> None:
    said("run", study, "--dummy")

    second = json.loads(said("run", study, "--dummy").stdout)
    third = json.loads(said("run", study, "--dummy", "--again").stdout)

    assert [one["ending"] for one in second["actions"]] == ["kept", "kept"]
    assert [one["ending"] for one in third["actions"]] == ["ran", "ran"]


@needs_bubblewrap
def test_one_action_runs_with_those_it_needs_alone(study: Path) -> None:
    told = json.loads(said("run", study, "--dummy", "--action", "cohort").stdout)

    assert [one["name"] for one in told["actions"]] == ["cohort"]


@needs_bubblewrap
def test_a_study_finds_the_values_it_was_given(study: Path) -> None:
    (study / "dummy.toml").write_text("persons = 100\n[values]\nSEX = [7]\n")
    (study / "counts.py").write_text(
        "import duckdb\n"
        "rows = duckdb.sql(\"SELECT DISTINCT SEX FROM '/data/CARE.parquet' WHERE SEX > 0\")\n"
        "assert rows.fetchall() == [(7,)]\n"
        "open('/outputs/counts.csv', 'w').write('persons\\n50\\n')\n"
    )

    assert said("run", study, "--dummy").exit_code == 0


def test_a_study_is_checked_without_being_run(study: Path) -> None:
    (study / "counts.py").write_text("import (")
    (study / "cohort.sql").unlink()
    (study / "outputs.toml").unlink()

    done = said("check", study)

    told = json.loads(done.stdout)
    assert done.exit_code == 31
    assert told["problems"][0] == "cohort : il n'y a pas de fichier cohort.sql."
    assert told["problems"][1].startswith("counts : counts.py n'est pas du Python")
    assert told["problems"][2].startswith("counts.csv : dites dans outputs.toml")


def test_a_study_is_packed_without_its_dummy_data_and_always_the_same(
    study: Path, tmp_path: Path
) -> None:
    (study / ".ecluse").mkdir()
    (study / ".ecluse" / "rows.csv").write_text("a row")

    first = json.loads(said("pack", study, tmp_path / "a.zip").stdout)
    second = json.loads(said("pack", study, tmp_path / "b.zip").stdout)

    assert first["digest"] == second["digest"]
    assert zipfile.ZipFile(tmp_path / "a.zip").namelist() == [
        *("cohort.sql", "counts.py", "dictionary.csv", "dummy.toml", "outputs.toml", "study.toml")
    ]


def test_a_study_is_made_from_what_the_permit_gives(tmp_path: Path) -> None:
    scope = TableScope(
        "ER_PHA_F",
        ("PHA_PRS_C13", "event_date"),
        (Coarsening("event_date", Precision.MONTH),),
    )
    body = permit(datasets=(DatasetScope("snds", (scope,), date(2021, 1, 1), date(2021, 6, 30)),))
    signed = documents.sign(
        documents.new_document(
            body, issuer=Signer.PORTAL, audience=("agent:zone-1",), now=datetime.now(UTC)
        ),
        keys.draw_key(Signer.PORTAL, now=datetime.now(UTC)),
    )
    (tmp_path / "permit.json").write_bytes(signed)

    done = said("new", tmp_path / "study", "--permit", tmp_path / "permit.json")

    lines = (tmp_path / "study" / "dictionary.csv").read_text().splitlines()[1:]
    assert done.exit_code == 0
    assert [line.split(",")[:5] for line in lines] == [
        ["ER_PHA_F", "person_pseudonym", "text", "person", "pseudonym"],
        ["ER_PHA_F", "PHA_PRS_C13", "bigint", "code", "value"],
        ["ER_PHA_F", "event_date", "date", "date", "month"],
    ]
    assert "care_from = 2021-01-01" in (tmp_path / "study" / "dummy.toml").read_text()


def test_a_folder_that_holds_something_is_not_written_over(study: Path, tmp_path: Path) -> None:
    done = said("new", study, "--dictionary", tmp_path / "dictionary.csv")

    assert "n'est pas vide" in str(done.exception)
