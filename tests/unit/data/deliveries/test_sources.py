"""Archives, Parquet and SAS: the same rows as the plain file, or a refusal that says why."""

import gzip
import shutil
import zipfile
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecluse.data.deliveries.finding import find
from ecluse.data.deliveries.opened import OpenedRows
from ecluse.data.deliveries.quarantine import Quarantine
from ecluse.data.deliveries.reading import open_rows
from ecluse.data.engines import connect
from ecluse.data.schemas import model
from ecluse.domain.errors import LoadFailed
from tests.unit.data.deliveries.readings import ILLNESSES, SNDS, read, read_delivery

TEXT = ILLNESSES + "ANNA;1;E11;05/01/2021;8\nBRUNO;1;I50;31/02/2021;5\n"
SAS_FILE = Path(__file__).with_name("ir_imb_r.sas7bdat")
OMOP = model("omop")


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    folder = tmp_path / "delivery"
    folder.mkdir()
    return folder


def test_a_gzip_is_read_like_the_file_it_holds(delivery: Path, tmp_path: Path) -> None:
    (delivery / "IR_IMB_R.csv.gz").write_bytes(gzip.compress(TEXT.encode()))

    reading = read_delivery(delivery, tmp_path / "scratch")["IR_IMB_R.csv.gz"]

    assert reading.column("BEN_NIR_PSA") == ["ANNA"]
    assert reading.refused == ["3,IMB_ALD_DTD,bad-date"]


