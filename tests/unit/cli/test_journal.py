import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ecluse.cli import journal as command
from ecluse.cli.home import Home
from ecluse.domain.documents import Signer
from ecluse.domain.errors import InvalidInput, JournalBroken
from ecluse.trust.journal import files
from ecluse.trust.journal.checkpoints import witness_details
from ecluse.trust.journal.files import FileJournal
from ecluse.trust.keys import Keyring, SigningKey, create_key
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
    with FileJournal(home.zone / "journal", origin="test/zone", key=key) as journal:
        journal.append("job.ordered", actor="agent", subject="J1", at=NOW)
        journal.append("job.finished", actor="agent", subject="J1", at=NOW)
    return key


def run(*words: str) -> Result:
    return CliRunner().invoke(command.app, [*words, "--json"])


def entries_of(home: Home) -> Path:
    return home.zone / "journal" / files.ENTRIES


def test_the_journal_of_the_zone_is_proved(home: Home, agent: SigningKey) -> None:
    done = run("verify")
    facts = json.loads(done.stdout)

    assert (done.exit_code, facts["sound"]) == (0, True)
    assert facts["journals"][0]["origin"] == "test/zone"
    assert (facts["journals"][0]["entries"], facts["journals"][0]["checkpoints"]) == (2, 2)


def test_a_broken_journal_ends_with_its_own_exit_code(home: Home, agent: SigningKey) -> None:
    path = entries_of(home)
    path.write_bytes(path.read_bytes().replace(b"job.finished", b"job.finishes"))
    done = run("verify")
    facts = json.loads(done.stdout)

    assert (done.exit_code, facts["sound"]) == (JournalBroken.exit_code, False)
    assert facts["journals"][0]["first_broken"] == 2


def test_people_see_one_line_per_journal_and_what_is_wrong(home: Home, agent: SigningKey) -> None:
    path = entries_of(home)
    path.write_bytes(path.read_bytes().replace(b"job.finished", b"job.finishes"))
    shown = CliRunner().invoke(command.app, ["verify"]).stdout

    assert "ROMPU" in shown
    assert "(entrée 2)" in shown


def test_an_export_is_verified_elsewhere_with_the_public_key_alone(
    home: Home, agent: SigningKey, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run("export", "zone", str(tmp_path / "zone.jsonl"))
    public = home.zone / "keys" / f"{agent.key_id}.pub"
    monkeypatch.setenv("ECLUSE_HOME", str(tmp_path / "auditor"))
    done = run("verify", "--export", str(tmp_path / "zone.jsonl"), "--key", str(public))

    assert json.loads(done.stdout)["journals"][0]["entries"] == 2
    assert done.exit_code == 0


def test_an_export_is_held_against_the_journal_that_witnessed_it(
    home: Home, agent: SigningKey, tmp_path: Path
) -> None:
    portal = create_key(home.portal / "keys", Signer.PORTAL, now=NOW)
    Keyring([portal.public()]).save(home.portal / "keyring.json")
    with FileJournal(tmp_path / "true", origin="test/portal", key=portal) as journal:
        journal.append("permit.granted", actor="paul", subject="P1", at=NOW)
        note = journal.checkpoint()
    with FileJournal(home.zone / "journal", origin="test/zone", key=agent) as journal:
        journal.append(
            "checkpoint.witnessed",
            actor="agent",
            subject="test/portal",
            details=witness_details(note),
            at=NOW,
        )
    with FileJournal(tmp_path / "forked", origin="test/portal", key=portal) as journal:
        journal.append("permit.granted", actor="paul", subject="P2", at=NOW)
    true = ["--export", str(tmp_path / "true" / files.ENTRIES)]
    forked = ["--export", str(tmp_path / "forked" / files.ENTRIES)]
    zone = ["--zone", str(home.zone / "journal")]

    assert run("verify", *zone, *true).exit_code == 0
    assert json.loads(run("verify", *zone, *true).stdout)["witnessed_consistent"] == 1
    assert run("verify", *zone, *forked).exit_code == JournalBroken.exit_code


@pytest.mark.parametrize(
    "words", [["verify"], ["verify", "--export", "absent"], ["export", "nowhere", "file"]]
)
def test_a_journal_that_is_not_there_is_named(home: Home, words: list[str]) -> None:
    assert isinstance(run(*words).exception, InvalidInput)
