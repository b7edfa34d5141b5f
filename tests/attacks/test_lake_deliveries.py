"""Deliveries made to harm: whose row is whose must come from the rows, and from nothing else."""

import gzip
import os
import zipfile
from pathlib import Path

import pytest

from ecluse.data.deliveries.sources.archives import packed_files
from ecluse.data.lake import Lake
from ecluse.data.loading import load_delivery
from ecluse.domain.errors import LoadFailed
from tests.unit.data.loading.deliveries import ACTS, NOW, REGISTER, load, rows, write

OF_ANNA_AND_BRUNO = [(1, "ANNA"), (2, "BRUNO")]


def acts_with(column: str) -> str:
    """ACTS with one more column, `99` in each row."""
    header, *lines = ACTS.splitlines()
    return "\n".join([f"{header};{column}", *(f"{line};99" for line in lines)]) + "\n"


def load_from(tmp_path: Path, folder: str, acts: str = ACTS) -> list[tuple[object, ...]]:
    """Load acts delivered in a folder of that name; return whose they are."""
    source = write(tmp_path / "delivery", {"IR_BEN_R.csv": REGISTER})
    write(source / folder, {"ER_PRS_F.csv": acts})
    report = load_delivery(
        source, lake=Lake(tmp_path / "lake"), dataset="claims", model="snds", now=NOW
    )
    return rows(report.snapshot, "ER_PRS_F", "person_key", "BEN_NIR_PSA")


def test_the_name_of_a_folder_gives_no_value_to_a_column(tmp_path: Path) -> None:
    found = load_from(tmp_path, "BEN_NIR_PSA=ANNA")

    assert found == OF_ANNA_AND_BRUNO


def test_the_name_of_the_lake_gives_no_value_to_a_column(tmp_path: Path) -> None:
    source = write(tmp_path / "delivery", {"IR_BEN_R.csv": REGISTER, "ER_PRS_F.csv": ACTS})
    lake = Lake(tmp_path / "person_key=1" / "centre=7")

    report = load_delivery(source, lake=lake, dataset="claims", model="snds", now=NOW)

    assert rows(report.snapshot, "ER_PRS_F", "person_key", "BEN_NIR_PSA") == OF_ANNA_AND_BRUNO
    assert "centre" not in report.snapshot.table("ER_PRS_F").columns


def test_a_folder_named_as_a_pattern_is_that_folder_alone(tmp_path: Path) -> None:
    # Read as a pattern, `a[12]` is `a1`: the same number of lines, and other rows.
    write(tmp_path / "delivery" / "a1", {"ER_PRS_F.txt.old": ACTS.replace("ANNA", "EVE")})
    (tmp_path / "delivery" / "a1" / "ER_PRS_F.csv").symlink_to("ER_PRS_F.txt.old")

    found = load_from(tmp_path, "a[12]")

    assert found == OF_ANNA_AND_BRUNO


@pytest.mark.parametrize(
    "name",
    ["person_key", "Person_Key", "event_date", "EVENT_KEY", "MISSING_DATES", "TABLE_YEAR",
     "filename", "file_row_number", "person_pseudonym"],
)  # fmt: skip
def test_a_delivered_column_cannot_pass_for_one_of_ours(tmp_path: Path, name: str) -> None:
    with pytest.raises(LoadFailed, match=f"{name} is the name of a column that a load makes"):
        load(tmp_path, {"IR_BEN_R.csv": REGISTER, "ER_PRS_F.csv": acts_with(name)})


@pytest.mark.parametrize("name", ['x""y', "'); --", "<script>", "rows", "persons", "rank", "day"])
def test_an_odd_column_is_kept_as_text_and_moves_nothing(tmp_path: Path, name: str) -> None:
    acts = acts_with(f'"{name}"')

    report = load(tmp_path, {"IR_BEN_R.csv": REGISTER, "ER_PRS_F.csv": acts})

    assert rows(report.snapshot, "ER_PRS_F", "person_key", "BEN_NIR_PSA") == OF_ANNA_AND_BRUNO
    assert name.replace('""', '"') in report.snapshot.table("ER_PRS_F").columns


