"""`ecluse findings`: what is asked, who allowed it, and the list that its holder alone opens."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ecluse.cli import findings
from ecluse.cli.console import run_command
from ecluse.data.agent import Zone
from ecluse.data.agent.findings_lists import Dossier, holder_key
from ecluse.domain import codec
from ecluse.domain.documents import FindingOrder, FindingRecipient
from ecluse.domain.findings import ToTell, padded
from ecluse.trust import canonical, durable
from ecluse.trust.pseudonyms.custodians import create_custodian
from ecluse.trust.sealing import create_opening_key, seal

NUMBER, CHU = "CS-2026-00001", FindingRecipient("chu", "snds")
REASON = "Le risque est documenté, et le médecin traitant peut agir aussitôt."
ORDER = FindingOrder(
    NUMBER, "FR-2026-0001", "sha256:" + "1" * 64, "sha256:" + "2" * 64, REASON, (CHU,)
)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def run(*arguments: str) -> int:
    """Run a command of the group; return its exit code."""
    texts = list(arguments)
    return run_command(lambda: findings.app(texts), json="--json" in texts)


@pytest.fixture
def zone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Zone:
    """A zone where a search is asked and Alice keeps the first level."""
    monkeypatch.setenv("ECLUSE_HOME", str(tmp_path / "home"))
    made = Zone(tmp_path / "home" / "zone")
    (made.path / "custodians").mkdir(parents=True)
    alice = create_custodian(tmp_path / "alice", "Alice", 1)
    (made.path / "custodians" / "custodian-1.pub").write_bytes(alice.line())
    dossier = Dossier(made, NUMBER)
    dossier.folder.mkdir(parents=True)
    dossier.request(ORDER, "sha256:" + "3" * 64, b"list", now=NOW)
    return made


def test_what_waits_is_shown_with_its_reasons_and_no_person(
    zone: Zone, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("waiting", "--json") == 0

    shown = json.loads(capsys.readouterr().out)
    assert shown["searches"] == [
        {"number": NUMBER, "project": "FR-2026-0001", "reason": REASON, "approved": "–"}
    ]


def test_a_custodian_signs_once_they_have_read(
    zone: Zone, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = run("approve", NUMBER, "--name", "Alice", "--folder", str(tmp_path / "alice"))

    assert done == 0
    assert REASON.partition(",")[0] in capsys.readouterr().out
    assert (Dossier(zone, NUMBER).folder / "approval-1.json").is_file()


def test_nothing_is_signed_under_a_number_that_nobody_asked(zone: Zone, tmp_path: Path) -> None:
    folder = str(tmp_path / "alice")

    assert run("approve", "CS-2026-00009", "--name", "Alice", "--folder", folder) != 0


def test_the_key_of_a_holder_is_kept_and_not_replaced_in_silence(
    zone: Zone, tmp_path: Path
) -> None:
    create_opening_key(tmp_path / "chu", "chu")
    create_opening_key(tmp_path / "other", "chu")

    first = run("holder", "chu", str(tmp_path / "chu" / "chu.opening.pub"))
    second = run("holder", "chu", str(tmp_path / "other" / "chu.opening.pub"))

    kept = holder_key(zone, "chu").read_bytes()
    assert (first, second != 0) == (0, True)
    assert kept == (tmp_path / "chu" / "chu.opening.pub").read_bytes()


def test_the_holder_opens_its_list_in_a_file_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = create_opening_key(tmp_path / "chu", "chu")
    told = ToTell(NUMBER, "chu", "snds", ("ID-ANNE", "ID-BORIS"))
    message = padded(canonical.encode(codec.encode(told)))
    sealed = seal(
        message, key.public(), purpose=f"ecluse persons of a significant finding {NUMBER}"
    )
    durable.write(tmp_path / "list.sealed", sealed)
    private, out = tmp_path / "chu" / "chu.opening.key", tmp_path / "list.txt"

    done = run(
        *("open", NUMBER, str(tmp_path / "list.sealed")),
        *("--open-with", str(private), "--out", str(out)),
    )

    assert done == 0
    assert out.read_text() == "ID-ANNE\nID-BORIS\n"
    assert out.stat().st_mode & 0o077 == 0
    assert "ID-ANNE" not in capsys.readouterr().out


def test_a_list_of_another_finding_does_not_open(tmp_path: Path) -> None:
    key = create_opening_key(tmp_path / "chu", "chu")
    sealed = seal(b"{}", key.public(), purpose="ecluse persons of a significant finding CS-2026-2")
    (tmp_path / "list.sealed").write_bytes(sealed)
    private, out = tmp_path / "chu" / "chu.opening.key", tmp_path / "list.txt"

    done = run(
        *("open", NUMBER, str(tmp_path / "list.sealed")),
        *("--open-with", str(private), "--out", str(out)),
    )

    assert done != 0
    assert not out.exists()
