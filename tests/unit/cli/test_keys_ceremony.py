"""`ecluse keys ceremony`: from the custodians' keys to an opened escrow, as they are typed."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ecluse.cli.keys import app
from ecluse.domain.documents import Signer
from ecluse.domain.errors import BadSignature, InvalidInput, NotAllowed
from ecluse.trust.envelopes.hybrid import load_hybrid_key, load_receiver
from ecluse.trust.keys import Keyring, create_key

BODIES = {"alice": "Fund", "chloe": "Hub", "emma": "Ministry"}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["ceremony", *map(str, arguments)])


def told(*arguments: object) -> dict[str, object]:
    done = run(*arguments, "--json")
    assert done.exception is None, done.exception
    found: dict[str, object] = json.loads(done.stdout)
    return found


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A zone whose key officiates, and three custodians on media of their own."""
    monkeypatch.setenv("ECLUSE_HOME", str(tmp_path / "home"))
    zone = tmp_path / "home" / "zone"
    key = create_key(zone / "keys", Signer.AGENT, now=datetime.now(UTC))
    Keyring([key.public()]).save(zone / "keyring.json")
    for name, body in BODIES.items():
        told("custodian", name, "--organisation", body, "--folder", tmp_path / name)
    return tmp_path


def made(home: Path) -> dict[str, object]:
    files = [f"--custodian={home / name / name}.custodian" for name in BODIES]
    told("start", home / "made", "--name", "escrow", "--threshold", 2, *files)
    for name in BODIES:
        told("contribute", home / "made", "--name", name, "--keys", home / name)
    return told("finish", home / "made")


def test_custodians_make_a_key_and_two_of_them_open_it(home: Path) -> None:
    created = made(home)
    told("start", home / "opening", "--opens", home / "made")
    for name in ("emma", "alice"):
        keys = ("--name", name, "--keys", home / name)
        told("contribute", home / "opening", *keys, "--opens", home / "made")
    opened = told("finish", home / "opening", "--opens", home / "made", "--out", home / "out")

    sealed = load_receiver(home / "made" / "escrow.hybrid.pub").seal(b"key", purpose="test")
    key = load_hybrid_key(home / "out" / "escrow.hybrid.key")
    assert key.open(sealed, purpose="test") == b"key"
    assert (created["kind"], created["shares"]) == ("create", 3)
    assert (opened["kind"], opened["key_id"]) == ("open", created["key_id"])


def test_a_transcript_is_verified_and_a_changed_file_is_found(home: Path) -> None:
    created = made(home)

    found = told("verify", home / "made")
    (home / "made" / "shares" / "emma").write_text("AAAA\n")
    refused = run("verify", home / "made")

    assert found["contributions"] == ["alice", "chloe", "emma"]
    assert found["key_id"] == created["key_id"]
    assert isinstance(refused.exception, BadSignature)


def test_one_custodian_alone_opens_nothing(home: Path) -> None:
    made(home)
    told("start", home / "opening", "--opens", home / "made")
    keys = ("--name", "emma", "--keys", home / "emma")
    told("contribute", home / "opening", *keys, "--opens", home / "made")

    refused = run("finish", home / "opening", "--opens", home / "made", "--out", home / "out")

    assert isinstance(refused.exception, NotAllowed)
    assert not (home / "out").exists()


def test_what_is_missing_on_the_line_is_said(home: Path) -> None:
    made(home)

    start, finish = run("start", home / "x"), run("finish", home / "made", "--opens", home / "made")

    assert isinstance(start.exception, InvalidInput)
    assert isinstance(finish.exception, InvalidInput)
    assert "--out" in str(finish.exception)