@pytest.mark.parametrize("name", ["a\x1b[31m", "x" * 70_000, "a\u202eb", "x" * 129, ""])
def test_a_column_that_cannot_be_named_stops_the_load(tmp_path: Path, name: str) -> None:
    with pytest.raises(LoadFailed):
        load(tmp_path, {"IR_BEN_R.csv": REGISTER, "ER_PRS_F.csv": acts_with(name)})


@pytest.mark.parametrize(
    ("table", "text"),
    [
        # Two values are alike: the message on doubled columns would have told them.
        ("ER_PRS_F", "SECRET;SECRET;7;1\n"),
        ("IR_BEN_R", "SECRET;1;N-SECRET;N-SECRET\n"),
        # No column is a key there: the warnings on unknown columns would have told them.
        ("IR_PHA_R", "SECRET;1;2\nSECRET;3;4\n"),
    ],
)
def test_a_first_line_that_is_a_row_is_told_to_nobody(
    tmp_path: Path, table: str, text: str
) -> None:
    with pytest.raises(LoadFailed, match="names of columns") as caught:
        load(tmp_path, {"IR_BEN_R.csv": REGISTER, f"{table}.csv": text})

    assert "SECRET" not in str(caught.value)


def test_a_files_name_cannot_speak_to_a_terminal(tmp_path: Path) -> None:
    files = {"IR_BEN_R.csv": REGISTER, "ER_PRS_F.csv": ACTS, "note\x1b[2J\n.csv": "a;b\n"}

    report = load(tmp_path, files)

    assert report.warnings == (r"note\x1b[2J\x0a.csv: not a table of snds, not loaded",)


def test_a_name_that_is_no_text_does_not_stop_a_load(tmp_path: Path) -> None:
    source = write(tmp_path / "delivery", {"IR_BEN_R.csv": REGISTER, "ER_PRS_F.csv": ACTS})
    (source / os.fsdecode(b"note\xff.csv")).write_text("a;b\n")

    report = load_delivery(
        source, lake=Lake(tmp_path / "lake"), dataset="claims", model="snds", now=NOW
    )

    assert report.warnings == (r"note\xdcff.csv: not a table of snds, not loaded",)


def test_links_pipes_and_devices_are_not_read(tmp_path: Path) -> None:
    source = write(tmp_path / "delivery", {"IR_BEN_R.csv": REGISTER, "ER_PRS_F.csv": ACTS})
    write(tmp_path / "elsewhere", {"ER_CAM_F.csv": ACTS})
    (source / "ER_CAM_F.csv").symlink_to(tmp_path / "elsewhere" / "ER_CAM_F.csv")
    (source / "ER_TIP_F.csv").symlink_to("/dev/zero")
    (source / "more").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(source / "ER_UCD_F.csv")

    report = load_delivery(
        source, lake=Lake(tmp_path / "lake"), dataset="claims", model="snds", now=NOW
    )

    assert [table.table for table in report.tables] == ["IR_BEN_R", "ER_PRS_F"]
    assert [warning.partition(":")[0] for warning in report.warnings] == [
        "ER_CAM_F.csv",
        "ER_TIP_F.csv",
        "more",
    ]


def test_a_gzip_of_a_gzip_is_no_table(tmp_path: Path) -> None:
    source = write(tmp_path / "delivery", {"IR_BEN_R.csv": REGISTER})
    (source / "ER_PRS_F.csv.gz").write_bytes(gzip.compress(gzip.compress(ACTS.encode())))

    with pytest.raises(LoadFailed, match="does not name columns"):
        load(tmp_path, {})


@pytest.mark.parametrize("member", ["../ER_PRS_F.csv", "/ER_PRS_F.csv", "c:/ER_PRS_F.csv", "."])
def test_a_member_named_outside_of_its_archive_stops_the_load(tmp_path: Path, member: str) -> None:
    with zipfile.ZipFile(tmp_path / "acts.zip", "w") as archive:
        archive.writestr(member, ACTS)

    with pytest.raises(LoadFailed, match="named outside"):
        packed_files(tmp_path / "acts.zip", name="acts.zip")
