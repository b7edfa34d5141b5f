"""`ecluse evaluate board`: labels enter the zone, a digest comes out."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecluse.cli import evaluate_boards
from ecluse.cli.console import run_command
from ecluse.data.agent import Zone, boards
from ecluse.data.evaluation.boards import read_labels
from ecluse.domain.errors import InvalidInput


def run(*arguments: str) -> int:
    """Run a command of the group; return its exit code."""
    texts = list(arguments)
    return run_command(lambda: evaluate_boards.app(texts), json="--json" in texts)


@pytest.fixture
def zone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Zone:
    monkeypatch.setenv("ECLUSE_HOME", str(tmp_path / "home"))
    return Zone(tmp_path / "home" / "zone")


def labels(path: Path, cases: list[str]) -> Path:
    pq.write_table(pa.table({"case": cases, "outcome": [n % 2 for n in range(len(cases))]}), path)
    return path


def test_labels_are_kept_under_the_digest_that_is_printed(
    zone: Zone, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """60 cases, of which the 30 of odd rank have the outcome."""
    file = labels(tmp_path / "labels.parquet", [f"c{n:02}" for n in range(60)])

    code = run("prepare", str(file), "--permit", "FR-2026-0001", "--json")

    told = json.loads(capsys.readouterr().out)
    kept = read_labels(zone.boards("FR-2026-0001") / boards.LABELS, told["digest"])
    assert (code, told["cases"], told["events"], told["inputs"]) == (0, 60, 30, False)
    assert kept.cases[1] == "c01"
    assert kept.outcomes[1]


def test_labels_that_no_board_can_use_are_refused_without_a_name_of_theirs(
    zone: Zone, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = labels(tmp_path / "labels.parquet", ["DUPONT"] * 60)

    code = run("prepare", str(file), "--permit", "FR-2026-0001")

    told = capsys.readouterr()
    assert code == InvalidInput.exit_code
    assert "DUPONT" not in told.out + told.err
