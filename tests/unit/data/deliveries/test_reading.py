"""What is read of a text file, line by line, whatever its letters, quotes and line ends."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from ecluse.data.deliveries.conversions import MISSING_DATES
from ecluse.data.deliveries.finding import find
from ecluse.data.deliveries.quarantine import Quarantine
from ecluse.data.deliveries.reading import open_rows
from ecluse.data.engines import connect
from ecluse.domain.errors import LoadFailed
from tests.unit.data.deliveries.readings import ILLNESSES, SNDS, read

NINE_KEYS = (
    "FLX_DIS_DTD;FLX_TRT_DTD;FLX_EMT_TYP;FLX_EMT_NUM;FLX_EMT_ORD;ORG_CLE_NUM;DCT_ORD_NUM;"
    "PRS_ORD_NUM;REM_TYP_AFF"
)
NINE_VALUES = "01/02/2023;10/01/2023;1;7;1;FUND;100;1;1"


def test_lines_that_cannot_be_read_are_listed_by_line_column_and_reason(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        "IR_IMB_R.csv",
        ILLNESSES
        + "ANNA;1;E11;05/01/2021;8\n"  # 2 good
        + "ANNA;1;E11;31/02/2021;8\n"  # 3 bad date
        + "\n"  # 4 blank, not a row
        + "ANNA;1;E11\n"  # 5 ragged
        + "ANNA;1;E11;05/01/2021;eight\n"  # 6 bad number
        + "ANNA;1;E\udcff1;05/01/2021;8\n"  # 7 bad byte
        + "ANNA;1;E11;05/01/2021;8;more\n"  # 8 ragged
        + "BRUNO;1;I50;06/01/2021;5\n"  # 9 good
        + "BRUNO;1;I50;2021;5.5\n"  # 10 two bad columns, one line
        + "BRUNO;1;I\x0050;06/01/2021;5\n"  # 11 NUL
        + "BRUNO;1;I50;06/01/2021;5\rBRUNO;1;I50;07/01/2021;5\n"  # 12 half a line end
        + f"BRUNO;1;{'I' * 1_100_000};06/01/2021;5\n",  # 13 longer than any line
    )

    assert reading.refused == [
        "3,IMB_ALD_DTD,bad-date",
        "5,IMB_ALD_DTD,too-few-columns",
        "6,IMB_ALD_NUM,bad-number",
        "7,,bad-byte",
        "8,,too-many-columns",
        "10,IMB_ALD_DTD,bad-date",
        "11,,nul-byte",
        "12,,stray-line-end",
        "13,,line-too-long",
    ]
    assert reading.column("MED_MTF_COD") == ["E11", "I50"]
    assert (reading.counts.rows_read, reading.counts.rows_quarantined) == (11, 9)


def test_the_last_line_counts_whether_or_not_it_ends(tmp_path: Path) -> None:
    reading = read(tmp_path, "IR_IMB_R.csv", ILLNESSES + "ANNA;1;E11;05/01/2021;8")

    assert reading.counts.rows_read == 1
    assert reading.column("IMB_ALD_DTD") == [date(2021, 1, 5)]


def test_a_file_with_only_its_header_has_no_row(tmp_path: Path) -> None:
    reading = read(tmp_path, "IR_IMB_R.csv", ILLNESSES)

    assert (reading.rows, reading.counts.rows_read) == ([], 0)


def test_a_line_that_only_the_exact_reading_can_read_is_given_apart(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        "IR_IMB_R.csv",
        ILLNESSES
        + "ANNA;1;E11;05/01/2021;8\n" * 200
        + "ANNA;1;E11;06012021;8\n"  # another spelling, after the lines that are sampled
        + "ANNA;1;E11;07/01/2021;8,0\n"
        + "ANNA;1;E11;31/02/2021;8\n",
    )

    assert reading.counts.rows_second == 2
    assert reading.column("IMB_ALD_DTD")[200:] == [date(2021, 1, 6), date(2021, 1, 7)]
    assert reading.refused == ["204,IMB_ALD_DTD,bad-date"]


def test_a_row_read_fast_and_found_wrong_is_quarantined_at_its_line(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        "IR_IMB_R.csv",
        ILLNESSES
        + "ANNA;1;E11;05/01/2021;8\n" * 200
        + "\n"
        + "ANNA;1;E11\n"
        + "ANNA;1;E11;05/01/2021;8.6\n"  # a number, so the fast reading takes it
        + "ANNA;1;E11;05/01/0023;8\n"
        + "BRUNO;1;I50;05/01/2021;8\n",
    )

    assert reading.refused == [
        "203,IMB_ALD_DTD,too-few-columns",
        "204,IMB_ALD_NUM,bad-number",
        "205,IMB_ALD_DTD,bad-date",
    ]
    assert reading.column("BEN_NIR_PSA")[200:] == ["BRUNO"]


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(tmp_path: Path) -> None:
    text = "\ufeff" + ILLNESSES + "ANNA;1;E11;05/01/2021;8\n\nBRUNO;1;I50;31/02/2021;8\n"

    reading = read(tmp_path, "IR_IMB_R.csv", text.replace("\n", "\r\n"))

    assert reading.column("BEN_NIR_PSA") == ["ANNA"]
    assert reading.refused == ["4,IMB_ALD_DTD,bad-date"]


def test_two_kinds_of_line_ends_in_one_file_change_nothing(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        "IR_IMB_R.csv",
        ILLNESSES + "ANNA;1;E11;05/01/2021;8\r\nBRUNO;1;I50;06/01/2021;8\n",
    )

    assert reading.column("BEN_NIR_PSA") == ["ANNA", "BRUNO"]


def test_accents_of_windows_are_recognised_and_said(tmp_path: Path) -> None:
    text = ILLNESSES.replace("MED_MTF_COD", "LIBELLÉ") + (
        "ANNA;1;épilepsie;05/01/2021;8\nBRUNO;1;cœur opéré à l’hôpital;06/01/2021;5\n"
    )

    reading = read(tmp_path, "IR_IMB_R.csv", text.encode("cp1252"))

    assert reading.column("LIBELLÉ") == ["épilepsie", "cœur opéré à l’hôpital"]
    assert reading.warnings == ("IR_IMB_R.csv: not UTF-8, read as windows-1252",)


def test_damage_in_an_utf8_file_spoils_its_own_lines_only(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        "IR_IMB_R.csv",
        ILLNESSES
        + "ANNA;1;é;05/01/2021;8\n"
        + "ANNA;1;\udce9\udce8\udce0;05/01/2021;8\n"
        + "BRUNO;1;à;06/01/2021;5\n",
    )

    assert reading.column("MED_MTF_COD") == ["é", "à"]
    assert reading.refused == ["3,,bad-byte"]


def test_a_file_whose_header_is_damaged_is_refused(tmp_path: Path) -> None:
    text = ILLNESSES.replace("MED_MTF_COD", "\udcff") + "ANNA;1;E11;05/01/2021;8\n"

    with pytest.raises(LoadFailed, match=r"IR_IMB_R\.csv: its first line cannot be read"):
        read(tmp_path, "IR_IMB_R.csv", text)


def test_quotes_that_close_hold_separators_and_line_ends(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        "IR_IMB_R.csv",
        '"BEN_NIR_PSA";"BEN_RNG_GEM";"MED_MTF_COD";"IMB_ALD_DTD";"IMB_ALD_NUM"\n'
        + '"ANNA";1;"E11; or\n""so""";"05/01/2021";8\n'  # 2 and 3
        + '"BRUNO";1;"I50";"31/02/2021";8\n',  # 4
    )

    assert reading.column("MED_MTF_COD") == ['E11; or\n"so"']
    assert reading.refused == ["4,IMB_ALD_DTD,bad-date"]
    assert reading.counts.rows_read == 2


