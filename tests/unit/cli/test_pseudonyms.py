"""`ecluse pseudonyms`: two custodians, versions, a project renewed, one person found again."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecluse.cli import pseudonyms
from ecluse.cli.console import run_command
from ecluse.cli.pseudonyms import zone_versions
from ecluse.data.agent import Zone
from ecluse.data.extraction import ExtractFiles, open_files
from ecluse.data.pseudonyms import Label
from ecluse.data.pseudonyms.reidentification import PURPOSE, Request
from ecluse.domain.documents import Signer
from ecluse.trust import keys
from ecluse.trust.sealing import create_opening_key
from tests.unit.data.lakes import publish

NOW = datetime.now(UTC)
PROJECT, DATASET = "FR-2026-0001", "snds"


class World:
    """A zone with a lake of two persons and a project that was given both."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.zone = folder / "home" / "zone"
        acts = [{"person_key": 1, "event_date": NOW.date(), "PFS_EXE_NUM": "GP-77"}]
        persons = [(1, "ID-ANNE", "OPT-1"), (2, "ID-BORIS", None)]
        publish(self.zone / "lake", DATASET, {"ER_PRS_F": acts}, persons)
        signer = keys.create_key(self.zone / "keys", Signer.AGENT, now=NOW - timedelta(days=1))
        keys.Keyring([signer.public()]).save(self.zone / "keyring.json")
        self.words = {level: self._words(level) for level in ("1", "2")}
        run("create", "1", "--passphrase", self.words["1"])
        run("create", "2", "--passphrase", self.words["2"])
        self.extract = self.zone / "projects" / PROJECT / "ORDER-1"
        self.extract.mkdir(parents=True)
        given = pa.table(
            {
                "person_pseudonym": [self.pseudonym("ID-ANNE"), self.pseudonym("ID-BORIS")],
                "PFS_EXE_NUM": [self.pseudonym("GP-77", Label.PROFESSIONAL), None],
            }
        )
        with self.seal().replacing("ER_PRS_F.parquet") as file:
            pq.write_table(given, file)

    def seal(self) -> ExtractFiles:
        """A folder of the project, to write sealed files in."""
        return ExtractFiles(self.extract, Zone(self.zone).seals(PROJECT).draw())

    def rows(self) -> list[dict[str, object]]:
        """What the project's file holds, opened."""
        files = open_files(self.extract, Zone(self.zone).seals(PROJECT))
        with files.open("ER_PRS_F.parquet") as file:
            found: list[dict[str, object]] = pq.read_table(file).to_pylist()
        return found

    def _words(self, level: str) -> Path:
        path = self.folder / f"words-{level}.txt"
        path.write_text(f"the words of custodian {level}\n")
        path.chmod(0o600)
        return path

    def pseudonym(self, value: str, label: Label = Label.PERSON) -> str:
        versions = zone_versions(self.words["1"], self.words["2"])
        return versions.project(PROJECT).of(label, [value])[0]

    def passphrases(self) -> tuple[str | Path, ...]:
        return (
            *("--first-passphrase", self.words["1"]),
            *("--second-passphrase", self.words["2"]),
        )

    def journal(self) -> str:
        return (self.zone / "journal" / "journal.jsonl").read_text()


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("ECLUSE_HOME", str(tmp_path / "home"))
    return World(tmp_path)


def run(*words: str | Path) -> int:
    texts = [str(word) for word in words]
    return run_command(lambda: pseudonyms.app(texts), json="--json" in texts)


def test_a_project_s_files_are_renewed_and_the_journal_tells_it(world: World) -> None:
    before = world.pseudonym("ID-ANNE")
    run("rotate", "2", "--passphrase", world.words["2"])

    code = run("renew", PROJECT, "--dataset", DATASET, *world.passphrases())

    after = world.pseudonym("ID-ANNE")
    assert code == 0
    assert after != before
    assert {row["person_pseudonym"]: row["PFS_EXE_NUM"] for row in world.rows()} == {
        after: world.pseudonym("GP-77", Label.PROFESSIONAL),
        world.pseudonym("ID-BORIS"): None,
    }
    assert '"pseudonyms.renewed"' in world.journal()


