from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from ecluse.data.filters import (
    DEFAULTS,
    Cleaning,
    State,
    Switch,
    Switches,
    clean,
    counts,
    filters,
    find,
    late_regimes,
)
from ecluse.data.lake import read
from ecluse.data.schemas import model
from ecluse.domain.errors import InvalidInput, Malformed, NotFound
from tests.unit.data.filters.reading import cleaned, counted, line, opened, stay


def test_switches_come_back_from_json_as_they_were() -> None:
    switches = Switches(flux_until=date(2022, 6, 1)).with_state("surcharges", State.OFF)

    assert Switches.from_json(switches.to_json()) == switches


def test_the_json_of_switches_is_plain() -> None:
    switches = Switches(flux_until=date(2022, 6, 1)).with_state("surcharges", State.OFF)

    assert switches.to_json() == {
        "changed": [{"filter": "surcharges", "state": "off"}],
        "flux_until": "2022-06-01",
    }


def test_a_filter_cannot_have_two_states() -> None:
    twice = (Switch("surcharges", State.OFF), Switch("surcharges", State.ON))

    with pytest.raises(ValueError, match="two states"):
        Switches(twice)


def test_a_state_that_does_not_exist_is_refused() -> None:
    with pytest.raises(Malformed):
        Switches.from_json(
            {"changed": [{"filter": "surcharges", "state": "maybe"}], "flux_until": None}
        )


def test_a_switch_of_no_filter_is_refused(tmp_path: Path) -> None:
    misspelt = Switches().with_state("surcharge", State.OFF)

    with pytest.raises(InvalidInput, match="surcharge"):
        cleaned(tmp_path, {"ER_PRS_F": [line(1)]}, "event_key", of="ER_PRS_F", switches=misspelt)


def test_a_filter_that_does_not_exist_is_not_found() -> None:
    with pytest.raises(NotFound, match="nothing_of_the_kind"):
        find("snds", "nothing_of_the_kind")


def test_a_model_without_filters_is_read_whole() -> None:
    assert filters("omop") == ()


def test_every_table_and_column_of_the_filters_is_in_the_model() -> None:
    tables = model("snds").tables
    named = {
        (table, condition.column)
        for found in filters("snds")
        for rule in found.rules
        for table in rule.tables
        for alternative in rule.drop
        for condition in alternative
    }
    own = {"event_date", "person_key"}

    unknown = {
        (table, column)
        for table, column in named
        if column not in own and (table not in tables or tables[table].column(column) is None)
    }

    # The simplified claims have one qualifier, not two.
    assert unknown == {("NS_PRS_F", "PRS_DPN_QLP")}


def test_a_year_window_reads_claims_by_date_of_care(tmp_path: Path) -> None:
    lines = [line(1, event_date=date(2020, 12, 31)), line(2), line(3, event_date=date(2022, 1, 1))]

    left = cleaned(tmp_path, {"ER_PRS_F": lines}, "event_key", of="ER_PRS_F", years=(2021, 2021))

    assert left == [(2,)]


def test_a_year_window_reads_stays_by_year_of_table(tmp_path: Path) -> None:
    stays = [stay(1, event_date=date(2020, 12, 30)), stay(2, TABLE_YEAR=2020)]

    left = cleaned(tmp_path, {"T_MCOaaB": stays}, "event_key", of="T_MCOaaB", years=(2021, 2021))

    assert left == [(1,)]


def test_a_code_loaded_as_text_is_compared_without_its_spaces(tmp_path: Path) -> None:
    stays = [stay(1, SEJ_TYP=" B", GRG_GHM="05M092 "), stay(2, SEJ_TYP="A", GRG_GHM="05M092")]

    left = cleaned(tmp_path, {"T_MCOaaB": stays}, "event_key", of="T_MCOaaB")

    assert left == [(2,)]


