"""The models of the product: names recognised, slices, years, and what a snapshot keeps."""

import json

import pytest

from ecluse.data.schemas import decode, encode, model, models
from ecluse.domain.errors import Malformed, NotFound

NINE = (
    "FLX_DIS_DTD",
    "FLX_TRT_DTD",
    "FLX_EMT_TYP",
    "FLX_EMT_NUM",
    "FLX_EMT_ORD",
    "ORG_CLE_NUM",
    "DCT_ORD_NUM",
    "PRS_ORD_NUM",
    "REM_TYP_AFF",
)


def test_the_snds_and_omop_are_known() -> None:
    assert {"omop", "snds"} <= set(models())


def test_an_unknown_model_is_not_found() -> None:
    with pytest.raises(NotFound, match="no-such-model"):
        model("no-such-model")


def test_an_unknown_table_is_not_found() -> None:
    with pytest.raises(NotFound, match="NO_SUCH"):
        model("snds").table("NO_SUCH")


def test_an_unknown_source_is_not_found() -> None:
    with pytest.raises(NotFound, match="horoscope"):
        model("snds").source("horoscope")


@pytest.mark.parametrize(
    ("file", "table", "year"),
    [
        ("ER_PRS_F", "ER_PRS_F", None),
        ("ER_PRS_F_2016", "ER_PRS_F", 2016),
        ("er_prs_f", "ER_PRS_F", None),
        ("T_MCO06B", "T_MCOaaB", 2006),
        ("T_MCO21CSTC", "T_MCOaaCSTC", 2021),
        ("T_RIP19RSA", "T_RIPaaRSA", 2019),
        ("T_MCO15GV11", "T_MCOaaGVxx", 2015),
        ("T_MCO22GV1122", "T_MCOaaGVxx", 2022),
        ("CT_IDE_2019_G8", "CT_IDE_AAAA_GN", 2019),
        ("CT_IND_G11_2022", "CT_IND_GN_AAAA", 2022),
        ("CRTO_CT_DEP_2021_G11", "CT_DEP_GN_AAAA", 2021),
    ],
)
def test_a_file_name_tells_its_table_and_year(file: str, table: str, year: int | None) -> None:
    found = model("snds").recognise(file)

    assert found is not None
    assert (found.schema.name, found.year) == (table, year)


@pytest.mark.parametrize(
    "file", ["T_MCOaaB", "ER_PRS_F_16", "ER_PRS", "T_XYZ19B", "CT_IDE_19_G8", "T_MCO2021B"]
)
def test_other_file_names_are_no_table(file: str) -> None:
    assert model("snds").recognise(file) is None


@pytest.mark.parametrize(
    ("table", "slicing"),
    [
        ("ER_PRS_F", "flow"),
        ("NS_PHA_F", "flow"),
        ("T_SSRaaB", "year"),
        ("CT_IDE_AAAA_GN", "year"),
        ("IR_BEN_R", "whole"),
    ],
)
def test_claims_are_sliced_by_flow_and_hospital_tables_by_year(table: str, slicing: str) -> None:
    assert model("snds").table(table).slicing == slicing


@pytest.mark.parametrize(
    ("table", "event_key"),
    [
        ("ER_PRS_F", NINE),
        ("ER_DCT_F", NINE),
        ("NS_CAM_F", ("CLE_DCI_JNT",)),
        ("EB_PHA_F", ("CLE_TEC_PRS",)),
        ("T_MCOaaD", ("TABLE_YEAR", "ETA_NUM", "RSA_NUM")),
        ("T_MCOaaFMSTC", ("TABLE_YEAR", "ETA_NUM", "SEQ_NUM")),
        ("T_SSRaaB", ("TABLE_YEAR", "ETA_NUM", "RHA_NUM")),
        ("T_HADaaVALO", ("TABLE_YEAR", "ETA_NUM_EPMSI", "RHAD_NUM")),
        ("T_RIPaaRSA", ("TABLE_YEAR", "ETA_NUM_EPMSI", "RIP_NUM")),
        ("IR_BEN_R", ()),
    ],
)
def test_the_columns_that_name_an_event_differ_between_families(
    table: str, event_key: tuple[str, ...]
) -> None:
    assert model("snds").table(table).event_key == event_key


