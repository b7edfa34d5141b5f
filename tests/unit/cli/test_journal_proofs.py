"""`ecluse journal` beside `verify`: witnesses, stamps, proofs, copies, the verifier handed out."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from typer.testing import CliRunner, Result

from ecluse.cli import journal as command
from ecluse.cli import journal_proofs
from ecluse.cli.home import Home
from ecluse.domain.documents import Signer
from ecluse.domain.errors import BadSignature, InvalidInput, JournalBroken
from ecluse.trust import canonical
from ecluse.trust.journal import cosignatures, files
from ecluse.trust.journal.files import FileJournal
from ecluse.trust.keys import Keyring, SigningKey, create_key
from tests.unit.trust.authority import Authority, open_authority
from tests.unit.trust.build import NOW


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Home:
    monkeypatch.setenv("ECLUSE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    home = Home.find()
    home.create()
    return home


@pytest.fixture
def agent(home: Home) -> SigningKey:
    key = create_key(home.zone / "keys", Signer.AGENT, now=NOW)
    Keyring([key.public()]).save(home.zone / "keyring.json")
    add_entries(home, key, 300)
    return key


def add_entries(home: Home, key: SigningKey, count: int) -> None:
    with FileJournal(home.zone / "journal", origin="test/zone", key=key) as journal:
        for number in range(count):
            digest = canonical.digest(f"document {number}".encode())
            journal.append(
                "document.sent", actor="agent", subject=f"J{number}", digest=digest, at=NOW
            )


def run(*words: str) -> Result:
    return CliRunner().invoke(command.app, [*words, "--json"])


def facts(*words: str) -> dict[str, object]:
    done = run(*words)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def journal_path(home: Home) -> Path:
    return home.zone / "journal" / files.ENTRIES


def witnesses_of(home: Home, folder: Path, *, quorum: int) -> list[str]:
    """Two witnesses, named in `witnesses.toml`: their folders."""
    folders = [str(folder / name) for name in ("one", "two")]
    vkeys = [facts("witness", "create", one, f"{Path(one).name}.example")["key"] for one in folders]
    text = f"quorum = {quorum}\nwitnesses = {json.dumps(vkeys)}\n"
    (home.path / "witnesses.toml").write_text(text)
    return folders


def test_a_journal_needs_the_witnesses_that_the_home_names(
    home: Home, agent: SigningKey, tmp_path: Path
) -> None:
    one, two = witnesses_of(home, tmp_path, quorum=2)
    facts("witness", "sign", one, "zone")
    with_one = run("verify")
    facts("witness", "sign", two, "zone")
    with_two = facts("verify")

    assert with_one.exit_code == JournalBroken.exit_code
    assert "cosigned by 2 of 2" in with_one.stdout
    assert with_two["journals"][0]["cosigned_entries"] == 300
    assert with_two["journals"][0]["cosigned_by"] == ["one.example", "two.example"]


def test_a_witness_follows_a_journal_that_grows_and_refuses_a_fork(
    home: Home, agent: SigningKey, tmp_path: Path
) -> None:
    one, _ = witnesses_of(home, tmp_path, quorum=0)
    facts("witness", "sign", one, "zone")
    add_entries(home, agent, 5)
    grown = facts("witness", "sign", one, "zone")
    with FileJournal(tmp_path / "forked", origin="test/zone", key=agent) as journal:
        for number in range(400):
            journal.append("job.ordered", actor="agent", subject=str(number), at=NOW)
    forked = run("witness", "sign", one, str(tmp_path / "forked" / files.ENTRIES))

    assert (grown["before"], grown["size"]) == (300, 305)
    assert isinstance(forked.exception, JournalBroken)


def test_a_distant_witness_is_asked_by_a_file_and_answers_by_a_line(
    home: Home, agent: SigningKey, tmp_path: Path
) -> None:
    one, _ = witnesses_of(home, tmp_path, quorum=1)
    asked = str(tmp_path / "asked.txt")
    facts("witness", "request", "zone", asked)
    line = facts("witness", "answer", one, asked)["line"]
    facts("witness", "add", "zone", asked, str(line))

    assert facts("verify")["journals"][0]["cosigned_by"] == ["one.example"]


def test_a_forked_copy_is_betrayed_by_a_checkpoint_kept_elsewhere(
    home: Home, agent: SigningKey, tmp_path: Path
) -> None:
    seen = tmp_path / "seen.txt"
    seen.write_text(files.read(journal_path(home)).checkpoints[-1])
    with FileJournal(tmp_path / "forked", origin="test/zone", key=agent) as journal:
        for number in range(301):
            journal.append("job.ordered", actor="agent", subject=str(number), at=NOW)
    forked = str(tmp_path / "forked" / files.ENTRIES)
    done = run("verify", "--export", forked, "--seen", str(seen))

    assert done.exit_code == JournalBroken.exit_code
    assert "past was rewritten" in done.stdout


@contextmanager
def served(authority: Authority) -> Iterator[str]:
    """The address of an authority that answers over HTTP on this machine."""

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = authority.ask(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_checkpoint_is_stamped_and_the_stamp_is_verified(
    home: Home, agent: SigningKey, tmp_path: Path
) -> None:
    authority = open_authority(tmp_path / "tsa")
    (home.path / "witnesses.toml").write_text(f'authorities = ["{authority.root}"]\n')
    with served(authority) as address:
        made = facts("stamp", "zone", address)
    journal = facts("verify")["journals"][0]

    assert made["size"] == 300
    assert (journal["stamped_entries"], journal["stamped_at"]) == (300, made["at"])


def test_a_stamp_of_another_authority_is_a_problem(
    home: Home, agent: SigningKey, tmp_path: Path
) -> None:
    true, other = open_authority(tmp_path / "tsa"), open_authority(tmp_path / "other")
    policy = home.path / "witnesses.toml"
    policy.write_text(f'authorities = ["{true.root}"]\n')
    with served(true) as address:
        facts("stamp", "zone", address)
    policy.write_text(f'authorities = ["{other.root}"]\n')

    assert run("verify").exit_code == JournalBroken.exit_code


def test_an_entry_is_proved_to_whoever_has_its_document(
    home: Home, agent: SigningKey, tmp_path: Path
) -> None:
    proof, document = tmp_path / "proof.txt", tmp_path / "document"
    document.write_bytes(b"document 41")
    facts("prove", "zone", "42", str(proof))
    seen = facts("check", str(proof), "--document", str(document))
    document.write_bytes(b"document 42")

    assert (seen["entry"], seen["size"], seen["action"]) == (42, 300, "document.sent J41")
    assert isinstance(run("check", str(proof), "--document", str(document)).exception, BadSignature)
    assert isinstance(run("prove", "zone", "301", str(proof)).exception, InvalidInput)
    assert isinstance(run("check", str(proof), "--leaf", "zz").exception, InvalidInput)


def test_a_copy_is_brought_up_to_date_and_proves_itself_alone(
    home: Home, agent: SigningKey, tmp_path: Path
) -> None:
    one, _ = witnesses_of(home, tmp_path, quorum=1)
    first = facts("copy", "zone", (tmp_path / "copy").as_uri(), "--days", "30")
    add_entries(home, agent, 300)
    facts("witness", "sign", one, "zone")
    second = facts("copy", "zone", (tmp_path / "copy").as_uri())
    vkey = (Path(one) / "witness.vkey").read_text().strip()
    done = verified(tmp_path / "copy", agent, tmp_path, "--witness", vkey, "--quorum", "1")

    assert (first["before"], first["after"]) == (0, 300)
    assert (second["before"], second["after"], second["written"]) == (300, 600, 7)
    assert (done.returncode, done.stdout) == (0, "The journal holds.\n")
    assert "600 entries, 2 checkpoints, 1 witnesses" in done.stderr


def verified(
    journal: Path, key: SigningKey, folder: Path, *more: str
) -> "subprocess.CompletedProcess[str]":
    """What the verifier that a site hands out says, in a Python without this project."""
    program, public = folder / "verify.py", folder / "key.pub"
    program.write_text(CliRunner().invoke(command.app, ["verifier"]).stdout)
    public.write_bytes(key.public().line())
    python = [sys.executable, "-I", "-S", program, journal, "--key", public]
    return subprocess.run([*python, *more], capture_output=True, text=True, check=False)


def test_the_verifier_handed_out_needs_nothing_but_python(
    home: Home, agent: SigningKey, tmp_path: Path
) -> None:
    facts("export", "zone", str(tmp_path / "zone.jsonl"))
    done = verified(tmp_path / "zone.jsonl", agent, tmp_path)

    assert (done.returncode, done.stdout) == (0, "The journal holds.\n")


def test_the_verifier_names_the_entry_that_was_changed(
    home: Home, agent: SigningKey, tmp_path: Path
) -> None:
    facts("export", "zone", str(tmp_path / "zone.jsonl"))
    path = tmp_path / "zone.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"J77"', b'"J78"'))
    done = verified(path, agent, tmp_path)

    assert done.returncode == 1
    assert "entries 78 to 78 are not what checkpoint 78 signed" in done.stdout


def test_the_verifier_asks_for_the_witnesses_that_it_is_told(
    home: Home, agent: SigningKey, tmp_path: Path
) -> None:
    facts("export", "zone", str(tmp_path / "zone.jsonl"))
    done = verified(tmp_path / "zone.jsonl", agent, tmp_path, "--quorum", "1")

    assert done.returncode == 1
    assert "at most 0 witnesses" in done.stdout


def test_the_verifier_can_be_read_in_ten_minutes() -> None:
    text = journal_proofs.verifier_text()

    assert len([line for line in text.splitlines() if line.strip()]) <= 270
    assert "import cryptography" not in text
    assert "ecluse." not in text


def test_an_export_takes_its_witnesses_along(home: Home, agent: SigningKey, tmp_path: Path) -> None:
    one, _ = witnesses_of(home, tmp_path, quorum=1)
    facts("witness", "sign", one, "zone")
    facts("export", "zone", str(tmp_path / "zone.jsonl"))

    assert cosignatures.cosigned_path(tmp_path / "zone.jsonl").exists()
    assert facts("verify", "--export", str(tmp_path / "zone.jsonl"))["sound"]
