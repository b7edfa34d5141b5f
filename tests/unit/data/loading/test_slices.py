"""Slices: what is delivered again replaces itself, the rest stays; parts are always the same."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ecluse.data.lake import Lake, Snapshot
from ecluse.data.loading import LoadReport, load_delivery
from ecluse.data.loading.keys import of
from ecluse.data.loading.limits import Limits
from ecluse.data.loading.loads import Target, load
from ecluse.data.schemas import Column, model
from ecluse.domain.errors import LoadFailed
from tests.unit.data.loading import deliveries
from tests.unit.data.loading.deliveries import NINE_KEYS, NOW, REGISTER, load_next, rows, write

HEADER = f"{NINE_KEYS};BEN_NIR_PSA;BEN_RNG_GEM;EXE_SOI_DTD;PRS_NAT_REF\n"
PACK_HEADER = f"{NINE_KEYS};PHA_PRS_C13\n"


def act(month: str, number: int, person: str, code: int = 3313) -> str:
    return f"01/{month};10/01/2023;1;7;1;FUND;{number};1;1;{person};1;05/01/2023;{code}\n"


def pack(month: str, number: int, code: int) -> str:
    return f"01/{month};10/01/2023;1;7;1;FUND;{number};1;1;{code}\n"


FEBRUARY = act("02/2023", 1, "ANNA") + act("02/2023", 2, "BRUNO")
MARCH = act("03/2023", 3, "ANNA")
FIRST = {"IR_BEN_R.csv": REGISTER, "ER_PRS_F.csv": HEADER + FEBRUARY + MARCH}


def months(snapshot: Snapshot, table: str = "ER_PRS_F") -> dict[str, int]:
    table_parts = snapshot.tables[table].parts
    return {part.slice: part.rows for part in table_parts}


def test_a_month_of_claims_is_a_slice(tmp_path: Path) -> None:
    report = deliveries.load(tmp_path, FIRST)

    assert months(report.snapshot) == {"2023-02": 2, "2023-03": 1}
    assert months(report.snapshot, "IR_BEN_R") == {"all": 2}


def test_a_month_delivered_again_replaces_itself_and_no_other(tmp_path: Path) -> None:
    deliveries.load(tmp_path, FIRST)
    again = HEADER + act("02/2023", 1, "ANNA", code=1111) + act("04/2023", 9, "BRUNO")

    report = load_next(tmp_path, {"ER_PRS_F.csv": again})

    assert rows(report.snapshot, "ER_PRS_F", "FLX_DIS_DTD", "DCT_ORD_NUM", "PRS_NAT_REF") == [
        (date(2023, 2, 1), 1, 1111),
        (date(2023, 3, 1), 3, 3313),
        (date(2023, 4, 1), 9, 3313),
    ]
    claims = next(table for table in report.tables if table.table == "ER_PRS_F")
    assert (claims.slices, claims.slices_replaced) == (("2023-02", "2023-04"), ("2023-02",))


def test_what_is_not_delivered_again_keeps_its_very_files(tmp_path: Path) -> None:
    first = deliveries.load(tmp_path, FIRST)

    report = load_next(tmp_path, {"ER_PRS_F.csv": HEADER + act("04/2023", 9, "BRUNO")})

    assert set(first.snapshot.tables["ER_PRS_F"].parts) < set(
        report.snapshot.tables["ER_PRS_F"].parts
    )
    assert first.snapshot.tables["IR_BEN_R"] == report.snapshot.tables["IR_BEN_R"]


def test_a_table_that_is_one_slice_is_replaced_whole(tmp_path: Path) -> None:
    illnesses = "BEN_NIR_PSA;BEN_RNG_GEM;MED_MTF_COD\nANNA;1;{}\n"
    deliveries.load(tmp_path, {"IR_BEN_R.csv": REGISTER, "IR_IMB_R.csv": illnesses.format("E11")})

    report = load_next(tmp_path, {"IR_IMB_R.csv": illnesses.format("I50")})

    assert rows(report.snapshot, "IR_IMB_R", "MED_MTF_COD") == [("I50",)]


def test_a_year_of_stays_delivered_again_replaces_that_year(tmp_path: Path) -> None:
    stay = "NIR_ANO_17;ETA_NUM;RSA_NUM\nANNA;990000001;{}\n"
    deliveries.load(
        tmp_path,
        {
            "IR_BEN_R.csv": REGISTER,
            "T_MCO21C.csv": stay.format("1"),
            "T_MCO22C.csv": stay.format("2"),
        },
    )

    report = load_next(tmp_path, {"T_MCO22C.csv": stay.format("3")})

    assert rows(report.snapshot, "T_MCOaaC", "TABLE_YEAR", "RSA_NUM") == [(2021, "1"), (2022, "3")]


def test_several_files_of_one_month_make_one_slice(tmp_path: Path) -> None:
    report = deliveries.load(
        tmp_path,
        {
            "IR_BEN_R.csv": REGISTER,
            "ER_PRS_F_2022.csv": HEADER + FEBRUARY,
            "ER_PRS_F_2023.csv": HEADER + act("02/2023", 5, "ANNA"),
        },
    )

    assert sorted(rows(report.snapshot, "ER_PRS_F", "DCT_ORD_NUM")) == [(1,), (2,), (5,)]
    assert report.snapshot.tables["ER_PRS_F"].slices == ("2023-02",)


def test_children_find_their_claims_of_a_former_load(tmp_path: Path) -> None:
    deliveries.load(tmp_path, FIRST)

    report = load_next(tmp_path, {"ER_PHA_F.csv": PACK_HEADER + pack("02/2023", 2, 34)})

    assert rows(report.snapshot, "ER_PHA_F", "person_key", "event_date") == [(2, date(2023, 1, 5))]


def test_children_of_a_month_delivered_again_are_stamped_again(tmp_path: Path) -> None:
    packs = PACK_HEADER + pack("02/2023", 1, 34) + pack("03/2023", 3, 35)
    deliveries.load(tmp_path, {**FIRST, "ER_PHA_F.csv": packs})

    # the insurer corrects whose claim it was
    report = load_next(tmp_path, {"ER_PRS_F.csv": HEADER + act("02/2023", 1, "BRUNO")})

    assert rows(report.snapshot, "ER_PHA_F", "person_key", "PHA_PRS_C13") == [(2, 34), (1, 35)]
    stamped = next(table for table in report.tables if table.table == "ER_PHA_F")
    assert stamped.slices_stamped_again == ("2023-02",)


def test_a_claim_without_its_month_of_flow_is_kept_apart(tmp_path: Path) -> None:
    lost = act("02/2023", 8, "ANNA").replace("01/02/2023", "01/01/1600")

    report = deliveries.load(
        tmp_path, {"IR_BEN_R.csv": REGISTER, "ER_PRS_F.csv": HEADER + FEBRUARY + lost}
    )

    assert months(report.snapshot) == {"2023-02": 2, "all": 1}


def test_a_month_with_only_a_header_takes_nothing_away(tmp_path: Path) -> None:
    deliveries.load(tmp_path, FIRST)

    report = load_next(tmp_path, {"ER_PRS_F.csv": HEADER})

    assert months(report.snapshot) == {"2023-02": 2, "2023-03": 1}


def test_a_table_delivered_without_rows_is_empty_from_then_on(tmp_path: Path) -> None:
    illnesses = "BEN_NIR_PSA;BEN_RNG_GEM;MED_MTF_COD\n"
    deliveries.load(
        tmp_path, {"IR_BEN_R.csv": REGISTER, "IR_IMB_R.csv": f"{illnesses}ANNA;1;E11\n"}
    )

    report = load_next(tmp_path, {"IR_IMB_R.csv": illnesses})

    assert report.snapshot.tables["IR_IMB_R"].rows == 0


def test_the_only_year_delivered_without_rows_is_empty_from_then_on(tmp_path: Path) -> None:
    stays = "NIR_ANO_17;ETA_NUM;RSA_NUM\n"
    deliveries.load(
        tmp_path, {"IR_BEN_R.csv": REGISTER, "T_MCO21C.csv": f"{stays}ANNA;990000001;1\n"}
    )

    report = load_next(tmp_path, {"T_MCO21C.csv": stays})

    assert rows(report.snapshot, "T_MCOaaC", "RSA_NUM") == []


def test_the_event_key_is_the_one_that_anyone_can_compute(tmp_path: Path) -> None:
    report = deliveries.load(tmp_path, {"IR_BEN_R.csv": REGISTER, "ER_PRS_F.csv": HEADER + MARCH})

    claim = (date(2023, 3, 1), date(2023, 1, 10), 1, 7, 1, "FUND", 3, 1, 1)
    assert rows(report.snapshot, "ER_PRS_F", "event_key") == [(of(claim),)]


def digests_within(tmp_path: Path, files: dict[str, str], limits: Limits) -> dict[str, list[str]]:
    source = write(tmp_path / "delivery", files)
    lake = Lake(tmp_path / f"lake-{limits.held_bytes}")
    report = load(source, Target(lake, "claims", model("snds"), NOW), limits=limits)
    return {
        name: [part.digest for part in table.parts]
        for name, table in report.snapshot.tables.items()
    }


def test_rows_that_wait_in_memory_or_in_files_become_the_same_parts(tmp_path: Path) -> None:
    lines = "".join(act("02/2023", n, "ANNA") + act("03/2023", n, "BRUNO") for n in range(300))
    late = act("02/2023", 900, "ANNA").replace("05/01/2023", "05012023")  # read a second time
    packs = PACK_HEADER + "".join(pack("02/2023", n, 34) for n in range(300))
    files = {
        "IR_BEN_R.csv": REGISTER,
        "ER_PRS_F_2023.csv": HEADER + lines + late,
        "ER_PHA_F_2023.csv": packs,
    }

    in_files = digests_within(tmp_path, files, Limits(held_bytes=0))
    in_memory = digests_within(tmp_path, files, Limits())

    assert in_memory == in_files
    assert len(in_memory["ER_PRS_F"]) == 2


def one_key(source: str, columns: Sequence[Column]) -> str:
    """A key so weak that all events share it."""
    return f"SELECT 7::UBIGINT AS event_key, * FROM ({source})"  # noqa: S608 — a query of ours


def loaded_with_one_key(tmp_path: Path, files: dict[str, str]) -> LoadReport:
    source = write(tmp_path / "delivery", files)
    target = Target(Lake(tmp_path / "lake"), "claims", model("snds"), NOW)
    return load(source, target, limits=Limits(), event_key=one_key)


def test_a_key_that_two_claims_share_is_forgotten_and_its_children_are_nobodys(
    tmp_path: Path,
) -> None:
    packs = PACK_HEADER + pack("02/2023", 1, 34)

    report = loaded_with_one_key(tmp_path, {**FIRST, "ER_PHA_F.csv": packs})

    assert rows(report.snapshot, "ER_PRS_F", "person_key", "event_key") == [
        (1, None),
        (2, None),
        (1, 7),
    ]
    assert rows(report.snapshot, "ER_PHA_F", "person_key", "event_key") == [(None, 7)]
    claims = next(table for table in report.tables if table.table == "ER_PRS_F")
    assert claims.keys_forgotten == 1


def test_lines_of_one_claim_keep_its_key(tmp_path: Path) -> None:
    twice = HEADER + act("02/2023", 1, "ANNA") + act("02/2023", 1, "ANNA", code=1111)

    report = loaded_with_one_key(tmp_path, {"IR_BEN_R.csv": REGISTER, "ER_PRS_F.csv": twice})

    assert rows(report.snapshot, "ER_PRS_F", "event_key") == [(7,), (7,)]


def many_claims(count: int) -> str:
    persons = ("ANNA", "BRUNO", "CARLA", "DAVID", "")
    return HEADER + "".join(
        act("02/2023", number, persons[number * 7919 % 5]) for number in range(count)
    )


@pytest.mark.parametrize("threads", [1, 2])
def test_two_loads_of_one_delivery_give_the_same_parts(tmp_path: Path, threads: int) -> None:
    packs = PACK_HEADER + "".join(pack("02/2023", n % 997, 34 + n) for n in range(3000))
    source = write(
        tmp_path / "delivery",
        {"IR_BEN_R.csv": REGISTER, "ER_PRS_F.csv": many_claims(9000), "ER_PHA_F.csv": packs},
    )

    def parts(lake: str, threads: int) -> dict[str, object]:
        target = Target(Lake(tmp_path / lake), "claims", model("snds"), NOW)
        limits = Limits(threads=threads, group_rows=2048, part_rows=4096)
        snapshot = load(source, target, limits=limits).snapshot
        return {table.name: table.parts for table in snapshot.every_table()}

    assert parts("first", 2) == parts("second", threads)


def test_a_long_slice_is_cut_into_parts_in_order(tmp_path: Path) -> None:
    source = write(
        tmp_path / "delivery", {"IR_BEN_R.csv": REGISTER, "ER_PRS_F.csv": many_claims(9000)}
    )
    target = Target(Lake(tmp_path / "lake"), "claims", model("snds"), NOW)

    snapshot = load(source, target, limits=Limits(group_rows=2048, part_rows=4096)).snapshot

    files = snapshot.paths(snapshot.tables["ER_PRS_F"])
    found = [pq.read_table(file, columns=["person_key", "event_key"]).to_pylist() for file in files]
    order = [
        [(row["person_key"] or 99, row["event_key"]) for row in part_rows] for part_rows in found
    ]
    assert order == [sorted(part_rows) for part_rows in order]
    assert max(len(part_rows) for part_rows in order) <= 4096
    assert sum(len(part_rows) for part_rows in order) == 9000


def test_another_model_is_refused_in_the_same_dataset(tmp_path: Path) -> None:
    deliveries.load(tmp_path, FIRST)
    source = write(tmp_path / "omop", {"person.csv": "person_id,gender_concept_id\n1,8507\n"})

    with pytest.raises(LoadFailed, match="another dataset"):
        load_delivery(source, lake=Lake(tmp_path / "lake"), dataset="claims", model="omop", now=NOW)