def test_the_files_of_the_old_pseudonyms_are_read_by_nobody_any_more(world: World) -> None:
    sealed = (world.extract / "ER_PRS_F.parquet").read_bytes()
    keys_before = Zone(world.zone).extract_keys().ids(PROJECT)
    run("rotate", "2", "--passphrase", world.words["2"])

    run("renew", PROJECT, "--dataset", DATASET, *world.passphrases())

    keys_after = Zone(world.zone).extract_keys().ids(PROJECT)
    assert (world.extract / "ER_PRS_F.parquet").read_bytes() != sealed
    assert b"PAR1" not in (world.extract / "ER_PRS_F.parquet").read_bytes()
    assert len(keys_after) == 1
    assert not set(keys_after) & set(keys_before)
    assert [path.name for path in (world.zone / "projects").iterdir()] == [PROJECT]


def test_a_project_that_has_the_current_version_is_not_renewed(world: World) -> None:
    assert run("renew", PROJECT, "--dataset", DATASET, *world.passphrases()) == 31


def test_neither_custodian_renews_alone(world: World) -> None:
    run("rotate", "2", "--passphrase", world.words["2"])

    code = run("renew", PROJECT, "--dataset", DATASET, "--first-passphrase", world.words["1"])

    assert code == 31


def test_versions_are_listed_by_name(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    run("list", "--json")

    told = json.loads(capsys.readouterr().out)
    assert told["projects"] == {PROJECT: told["current"]}


def test_a_passphrase_that_others_can_read_is_refused(world: World) -> None:
    world.words["1"].chmod(0o644)

    assert run("rotate", "1", "--passphrase", world.words["1"]) == 31


def test_one_person_is_found_again_for_the_holder_by_two_custodians(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    holder = create_opening_key(world.folder / "holder", "chu")
    request = world.folder / "request.json"
    asked = Request(
        number="RI-1",
        project=PROJECT,
        dataset=DATASET,
        pseudonym=world.pseudonym("ID-BORIS"),
        reason="A tumour seen by two radiologists, to be treated now.",
        requester="Dr Lise Morel",
        holder="CHU",
        issued_at=keys.to_milliseconds(NOW),
    )
    request.write_bytes(asked.data() + b"\n")
    for level, name in (("1", "Alice"), ("2", "Bruno")):
        folder = world.folder / name
        run("custodian", level, name, "--folder", folder)
        run("approve", request, "--name", name, "--folder", folder, "--out", folder / "yes.json")
    capsys.readouterr()

    code = run(
        *("reidentify", request, "--holder", world.folder / "holder" / "chu.opening.pub"),
        *("--approval", world.folder / "Alice" / "yes.json"),
        *("--approval", world.folder / "Bruno" / "yes.json", *world.passphrases()),
    )

    shown = "".join(capsys.readouterr())
    sealed = (world.zone / "reidentifications" / "RI-1.sealed").read_bytes()
    assert code == 0
    assert json.loads(holder.open(sealed, purpose=PURPOSE))["person_id"] == "ID-BORIS"
    assert "ID-BORIS" not in shown + world.journal()
    assert '"reidentification.begun"' in world.journal()
    assert '"reidentification.answered"' in world.journal()


def test_a_request_that_one_custodian_approved_is_refused_and_journalled(world: World) -> None:
    create_opening_key(world.folder / "holder", "chu")
    request = world.folder / "request.json"
    pseudonym = world.pseudonym("ID-BORIS")
    request.write_bytes(
        Request(
            number="RI-2",
            project=PROJECT,
            dataset=DATASET,
            pseudonym=pseudonym,
            reason="A tumour seen by two radiologists, to be treated now.",
            requester="Dr Lise Morel",
            holder="CHU",
            issued_at=keys.to_milliseconds(NOW),
        ).data()
    )
    run("custodian", "1", "Alice", "--folder", world.folder / "Alice")
    run("custodian", "2", "Bruno", "--folder", world.folder / "Bruno")
    yes = world.folder / "yes.json"
    run("approve", request, "--name", "Alice", "--folder", world.folder / "Alice", "--out", yes)

    code = run(
        *("reidentify", request, "--holder", world.folder / "holder" / "chu.opening.pub"),
        *("--approval", yes, *world.passphrases()),
    )

    assert code == 30
    assert not (world.zone / "reidentifications").exists()
    assert '"reidentification.refused"' in world.journal()


def test_a_level_has_one_custodian(world: World) -> None:
    run("custodian", "1", "Alice", "--folder", world.folder / "Alice")

    assert run("custodian", "1", "Bruno", "--folder", world.folder / "Bruno") == 31