def test_a_column_is_there_only_in_its_years() -> None:
    sender = model("snds").table("ER_DCT_F").column("DCT_EMT_IDT")

    assert sender is not None
    assert [sender.is_in(year) for year in (2005, 2006, 2021, 2022)] == [False, True, True, False]


def test_years_without_a_column_between_its_first_and_its_last_are_known() -> None:
    main = model("snds").table("T_HADaaB").column("DGN_PAL")

    assert main is not None
    assert [main.is_in(year) for year in (2011, 2012, 2013, 2014)] == [True, False, False, True]


def test_claims_gained_six_columns_between_2016_and_2023() -> None:
    claims = model("snds").table("ER_PRS_F")

    gained = {column.name for column in claims.columns_in(2023)} - {
        column.name for column in claims.columns_in(2016)
    }

    assert gained == {
        "BEN_C2S_TYP",
        "PCB_FOR_AMC",
        "PEN_TYP_COD",
        "PRS_FAC_TOP",
        "PRS_TYP_MIN",
        "PRS_ZON_FIL",
    }


def test_project_deliveries_may_call_the_person_num_enq() -> None:
    found = model("snds").table("ER_PRS_F").column("NUM_ENQ")

    assert found is not None
    assert found.name == "BEN_NIR_PSA"


@pytest.mark.parametrize(
    ("table", "before", "now"),
    [
        ("visit_occurrence", "admitting_source_concept_id", "admitted_from_concept_id"),
        ("visit_occurrence", "discharge_to_source_value", "discharged_to_source_value"),
        ("visit_detail", "visit_detail_parent_id", "parent_visit_detail_id"),
    ],
)
def test_names_of_omop_5_3_are_understood(table: str, before: str, now: str) -> None:
    found = model("omop").table(table).column(before)

    assert found is not None
    assert found.name == now


def test_a_child_is_dated_by_its_parent() -> None:
    snds = model("snds")

    assert snds.is_dated(snds.table("ER_PHA_F"))
    assert not snds.is_dated(snds.table("IR_PHA_R"))


@pytest.mark.parametrize("name", ["omop", "snds"])
def test_a_model_survives_the_way_through_json(name: str) -> None:
    whole = model(name)

    assert decode(json.loads(json.dumps(encode(whole, list(whole.tables))))) == whole


def test_a_snapshot_keeps_the_parents_of_its_tables_and_the_sources_found_in_them() -> None:
    kept = decode(encode(model("snds"), ["T_MCOaaD", "ER_PHA_F"]))

    assert set(kept.tables) == {"T_MCOaaD", "T_MCOaaC", "ER_PHA_F", "ER_PRS_F"}
    # by ATC class they need IR_PHA_R, which is not there
    assert set(kept.sources) == {"act_nature", "drug_cip", "stay_associated_diagnosis"}


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("tables",), None, "list of tables"),
        (("register",), None, "Register is missing"),
        (("tables", 0, "columns", 0, "role"), "friend", "role is 'friend'"),
        (("tables", 0, "columns", 0, "type"), "blob", "type is 'blob'"),
        (("tables", 0, "columns", 0, "colour"), "blue", "colour"),
        (("tables", 0, "columns", 0, "role"), [], r"role is \[\]"),
        (("tables", 0, "columns", 0, "length"), 3, "length is 3; use str"),
        (("tables", 0, "columns", 0, "first_year"), True, "first_year is True; use int"),
        (("tables", 0, "person_by"), "luck", "person_by is 'luck'"),
        (("tables", 0, "key"), "BEN_NIR_PSA", "key is 'BEN_NIR_PSA'; use a list of str"),
        (("tables", 0, "key"), [1], "use a list of str"),
        (("tables", 0, "joins"), ["IR_IBA_R"], "Join is missing"),
    ],
)
def test_a_model_that_was_tampered_with_is_refused(
    path: tuple[str | int, ...], value: object, said: str
) -> None:
    fields = json.loads(json.dumps(encode(model("snds"), ["IR_BEN_R"])))
    *way, last = path
    inside = fields
    for step in way:
        inside = inside[step]
    inside[last] = value

    with pytest.raises(Malformed, match=said):
        decode(fields)
