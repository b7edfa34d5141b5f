from pathlib import Path

import pytest

from ecluse.data.loading.conversions import from_text
from ecluse.data.loading.quarantine import line_numbers
from tests.unit.data.deliveries import NINE_KEYS, REGISTER, load, persons, rows

ILLNESSES = "BEN_NIR_PSA;BEN_RNG_GEM;MED_MTF_COD;IMB_ALD_DTD;IMB_ALD_NUM\n"


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
        "IR_IMB_R.csv,7,MED_MTF_COD,bad-byte",
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


def test_a_stray_quote_spoils_no_other_line(tmp_path: Path) -> None:
    report = load(
        tmp_path,
        {
            "IR_BEN_R.csv": REGISTER,
            "IR_IMB_R.csv": ILLNESSES
            + 'ANNA;1;"E11;05/01/2021;8\n'
            + 'BRUNO;1;"I50";06/01/2021;5\n',
        },
    )

    assert rows(report.snapshot, "IR_IMB_R", "person_key", "MED_MTF_COD") == [
        (1, "E11"),
        (2, "I50"),
    ]


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


@pytest.mark.parametrize("written", ["01/01/1600", "01011600", "1600-01-01", ""])
def test_the_missing_date_of_the_snds_is_empty(tmp_path: Path, written: str) -> None:
    report = load(
        tmp_path,
        {"IR_BEN_R.csv": REGISTER, "IR_IMB_R.csv": f"{ILLNESSES}ANNA;1;E11;{written};8\n"},
    )

    assert rows(report.snapshot, "IR_IMB_R", "IMB_ALD_DTD", "event_date") == [(None, None)]
    assert report.rows_quarantined == 0


@pytest.mark.parametrize(
    "written", ["05/01/2021", "05012021", "5012021", "2021-01-05", "05Jan2021:00:00:00"]
)
def test_dates_are_read_in_every_spelling_of_the_insurer(tmp_path: Path, written: str) -> None:
    report = load(
        tmp_path,
        {"IR_BEN_R.csv": REGISTER, "IR_IMB_R.csv": f"{ILLNESSES}ANNA;1;E11;{written};8\n"},
    )

    assert [str(day) for (day,) in rows(report.snapshot, "IR_IMB_R", "event_date")] == [
        "2021-01-05"
    ]


@pytest.mark.parametrize(
    ("column", "written", "read"),
    [
        ("EXE_SOI_AMD", "202103", "202103"),
        ("EXE_SOI_AMD", "160001", None),
        ("EXE_SOI_AMD", "000101", None),
        ("BEN_NAI_ANN", "1975", 1975),
        ("BEN_NAI_ANN", "1600", None),
        ("PRS_NAT_REF", "1111", 1111),
        ("PRS_NAT_REF", "1111.0", 1111),
        ("PRS_ACT_QTE", "-1", -1.0),
        ("BEN_RES_DPT", "02A", "02A"),
    ],
)
def test_values_are_read_as_the_schema_says(
    tmp_path: Path, column: str, written: str, read: object
) -> None:
    acts = (
        f"{NINE_KEYS};BEN_NIR_PSA;BEN_RNG_GEM;{column}\n"
        f"01/02/2023;10/01/2023;1;7;1;FUND;100;1;1;ANNA;1;{written}\n"
    )

    report = load(tmp_path, {"IR_BEN_R.csv": REGISTER, "ER_PRS_F.csv": acts})

    assert rows(report.snapshot, "ER_PRS_F", column) == [(read,)]


@pytest.mark.parametrize(
    ("column", "written", "reason"),
    [
        ("EXE_SOI_AMD", "202113", "bad-month"),
        ("BEN_NAI_ANN", "75a", "bad-year"),
        ("PRS_NAT_REF", "1.6", "bad-number"),
        ("PRS_NAT_REF", "99999999999", "bad-number"),
        ("PRS_PAI_MNT", "1,000.50", "bad-number"),
        ("PRS_PAI_MNT", "inf", "bad-number"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(
    tmp_path: Path, column: str, written: str, reason: str
) -> None:
    acts = (
        f"{NINE_KEYS};BEN_NIR_PSA;BEN_RNG_GEM;{column}\n"
        f"01/02/2023;10/01/2023;1;7;1;FUND;100;1;1;ANNA;1;{written}\n"
    )

    report = load(tmp_path, {"IR_BEN_R.csv": REGISTER, "ER_PRS_F.csv": acts})

    assert report.quarantine_path.read_text().splitlines()[1:] == [
        f"ER_PRS_F.csv,2,{column},{reason}"
    ]


def test_rows_are_numbered_around_the_lines_that_gave_none() -> None:
    line_of = line_numbers({3, 5, 6}, header=1)

    assert [line_of(rank) for rank in (1, 2, 3)] == [2, 4, 7]


def test_a_column_name_cannot_leave_its_quotes_in_a_conversion() -> None:
    conversion = from_text('a"b', "text", model="snds", strip_quotes=False)

    assert conversion.value == 'nullif("a""b", \'\')'
