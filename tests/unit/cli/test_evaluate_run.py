"""`ecluse evaluate run` and `attack`: nothing runs but what was locked; verdicts kept by digest."""

import csv
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from ecluse.cli import evaluate
from ecluse.cli.console import run_command
from ecluse.data.agent.jobs import TRIALS
from ecluse.data.evaluation.privacy.trials import kept
from ecluse.data.evaluation.reporting.code import digest_of_code
from ecluse.data.evaluation.running.manifests import check_files, manifest_of
from ecluse.domain.documents import AGENT, Signer
from ecluse.domain.errors import InvalidInput, Malformed, Refused
from ecluse.domain.evaluations import locks
from ecluse.domain.evaluations.parts import Columns, ModelFormat
from ecluse.domain.evaluations.protocols import Protocol
from ecluse.trust import canonical, documents, keys, protocols
from tests.attacks.sandboxes import needs_bubblewrap
from tests.model_files import cases, sigmoid, table
from tests.unit.data.evaluation.privacy.test_plugins import report as sacro_report
from tests.unit.domain.evaluations.protocolling import PROTOCOL, protocol

NOW = datetime.now(UTC).replace(microsecond=0)


def run(*arguments: str | Path) -> int:
    texts = [str(one) for one in arguments]
    return run_command(lambda: evaluate.app(texts, standalone_mode=False), json=True)


