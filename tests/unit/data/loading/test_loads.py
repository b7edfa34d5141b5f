from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecluse.data.lake import Lake, verify
from ecluse.data.loading import load_delivery
from ecluse.domain.errors import InvalidInput, LoadFailed, NotFound
from tests.unit.data.loading.deliveries import (
    ACTS,
    NINE_KEYS,
    NOW,
    PACKS,
    REGISTER,
    load,
    persons,
    rows,
    write,
)

ILLNESSES = "BEN_NIR_PSA;BEN_RNG_GEM;MED_MTF_COD;IMB_ALD_DTD;IMB_ALD_NUM\n"


def test_rows_are_sorted_by_person_then_date(tmp_path: Path) -> None:
    report = load(tmp_path, {"IR_BEN_R.csv": REGISTER, "ER_PRS_F.csv": ACTS})

    assert rows(report.snapshot, "ER_PRS_F", "person_key", "event_date", "DCT_ORD_NUM") == [
        (1, date(2023, 1, 6), 101),
        (2, date(2023, 1, 5), 100),
    ]


def test_a_decimal_comma_and_a_decimal_point_are_the_same_amount(tmp_path: Path) -> None:
    report = load(tmp_path, {"IR_BEN_R.csv": REGISTER, "ER_PRS_F.csv": ACTS})

    assert rows(report.snapshot, "ER_PRS_F", "PRS_PAI_MNT") == [(3.20,), (12.50,)]


def test_children_take_person_and_date_from_their_claim(tmp_path: Path) -> None:
    report = load(tmp_path, {"IR_BEN_R.csv": REGISTER, "ER_PRS_F.csv": ACTS, "ER_PHA_F.csv": PACKS})

    assert rows(report.snapshot, "ER_PHA_F", "person_key", "event_date", "PHA_ACT_QSN") == [
        (2, date(2023, 1, 5), 2)
    ]


def test_a_child_without_its_claim_is_loaded_and_belongs_to_nobody(tmp_path: Path) -> None:
    orphan = PACKS.replace("FUND", "OTHER")

    report = load(
        tmp_path, {"IR_BEN_R.csv": REGISTER, "ER_PRS_F.csv": ACTS, "ER_PHA_F.csv": orphan}
    )

    assert rows(report.snapshot, "ER_PHA_F", "person_key", "event_date") == [(None, None)]
    packs = next(table for table in report.tables if table.table == "ER_PHA_F")
    assert (packs.rows_loaded, packs.rows_without_person) == (1, 1)


def test_a_claim_key_shared_by_two_persons_gives_its_children_to_nobody(tmp_path: Path) -> None:
    same_key = ACTS.replace(";101;1;1;ANNA", ";100;1;1;ANNA")

    report = load(
        tmp_path, {"IR_BEN_R.csv": REGISTER, "ER_PRS_F.csv": same_key, "ER_PHA_F.csv": PACKS}
    )

    assert rows(report.snapshot, "ER_PHA_F", "person_key") == [(None,)]


def test_yearly_claims_and_yearly_stays_become_one_table_each(tmp_path: Path) -> None:
    header, first, second = ACTS.splitlines()
    stays = "NIR_ANO_17;ETA_NUM;RSA_NUM;EXE_SOI_DTD\nANNA;990000001;7;{}\n"
    report = load(
        tmp_path,
        {
            "IR_BEN_R.csv": REGISTER,
            "ER_PRS_F_2022.csv": f"{header}\n{first}\n",
            "ER_PRS_F_2023.csv": f"{header}\n{second}\n",
            "T_MCO21C.csv": stays.format("05/03/2021"),
            "T_MCO22C.csv": stays.format("05/03/2022"),
        },
    )

    assert report.snapshot.tables["ER_PRS_F"].rows == 2
    assert rows(report.snapshot, "T_MCOaaC", "TABLE_YEAR", "event_date") == [
        (2021, date(2021, 3, 5)),
        (2022, date(2022, 3, 5)),
    ]


def test_a_stay_takes_person_and_date_from_the_same_year_only(tmp_path: Path) -> None:
    persons_of_stays = "NIR_ANO_17;ETA_NUM;RSA_NUM;EXE_SOI_DTD\n{};990000001;7;{}\n"
    stay = "ETA_NUM;RSA_NUM;DGN_PAL\n990000001;7;{}\n"

    report = load(
        tmp_path,
        {
            "IR_BEN_R.csv": REGISTER,
            "T_MCO21C.csv": persons_of_stays.format("ANNA", "05/03/2021"),
            "T_MCO22C.csv": persons_of_stays.format("BRUNO", "05/03/2022"),
            "T_MCO21B.csv": stay.format("E119"),
            "T_MCO22B.csv": stay.format("I500"),
        },
    )

    assert rows(report.snapshot, "T_MCOaaB", "person_key", "DGN_PAL", "event_date") == [
        (1, "E119", date(2021, 3, 5)),
        (2, "I500", date(2022, 3, 5)),
    ]


