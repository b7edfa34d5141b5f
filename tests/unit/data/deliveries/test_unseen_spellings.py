"""Millions of values that no sample of a file shows: they are read or refused in little memory."""

import subprocess
import sys
from pathlib import Path

import pytest

from ecluse.data.deliveries import probing
from tests.unit.data.deliveries.readings import ILLNESSES, read

GOOD = "ABCDEFGHIJKLMNOPQ;1;E11;05/03/2021;8\n"
OTHER = "ABCDEFGHIJKLMNOPQ;1;E11;2021-03-05;8\n"
WRONG = "ABCDEFGHIJKLMNOPQ;1;E11;31/31/2021;8\n"
SEEN = 4_000
"""Lines as expected at the start, in the middle and at the end: where a file is looked at first."""
UNSEEN = 600_000


def read_apart(folder: Path, unseen: str) -> tuple[int, int, int, str]:
    """Return rows read, rows refused, peak MiB and why the file was refused, of a large file."""
    delivery, scratch = folder / "delivery", folder / "scratch"
    delivery.mkdir()
    scratch.mkdir()
    with (delivery / "IR_IMB_R.csv").open("w") as file:
        file.write(ILLNESSES + GOOD * SEEN + unseen * UNSEEN + GOOD * SEEN)
        file.write(unseen * UNSEEN + GOOD * SEEN)
    module = "tests.unit.data.deliveries.read_once"
    told = subprocess.run(
        [sys.executable, "-m", module, str(delivery), str(scratch)],
        check=True,
        capture_output=True,
        text=True,
    )
    counts, _, why = told.stdout.partition("\n")
    rows_read, rows_refused, peak_mib = map(int, counts.split())
    return rows_read, rows_refused, peak_mib, why


def test_millions_of_dates_spelled_otherwise_are_all_read_in_little_memory(tmp_path: Path) -> None:
    rows_read, rows_refused, peak_mib, why = read_apart(tmp_path, OTHER)

    assert (rows_read, rows_refused, why) == (2 * UNSEEN + 3 * SEEN, 0, "")
    assert peak_mib < 700


def test_a_file_with_millions_of_dates_that_do_not_exist_is_refused_in_little_memory(
    tmp_path: Path,
) -> None:
    rows_read, rows_refused, peak_mib, why = read_apart(tmp_path, WRONG)

    assert (rows_read, rows_refused) == (0, 0)
    assert "over 1000000 lines cannot be read, mostly for bad-date in column IMB_ALD_DTD" in why
    assert peak_mib < 700


def test_lines_of_an_unseen_spelling_are_read_and_the_wrong_ones_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probing, "MOST_NOTED", 100)
    monkeypatch.setattr(probing, "FEW", 100)
    others = (OTHER * 99 + WRONG) * 200
    content = ILLNESSES + GOOD * SEEN + others + GOOD * SEEN + others + GOOD * SEEN

    reading = read(tmp_path, "IR_IMB_R.csv", content)

    assert (reading.counts.rows_read, reading.counts.rows_quarantined) == (52_000, 400)
    assert len(reading.rows) == 51_600
    # The header is line 1; 4,000 lines later, the 100th of the others is the first wrong one.
    assert reading.refused[0].endswith("4101,IMB_ALD_DTD,bad-date")
