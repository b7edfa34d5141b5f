"""A Parquet file cut at the borders of its row groups holds the same rows."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecluse.data.loading.cutting import cut, footer_of, group_rows, spans
from ecluse.domain.errors import LoadFailed

ROWS = pa.table(
    {
        "number": pa.array(range(10), pa.int64()),
        "text": pa.array([f"t{n % 3}" for n in range(9)] + [None]),
        "amount": pa.array([n / 4 for n in range(10)]),
    }
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "whole.parquet"
    pq.write_table(ROWS, path, row_group_size=2, compression="zstd", write_page_index=True)
    return path


def test_the_row_groups_of_a_file_are_counted(file: Path) -> None:
    assert group_rows(footer_of(file)) == [2, 2, 2, 2, 2]


@pytest.mark.parametrize(
    ("groups", "first", "last"), [(range(5), 0, 10), (range(1, 3), 2, 6), (range(4, 5), 8, 10)]
)
def test_a_cut_file_holds_the_rows_of_its_row_groups(
    file: Path, tmp_path: Path, groups: range, first: int, last: int
) -> None:
    cut(file, footer_of(file), tmp_path / "cut.parquet", groups=groups)

    assert pq.read_table(tmp_path / "cut.parquet").equals(ROWS.slice(first, last - first))


def test_a_cut_file_keeps_the_statistics_of_its_columns(file: Path, tmp_path: Path) -> None:
    cut(file, footer_of(file), tmp_path / "cut.parquet", groups=range(3, 5))

    statistics = pq.read_metadata(tmp_path / "cut.parquet").row_group(1).column(1).statistics
    assert (statistics.min, statistics.max, statistics.null_count) == ("t2", "t2", 1)


def test_runs_of_row_groups_hold_at_most_the_rows_asked() -> None:
    assert spans([4, 4, 4, 9, 1], most=8) == [range(2), range(2, 3), range(3, 4), range(4, 5)]


def test_no_row_group_makes_no_run() -> None:
    assert spans([], most=8) == []


def test_a_file_cut_short_is_refused(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-3])

    with pytest.raises(LoadFailed, match=r"whole\.parquet"):
        footer_of(file)