def test_every_member_of_a_zip_that_is_a_table_is_read(delivery: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(delivery / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("claims/IR_IMB_R.csv", TEXT)
        archive.writestr("T_MCO21B.csv", "ETA_NUM;RSA_NUM;DGN_PAL\n990000001;7;E119\n")
        archive.writestr("readme.pdf", "hello")

    readings = read_delivery(delivery, tmp_path / "scratch")

    assert {name: len(reading.rows) for name, reading in readings.items()} == {
        "all.zip/T_MCO21B.csv": 1,
        "all.zip/claims/IR_IMB_R.csv": 1,
    }
    assert find(delivery, model=SNDS).warnings == (
        "all.zip/readme.pdf: not a CSV, Parquet or SAS file, not read",
    )


def test_what_was_unpacked_is_not_left_behind(delivery: Path, tmp_path: Path) -> None:
    (delivery / "IR_IMB_R.csv.gz").write_bytes(gzip.compress(TEXT.encode()))

    read_delivery(delivery, tmp_path / "scratch")

    assert [path.name for path in (tmp_path / "scratch").iterdir()] == ["quarantine.csv"]


def test_a_gzip_cut_short_is_refused(delivery: Path, tmp_path: Path) -> None:
    (delivery / "IR_IMB_R.csv.gz").write_bytes(gzip.compress(TEXT.encode() * 1000)[:-100])

    with pytest.raises(LoadFailed, match=r"IR_IMB_R\.csv\.gz: the archive is damaged"):
        read_delivery(delivery, tmp_path / "scratch")


def test_a_zip_whose_member_was_altered_is_refused(delivery: Path, tmp_path: Path) -> None:
    path = delivery / "all.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("IR_IMB_R.csv", TEXT)
    path.write_bytes(path.read_bytes().replace(b"BRUNO", b"BRUNA"))

    with pytest.raises(LoadFailed, match="the archive is damaged"):
        read_delivery(delivery, tmp_path / "scratch")


def test_a_file_that_is_no_zip_is_refused(delivery: Path) -> None:
    (delivery / "all.zip").write_bytes(b"PK\x03\x04 not really")

    with pytest.raises(LoadFailed, match=r"all\.zip: not a complete zip"):
        find(delivery, model=SNDS)


@pytest.mark.parametrize("name", ["../IR_IMB_R.csv", "/etc/IR_IMB_R.csv", "C:\\IR_IMB_R.csv"])
def test_a_member_named_outside_of_its_archive_is_refused(delivery: Path, name: str) -> None:
    with zipfile.ZipFile(delivery / "all.zip", "w") as archive:
        archive.writestr(name, TEXT)

    with pytest.raises(LoadFailed, match="named outside of the archive"):
        find(delivery, model=SNDS)


def test_an_archive_made_to_fill_a_disk_is_refused_before_it_does(
    delivery: Path, tmp_path: Path
) -> None:
    with gzip.open(delivery / "IR_IMB_R.csv.gz", "wb", compresslevel=9) as file:
        file.write(ILLNESSES.encode())
        for _ in range(300):
            file.write(b"ANNA;1;E11;05/01/2021;8\n" * 43_690)  # 1 MiB, 300 times

    with pytest.raises(LoadFailed, match="unpacks to over 200 times its size"):
        read_delivery(delivery, tmp_path / "scratch")

    assert [path.name for path in (tmp_path / "scratch").iterdir()] == ["quarantine.csv"]


def test_parquet_codes_turned_into_numbers_are_codes_again(delivery: Path, tmp_path: Path) -> None:
    pq.write_table(
        pa.table(
            {
                "condition_occurrence_id": [1, 2],
                "person_id": [20.0, 99.0],
                "condition_source_value": [180256009.0, None],
                "condition_start_date": [date(2020, 5, 1), date(2020, 5, 2)],
            }
        ),
        delivery / "condition_occurrence.parquet",
    )

    readings = read_delivery(delivery, tmp_path / "scratch", model=OMOP)

    (reading,) = readings.values()
    assert reading.column("person_id") == [20, 99]
    assert reading.column("condition_source_value") == ["180256009", None]


def test_a_row_of_a_parquet_file_is_quarantined_by_its_rank(delivery: Path, tmp_path: Path) -> None:
    pq.write_table(
        pa.table({"person_id": [1.0, 2.5, 3.0], "gender_concept_id": [8507, 8532, 8507]}),
        delivery / "person.parquet",
    )

    (reading,) = read_delivery(delivery, tmp_path / "scratch", model=OMOP).values()

    assert reading.column("person_id") == [1, 3]
    assert reading.refused == ["2,person_id,bad-number"]
    assert reading.counts.rows_read == 3


def test_a_parquet_file_cut_short_is_refused_by_its_name(delivery: Path) -> None:
    path = delivery / "person.parquet"
    pq.write_table(pa.table({"person_id": list(range(1000))}), path)
    path.write_bytes(path.read_bytes()[:-20])

    with pytest.raises(LoadFailed, match=r"person\.parquet: not a complete Parquet file"):
        find(delivery, model=OMOP)


def test_a_parquet_file_damaged_inside_is_refused_without_its_values(
    delivery: Path, tmp_path: Path
) -> None:
    path = delivery / "person.parquet"
    pq.write_table(
        pa.table({"person_id": range(1000), "person_source_value": ["SECRET"] * 1000}),
        path,
        compression="zstd",
    )
    data = bytearray(path.read_bytes())
    data[40:140] = b"\xff" * 100
    path.write_bytes(data)

    with pytest.raises(LoadFailed, match=r"person\.parquet") as raised:
        read_delivery(delivery, tmp_path / "scratch", model=OMOP)

    assert "SECRET" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_a_parquet_file_inside_a_zip_is_read(delivery: Path, tmp_path: Path) -> None:
    pq.write_table(pa.table({"person_id": [1, 2]}), tmp_path / "person.parquet")
    with zipfile.ZipFile(delivery / "all.zip", "w") as archive:
        archive.write(tmp_path / "person.parquet", "person.parquet")

    (reading,) = read_delivery(delivery, tmp_path / "scratch", model=OMOP).values()

    assert reading.column("person_id") == [1, 2]


def test_a_sas_file_gives_its_dates_codes_and_missing_values(
    delivery: Path, tmp_path: Path
) -> None:
    shutil.copy(SAS_FILE, delivery / "ir_imb_r.sas7bdat")

    (reading,) = read_delivery(delivery, tmp_path / "scratch").values()

    assert reading.column("BEN_NIR_PSA") == [f"P00000000000000{rank}" for rank in (1, 2, 3)]
    assert reading.column("IMB_ALD_DTD") == [date(2021, 1, 5), None, None]
    assert reading.column("MISSING_DATES") == [None, "IMB_ALD_DTD", None]
    assert reading.column("IMB_ALD_NUM") == [8, None, 30]
    assert reading.column("MED_MTF_COD") == ["E11", None, "C50"]
    assert reading.column("INS_DTE") == [date(2021, 2, 1), None, date(1959, 12, 31)]
    assert reading.column("NOTE") == ["épilepsie", "naïve", "œdème"]
    assert (reading.counts.rows_read, reading.refused) == (3, [])


def test_a_sas_file_inside_a_zip_is_read(delivery: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(delivery / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(SAS_FILE, "ir_imb_r.sas7bdat")

    (reading,) = read_delivery(delivery, tmp_path / "scratch").values()

    assert reading.counts.rows_read == 3


@pytest.mark.parametrize("kept", [100, 9_000, 16_000])
def test_a_sas_file_cut_short_is_refused(delivery: Path, tmp_path: Path, kept: int) -> None:
    (delivery / "ir_imb_r.sas7bdat").write_bytes(SAS_FILE.read_bytes()[:kept])

    with pytest.raises(LoadFailed, match=r"ir_imb_r\.sas7bdat"):
        read_delivery(delivery, tmp_path / "scratch")


def test_a_file_that_goes_during_a_load_is_an_error_of_the_load(
    delivery: Path, tmp_path: Path
) -> None:
    (delivery / "IR_IMB_R.csv").write_text(TEXT)
    file = find(delivery, model=SNDS).files[0]
    quarantine = Quarantine(tmp_path / "quarantine.csv")
    with connect(readable=[delivery], writable=[tmp_path]) as connection:
        opening = open_rows(connection, file, scratch=tmp_path, quarantine=quarantine)

        with pytest.raises(LoadFailed, match=r"IR_IMB_R\.csv: IR_IMB_R cannot be read"):
            scan_without_file(connection, opening, delivery / "IR_IMB_R.csv")


def scan_without_file(
    connection: duckdb.DuckDBPyConnection,
    opening: AbstractContextManager[OpenedRows],
    path: Path,
) -> None:
    with opening as opened:
        path.unlink()
        connection.sql(opened.query).fetchall()


def test_a_gzip_reads_the_same_as_its_text(tmp_path: Path) -> None:
    reading = read(tmp_path, "IR_IMB_R.csv.gz", gzip.compress(TEXT.encode()))

    assert reading.column("IMB_ALD_NUM") == [8]
