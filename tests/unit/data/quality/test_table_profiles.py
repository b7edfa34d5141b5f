"""What a profile of tables tells, and what of few persons it never does."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecluse.data.engines import connect
from ecluse.data.nomenclatures import Nomenclatures
from ecluse.data.nomenclatures.loading import load
from ecluse.data.quality.table_profiles import profile_files, profile_snapshot
from ecluse.data.quality.table_profiles.sources import PlainFiles
from ecluse.domain.errors import InvalidInput, JobFailed
from ecluse.domain.metadata.table_files import read_tables
from ecluse.domain.metadata.tables.profiles import (
    ColumnProfile,
    DatasetProfile,
    Percentile,
    TableProfile,
    ValueShare,
    decode,
    encode,
)
from ecluse.trust import canonical
from tests.unit.data.lakes import Row, publish
from tests.unit.data.quality.examined import ON, act, registered

DAY = date(2021, 5, 10)


def profiled(
    folder: Path, rows: Sequence[Row], *, person: str | None = "id", codes: Sequence[str] = ()
) -> TableProfile:
    """Write rows to a Parquet file and return its profile."""
    pq.write_table(pa.Table.from_pylist([dict(row) for row in rows]), folder / "visits.parquet")
    plain = PlainFiles(files=[folder / "visits.parquet"], person=person, codes=frozenset(codes))
    with connect(readable=[folder]) as connection:
        (table,) = profile_files(plain, dataset="clinic", connection=connection, on=ON).tables
    return table


def column(table: TableProfile, name: str) -> ColumnProfile:
    """Return the profile of a column."""
    (found,) = (each for each in table.columns if each.name == name)
    return found


def test_rows_and_persons_are_counted_to_the_nearest_ten(tmp_path: Path) -> None:
    rows = [{"id": rank % 23, "day": DAY} for rank in range(57)]

    table = profiled(tmp_path, rows)

    assert (table.rows, table.persons) == (60, 20)
    assert (column(table, "day").filled, column(table, "day").completeness) == (60, 100)


def test_of_fewer_than_eleven_persons_nothing_is_told_however_many_their_rows(
    tmp_path: Path,
) -> None:
    rows = [{"id": rank % 10, "day": DAY, "code": "A", "cost": 5.0} for rank in range(500)]

    table = profiled(tmp_path, rows, codes=["code"])

    assert (table.rows, table.persons) == (None, None)
    assert {
        (found.filled, found.completeness, found.lowest, found.percentiles, found.values)
        for found in table.columns
    } == {(None, None, None, (), ())}


def test_a_value_that_few_persons_have_or_lack_hides_how_often_a_column_is_filled(
    tmp_path: Path,
) -> None:
    rows = [
        {
            "id": rank,
            "rare": 1 if rank < 10 else None,
            "usual": None if rank < 10 else 1,
            "half": 1 if rank < 11 else None,
            "always": 1,
            "never": None,
        }
        for rank in range(22)
    ]

    table = profiled(tmp_path, rows)

    assert column(table, "rare").filled is None
    assert column(table, "rare").completeness is None
    assert column(table, "usual").filled is None
    assert (column(table, "half").filled, column(table, "half").completeness) == (10, 50)
    assert (column(table, "always").filled, column(table, "always").completeness) == (20, 100)
    assert (column(table, "never").filled, column(table, "never").completeness) == (0, 0)


def test_of_many_persons_the_whole_percentage_is_told_even_if_few_lack_a_value(
    tmp_path: Path,
) -> None:
    rows = [{"id": rank, "x": None if rank < 3 else 1} for rank in range(1_100)]

    table = profiled(tmp_path, rows)

    assert (column(table, "x").filled, column(table, "x").completeness) == (None, 100)


def test_dates_go_from_and_to_months_that_eleven_persons_share(tmp_path: Path) -> None:
    common = [{"id": rank, "day": date(2020, 3 + rank % 2, 5)} for rank in range(22)]
    first_and_last = [{"id": 90, "day": date(1904, 1, 1)}, {"id": 91, "day": date(2024, 6, 2)}]

    found = column(profiled(tmp_path, [*common, *first_and_last]), "day")

    assert (found.lowest, found.highest) == ("2020-03", "2020-04")


def test_where_no_month_is_shared_years_are_told(tmp_path: Path) -> None:
    rows = [{"id": rank, "born": date(1950, 1 + rank % 12, 1)} for rank in range(24)]

    found = column(profiled(tmp_path, rows), "born")

    assert (found.lowest, found.highest) == ("1950", "1950")


def test_a_percentile_is_a_rounded_value_that_eleven_persons_share(tmp_path: Path) -> None:
    weights = [{"id": rank, "weight": 61.0 + rank % 4 + rank / 1_000} for rank in range(80)]
    heaviest = [{"id": 99, "weight": 412.5}]

    found = column(profiled(tmp_path, [*weights, *heaviest]), "weight")

    # 20 persons at each of 61, 62, 63, 64; the 5th percentile is among the first twenty, the
    # 75th (60.75 of 81) among the last.
    assert found.percentiles == (
        Percentile(5, "61"),
        Percentile(25, "62"),
        Percentile(50, "63"),
        Percentile(75, "64"),
        Percentile(95, "64"),
    )


def test_where_few_share_two_digits_one_is_told_and_else_nothing(tmp_path: Path) -> None:
    rows = [{"id": rank, "cost": 1.05 + rank / 10} for rank in range(20)]

    found = column(profiled(tmp_path, rows), "cost")

    # 1.05 … 2.95: five round to 1, ten to 2, five to 3.
    assert found.percentiles == ()

    more = [{"id": rank, "cost": 1.6 + rank * 0.04} for rank in range(20)]

    assert column(profiled(tmp_path, more), "cost").percentiles == tuple(
        Percentile(percent, "2") for percent in (5, 25, 50, 75, 95)
    )


def test_frequent_codes_are_told_with_their_share_and_rare_ones_never(tmp_path: Path) -> None:
    codes = ["E11"] * 60 + ["I10"] * 28 + ["C50"] * 12 + ["Q91"] * 10 + ["D08"] * 10
    rows = [{"id": rank, "code": code} for rank, code in enumerate(codes)]

    found = column(profiled(tmp_path, rows, codes=["code"]), "code")

    assert found.values == (
        ValueShare("E11", "", 50),
        ValueShare("I10", "", 23),
        ValueShare("C50", "", 10),
    )


def test_a_code_that_would_give_a_rare_one_away_is_left_out_with_it(tmp_path: Path) -> None:
    codes = ["E11"] * 60 + ["I10"] * 28 + ["Q91"] * 3
    rows = [{"id": rank, "code": code} for rank, code in enumerate(codes)]

    found = column(profiled(tmp_path, rows, codes=["code"]), "code")

    # With I10, 100 − 66 − 31 would tell of three persons.
    assert found.values == (ValueShare("E11", "", 66),)


def test_a_code_that_all_but_few_have_is_not_told(tmp_path: Path) -> None:
    rows = [{"id": rank, "code": code} for rank in range(40) for code in ("E11", "I10")]
    rows += [{"id": 40 + rank, "code": "I10"} for rank in range(4)]

    found = column(profiled(tmp_path, rows, codes=["code"]), "code")

    assert found.values == (ValueShare("I10", "", 100),)


def test_free_text_and_the_name_of_the_person_are_never_looked_at(tmp_path: Path) -> None:
    rows = [{"id": 1_000 + rank, "note": "Mme Martin"} for rank in range(50)]

    table = profiled(tmp_path, rows)

    assert "Martin" not in str(table)
    assert column(table, "id").percentiles == ()


def test_without_a_person_each_row_counts_as_one(tmp_path: Path) -> None:
    ten = profiled(tmp_path, [{"x": 1}] * 10, person=None)
    twelve = profiled(tmp_path, [{"x": 1}] * 12, person=None)

    assert (ten.rows, twelve.rows, twelve.persons) == (None, 10, None)


def test_text_files_are_profiled_too(tmp_path: Path) -> None:
    lines = [f"{rank};2021-05-{1 + rank % 28:02d};{rank % 2}" for rank in range(40)]
    (tmp_path / "acts.csv").write_text("\n".join(["id;day;kind", *lines]), encoding="utf-8")
    plain = PlainFiles(files=[tmp_path / "acts.csv"], person="id", codes=frozenset({"kind"}))

    with connect(readable=[tmp_path]) as connection:
        made = profile_files(plain, dataset="clinic", connection=connection, on=ON)

    (table,) = made.tables
    assert (made.persons, table.rows, column(table, "day").lowest) == (40, 40, "2021-05")
    assert column(table, "kind").values == (ValueShare("0", "", 50), ValueShare("1", "", 50))


def test_a_file_that_breaks_says_its_rank_and_not_its_rows(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1 Mme Martin")

    with connect(readable=[tmp_path]) as connection, pytest.raises(JobFailed) as failed:
        profile_files(
            PlainFiles(files=[tmp_path / "a.parquet"]),
            dataset="x",
            connection=connection,
            on=ON,
        )

    assert "Table 1 of 1" in str(failed.value)
    assert "Martin" not in str(failed.value)


def test_a_person_column_that_no_file_has_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="No file has a column patient"):
        profiled(tmp_path, [{"x": 1}], person="patient")


def published(folder: Path) -> DatasetProfile:
    """Publish claims of 24 persons, two each, and return their profile."""
    acts = [
        act(1 + rank % 24, DAY + timedelta(days=rank), rank, PRS_PAI_MNT=25.0, DCT_ORD_NUM=7)
        for rank in range(48)
    ]
    register = [registered(1 + rank) for rank in range(24)]
    persons = [(1 + rank, f"person-{rank}", None) for rank in range(24)]
    snapshot = publish(folder, "data", {"ER_PRS_F": acts, "IR_BEN_R": register}, persons)
    labels = folder / "IR_NAT_V.csv"
    labels.write_text("code;label\n1111;Consultation\n", encoding="utf-8")
    load(
        labels,
        Nomenclatures(folder),
        name="IR_NAT_V",
        valid_from=date(2013, 1, 1),
        label_column="label",
    )
    with connect(readable=[snapshot.folder]) as connection:
        return profile_snapshot(snapshot, connection=connection, on=ON)


def test_the_tables_of_a_snapshot_are_profiled_by_what_their_model_says(tmp_path: Path) -> None:
    made = published(tmp_path)

    prestations, register = made.tables
    assert (made.persons, prestations.rows, prestations.persons) == (20, 50, 20)
    assert (prestations.name, prestations.group) == ("ER_PRS_F", "DCIR")
    assert (prestations.lowest, prestations.highest) == ("2021-05", "2021-06")
    assert column(prestations, "PRS_NAT_REF").values == (ValueShare("1111", "Consultation", 100),)
    assert column(prestations, "PRS_PAI_MNT").percentiles[2] == Percentile(50, "25")
    assert column(register, "BEN_NAI_ANN").lowest == "1960"
    number_of_claim = column(prestations, "DCT_ORD_NUM")  # all have it, and it is a key
    assert (number_of_claim.completeness, number_of_claim.percentiles) == (100, ())


def test_a_profile_is_written_and_read_back_and_gives_tables(tmp_path: Path) -> None:
    made = published(tmp_path)

    written = canonical.encode(encode(made))

    assert decode(canonical.decode(written)) == made
    prestations, _ = read_tables("profile.json", written)
    amount = next(
        each for each in prestations.variables if each.name and each.name.words == "PRS_PAI_MNT"
    )
    assert amount.datatype is not None
    assert amount.datatype.words == "decimal"
    assert amount.descriptions[0].language == "fr"
    assert amount.descriptions[0].words.endswith("Renseigné à 100 %. Médiane 25.")
