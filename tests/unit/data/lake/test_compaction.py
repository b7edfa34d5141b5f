from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecluse.data.engines import connect
from ecluse.data.lake import Draft, Lake, Snapshot, read, verify
from ecluse.data.lake.compaction import compact
from ecluse.data.lake.manifests import NAMES, PERSONS
from ecluse.data.lake.rewriting import checksum
from ecluse.data.schemas import model
from ecluse.domain.errors import LoadFailed, NotFound
from tests.unit.data.lake.worlds import MORNING, publish, rows
from tests.unit.data.lakes import seal

LATER = MORNING + timedelta(days=1)
JUNE, JULY = "2022-06", "2022-07"
CLAIMS = ("person_key", "event_date", "PRS_NAT_REF", "PRS_PDS_QCP")


def claims(*lines: tuple[int | None, int, int], column: str = "PRS_NAT_REF") -> pa.Table:
    """Rows of (person, day of June 2022, value of `column`)."""
    return pa.table(
        {
            "person_key": pa.array([line[0] for line in lines], pa.int32()),
            "event_date": pa.array([date(2022, 6, line[1]) for line in lines]),
            column: pa.array([line[2] for line in lines], pa.int32()),
        }
    )


def load(folder: Path, parts: list[tuple[str, pa.Table]]) -> Snapshot:
    lake = Lake(folder)
    with lake.staging("claims") as staging:
        quarantine = staging.writing("quarantine.csv")
        quarantine.write_text("file,line,column,reason\nER_PRS_F.csv,2,PRS_NAT_REF,not-a-number\n")
        draft = Draft(
            model=model("snds"),
            tables={
                "ER_PRS_F": [seal(staging, rows, "ER_PRS_F", slice_name=s) for s, rows in parts]
            },
            persons=[seal(staging, pa.table({"person_key": [1, 2, 3]}), PERSONS)],
            names=[seal(staging, pa.table({"person_key": [1, 2, 3]}), NAMES)],
            quarantine=quarantine,
            report={},
        )
        return lake.publish(staging, draft, now=MORNING)


CROWDED = [
    (JUNE, claims((2, 9, 20), (3, 1, 30), (None, 5, 99))),
    (JUNE, claims((1, 4, 10), (2, 3, 21))),
    (JULY, claims((1, 8, 11))),
]


def test_the_parts_of_a_slice_become_one_sorted_by_person_then_date(tmp_path: Path) -> None:
    load(tmp_path, CROWDED)

    snapshot = compact(Lake(tmp_path), "claims", now=LATER).snapshot

    june, july = snapshot.table("ER_PRS_F").parts
    written = pq.read_table(snapshot.folder / june.file).to_pylist()
    assert [(row["person_key"], row["PRS_NAT_REF"]) for row in written] == [
        (1, 10),
        (2, 21),
        (2, 20),
        (3, 30),
        (None, 99),
    ]
    assert (june.slice, july.slice) == (JUNE, JULY)


def test_the_former_snapshot_keeps_its_parts(tmp_path: Path) -> None:
    before = load(tmp_path, CROWDED)

    after = compact(Lake(tmp_path), "claims", now=LATER).snapshot

    assert verify(before).files == 3 + 5
    assert verify(after).files == 3 + 4
    assert (after.former, after.act) == (before.snapshot_id, "compaction")
    assert after.quarantine_path.read_bytes() == before.quarantine_path.read_bytes()


def test_a_slice_that_is_one_part_is_left_alone(tmp_path: Path) -> None:
    before = load(tmp_path, CROWDED)
    (july,) = (part for part in before.table("ER_PRS_F").parts if part.slice == JULY)

    compaction = compact(Lake(tmp_path), "claims", now=LATER)

    assert july in compaction.snapshot.table("ER_PRS_F").parts
    assert [(s.slice, s.parts_before, s.parts_after, s.rows) for s in compaction.slices] == [
        (JUNE, 2, 1, 5)
    ]


