"""`ecluse enclave key | destroy`, and pseudonym keys in a token: what an operator does."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ecluse.cli import enclave, pseudonyms
from ecluse.cli.console import run_command
from ecluse.data.agent import Zone
from ecluse.data.extraction import ExtractFiles, open_files
from ecluse.data.pseudonyms import Label
from ecluse.domain.documents import Signer
from ecluse.domain.errors import NotFound
from ecluse.trust import keys
from tests.unit.trust.tokens_here import new_token

PROJECT, OTHER = "FR-2026-0001", "FR-2026-0002"


@pytest.fixture
def zone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Zone:
    monkeypatch.setenv("ECLUSE_HOME", str(tmp_path))
    zone = Zone(tmp_path / "zone")
    signer = keys.create_key(zone.keys, Signer.AGENT, now=datetime.now(UTC) - timedelta(days=1))
    keys.Keyring([signer.public()]).save(zone.keyring)
    return zone


def run(*words: str) -> int:
    return run_command(lambda: enclave.enclave_app(list(words)), json="--json" in words)


def seal(zone: Zone, project: str) -> Path:
    """Write one sealed file in a project; return its folder."""
    folder = zone.extract(project, "E1")
    folder.mkdir(parents=True)
    ExtractFiles(folder, zone.seals(project).draw()).write("rows.csv", b"a,b\n")
    return folder


def journal(zone: Zone) -> str:
    return (zone.journal / "journal.jsonl").read_text()


def test_the_key_of_the_zone_is_made_once_and_named(
    zone: Zone, capsys: pytest.CaptureFixture[str]
) -> None:
    run("key", "--json")
    first = json.loads(capsys.readouterr().out)

    run("key", "--json")

    assert json.loads(capsys.readouterr().out) == first
    assert zone.custody.load().key_id == first["key_id"]


def test_a_replaced_key_leaves_extracts_readable(
    zone: Zone, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, before = seal(zone, PROJECT), zone.custody.load().key_id

    code = run("key", "--replace", "--json")

    told = json.loads(capsys.readouterr().out)
    assert (code, told["extracts"]) == (0, 1)
    assert told["key_id"] != before
    assert open_files(folder, zone.seals(PROJECT)).read("rows.csv") == b"a,b\n"
    assert '"zone.rekeyed"' in journal(zone)


def test_a_destroyed_project_is_read_by_nobody_and_the_others_stay(
    zone: Zone, capsys: pytest.CaptureFixture[str]
) -> None:
    gone, kept = seal(zone, PROJECT), seal(zone, OTHER)

    code = run("destroy", PROJECT, "--json")

    assert (code, json.loads(capsys.readouterr().out)["keys"]) == (0, 1)
    assert (gone / "rows.csv").is_file()
    with pytest.raises(NotFound):
        open_files(gone, zone.seals(PROJECT))
    assert open_files(kept, zone.seals(OTHER)).read("rows.csv") == b"a,b\n"
    assert '"extracts.destroyed"' in journal(zone)


def test_a_project_without_extract_has_nothing_to_destroy(zone: Zone) -> None:
    assert run("destroy", PROJECT) == NotFound.exit_code


def test_the_keys_of_a_zone_are_made_in_the_tokens_that_its_settings_name(
    zone: Zone, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Both custodians' keys and the zone's own: no file of the zone holds one."""
    tokens = {use: new_token(tmp_path_factory) for use in ("first", "second", "zone")}
    zone.path.mkdir(exist_ok=True)
    (zone.path / "zone.toml").write_text(
        "\n".join(
            f'[tokens.{use}]\nlibrary = "{one.library}"\ntoken = "{one.label}"\n'
            f'pin = "{one.pin.source}"'
            for use, one in tokens.items()
        )
    )

    created = [CliRunner().invoke(pseudonyms.app, ["create", level]) for level in ("1", "2")]
    folder = seal(zone, PROJECT)

    made = zone.pseudonym_keys().project(PROJECT).of(Label.PERSON, ["ID-1"])
    assert [one.exit_code for one in created] == [0, 0]
    assert len(made[0]) == 64
    assert open_files(folder, zone.seals(PROJECT)).read("rows.csv") == b"a,b\n"
    assert [path.name for path in zone.keys.rglob("*.key") if "agent" not in path.name] == []
    assert len(list(zone.keys.rglob("*.token"))) == 3
