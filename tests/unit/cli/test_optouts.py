"""`ecluse optouts`: an auditor proves in the zone, and verifies elsewhere with public keys only."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ecluse.cli.optouts import app
from ecluse.domain.errors import BadSignature, InvalidInput, NotFound, OutOfScope
from tests.unit.data.agent.worlds import World

ORDER = "FR-2026-0001-E1"


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A zone that extracted the small study: six identifiers of two persons, one person out."""
    monkeypatch.setenv("ECLUSE_HOME", str(tmp_path))
    made = World(tmp_path)
    made.send(made.grant())
    made.step()
    return made


@pytest.fixture
def elsewhere(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What an auditor took away: proof, receipt and public keys; no zone is here."""
    proved = run("prove", ORDER, "--out", tmp_path / "proof", "--recount", "--with-key")
    assert proved.exit_code == 0, proved.exception
    away = tmp_path / "away"
    shutil.copytree(tmp_path / "proof", away)
    shutil.copy(world.zone.keyring, away / "keyring.json")
    listed = (world.public.path / "in" / "00000002-Document.json").read_bytes()
    (away / "list.json").write_bytes(listed)
    monkeypatch.setenv("ECLUSE_HOME", str(tmp_path / "nowhere"))
    return away


def verify(folder: Path, *more: object) -> Result:
    given = ("--receipt", folder / "receipt.json", "--keyring", folder / "keyring.json")
    return run("verify", folder / "proof.json", *given, *more)


def test_a_proof_is_verified_without_the_zone(elsewhere: Path) -> None:
    verified = verify(elsewhere, "--json")

    assert json.loads(verified.stdout) == {"order": ORDER, "shown": 6, "of": 6, "whole": True}


def test_the_list_applied_is_shown_to_be_the_one_signed(elsewhere: Path) -> None:
    assert verify(elsewhere, "--opt-outs", elsewhere / "list.json").exit_code == 0


def test_another_document_is_not_taken_for_the_list(elsewhere: Path) -> None:
    result = verify(elsewhere, "--opt-outs", elsewhere / "receipt.json")

    assert isinstance(result.exception, OutOfScope)


def test_an_altered_proof_is_refused(elsewhere: Path) -> None:
    told = json.loads((elsewhere / "proof.json").read_bytes())
    told["shown"].pop()
    (elsewhere / "proof.json").write_text(json.dumps(told, separators=(",", ":"), sort_keys=True))

    assert isinstance(verify(elsewhere).exception, BadSignature)


def test_a_proof_of_a_few_does_not_stand_for_everybody(world: World, tmp_path: Path) -> None:
    drawn = ("--challenge", "314159", "--draw", "2")
    run("prove", ORDER, "--out", tmp_path / "drawn", *drawn)
    shutil.copy(world.zone.keyring, tmp_path / "drawn" / "keyring.json")

    asked, whole = verify(tmp_path / "drawn", *drawn), verify(tmp_path / "drawn")

    assert asked.exit_code == 0
    assert isinstance(whole.exception, BadSignature)


def test_an_order_that_this_zone_never_obeyed_has_no_proof(world: World, tmp_path: Path) -> None:
    result = run("prove", "FR-2026-0001-E9", "--out", tmp_path / "proof")

    assert isinstance(result.exception, NotFound)


def test_a_proof_never_replaces_a_folder(world: World, tmp_path: Path) -> None:
    (tmp_path / "proof").mkdir()

    assert isinstance(run("prove", ORDER, "--out", tmp_path / "proof").exception, InvalidInput)


def test_the_key_that_seals_questions_is_made_once(world: World) -> None:
    first, again = (json.loads(run("zone-key", "--json").stdout)["key"] for _ in range(2))

    assert first == again
    assert Path(first).stat().st_size == 44