def test_a_dataset_that_is_compact_gets_no_new_snapshot(tmp_path: Path) -> None:
    before = load(tmp_path, CROWDED[2:])

    compaction = compact(Lake(tmp_path), "claims", now=LATER)

    assert compaction.snapshot == before
    assert compaction.slices == ()
    assert Lake(tmp_path).snapshots("claims") == (before.snapshot_id,)


def test_a_person_never_lies_in_two_parts(tmp_path: Path) -> None:
    small = [(JUNE, claims((person, day, day))) for person in (3, 1, 2) for day in (1, 2)]
    load(tmp_path, small)

    snapshot = compact(Lake(tmp_path), "claims", now=LATER, rows_a_part=3).snapshot

    ranges = [(part.first_key, part.last_key, part.rows) for part in snapshot.every_part()[2:]]
    assert ranges == [(1, 1, 2), (2, 3, 4)]


def test_columns_that_only_some_parts_have_are_kept(tmp_path: Path) -> None:
    load(tmp_path, [(JUNE, claims((1, 4, 10))), (JUNE, claims((1, 5, 7), column="PRS_PDS_QCP"))])

    snapshot = compact(Lake(tmp_path), "claims", now=LATER).snapshot

    assert snapshot.table("ER_PRS_F").columns == (
        "person_key",
        "event_date",
        "PRS_NAT_REF",
        "PRS_PDS_QCP",
    )
    assert rows(snapshot, "ER_PRS_F", "PRS_NAT_REF, PRS_PDS_QCP") == [(10, None), (None, 7)]


def test_rows_that_are_twice_in_two_parts_stay_twice(tmp_path: Path) -> None:
    load(tmp_path, [(JUNE, claims((1, 4, 10))), (JUNE, claims((1, 4, 10)))])

    snapshot = compact(Lake(tmp_path), "claims", now=LATER).snapshot

    assert rows(snapshot, "ER_PRS_F", "PRS_NAT_REF") == [(10,), (10,)]


def test_every_table_has_the_same_checksum_before_and_after(tmp_path: Path) -> None:
    before = load(tmp_path, CROWDED)

    after = compact(Lake(tmp_path), "claims", now=LATER).snapshot

    with connect(readable=[before.folder]) as connection:
        one, two = (read(connection, snapshot, "ER_PRS_F") for snapshot in (before, after))
        assert checksum(one, one.columns) == checksum(two, one.columns)
        assert checksum(one, one.columns).rows == 6


@pytest.mark.parametrize(
    "other",
    [
        claims((1, 4, 10), (2, 3, 22)),
        claims((1, 4, 10)),
        claims((1, 4, 10), (2, 3, 21), (2, 3, 21)),
        claims((1, 4, 21), (2, 3, 10)),
    ],
)
def test_rows_that_differ_have_another_checksum(tmp_path: Path, other: pa.Table) -> None:
    with connect(readable=[tmp_path]) as connection:
        columns = ("person_key", "event_date", "PRS_NAT_REF")
        rows = connection.from_arrow(claims((1, 4, 10), (2, 3, 21)))

        assert checksum(rows, columns) != checksum(connection.from_arrow(other), columns)


def test_a_compaction_waits_for_the_load_under_way(tmp_path: Path) -> None:
    load(tmp_path, CROWDED)

    with Lake(tmp_path).staging("claims"), pytest.raises(LoadFailed):
        compact(Lake(tmp_path), "claims", now=LATER)


def test_compacting_a_dataset_that_does_not_exist_makes_no_folder(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        compact(Lake(tmp_path), "claims", now=LATER)

    assert list(tmp_path.iterdir()) == []


def test_a_dataset_as_it_was_loaded_is_already_compact(tmp_path: Path) -> None:
    published = publish(tmp_path)

    assert compact(Lake(tmp_path), "claims", now=LATER).snapshot == published
