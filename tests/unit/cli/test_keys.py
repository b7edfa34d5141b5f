import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ecluse.cli import keys as command
from ecluse.cli.home import Home
from ecluse.domain.documents import Signer
from ecluse.domain.errors import InvalidInput, NotFound, UnknownKey
from ecluse.trust.keys import Keyring, load_signing_key


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Home:
    monkeypatch.setenv("ECLUSE_HOME", str(tmp_path / "home"))
    home = Home.find()
    home.create()
    return home


def run(*words: str) -> Result:
    return CliRunner().invoke(command.app, [*words, "--json"])


def believed_in(room: Path) -> list[str]:
    return sorted(Keyring.load(room / "keyring.json").keys)


def test_a_created_key_is_known_to_every_room(home: Home) -> None:
    key_id = json.loads(run("create", "register").stdout)["key_id"]

    assert load_signing_key(home.portal / "keys", Signer.REGISTER).key_id == key_id
    assert believed_in(home.portal) == believed_in(home.checking) == [key_id]
    assert believed_in(home.zone) == [key_id]


def test_a_second_key_is_made_by_rotation_only(home: Home) -> None:
    run("create", "agent")

    assert isinstance(run("create", "agent").exception, InvalidInput)


def test_a_rotated_key_is_accepted_by_every_room(home: Home) -> None:
    old = json.loads(run("create", "agent").stdout)["key_id"]
    new = json.loads(run("rotate", "agent").stdout)["key_id"]

    assert load_signing_key(home.zone / "keys", Signer.AGENT).key_id == new
    assert believed_in(home.portal) == sorted([old, new])
    assert Keyring.load(home.portal / "keyring.json").keys[old].valid_until is not None


def test_a_rotation_is_accepted_on_another_machine(
    home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run("create", "portal")
    before = (home.zone / "keyring.json").read_bytes()
    rotated = json.loads(run("rotate", "portal").stdout)
    monkeypatch.setenv("ECLUSE_HOME", str(tmp_path / "elsewhere"))
    (tmp_path / "elsewhere" / "zone").mkdir(parents=True)
    (tmp_path / "elsewhere" / "zone" / "keyring.json").write_bytes(before)
    accepted = json.loads(run("accept", rotated["path"]).stdout)

    assert accepted["key_id"] == rotated["key_id"]
    assert rotated["key_id"] in believed_in(tmp_path / "elsewhere" / "zone")


def test_a_rotation_of_an_unknown_key_is_not_accepted(
    home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run("create", "portal")
    rotated = json.loads(run("rotate", "portal").stdout)
    monkeypatch.setenv("ECLUSE_HOME", str(tmp_path / "elsewhere"))
    (tmp_path / "elsewhere" / "zone").mkdir(parents=True)

    assert isinstance(run("accept", rotated["path"]).exception, UnknownKey)


def test_a_revoked_key_is_believed_nowhere(home: Home) -> None:
    key_id = json.loads(run("create", "agent").stdout)["key_id"]
    run("revoke", key_id)

    with pytest.raises(UnknownKey):
        Keyring.load(home.portal / "keyring.json").find(key_id)
    with pytest.raises(UnknownKey):
        Keyring.load(home.zone / "keyring.json").find(key_id)


def test_an_unknown_key_cannot_be_revoked(home: Home) -> None:
    assert isinstance(run("revoke", "agent-0000000000000000").exception, NotFound)


def test_keys_are_listed_by_room(home: Home) -> None:
    key_id = json.loads(run("create", "agent").stdout)["key_id"]
    listed = json.loads(run("list").stdout)["keys"]

    assert [key["room"] for key in listed] == ["portal", "checking", "zone"]
    assert {key["key_id"] for key in listed} == {key_id}
    assert key_id in CliRunner().invoke(command.app, ["list"], env={"COLUMNS": "160"}).stdout
