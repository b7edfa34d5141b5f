"""`ecluse evaluate report` and `verify`: the whole road from predictions to a verified bundle."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecluse.cli import console, evaluate
from ecluse.cli import journal as journal_commands
from ecluse.cli.home import Home
from ecluse.data.evaluation.reporting import crates
from ecluse.data.evaluation.reporting.code import digest_of_code
from ecluse.data.evaluation.running.manifests import manifest_of
from ecluse.domain.documents import AGENT, Signer
from ecluse.domain.evaluations import locks
from ecluse.trust import canonical, documents, keys, protocols
from ecluse.trust.journal.files import FileJournal
from ecluse.trust.keys import Keyring, SigningKey
from tests.unit.data.evaluation.reporting import small

NOW = datetime(2026, 1, 5, 10, tzinfo=UTC)


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a zone that believes a hub, and the files of the small study, locked."""
    monkeypatch.setenv("ECLUSE_HOME", str(tmp_path / "home"))
    home = Home.find()
    home.keys(home.zone).mkdir(parents=True)
    zone = keys.create_key(home.keys(home.zone), Signer.AGENT, now=NOW)
    hub = keys.draw_key(Signer.PORTAL, now=NOW)
    Keyring((hub.public(), zone.public())).save(home.keyring(home.zone))
    (tmp_path / "hub.pub").write_bytes(hub.public().line())
    (tmp_path / "zone.pub").write_bytes(zone.public().line())
    _write_study(tmp_path, hub)
    return tmp_path


def _write_study(folder: Path, hub: SigningKey) -> None:
    found = small.sample()
    names = [f"C{rank}" for rank in range(found.cases.outcomes.size)]
    pq.write_table(
        pa.table({"case": names, "outcome": found.cases.outcomes, "sex": found.groups["sex"]}),
        folder / "labels.parquet",
    )
    pq.write_table(
        pa.table({"case": names, "prediction": found.cases.scores}),
        folder / "predictions.parquet",
    )
    plan = small.protocol_of(
        artefact=canonical.digest_file(folder / "predictions.parquet"), code=digest_of_code()
    )
    (folder / "protocol.json").write_bytes(protocols.encode(plan))
    manifest = manifest_of([folder / "labels.parquet"], cases=400)
    (folder / "manifest.json").write_bytes(manifest)
    body = locks.lock_of(
        plan,
        digest=protocols.digest(plan),
        dataset=canonical.digest(manifest),
        by="hub",
        now=NOW,
    )
    document = documents.new_document(body, issuer=Signer.PORTAL, audience=(AGENT,), now=NOW)
    (folder / "lock.json").write_bytes(documents.sign(document, hub))


def run(*words: str | Path) -> int:
    said = [str(word) for word in words]
    return console.run_command(lambda: evaluate.app(said), json="--json" in said)


def made(room: Path, *more: str | Path) -> int:
    named = ("protocol", "lock", "manifest")
    files = [word for name in named for word in (f"--{name}", room / f"{name}.json")]
    files += [
        word
        for name in ("labels", "predictions")
        for word in (f"--{name}", room / f"{name}.parquet")
    ]
    return run("report", *files, "--out", room / "report.zip", "--json", *more)


