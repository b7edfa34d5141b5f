"""`ecluse permit`: a permit read and proven by anybody, offline."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ecluse.cli import permit
from ecluse.cli.console import run_command
from ecluse.domain.documents import (
    DeletionCertificate,
    DeliveredFile,
    DestroyedExtract,
    Signer,
)
from ecluse.trust import canonical, documents, keys
from ecluse.trust.keys import Keyring, SigningKey
from tests.unit.domain.build import ORDER, PERMIT

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
SINCE = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    """The portal's key, its public half beside it."""
    return keys.create_key(tmp_path / "keys", Signer.PORTAL, now=SINCE)


@pytest.fixture
def public(key: SigningKey, tmp_path: Path) -> str:
    """The path of the public half."""
    return str(tmp_path / "keys" / f"{key.key_id}.pub")


@pytest.fixture
def file(key: SigningKey, tmp_path: Path) -> Path:
    """A signed permit."""
    document = documents.new_document(
        PERMIT, issuer=Signer.PORTAL, audience=("agent:zone-1",), now=NOW
    )
    path = tmp_path / "FR-2026-0001.json"
    path.write_bytes(documents.sign(document, key))
    return path


def run(*words: str) -> int:
    """The exit code of `ecluse permit <words>`."""
    return run_command(lambda: permit.app(list(words)), json="--json" in words)


def certified(tmp_path: Path, permit: Path) -> tuple[Path, str]:
    """A certificate signed by an agent, and the path of the agent's public key."""
    agent = keys.create_key(tmp_path / "agent", Signer.AGENT, now=SINCE)
    extract = DestroyedExtract(
        f"{PERMIT.permit_number}-E1",
        ("0123456789abcdef",),
        (DeliveredFile("ER_PHA_F.parquet", 4_096, "sha256:" + "4" * 64),),
    )
    body = DeletionCertificate(
        permit_number=PERMIT.permit_number,
        permit_digest=canonical.digest(permit.read_bytes()),
        order_digest="sha256:" + "5" * 64,
        agent="agent:zone-1",
        extracts=(extract,),
        other_key_ids=(),
        jobs=(),
        outputs=(),
        workspace=None,
        began_at=NOW,
        finished_at=NOW,
    )
    document = documents.new_document(body, issuer=Signer.AGENT, audience=("site:public",), now=NOW)
    path = tmp_path / "deletion.json"
    path.write_bytes(documents.sign(document, agent))
    return path, str(tmp_path / "agent" / f"{agent.key_id}.pub")


def test_a_certificate_of_deletion_is_proven_offline(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    certificate, public = certified(tmp_path, file)

    code = run("deletion", str(certificate), "--key", public, "--permit", str(file))

    shown = capsys.readouterr().out
    assert code == 0
    assert "0123456789abcdef" in shown
    assert "ER_PHA_F.parquet" in shown
    assert "Signature vérifiée" in shown


def test_an_altered_certificate_of_deletion_proves_nothing(file: Path, tmp_path: Path) -> None:
    certificate, public = certified(tmp_path, file)
    certificate.write_bytes(certificate.read_bytes().replace(b"4096", b"4097"))

    assert run("deletion", str(certificate), "--key", public) == 13


def test_a_certificate_of_another_permit_is_refused(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    certificate, public = certified(tmp_path, file)
    other = tmp_path / "other.json"
    other.write_bytes(file.read_bytes() + b" ")

    assert run("deletion", str(certificate), "--key", public, "--permit", str(other)) == 19


def test_a_permit_is_no_certificate_of_deletion(file: Path, public: str) -> None:
    assert run("deletion", str(file), "--key", public) == 31


def test_a_permit_is_summarised_without_being_believed(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run("show", str(file))

    shown = capsys.readouterr().out
    assert code == 0
    assert "FR-2026-0001" in shown
    assert "camille.moreau@univ.example" in shown
    assert "Signature non vérifiée" in shown


def test_a_permit_is_proven_with_the_public_key_alone(
    file: Path, public: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run("verify", str(file), "--key", public)

    assert code == 0
    assert "Signature vérifiée" in capsys.readouterr().out


def test_a_keyring_serves_as_well(
    file: Path, key: SigningKey, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Keyring([key.public()]).save(tmp_path / "keyring.json")

    code = run("verify", str(file), "--keyring", str(tmp_path / "keyring.json"), "--json")

    answer = json.loads(capsys.readouterr().out)
    assert (code, answer["verified"], answer["key_id"]) == (0, True, key.key_id)
    assert answer["document"]["body"]["permit_number"] == "FR-2026-0001"


def test_one_changed_letter_is_a_bad_signature(file: Path, public: str) -> None:
    file.write_bytes(file.read_bytes().replace(b"celecoxib", b"celecoxiB"))

    assert run("verify", str(file), "--key", public) == 13


def test_the_key_of_somebody_else_proves_nothing(file: Path, tmp_path: Path) -> None:
    other = keys.create_key(tmp_path / "other", Signer.PORTAL, now=SINCE)

    code = run("verify", str(file), "--key", str(tmp_path / "other" / f"{other.key_id}.pub"))

    assert code == 12


def test_without_a_key_the_command_says_where_to_find_one(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run("verify", str(file))

    assert code == 31
    assert "/keys.json" in capsys.readouterr().err


def test_another_document_is_not_a_permit(
    key: SigningKey, public: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = documents.new_document(
        ORDER, issuer=Signer.PORTAL, audience=("agent:zone-1",), now=NOW
    )
    path = tmp_path / "order.json"
    path.write_bytes(documents.sign(document, key))

    code = run("verify", str(path), "--key", public)

    assert code == 31
    assert "ExtractionOrder" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["show", "verify"])
def test_a_file_that_is_not_there_is_told(command: str, public: str, tmp_path: Path) -> None:
    options = {"show": (), "verify": ("--key", public)}[command]

    assert run(command, str(tmp_path / "absent.json"), *options) == 32


def test_a_file_that_is_not_a_document_is_malformed(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("[]")

    assert run("show", str(tmp_path / "x.json")) == 11


def test_django_is_not_needed_to_prove_a_permit(file: Path, public: str) -> None:
    program = (
        "import sys; sys.modules['django'] = None; from ecluse.cli import permit;"
        f"permit.app(['verify', {str(file)!r}, '--key', {public!r}])"
    )
    finished = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )

    assert (finished.returncode, "Signature vérifiée" in finished.stdout) == (0, True)