def test_a_stray_quote_spoils_no_other_line(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        "IR_IMB_R.csv",
        ILLNESSES
        + 'ANNA;1;"E11;05/01/2021;8\n'
        + 'BRUNO;1;"I50";06/01/2021;5\n'
        + 'CLARA;1;5" disc;07/01/2021;5\n',
    )

    assert reading.column("MED_MTF_COD") == ["I50", '5" disc']
    assert reading.refused == ["2,,open-quote"]
    assert reading.warnings == (
        "IR_IMB_R.csv: a quote is out of place, so that every line was taken for a row",
    )


@pytest.mark.parametrize("separator", [",", "\t", "|"])
def test_the_separator_is_told_from_the_header(tmp_path: Path, separator: str) -> None:
    text = (ILLNESSES + "ANNA;1;E11;05/01/2021;8\n").replace(";", separator)

    reading = read(tmp_path, "IR_IMB_R.csv", text)

    assert reading.column("MED_MTF_COD") == ["E11"]


def test_lower_case_names_and_project_names_are_those_of_the_schema(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        "ir_imb_r.csv",
        "num_enq;ben_rng_gem;med_mtf_cod\nP01;1;E11\n",
    )

    assert reading.rows[0]["BEN_NIR_PSA"] == "P01"


def test_a_yearly_table_says_its_year(tmp_path: Path) -> None:
    reading = read(tmp_path, "T_MCO21B.csv", "ETA_NUM;RSA_NUM;DGN_PAL\n990000001;7;E119\n")

    assert reading.column("TABLE_YEAR") == [2021]