def test_columns_and_their_types_are_those_of_the_lake(tmp_path: Path) -> None:
    connection, snapshot = opened(
        tmp_path, {"ER_PHA_F": [line(1, PHA_PRS_C13=0, PHA_PRS_IDE=3595583, PHA_ACT_QSN=1)]}
    )

    rows = clean(connection, snapshot, "ER_PHA_F")

    lake = read(connection, snapshot, "ER_PHA_F")
    assert (rows.columns, rows.types) == (lake.columns, lake.types)


def test_a_filter_that_needs_a_table_the_dataset_lacks_says_so(tmp_path: Path) -> None:
    count = counted(tmp_path, {"ER_PRS_F": [line(1)]}, of="ER_PRS_F")["public_direct_billing"]

    assert (count.lacks, count.is_applied, count.rows_after) == ("ER_ETE_F", False, 1)


def test_late_claims_without_a_cut_off_say_that_it_is_missing(tmp_path: Path) -> None:
    count = counted(tmp_path, {"ER_PRS_F": [line(1)]}, of="ER_PRS_F")["late_claims"]

    assert (count.lacks, count.is_applied) == ("flux_until", False)


def test_a_filter_that_is_off_still_tells_what_it_would_do(tmp_path: Path) -> None:
    lines = [line(1, CPL_MAJ_TOP=2), line(2, CPL_MAJ_TOP=0)]
    off = DEFAULTS.with_state("surcharges", State.OFF)

    count = counted(tmp_path, {"ER_PRS_F": lines}, of="ER_PRS_F", switches=off)["surcharges"]

    assert (count.rows_before, count.rows_after, count.rows_left) == (2, 1, 2)


def test_what_is_left_in_the_end_is_what_clean_returns(tmp_path: Path) -> None:
    tables = {
        "ER_PRS_F": [
            line(1, PRS_ACT_QTE=1.0, CPL_MAJ_TOP=0),
            line(2, PRS_ACT_QTE=-1.0, CPL_MAJ_TOP=0),
            line(3, PRS_ACT_QTE=2.0, CPL_MAJ_TOP=0),
            line(4, CPL_MAJ_TOP=2),
            line(5, PFS_EXE_NUM="P2", CPL_MAJ_TOP=0),
            line(6, PFS_EXE_NUM="P3", CPL_MAJ_TOP=0, event_date=None),
        ],
        "ER_ETE_F": [line(5, ETE_IND_TAA=1)],
    }
    connection, snapshot = opened(tmp_path, tables)

    found = {count.name: count for count in counts(connection, snapshot, "ER_PRS_F")}

    assert {name: (count.rows_after, count.rows_left) for name, count in found.items()} == {
        "missing_dates": (5, 5),
        "late_claims": (6, 5),
        "regime_entry": (6, 5),
        "information_lines": (6, 5),
        "surcharges": (5, 4),
        "public_direct_billing": (5, 3),
        "private_stays": (6, 3),
        "fictive_persons": (6, 3),
        "provisional_persons": (6, 3),
        "regularisations": (4, 1),
    }
    assert clean(connection, snapshot, "ER_PRS_F").fetchall()[0][2] == 3


def test_a_pack_that_can_be_repaired_is_counted_and_none_is_lost(tmp_path: Path) -> None:
    packs = [line(1, PHA_PRS_C13=None, PHA_PRS_IDE=3595583), line(2, PHA_PRS_C13=3400935955838)]

    count = counted(tmp_path, {"ER_PHA_F": packs}, of="ER_PHA_F")["former_drug_codes"]

    assert (count.rows_before, count.rows_after, count.rows_repaired) == (2, 2, 1)


def test_a_trend_from_2010_lacks_the_regimes_of_2012() -> None:
    assert [group.title for group in late_regimes("snds", first_year=2010)] == [
        "SNCF",
        "RATP",
        "Marins (ENIM)",
        "Mines (CANSSM)",
        "Chambre de commerce et d'industrie de Paris",
        "Port autonome de Bordeaux",
    ]
    assert late_regimes("snds", first_year=2012) == ()


def test_the_doubled_facilities_are_forty_seven() -> None:
    (rule,) = find("snds", "doubled_facilities").rules
    ((condition,),) = rule.drop

    finess = [value for group in condition.groups for value in group.values]

    assert (len(finess), len(set(finess))) == (47, 47)