def test_a_column_that_one_year_lacks_is_empty_that_year(tmp_path: Path) -> None:
    report = load(
        tmp_path,
        {
            "IR_BEN_R.csv": REGISTER,
            "T_MCO21C.csv": "NIR_ANO_17;ETA_NUM;RSA_NUM\nANNA;990000001;1\n",
            "T_MCO22C.csv": "NIR_ANO_17;ETA_NUM;RSA_NUM;SEX_RET\nANNA;990000001;1;0\n",
        },
    )

    assert sorted(rows(report.snapshot, "T_MCOaaC", "TABLE_YEAR", "SEX_RET")) == [
        (2021, None),
        (2022, "0"),
    ]


def test_an_unknown_column_is_kept_as_text_with_a_warning(tmp_path: Path) -> None:
    register = REGISTER.replace("BEN_IDT_ANO\n", "BEN_IDT_ANO;NEW_2027\n").replace(
        "N-ANNA\n", "N-ANNA;042\n"
    )

    report = load(tmp_path, {"IR_BEN_R.csv": register.replace("N-BRUNO\n", "N-BRUNO;7\n")})

    assert sorted(rows(report.snapshot, "IR_BEN_R", "NEW_2027")) == [("042",), ("7",)]
    assert report.warnings == (
        "IR_BEN_R.csv: column NEW_2027 is not in the schema of IR_BEN_R, kept as text",
    )


def test_an_unknown_file_is_left_out_with_a_warning(tmp_path: Path) -> None:
    report = load(tmp_path, {"IR_BEN_R.csv": REGISTER, "MY_NOTES.csv": "A;B\n1;2\n"})

    assert report.warnings == ("MY_NOTES.csv: not a table of snds, not loaded",)


def test_a_missing_key_column_stops_the_load_and_is_named(tmp_path: Path) -> None:
    acts = ACTS.replace("DCT_ORD_NUM;", "SOMETHING;")

    with pytest.raises(LoadFailed, match=r"ER_PRS_F\.csv: ER_PRS_F .* DCT_ORD_NUM"):
        load(tmp_path, {"IR_BEN_R.csv": REGISTER, "ER_PRS_F.csv": acts})


def test_the_same_column_under_two_names_is_refused(tmp_path: Path) -> None:
    register = "BEN_NIR_PSA;NUM_ENQ;BEN_RNG_GEM\nANNA;ANNA;1\n"

    with pytest.raises(LoadFailed, match="twice the column BEN_NIR_PSA"):
        load(tmp_path, {"IR_BEN_R.csv": register})


@pytest.mark.parametrize("header", ["", "no separator here", "\udcff\udcfe;BEN_NIR_PSA"])
def test_a_file_without_a_usable_header_is_refused(tmp_path: Path, header: str) -> None:
    with pytest.raises(LoadFailed, match=r"IR_BEN_R\.csv"):
        load(tmp_path, {"IR_BEN_R.csv": f"{header}\n1;2\n"})


def test_a_folder_with_no_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LoadFailed, match="No file"):
        load(tmp_path, {"readme.txt": "hello"})


def test_a_source_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="absent"):
        load_delivery(
            tmp_path / "absent", lake=Lake(tmp_path), dataset="claims", model="snds", now=NOW
        )


def test_an_unknown_model_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    source = write(tmp_path / "delivery", {"IR_BEN_R.csv": REGISTER})

    with pytest.raises(NotFound, match="fhir"):
        load_delivery(source, lake=Lake(tmp_path / "lake"), dataset="c", model="fhir", now=NOW)

    assert not (tmp_path / "lake").exists()


def test_a_symbolic_link_in_a_delivery_is_not_followed(tmp_path: Path) -> None:
    source = write(tmp_path / "delivery", {"IR_BEN_R.csv": REGISTER})
    outside = write(tmp_path / "outside", {"ER_PRS_F.csv": ACTS})
    (source / "ER_PRS_F.csv").symlink_to(outside / "ER_PRS_F.csv")

    report = load_delivery(
        source, lake=Lake(tmp_path / "lake"), dataset="claims", model="snds", now=NOW
    )

    assert list(report.snapshot.tables) == ["IR_BEN_R"]
    assert report.warnings == ("ER_PRS_F.csv: symbolic link, not read",)


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(tmp_path: Path) -> None:
    report = load(tmp_path, {"IR_BEN_R.csv": "\ufeff" + REGISTER.replace("\n", "\r\n")})

    assert persons(report.snapshot) == [(1, "N-ANNA", "N-ANNA"), (2, "N-BRUNO", "N-BRUNO")]