def test_an_unknown_column_is_kept_as_it_is_written(tmp_path: Path) -> None:
    reading = read(tmp_path, "IR_IMB_R.csv", f"{ILLNESSES[:-1]};NEW\nANNA;1;E11;05/01/2021;8;042\n")

    assert reading.column("NEW") == ["042"]


def test_the_columns_whose_date_is_missing_are_named(tmp_path: Path) -> None:
    header = "BEN_NIR_PSA;BEN_RNG_GEM;IMB_ALD_DTD;IMB_ALD_DTF\n"

    reading = read(
        tmp_path,
        "IR_IMB_R.csv",
        header
        + "ANNA;1;05/01/2021;01/01/1600\n"  # it goes on
        + "BRUNO;1;05/01/2021;\n"  # nothing is said
        + "CLARA;1;01/01/1600;01/01/1600\n",
    )

    assert reading.column("IMB_ALD_DTF") == [None, None, None]
    assert reading.column(MISSING_DATES.name) == ["IMB_ALD_DTF", None, "IMB_ALD_DTD IMB_ALD_DTF"]


@pytest.mark.parametrize("written", ["01/01/1600", "01011600", "1600-01-01", "", "."])
def test_the_missing_date_of_the_snds_is_empty(tmp_path: Path, written: str) -> None:
    reading = read(tmp_path, "IR_IMB_R.csv", f"{ILLNESSES}ANNA;1;E11;{written};8\n")

    assert reading.column("IMB_ALD_DTD") == [None]
    assert reading.refused == []


@pytest.mark.parametrize(
    "written", ["05/01/2021", "5/1/2021", "05012021", "5012021", "2021-01-05", "05Jan2021:00:00:00"]
)
def test_dates_are_read_in_every_spelling_of_the_insurer(tmp_path: Path, written: str) -> None:
    reading = read(tmp_path, "IR_IMB_R.csv", f"{ILLNESSES}ANNA;1;E11;{written};8\n")

    assert reading.column("IMB_ALD_DTD") == [date(2021, 1, 5)]


@pytest.mark.parametrize(
    ("column", "written", "value"),
    [
        ("EXE_SOI_AMD", "202103", "202103"),
        ("EXE_SOI_AMD", "160001", None),
        ("EXE_SOI_AMD", "000101", None),
        ("BEN_NAI_ANN", "1975", 1975),
        ("BEN_NAI_ANN", "1600", None),
        ("PRS_NAT_REF", "1111", 1111),
        ("PRS_NAT_REF", "1111.0", 1111),
        ("PRS_NAT_REF", "1111,0", 1111),
        ("PRS_NAT_REF", "+7", 7),
        ("PRS_NAT_REF", " 7", 7),
        ("PRS_NAT_REF", ".", None),
        ("PRS_ACT_QTE", "-1", -1.0),
        ("PRS_PAI_MNT", "12,50", 12.5),
        ("PRS_PAI_MNT", "12.50", 12.5),
        ("BEN_RES_DPT", "02A", "02A"),
        ("BEN_RES_DPT", "001", "001"),
    ],
)
def test_values_are_read_as_the_schema_says(
    tmp_path: Path, column: str, written: str, value: object
) -> None:
    reading = read(tmp_path, "ER_PRS_F.csv", f"{NINE_KEYS};{column}\n{NINE_VALUES};{written}\n")

    assert reading.column(column) == [value]


