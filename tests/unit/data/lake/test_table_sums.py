"""Sums of tables: the same for the same rows, in any order and any files; else the gap is named."""

from datetime import date
from pathlib import Path

import pytest

from ecluse.data.engines import connect
from ecluse.data.lake import Snapshot
from ecluse.data.lake.table_sums import (
    Difference,
    Gap,
    TableSum,
    differences,
    snapshot_in,
    sum_table,
)
from ecluse.domain.errors import NotFound
from ecluse.trust.zone.lake_keys import draw_lake_key
from tests.unit.data.lake.worlds import ANNA, BRUNO, TABLES, act, publish
from tests.unit.data.lakes import Row

JUNE = date(2022, 6, 3)
ACTS: list[Row] = [act(ANNA, JUNE, "A"), act(BRUNO, date(2022, 6, 4), "B")]


def sums(snapshot: Snapshot) -> dict[str, TableSum]:
    with connect(readable=[snapshot.folder]) as connection:
        return {one.name: sum_table(connection, snapshot, one) for one in snapshot.every_table()}


def compared(folder: Path, acts: list[Row]) -> tuple[Difference, ...]:
    first = publish(folder / "one", {"ER_PRS_F": ACTS})
    second = publish(folder / "two", {"ER_PRS_F": acts})
    return differences(sums(first), sums(second))


def test_the_same_rows_in_other_files_under_another_key_agree(tmp_path: Path) -> None:
    plain = publish(tmp_path / "plain", TABLES)
    other = publish(tmp_path / "other", TABLES, key=draw_lake_key(), one_row_a_part=True)
    told = sums(other)

    assert differences(sums(plain), told) == ()
    assert (told["ER_PRS_F"].rows, told["ER_PRS_F"].columns["BEN_NIR_PSA"].values) == (6, 6)


def test_rows_in_another_order_agree(tmp_path: Path) -> None:
    assert compared(tmp_path, ACTS[::-1]) == ()


def test_a_row_given_twice_is_seen_in_the_rows_and_in_its_columns(tmp_path: Path) -> None:
    found = compared(tmp_path, [*ACTS, ACTS[0]])

    assert Difference("ER_PRS_F", "", Gap.ROWS) in found
    assert Difference("ER_PRS_F", "BEN_NIR_PSA", Gap.VALUES) in found


def test_one_value_changed_is_named_by_its_column(tmp_path: Path) -> None:
    changed = {**ACTS[0], "PRS_NAT_REF": 1}

    assert compared(tmp_path, [changed, ACTS[1]]) == (
        Difference("ER_PRS_F", "PRS_NAT_REF", Gap.VALUES),
    )


def test_values_that_went_to_other_persons_are_found_though_each_column_agrees(
    tmp_path: Path,
) -> None:
    crossed = [
        {**ACTS[0], "PRS_NAT_REF": ACTS[1]["PRS_NAT_REF"]},
        {**ACTS[1], "PRS_NAT_REF": ACTS[0]["PRS_NAT_REF"]},
    ]

    assert compared(tmp_path, crossed) == (Difference("ER_PRS_F", "", Gap.PAIRING),)


def test_a_table_and_a_column_of_one_copy_alone_are_named(tmp_path: Path) -> None:
    less = {name: value for name, value in ACTS[0].items() if name != "BEN_RNG_GEM"}
    first = publish(tmp_path / "one", {"ER_PRS_F": [ACTS[0]]})
    second = publish(tmp_path / "two", {"ER_PRS_F": [less], "IR_PHA_R": TABLES["IR_PHA_R"]})

    assert differences(sums(first), sums(second)) == (
        Difference("ER_PRS_F", "BEN_RNG_GEM", Gap.ABSENT),
        Difference("IR_PHA_R", "", Gap.ABSENT),
    )


def test_a_dataset_is_read_under_another_name_of_its_folder(tmp_path: Path) -> None:
    published = publish(tmp_path / "lake")
    brought = published.folder.rename(tmp_path / "brought")

    assert snapshot_in(brought).snapshot_id == published.snapshot_id


def test_a_folder_that_is_no_dataset_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no dataset of a lake"):
        snapshot_in(tmp_path)