def test_omop_parquet_files_load_with_their_persons(tmp_path: Path) -> None:
    source = tmp_path / "delivery"
    source.mkdir()
    pq.write_table(
        pa.table({"person_id": [20, 10], "person_source_value": ["s-20", None]}),
        source / "person.parquet",
    )
    pq.write_table(
        pa.table(
            {
                "condition_occurrence_id": [1, 2],
                "person_id": [20, 99],
                "condition_start_date": [date(2020, 5, 1), date(2020, 5, 2)],
            }
        ),
        source / "condition_occurrence.parquet",
    )

    report = load_delivery(
        source, lake=Lake(tmp_path / "lake"), dataset="hospital", model="omop", now=NOW
    )

    assert persons(report.snapshot) == [(1, "10", None), (2, "20", "s-20")]
    assert rows(report.snapshot, "condition_occurrence", "person_key", "event_date") == [
        (2, date(2020, 5, 1)),
        (None, date(2020, 5, 2)),
    ]


def test_a_published_load_verifies_and_reports_each_step(tmp_path: Path) -> None:
    source = write(tmp_path / "delivery", {"IR_BEN_R.csv": REGISTER, "ER_PRS_F.csv": ACTS})
    steps: list[tuple[str, int, int]] = []

    report = load_delivery(
        source,
        lake=Lake(tmp_path / "lake"),
        dataset="claims",
        model="snds",
        now=NOW,
        on_progress=lambda step, done, total: steps.append((step, done, total)),
    )

    verify(report.snapshot)
    assert steps == [
        ("IR_BEN_R", 0, 4),
        ("IR_BEN_R ✓", 1, 4),
        ("ER_PRS_F.csv", 2, 4),
        ("ER_PRS_F ✓", 3, 4),
    ]


def test_a_table_with_only_its_header_is_an_empty_table(tmp_path: Path) -> None:
    report = load(
        tmp_path, {"IR_BEN_R.csv": REGISTER, "ER_PHA_F.csv": f"{NINE_KEYS};PHA_PRS_C13\n"}
    )

    assert report.snapshot.tables["ER_PHA_F"].rows == 0


def test_lines_that_cannot_be_read_are_listed_by_line_column_and_reason(tmp_path: Path) -> None:
    report = load(
        tmp_path,
        {
            "IR_BEN_R.csv": REGISTER,
            "IR_IMB_R.csv": ILLNESSES
            + "ANNA;1;E11;05/01/2021;8\n"  # 2 good
            + "ANNA;1;E11;31/02/2021;8\n"  # 3 bad date
            + "\n"  # 4 blank, not a row
            + "ANNA;1;E11\n"  # 5 ragged
            + "ANNA;1;E11;05/01/2021;eight\n"  # 6 bad number
            + "ANNA;1;E\udcff1;05/01/2021;8\n"  # 7 bad byte
            + "ANNA;1;E11;05/01/2021;8;more\n"  # 8 ragged
            + "BRUNO;1;I50;06/01/2021;5\n"  # 9 good
            + "BRUNO;1;I50;2021;5.5\n",  # 10 two bad columns, one line
        },
    )

    assert report.quarantine_path.read_text().splitlines() == [
        "file,line,column,reason",
        "IR_IMB_R.csv,3,IMB_ALD_DTD,bad-date",
        "IR_IMB_R.csv,5,IMB_ALD_DTD,too-few-columns",
        "IR_IMB_R.csv,6,IMB_ALD_NUM,bad-number",
        "IR_IMB_R.csv,7,,bad-byte",
        "IR_IMB_R.csv,8,,too-many-columns",
        "IR_IMB_R.csv,10,IMB_ALD_DTD,bad-date",
    ]


def test_every_row_read_is_loaded_or_quarantined(tmp_path: Path) -> None:
    report = load(
        tmp_path,
        {
            "IR_BEN_R.csv": REGISTER,
            "IR_IMB_R.csv": ILLNESSES
            + "ANNA;1;E11;05/01/2021;8\n"
            + "ANNA;1;E11;31/02/2021;8\n"
            + "ANNA;1\n",
        },
    )

    illnesses = next(table for table in report.tables if table.table == "IR_IMB_R")
    assert (illnesses.rows_read, illnesses.rows_loaded, illnesses.rows_quarantined) == (3, 1, 2)


def test_the_quarantine_never_holds_a_value(tmp_path: Path) -> None:
    report = load(
        tmp_path,
        {"IR_BEN_R.csv": REGISTER, "IR_IMB_R.csv": ILLNESSES + "ANNA;1;E11;SECRET;8\n"},
    )

    published = b"".join(file.read_bytes() for file in report.snapshot.path.iterdir())
    assert b"SECRET" not in published


def test_a_refused_row_of_the_register_is_nobody(tmp_path: Path) -> None:
    report = load(tmp_path, {"IR_BEN_R.csv": REGISTER.replace("BRUNO;1", "BRUNO;one")})

    assert persons(report.snapshot) == [(1, "N-ANNA", "N-ANNA")]
