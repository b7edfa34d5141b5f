"""`ecluse optouts`: an auditor proves in the zone, and verifies elsewhere with public keys only."""

import json
import shutil
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ecluse.cli.optouts import app
from ecluse.domain.documents import Basis, Signer, SourceOptOuts
from ecluse.domain.errors import BadSignature, InvalidInput, NotFound, OutOfScope
from ecluse.trust import canonical, documents, keys, sealing, source_lists
from ecluse.trust.keys import Keyring
from tests.unit.data.agent.requests import ORDER as ANSWER
from tests.unit.data.agent.requests import Requests
from tests.unit.data.agent.worlds import World

ORDER = "FR-2026-0001-E1"
CALL = "FR-2026-0001-H1"
SINCE = datetime(2026, 1, 5, tzinfo=UTC)


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


@pytest.fixture
def counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Requests:
    """A zone that answered a data request about 47 persons of a clinic, three being out."""
    monkeypatch.setenv("ECLUSE_HOME", str(tmp_path))
    made = Requests(tmp_path)
    made.send(made.order())
    made.step()
    return made


def test_an_answer_to_a_data_request_is_proved_as_an_extract_is(
    counted: Requests, tmp_path: Path
) -> None:
    proved = run("prove", ANSWER, "--out", tmp_path / "proof")
    shutil.copy(counted.zone.keyring, tmp_path / "proof" / "keyring.json")

    verified = verify(tmp_path / "proof", "--json")

    assert proved.exit_code == 0
    told = json.loads(verified.stdout)
    assert (told["order"], told["whole"], told["shown"] >= 47) == (ANSWER, True, True)


def test_an_answer_has_no_rows_in_which_to_find_persons_again(
    counted: Requests, tmp_path: Path
) -> None:
    result = run("prove", ANSWER, "--out", tmp_path / "proof", "--recount")

    assert isinstance(result.exception, InvalidInput)
    assert not (tmp_path / "proof").exists()


@pytest.fixture
def sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a hospital downloaded: a signed document, a sealed list that names N-2, its own key."""
    monkeypatch.chdir(tmp_path)
    key = sealing.create_opening_key(tmp_path, "hospital")
    register = keys.draw_key(Signer.REGISTER, now=SINCE)
    made = source_lists.draw_list({Basis.EHDS: ["N-2", "N-9"]})
    sealed = source_lists.seal_list(made, key.public(), call_number=CALL)
    Path("list.sealed").write_bytes(sealed)
    body = SourceOptOuts(
        *(CALL, "FR-2026-0001", "chu", SINCE, f"sha256:{'0' * 64}", made.commitments()),
        *(canonical.digest(sealed), len(sealed)),
    )
    document = documents.new_document(
        body, issuer=Signer.REGISTER, audience=("holder:chu",), now=SINCE
    )
    Path("list.json").write_bytes(documents.sign(document, register))
    Keyring([register.public()]).save(Path("keys.json"))
    Path("persons.csv").write_text("person;identifier\nanna;N-1\nbruno;N-2\nbruno;N-3\n")
    return tmp_path


def leave_out(**changes: str) -> Result:
    """Run the command of a holder, its options changed by keyword."""
    given = {
        "sealed": "list.sealed",
        "open-with": "hospital.opening.key",
        "persons": "persons.csv",
        "out": "left-out.csv",
        "keyring": "keys.json",
    } | changes
    return run("at-source", "list.json", *chain(*((f"--{a}", b) for a, b in given.items())))


def test_a_holder_finds_whom_to_leave_out_at_source(sent: Path) -> None:
    result = leave_out()

    assert (result.exit_code, Path("left-out.csv").read_text()) == (0, "person\nbruno\n")


def test_a_holder_applies_no_list_that_was_altered_on_the_way(sent: Path) -> None:
    data = Path("list.sealed").read_bytes()
    Path("list.sealed").write_bytes(data[:-1] + bytes([data[-1] ^ 1]))

    assert isinstance(leave_out().exception, BadSignature)
    assert not Path("left-out.csv").exists()


def test_a_holder_applies_no_list_that_the_document_does_not_bind(sent: Path) -> None:
    told = json.loads(Path("list.json").read_bytes())
    told["document"]["body"]["holder"] = "another"
    Path("list.json").write_bytes(canonical.encode(told))

    assert isinstance(leave_out().exception, BadSignature)


def test_a_file_of_persons_in_another_form_is_refused_without_its_values(sent: Path) -> None:
    Path("persons.csv").write_text("person;identifier\nanna\n")

    result = leave_out()

    assert isinstance(result.exception, InvalidInput)
    assert "ligne 2" in str(result.exception)
    assert "anna" not in str(result.exception)
