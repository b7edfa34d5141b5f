"""Real deliveries of other projects, read whole: each row accounted for, each refusal known."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from shutil import copy

import pytest

from ecluse.data.lake import Lake
from ecluse.data.loading import load_delivery
from ecluse.data.schemas import model
from tests.unit.data.deliveries.readings import Reading, read_delivery

SNDS = model("snds")
SAMPLES = Path(__file__).parents[4].parent / "shared" / "snds" / "samples"
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples are not here")


def counts(readings: dict[str, Reading]) -> tuple[int, int]:
    """Return the rows read and the rows given."""
    read = sum(reading.counts.rows_read for reading in readings.values())
    return read, sum(len(reading.rows) for reading in readings.values())


def refusals(readings: dict[str, Reading]) -> Counter[str]:
    """Return how often each column was refused, and why."""
    lines = [line for reading in readings.values() for line in reading.refused]
    return Counter(line.partition(",")[2] for line in lines)


def test_the_raw_deliveries_of_scalpel_are_read(tmp_path: Path) -> None:
    readings = dict(read_delivery(SAMPLES / "scalpel_tests" / "raw_csv", tmp_path / "scratch"))

    # T_HAD19B and T_HAD19C were filled with random letters, years and months included
    assert set(refusals(readings)) <= {"FIN_ANN_SEQ,bad-year", "EXE_SOI_AMD,bad-month"}
    assert sum(len(reading.refused) for reading in readings.values()) <= 6


def test_every_row_of_the_eunomia_database_is_read(tmp_path: Path) -> None:
    readings = dict(
        read_delivery(SAMPLES / "omop_eunomia_gibleed", tmp_path / "scratch", model=model("omop"))
    )

    assert counts(readings) == (411_136, 411_136)
    assert not refusals(readings)


def deliver_with_years(folder: Path) -> Path:
    """Copy the ten-row tables, whose names are those of schemas, under names of deliveries.

    T_MCOaaB becomes T_MCO19B: each yearly table takes 2019, or the last year that it had.
    """
    folder.mkdir()
    for file in SAMPLES.glob("synthetic_snds_10rows/*/*.csv"):
        schema = SNDS.table(file.stem)
        year = schema.last_year or max(schema.first_year or 2019, 2019)
        name = file.stem.replace("AAAA", str(year)).replace("aa", f"{year % 100:02}")
        copy(file, folder / f"{name.replace('GN', 'G8').replace('xx', '18')}.csv")
    return folder


def test_the_191_ten_row_tables_of_the_snds_load_without_a_refusal(tmp_path: Path) -> None:
    loaded = load_delivery(
        deliver_with_years(tmp_path / "delivery"),
        lake=Lake(tmp_path / "lake"),
        dataset="snds",
        model="snds",
        now=datetime(2026, 1, 4, 8, tzinfo=UTC),
    )

    assert (len(loaded.tables), loaded.rows_loaded, loaded.rows_quarantined) == (191, 1910, 0)
    assert {table.rows for table in loaded.snapshot.tables.values()} == {10}
    assert loaded.warnings == ()