@pytest.mark.parametrize(
    ("column", "written", "reason"),
    [
        ("EXE_SOI_AMD", "202113", "bad-month"),
        ("BEN_NAI_ANN", "75a", "bad-year"),
        ("BEN_NAI_ANN", "75", "bad-year"),
        ("PRS_NAT_REF", "1.6", "bad-number"),
        ("PRS_NAT_REF", "99999999999", "bad-number"),
        ("PRS_PAI_MNT", "1,000.50", "bad-number"),
        ("PRS_PAI_MNT", "inf", "bad-number"),
        ("PRS_PAI_MNT", "nan", "bad-number"),
        ("EXE_SOI_DTD", "01/02/23", "bad-date"),
        ("EXE_SOI_DTD", "31/04/2023", "bad-date"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(
    tmp_path: Path, column: str, written: str, reason: str
) -> None:
    reading = read(tmp_path, "ER_PRS_F.csv", f"{NINE_KEYS};{column}\n{NINE_VALUES};{written}\n")

    assert reading.refused == [f"2,{column},{reason}"]


def test_a_decimal_comma_and_a_decimal_point_are_the_same_amount(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        "ER_PRS_F.csv",
        f"{NINE_KEYS};PRS_PAI_MNT\n{NINE_VALUES};12,50\n{NINE_VALUES};3.20\n",
    )

    assert reading.column("PRS_PAI_MNT") == [12.5, 3.2]


def test_rows_that_a_load_lost_stop_it(tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    (tmp_path / "IR_IMB_R.csv").write_text(ILLNESSES + "ANNA;1;E11;05/01/2021;8\n")
    file = find(tmp_path, model=SNDS).files[0]
    quarantine = Quarantine(scratch / "quarantine.csv")

    with (
        connect(readable=[tmp_path], writable=[scratch]) as connection,
        open_rows(connection, file, scratch=scratch, quarantine=quarantine) as opened,
    ):
        connection.sql(opened.query).fetchall()
        with pytest.raises(LoadFailed, match="1 lines, of which 0 are accounted for"):
            opened.finish(rows=0)


def test_a_file_full_of_short_lines_is_read_in_little_memory(tmp_path: Path) -> None:
    """The engine would keep the text of each several times over: 800 MiB for these 60 MB."""
    delivery, scratch = tmp_path / "delivery", tmp_path / "scratch"
    delivery.mkdir()
    scratch.mkdir()
    short, long = f"ANNA;1;{'E' * 1000}\n", f"ANNA;1;{'E' * 1000};05/01/2021;8;more\n"
    good = "ANNA;1;E11;05/01/2021;8\n"
    text = ILLNESSES + good * 200 + short * 40_000 + long * 20_000 + good
    (delivery / "IR_IMB_R.csv").write_text(text)

    told = subprocess.run(
        [sys.executable, "-m", "tests.unit.data.deliveries.read_once", delivery, scratch],
        check=True,
        capture_output=True,
        text=True,
    )

    rows_read, rows_refused, peak_mib = map(int, told.stdout.split())
    assert (rows_read, rows_refused) == (60_201, 60_000)
    assert peak_mib < 400
    lines = (scratch / "quarantine.csv").read_text().splitlines()
    assert lines[1] == "IR_IMB_R.csv,202,IMB_ALD_DTD,too-few-columns"
    assert lines[-1] == "IR_IMB_R.csv,60201,,too-many-columns"


def test_lines_of_a_wrong_width_are_refused_alike_whether_few_or_many(tmp_path: Path) -> None:
    """Those of a file that has many are taken out before it is parsed."""
    few, many = tmp_path / "few", tmp_path / "many"
    few.mkdir()
    many.mkdir()
    text = (
        ILLNESSES
        + '"ANNA";1;"E;11";05/01/2021;8\n'  # 2 good, a separator in quotes
        + '"ANNA";1;"E;11";05/01/2021\n'  # 3 short
        + "\n"  # 4 blank
        + 'ANNA;1;"E;11;I50";05/01/2021;8;"more"\n'  # 5 long
        + "ANNA;1;E11;31/02/2021;8\n"  # 6 bad date
    )
    filler = f"ANNA;1;{'E' * 1000}\n" * 10_000  # from 7 on

    found = [
        read(few, "IR_IMB_R.csv", text).refused,
        read(many, "IR_IMB_R.csv", text + filler).refused[:4],
    ]

    refused = [
        "3,IMB_ALD_NUM,too-few-columns",
        "5,,too-many-columns",
        "6,IMB_ALD_DTD,bad-date",
    ]
    assert found == [refused, [*refused, "7,IMB_ALD_DTD,too-few-columns"]]


def test_the_quarantine_never_holds_a_value(tmp_path: Path) -> None:
    read(tmp_path, "IR_IMB_R.csv", ILLNESSES + "ANNA;1;E11;SECRET;8\n")

    assert "SECRET" not in (tmp_path / "scratch" / "quarantine.csv").read_text()


def test_nothing_read_is_left_in_the_scratch_folder(tmp_path: Path) -> None:
    read(tmp_path, "IR_IMB_R.csv", ILLNESSES + "ANNA;1;E\x0011;05/01/2021;8\nANNA;1;E11;x;8\n")

    assert [path.name for path in (tmp_path / "scratch").iterdir()] == ["quarantine.csv"]