def test_a_report_is_made_and_verified(room: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made(room)
    capsys.readouterr()

    code = run(
        "verify",
        room / "report.zip",
        "--key",
        room / "hub.pub",
        "--key",
        room / "zone.pub",
        "--json",
    )
    told = json.loads(capsys.readouterr().out)

    assert code == 0
    assert told["passed"]
    assert told["signed_by"].startswith("agent-")


def test_a_changed_byte_makes_verify_fail(room: Path) -> None:
    made(room)
    data = bytearray((room / "report.zip").read_bytes())
    data[len(data) // 3] ^= 1
    (room / "report.zip").write_bytes(data)

    assert run("verify", room / "report.zip", "--json") == 10


@pytest.fixture
def journalled(room: Path) -> Path:
    """The journal of the zone, whose second entry names the lock."""
    home = Home.find()
    key = keys.load_signing_key(home.keys(home.zone), Signer.AGENT)
    digests = [canonical.digest(b"else"), canonical.digest_file(room / "lock.json")]
    with FileJournal(home.zone / "journal", origin="test/zone", key=key) as journal:
        for number, digest in enumerate(digests):
            journal.append("document.sent", actor="hub", subject=str(number), digest=digest, at=NOW)
    return room


@pytest.mark.parametrize(("entry", "code"), [("1", 10), ("2", 0)])
def test_the_lock_must_be_the_entry_of_the_journal(journalled: Path, entry: str, code: int) -> None:
    made(journalled)
    proof = journalled / "proof.txt"
    console.run_command(
        lambda: journal_commands.app(["prove", "zone", entry, str(proof)]), json=False
    )
    believed = ["--key", journalled / "hub.pub", "--key", journalled / "zone.pub"]

    assert run("verify", journalled / "report.zip", *believed, "--journal", proof) == code


def test_a_manifest_that_is_not_the_evaluated_one_makes_verify_fail(room: Path) -> None:
    made(room)
    (room / "other.json").write_bytes(b"{}")

    assert run("verify", room / "report.zip", "--data", room / "other.json", "--json") == 10


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("predictions.parquet", "model"),
        ("manifest.json", "dataset"),
        ("protocol.json", "protocol"),
        ("labels.parquet", "labels.parquet is not a file of the manifest"),
    ],
)
def test_what_was_not_locked_makes_no_report(
    room: Path, name: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _change(room, name)

    code = made(room)

    assert code == 10
    assert told in capsys.readouterr().out
    assert not (room / "report.zip").exists()


def _change(room: Path, name: str) -> None:
    """Change a file so that it can still be read."""
    changed = {
        "predictions.parquet": _fewer_rows,
        "labels.parquet": _fewer_rows,
        "manifest.json": lambda path: path.write_bytes(b"{}"),
        "protocol.json": lambda path: path.write_bytes(
            path.read_bytes().replace(b"EVAL-DEMO-1", b"EVAL-DEMO-9")
        ),
    }
    changed[name](room / name)


def _fewer_rows(path: Path) -> None:
    table = pq.read_table(path)
    pq.write_table(table.slice(0, 300), path)


def test_the_run_and_its_deviations_are_told(room: Path) -> None:
    facts = {"cases": 400, "failed": "0", "median_ms": "1.250", "p95_ms": "2.000"}
    facts |= {"joules": "0.010000", "energy_method": "rapl", "backend": "onnxruntime"}
    facts |= {"predictions": canonical.digest_file(room / "predictions.parquet")}
    change = {"change": "schedule", "part": "drift", "planned": "2026-01", "done": "2026-02"}
    change |= {"reason": "late", "timing": "before-results", "touches_primary": False}
    change |= {"noticed_on": "2026-01-06"}
    (room / "run.json").write_text(json.dumps(facts))
    (room / "deviations.json").write_text(json.dumps([change]))

    made(room, "--facts", room / "run.json", "--deviations", room / "deviations.json")
    page = crates.unpack((room / "report.zip").read_bytes()).file(crates.PAGES["en"]).decode()

    assert "onnxruntime" in page
    assert "<td>2026-02</td>" in page


def test_other_predictions_than_those_of_the_run_make_no_report(
    room: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = {"cases": 400, "failed": "0", "median_ms": "", "p95_ms": "", "joules": ""}
    facts |= {"energy_method": "", "backend": "", "predictions": "sha256:" + "0" * 64}
    (room / "run.json").write_text(json.dumps(facts))

    made(room, "--facts", room / "run.json")

    assert "not those that the run left" in capsys.readouterr().out
    assert not (room / "report.zip").exists()


@pytest.mark.parametrize(("held", "code"), [("predictions", 0), ("labels", 10)])
def test_a_report_is_of_its_predictions_and_of_no_other(room: Path, held: str, code: int) -> None:
    made(room)

    assert run("verify", room / "report.zip", "--predictions", room / f"{held}.parquet") == code


@pytest.fixture
def attacked(room: Path) -> dict[str, object]:
    """What attacks on the locked table told: the area is over its limit."""
    tried = {"attack": "membership", "value": "0.740", "low": "0.700", "high": "0.780"}
    tried |= {"verdict": "refuse", "explanation": "too much"}
    model = canonical.digest_file(room / "predictions.parquet")
    trial = {"model": model, "kind": "tree", "members": 400, "others": 400, "attacks": [tried]}
    return {**trial, "verdict": "refuse"}


def test_an_attack_that_succeeds_is_a_finding(
    room: Path, attacked: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    (room / "trial.json").write_text(json.dumps(attacked))

    made(room, "--trial", room / "trial.json")
    told = json.loads(capsys.readouterr().out)

    assert {"subject": "privacy", "of": "membership", "outcome": "not-met"} in told["findings"]


def test_attacks_on_another_model_are_refused(room: Path, attacked: dict[str, object]) -> None:
    other = {**attacked, "model": canonical.digest(b"another")}
    (room / "trial.json").write_text(json.dumps(other))

    assert made(room, "--trial", room / "trial.json") == 10


def test_a_lock_by_an_unknown_hub_makes_no_report(room: Path) -> None:
    stranger = keys.draw_key(Signer.PORTAL, now=NOW)
    _write_study(room, stranger)

    assert made(room) == 12


def test_the_code_has_a_digest(capsys: pytest.CaptureFixture[str]) -> None:
    run("code", "--json")

    assert json.loads(capsys.readouterr().out) == {"digest": digest_of_code()}
