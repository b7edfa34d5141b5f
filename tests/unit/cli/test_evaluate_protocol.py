"""`ecluse evaluate protocol`: read, compute, fill, lock, without a site."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ecluse.cli.evaluate_protocol import app
from ecluse.cli.home import Home
from ecluse.domain.documents import EvaluationLock, EvaluationProtocol, Signer
from ecluse.domain.errors import InvalidInput, Malformed, NotFound, Refused
from ecluse.domain.evaluations import protocols as shapes
from ecluse.trust import canonical, documents, keys, protocols
from tests.unit.domain.evaluations.protocolling import CODE, MODEL, PROTOCOL


def run(*words: str) -> dict[str, object]:
    """What a command answers to a machine."""
    ran = CliRunner().invoke(app, [*words, "--json"], catch_exceptions=False)
    assert ran.exit_code == 0
    answer: dict[str, object] = json.loads(ran.stdout)
    return answer


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A protocol as a person writes it: indented, its members in their order."""
    path = tmp_path / "protocol.json"
    path.write_text(json.dumps(shapes.to_json(PROTOCOL), indent=2, ensure_ascii=False))
    return path


def test_a_protocol_is_checked_and_spelled_canonically(written: Path, tmp_path: Path) -> None:
    out = tmp_path / "canonical.json"

    answer = run("check", str(written), "--out", str(out))

    assert answer["digest"] == protocols.digest(PROTOCOL) == canonical.digest_file(out)
    assert (answer["primary"], answer["needed"], answer["lacking"]) == ("auroc", 1364, [])


def test_a_protocol_that_contradicts_itself_is_told(written: Path) -> None:
    value = json.loads(written.read_text())
    written.write_text(json.dumps({**value, "left_out": []}))

    with pytest.raises(InvalidInput, match="site, source"):
        run("check", str(written))


def test_what_is_no_json_is_told(tmp_path: Path) -> None:
    path = tmp_path / "protocol.json"
    path.write_text("{")

    with pytest.raises(Malformed, match="JSON"):
        run("check", str(path))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        run("check", str(tmp_path / "none.json"))


def test_the_document_that_the_hub_signed_is_read(tmp_path: Path) -> None:
    key = keys.create_key(tmp_path, Signer.PORTAL, now=datetime(2026, 1, 1, tzinfo=UTC))
    digest = protocols.digest(PROTOCOL)
    body = EvaluationProtocol("EV-2026-00001", "P-2026-00001", digest, PROTOCOL)
    document = documents.new_document(
        body, issuer=Signer.PORTAL, audience=(), now=datetime.now(UTC)
    )
    path = tmp_path / "signed.json"
    path.write_bytes(documents.sign(document, key))

    assert run("check", str(path))["digest"] == digest


def test_the_digest_of_a_file_is_given(tmp_path: Path) -> None:
    path = tmp_path / "empty.onnx"
    path.write_bytes(b"")

    assert run("digest", str(path)) == {
        "digest": "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    }


def test_the_checklist_is_filled(written: Path) -> None:
    lines = run("checklist", str(written))["lines"]

    assert isinstance(lines, list)
    (found,) = [one for one in lines if one["item"] == "6b"]
    assert found["answer"] == "Adultes diabétiques; Grossesse"


def test_the_sample_size_is_that_of_the_published_example() -> None:
    # Riley 2021, deep-vein thrombosis: 1364 for O/E, 400 for C; 2405 to 1 % by simulation, slope.
    answer = run(
        *("sample-size", "--prevalence", "0.22", "--concordance", "0.82"),
        *("--linear", "-1.75", "1.47"),
    )

    assert answer["criteria"] == {
        "observed over expected": 1364,
        "calibration slope": 2406,
        "concordance": 400,
    }
    assert answer["needed"] == 2406


def test_a_lock_is_signed_by_the_hub(
    written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECLUSE_HOME", str(tmp_path))
    home = Home(tmp_path)
    yesterday = datetime.now(UTC) - timedelta(days=1)
    key = keys.create_key(home.keys(home.portal), Signer.PORTAL, now=yesterday)
    data, out = tmp_path / "manifest.json", tmp_path / "lock.json"
    data.write_bytes(b"{}")

    run(
        *("lock", str(written), "--data", str(data), "--model", MODEL),
        *("--code", CODE, "--out", str(out)),
    )

    ring = keys.Keyring([key.public()])
    body = documents.verify(out.read_bytes(), ring, now=datetime.now(UTC)).document.body
    assert isinstance(body, EvaluationLock)
    assert body.protocol == protocols.digest(PROTOCOL)
    assert body.dataset == canonical.digest(b"{}")


def test_nothing_is_locked_on_another_model(
    written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECLUSE_HOME", str(tmp_path))
    other = tmp_path / "other.onnx"
    other.write_bytes(b"other")

    with pytest.raises(Refused, match="other bytes: model"):
        run(
            *("lock", str(written), "--data", MODEL, "--model", str(other)),
            *("--code", CODE, "--out", str(tmp_path / "lock.json")),
        )
    assert not (tmp_path / "lock.json").exists()