def written(folder: Path, *, code: str, model: bytes) -> Protocol:
    """A protocol of that model and program, on one feature."""
    (folder / "m.onnx").write_bytes(model)
    index = replace(
        PROTOCOL.index_test,
        artefact=canonical.digest_file(folder / "m.onnx"),
        format=ModelFormat.ONNX,
    )
    analysis = replace(PROTOCOL.analysis, code=code)
    made = protocol(index_test=index, analysis=analysis, run=Columns(features=("age",)))
    (folder / "protocol.json").write_bytes(protocols.encode(made))
    return made


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a protocol, its lock signed by the hub, its data and its manifest."""
    monkeypatch.setenv("ECLUSE_HOME", str(tmp_path / "home"))
    hub = keys.create_key(tmp_path / "hub", Signer.PORTAL, now=NOW)
    (tmp_path / "hub.pub").write_bytes(hub.public().line())
    inputs = cases(tmp_path, [-1.0, 0.0, 2.0])
    told = written(tmp_path, code=digest_of_code(), model=sigmoid())
    manifest = manifest_of([inputs], cases=3)
    (tmp_path / "manifest.json").write_bytes(manifest)
    body = locks.lock_of(
        told,
        digest=protocols.digest(told),
        dataset=canonical.digest(manifest),
        by="hub@example",
        now=NOW,
    )
    document = documents.new_document(body, issuer=Signer.PORTAL, audience=(AGENT,), now=NOW)
    (tmp_path / "lock.json").write_bytes(documents.sign(document, hub))
    return tmp_path


def asked(room: Path) -> list[str | Path]:
    return [
        *("run", "--protocol", room / "protocol.json", "--lock", room / "lock.json"),
        *("--manifest", room / "manifest.json", "--model", room / "m.onnx"),
        *("--inputs", room / "inputs.parquet", "--key", room / "hub.pub"),
        *("--out", room / "predictions.parquet", "--facts", room / "run.json", "--json"),
    ]


@needs_bubblewrap
def test_a_locked_model_runs_and_says_how_it_went(
    room: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*asked(room)) == 0
    told = json.loads(capsys.readouterr().out)
    found = pq.read_table(room / "predictions.parquet")

    assert found["prediction"].to_pylist() == [0.2689, 0.5, 0.8808]
    assert (room / "predictions.parquet").stat().st_mode & 0o077 == 0
    assert (told["cases"], told["failed"], told["warnings"]) == (3, "0", [])
    assert json.loads((room / "run.json").read_bytes())["backend"].startswith("onnxruntime")


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("protocol.json", b"Risque", b"risque"),
        ("m.onnx", b"Sigmoid", b"Sigmoie"),
        ("manifest.json", b'"cases":3', b'"cases":4'),
        ("inputs.parquet", b"case-2", b"case-9"),
    ],
)
def test_one_changed_byte_and_nothing_runs(
    room: Path, name: str, before: bytes, after: bytes
) -> None:
    data = (room / name).read_bytes()
    assert before in data
    (room / name).write_bytes(data.replace(before, after))

    assert run(*asked(room)) == Refused.exit_code
    assert not (room / "predictions.parquet").exists()


def test_another_program_than_the_one_locked_runs_nothing(room: Path) -> None:
    written(room, code="sha256:" + "9" * 64, model=sigmoid())

    assert run(*asked(room)) == Refused.exit_code


def test_a_manifest_names_each_file_by_its_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "a.parquet", tmp_path / "b.parquet"
    first.write_bytes(b"1")
    second.write_bytes(b"2")
    manifest = manifest_of([second, first], cases=2)
    check_files(manifest, [first, second])
    second.write_bytes(b"3")

    with pytest.raises(Refused, match=r"b\.parquet is not a file of the manifest"):
        check_files(manifest, [first, second])
    with pytest.raises(Malformed, match="lists no files"):
        check_files(b"{}", [first])


@pytest.fixture
def attacking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str | Path]:
    """The command that attacks a small model, which tells nothing of who trained it."""
    linear = pytest.importorskip("sklearn.linear_model", reason="no extra `evaluation` here")
    io = pytest.importorskip("skops.io", reason="no extra `evaluation` here")
    monkeypatch.setenv("ECLUSE_HOME", str(tmp_path / "home"))
    draw = np.random.default_rng(4)
    ages = draw.normal(0.0, 1.0, 400)
    ill = (draw.random(400) < 1 / (1 + np.exp(-ages))).astype(int)
    names = ("members", "others")
    for name, part in zip(names, (slice(0, 200), slice(200, 400)), strict=True):
        columns = {"case": range(200), "age": ages[part], "ill": ill[part]}
        table(tmp_path / f"{name}.parquet", columns)
    fitted = linear.LogisticRegression().fit(ages[:200, None], ill[:200])
    io.dump(fitted, tmp_path / "m.skops")
    return [
        *("attack", "--model", tmp_path / "m.skops", "--outcome", "ill", "--feature", "age"),
        *("--members", tmp_path / "members.parquet", "--others", tmp_path / "others.parquet"),
        "--json",
    ]


@needs_bubblewrap
def test_an_attacked_model_is_kept_in_the_zone_only_when_it_is_asked(
    tmp_path: Path, attacking: list[str | Path], capsys: pytest.CaptureFixture[str]
) -> None:
    zone = tmp_path / "home" / "zone" / TRIALS

    assert run(*attacking) == 0
    assert json.loads(capsys.readouterr().out)["verdict"] == "pass"
    assert kept(zone) == {}
    assert run(*attacking, "--keep") == 0
    assert list(kept(zone)) == [canonical.digest_file(tmp_path / "m.skops")]


@needs_bubblewrap
def test_the_worse_of_two_opinions_on_a_model_counts(
    tmp_path: Path, attacking: list[str | Path], capsys: pytest.CaptureFixture[str]
) -> None:
    ignorant = recited(tmp_path / "drawn.csv", tmp_path / "ignorant.csv", by_heart=False)
    reciting = recited(tmp_path / "drawn.csv", tmp_path / "reciting.csv", by_heart=True)
    opinions = (
        ("--canaries", ignorant, "pass", ""),
        ("--canaries", reciting, "refuse", "exposure"),
        ("--sacro", sacro_report(tmp_path), "refuse", "SACRO-ML"),
    )

    for option, path, verdict, why in opinions:
        capsys.readouterr()
        run(*attacking, option, path)
        told = json.loads(capsys.readouterr().out)
        assert told["verdict"] == verdict
        assert any(why in one["explanation"] for one in told["attacks"])


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def recited(drawn: Path, scored: Path, *, by_heart: bool) -> Path:
    """Draw canaries, and score them as a model that knows those it was taught, or none."""
    assert run("canaries", "--out", drawn, "--taught", "20", "--references", "400") == 0
    rows = rows_of(drawn)
    draw = np.random.default_rng(7).normal(0.0, 1.0, len(rows))
    with scored.open("w", encoding="utf-8") as sink:
        sink.write("taught,score\n")
        for row, luck in zip(rows, draw, strict=True):
            known = 9.0 if by_heart and row["taught"] == "1" else 0.0
            sink.write(f"{row['taught']},{luck + known}\n")
    return scored


@pytest.mark.parametrize(
    "given",
    [
        ("--taught", "3"),
        ("--references", "20"),
        ("--sentence", "Aucune place."),
        ("--sentence", "{} et {}"),
    ],
)
def test_too_few_canaries_or_no_place_for_the_secret_draw_nothing(
    tmp_path: Path, given: tuple[str, str]
) -> None:
    assert run("canaries", "--out", tmp_path / "c.csv", *given) == InvalidInput.exit_code
    assert not (tmp_path / "c.csv").exists()


def test_two_draws_of_canaries_share_nothing(tmp_path: Path) -> None:
    drawn = []
    for name in ("a.csv", "b.csv"):
        assert run("canaries", "--out", tmp_path / name) == 0
        drawn.append({row["text"] for row in rows_of(tmp_path / name)})

    assert len(drawn[0]) == 1050
    assert not drawn[0] & drawn[1]