def test_a_line_is_judged_unknown_only_where_the_absent_value_decides(tmp_path: Path) -> None:
    lines = [line(1, DPN_QLF=71, PRS_DPN_QLP=None), line(2, DPN_QLF=0, PRS_DPN_QLP=None)]

    count = counted(tmp_path, {"ER_PRS_F": lines}, of="ER_PRS_F")["information_lines"]

    assert replace(count, rows_left=0) == replace(
        count, rows_before=2, rows_after=1, rows_unknown=1, rows_left=0
    )


def test_asking_for_some_persons_gives_the_rows_of_a_later_filter(tmp_path: Path) -> None:
    tables = {
        "ER_PRS_F": [
            line(1, person_key=1),
            line(2, person_key=1, PRS_ACT_QTE=-1.0),
            line(3, person_key=2),
            line(4, person_key=3),
            line(5, person_key=3, PFS_EXE_NUM="P2"),
        ],
        "ER_ETE_F": [line(5, person_key=3, ETE_IND_TAA=1)],
    }
    connection, snapshot = opened(tmp_path, tables)
    among = connection.from_arrow(pa.table({"person_key": pa.array([1, 3], pa.int32())}))

    narrowed = clean(connection, snapshot, "ER_PRS_F", among=among)

    later = clean(connection, snapshot, "ER_PRS_F").filter("person_key IN (1, 3)")
    assert narrowed.fetchall() == later.fetchall()
    assert narrowed.project("event_key").fetchall() == [(4,)]


def test_tables_cleaned_together_are_those_cleaned_apart_and_leave_nothing(tmp_path: Path) -> None:
    tables = {
        "ER_PRS_F": [line(1), line(2, DPN_QLF=71), line(3, CPL_MAJ_TOP=2), line(4)],
        "ER_PHA_F": [line(1), line(2)],
        "ER_CAM_F": [line(2), line(3), line(4)],
        "ER_ETE_F": [line(4, ETE_IND_TAA=1)],
    }
    connection, snapshot = opened(tmp_path, tables)

    with closing(Cleaning(connection, snapshot)) as cleaning:
        packs = cleaning.table("ER_PHA_F").project("event_key").fetchall()
        acts = cleaning.table("ER_CAM_F").project("event_key").fetchall()
        lines = cleaning.table("ER_PRS_F").project("event_key").fetchall()

    assert (packs, acts, lines) == ([(1,)], [], [(1,)])
    assert connection.sql("SHOW TABLES").fetchall() == []


def test_sampled_claims_have_the_filters_of_claims(tmp_path: Path) -> None:
    tables = {
        "EB_PRS_F": [line(1, DPN_QLF=71), line(2, DPN_QLF=0), line(3, DPN_QLF=0)],
        "EB_ETE_F": [line(3, ETE_IND_TAA=1)],
    }

    left = cleaned(tmp_path, tables, "event_key", of="EB_PRS_F")

    assert left == [(2,)]


def test_simplified_claims_say_the_billing_in_their_main_table(tmp_path: Path) -> None:
    lines = [line(1, ETE_IND_TAA=1), line(2, ETE_IND_TAA=None), line(3, DPN_QLF=71)]

    left = cleaned(tmp_path, {"NS_PRS_F": lines}, "event_key", of="NS_PRS_F")

    assert left == [(2,)]


def test_rows_without_an_event_key_are_not_judged_by_another_table(tmp_path: Path) -> None:
    lines, packs = dict(line(1, DPN_QLF=71)), dict(line(1, PHA_PRS_C13=3400930000001))
    del packs["event_key"]

    count = counted(tmp_path, {"ER_PRS_F": [lines], "ER_PHA_F": [packs]}, of="ER_PHA_F")

    assert count["information_lines"].lacks == "ER_PRS_F (DPN_QLF, PRS_DPN_QLP)"
    assert count["information_lines"].rows_left == 1
