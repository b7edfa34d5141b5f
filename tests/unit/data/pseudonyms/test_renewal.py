"""A project's files under new pseudonyms."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecluse.data.pseudonyms import Label, renewal
from ecluse.domain.errors import InvalidInput, NotAllowed, NotFound
from tests.unit.data.pseudonyms.projects import (
    KNOWN,
    NEW,
    OLD,
    VERSIONS,
    blocks,
    doctor,
    person,
    renew_project,
    rows,
    write_project,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_project(tmp_path / "projects" / "FR-2026-0001")


def test_every_pseudonym_becomes_the_one_that_a_new_extraction_would_give(folder: Path) -> None:
    renew_project(folder)

    assert rows(folder / "ER_PRS_F.parquet") == sorted(
        [
            (person("BORIS", NEW), doctor("GP-2", NEW), 10),
            (person("ANNE", NEW), None, 20),
            (person("ANNE", NEW), doctor("GP-1", NEW), 30),
            (None, doctor("GP-1", NEW), 40),
        ],
        key=str,
    )


def test_rows_lose_the_order_of_the_old_pseudonyms(folder: Path) -> None:
    renew_project(folder)

    persons = pq.read_table(folder / "ER_PRS_F.parquet").column("person_pseudonym").to_pylist()
    assert persons == [*sorted(filter(None, persons)), None]


def test_what_is_no_pseudonym_stays_as_it_was(folder: Path) -> None:
    before = pq.read_schema(folder / "ER_PRS_F.parquet")

    renew_project(folder)

    assert pq.read_schema(folder / "ER_PRS_F.parquet").equals(before)
    assert rows(folder / "codes.parquet") == [("A10",), ("B01",)]
    assert (folder / "README.md").read_text() == "The digest of the order is " + "ab" * 32 + "\n"


def test_the_report_counts_pseudonyms_and_gives_the_digest_of_every_file(folder: Path) -> None:
    report = renew_project(folder)

    assert {label.value: count for label, count in report.pseudonyms.items()} == {
        "person": 2,
        "professional": 2,
    }
    assert sorted(report.files) == ["ER_PRS_F.parquet", "README.md", "codes.parquet"]
    assert "ANNE" not in repr(report)


def test_nothing_is_left_beside_the_folder_and_modes_stay(folder: Path) -> None:
    (folder / "ER_PRS_F.parquet").chmod(0o444)
    folder.chmod(0o555)

    renew_project(folder)

    assert list(folder.parent.iterdir()) == [folder]
    assert folder.stat().st_mode & 0o777 == 0o555
    assert (folder / "ER_PRS_F.parquet").stat().st_mode & 0o777 == 0o444


def test_folders_within_the_project_are_renewed_too(folder: Path) -> None:
    (folder / "order-2").mkdir()
    pq.write_table(
        pa.table({"person_pseudonym": [person("CHLOE")]}), folder / "order-2" / "made.parquet"
    )

    renew_project(folder)

    assert rows(folder / "order-2" / "made.parquet") == [(person("CHLOE", NEW),)]


def test_columns_kept_as_codes_stay_so(folder: Path) -> None:
    """An extraction writes pseudonyms, and may write others, as codes into those that differ."""
    coded = pa.table(
        {
            "person_pseudonym": pa.array([person("CHLOE"), person("ANNE")]).dictionary_encode(),
            "sector": pa.array(["A", "B"]).dictionary_encode(),
        }
    )
    pq.write_table(coded, folder / "coded.parquet")

    renew_project(folder)

    assert pq.read_schema(folder / "coded.parquet").equals(coded.schema)
    assert rows(folder / "coded.parquet") == sorted(
        [(person("CHLOE", NEW), "A"), (person("ANNE", NEW), "B")]
    )


def test_a_renewal_that_is_done_is_not_done_again(folder: Path) -> None:
    first = renew_project(folder)

    again = renew_project(folder)

    assert again.files == first.files
    assert again.resumed == 2


@pytest.mark.parametrize(
    "column",
    [
        pa.array([person("ANNE")]),
        pa.array(["patient " + person("ANNE").upper() + " of Paris"]),
        pa.array([person("ANNE")[:20]]),
        pa.array([[person("ANNE")]]),
        pa.array([{"who": person("ANNE")}]),
        pa.array([bytes.fromhex(person("ANNE"))]),
        pa.array([person("ANNE")]).dictionary_encode(),
    ],
    ids=["renamed", "joined", "shortened", "listed", "nested", "as bytes", "as a dictionary"],
)
def test_a_pseudonym_in_a_column_that_is_not_known_stops_everything(
    folder: Path, column: pa.Array
) -> None:
    pq.write_table(pa.table({"patient": column}), folder / "mine.parquet")

    with pytest.raises(InvalidInput, match=r"mine\.parquet.*patient"):
        renew_project(folder)

    assert person("ANNE", OLD) in str(rows(folder / "ER_PRS_F.parquet"))


def test_a_pseudonym_as_the_name_of_a_column_stops_everything(folder: Path) -> None:
    pq.write_table(pa.table({person("ANNE"): [1]}), folder / "mine.parquet")

    with pytest.raises(InvalidInput, match="column named after a pseudonym"):
        renew_project(folder)


@pytest.mark.parametrize("quoted", [person("ANNE"), person("ANNE").upper(), person("ANNE")[:16]])
def test_a_pseudonym_quoted_in_a_text_stops_everything(folder: Path, quoted: str) -> None:
    (folder / "notes.txt").write_text(f"to look at: x{quoted}y")

    with pytest.raises(InvalidInput, match=r"notes\.txt quotes a pseudonym"):
        renew_project(folder)


def test_a_file_that_cannot_be_looked_into_stops_everything(folder: Path) -> None:
    (folder / "model.pkl").write_bytes(b"anything")

    with pytest.raises(InvalidInput, match=r"model\.pkl"):
        renew_project(folder)


def test_a_link_out_of_the_folder_stops_everything(folder: Path, tmp_path: Path) -> None:
    (folder / "elsewhere").symlink_to(tmp_path)

    with pytest.raises(InvalidInput, match="elsewhere is a link"):
        renew_project(folder)


@pytest.mark.parametrize("stranger", ["0" * 64, "ANNE", f"{person('ANNE')}-1"])
def test_a_value_that_is_no_pseudonym_of_the_project_stops_everything(
    folder: Path, stranger: str
) -> None:
    pq.write_table(pa.table({"person_pseudonym": [stranger]}), folder / "mine.parquet")

    with pytest.raises(InvalidInput, match="1 values of identifier columns") as raised:
        renew_project(folder)

    assert stranger not in str(raised.value)


def test_a_broken_file_stops_everything(folder: Path) -> None:
    (folder / "mine.parquet").write_bytes(b"PAR1 nothing")

    with pytest.raises(InvalidInput, match="cannot be read as Parquet"):
        renew_project(folder)


def test_pseudonyms_that_do_not_fit_in_memory_are_said_so_and_never_spilled(folder: Path) -> None:
    many = OLD.of(Label.PERSON, pa.array([str(number) for number in range(300_000)]))
    pq.write_table(pa.table({"person_pseudonym": many}), folder / "many.parquet")

    with pytest.raises(InvalidInput, match="do not fit in memory"):
        renewal.renew(folder, VERSIONS, known=KNOWN, values=blocks(), memory_limit="20MiB")

    assert list(folder.parent.iterdir()) == [folder]


def test_two_renewals_at_once_are_refused(folder: Path) -> None:
    with renewal._only_writer(folder), pytest.raises(NotAllowed, match="under way"):
        renew_project(folder)


def test_a_project_without_files_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="FR-9"):
        renewal.renew(tmp_path / "FR-9", VERSIONS, known=KNOWN, values=blocks())


def test_a_renewal_for_another_version_does_not_take_up_what_was_left(folder: Path) -> None:
    staging = folder.with_name(".renewing-FR-2026-0001")
    staging.mkdir()
    stale = pq.read_table(folder / "codes.parquet").replace_schema_metadata(
        {"ecluse.renewed_from": "sha256:00", "ecluse.pseudonym_keys": "other keys"}
    )
    pq.write_table(stale.slice(0, 0), staging / "codes.parquet")
    (staging / "removed-since.parquet").write_bytes(b"old")

    report = renew_project(folder)

    assert report.resumed == 0
    assert rows(folder / "codes.parquet") == [("A10",), ("B01",)]
    assert not (folder / "removed-since.parquet").exists()
