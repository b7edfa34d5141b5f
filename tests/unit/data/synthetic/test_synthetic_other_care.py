"""Care beside acute stays: outpatients of hospitals, hospital at home, psychiatry."""

import pytest

from ecluse.data.synthetic import Country
from tests.unit.data.synthetic.countries import Written, write

NUMBERED = "(SELECT *, regexp_extract(filename, 'T_...(..)', 1) AS year FROM {})"
VISITS, CODES, FEES = (NUMBERED.format(f"T_MCOaa{name}") for name in ("CSTC", "FMSTC", "FBSTC"))
"""A visit's number is its own in a year alone."""


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Written:
    folder = tmp_path_factory.mktemp("country")
    return write(folder, Country(persons=4000, years=(2015, 2016, 2017), seed=7))


@pytest.mark.parametrize(
    ("part", "whole", "number"),
    [
        ("T_MCOaaFASTC", "T_MCOaaCSTC", "ETA_NUM, SEQ_NUM"),
        ("T_MCOaaFBSTC", "T_MCOaaCSTC", "ETA_NUM, SEQ_NUM"),
        ("T_MCOaaFCSTC", "T_MCOaaCSTC", "ETA_NUM, SEQ_NUM"),
        ("T_MCOaaFMSTC", "T_MCOaaCSTC", "ETA_NUM, SEQ_NUM"),
        ("T_MCOaaFLSTC", "T_MCOaaCSTC", "ETA_NUM, SEQ_NUM"),
        ("T_HADaaB", "T_HADaaC", "ETA_NUM_EPMSI, RHAD_NUM"),
        ("T_HADaaD", "T_HADaaC", "ETA_NUM_EPMSI, RHAD_NUM"),
        ("T_HADaaA", "T_HADaaC", "ETA_NUM_EPMSI, RHAD_NUM"),
        ("T_HADaaGRP", "T_HADaaC", "ETA_NUM_EPMSI, RHAD_NUM"),
        ("T_RIPaaRSA", "T_RIPaaC", "ETA_NUM_EPMSI, RIP_NUM"),
        ("T_RIPaaRSAD", "T_RIPaaC", "ETA_NUM_EPMSI, RIP_NUM"),
    ],
)
def test_every_part_belongs_to_a_stay_or_visit_of_its_year(
    country: Written, part: str, whole: str, number: str
) -> None:
    found = country.ask(
        "SELECT count(*) FILTER (whole.year IS NULL), count(*) > 0 FROM "
        "(SELECT KEYS, regexp_extract(filename, 'T_...(..)', 1) AS year FROM PART) AS part "
        "LEFT JOIN (SELECT KEYS, regexp_extract(filename, 'T_...(..)', 1) AS year FROM WHOLE) "
        "AS whole USING (KEYS, year)",
        PART=part,
        WHOLE=whole,
        KEYS=number,
    )

    assert found == [(0, True)]


@pytest.mark.parametrize(
    ("table", "number"),
    [
        ("T_MCOaaCSTC", "ETA_NUM, SEQ_NUM"),
        ("T_HADaaC", "ETA_NUM_EPMSI, RHAD_NUM"),
        ("T_RIPaaC", "ETA_NUM_EPMSI, RIP_NUM"),
    ],
)
def test_a_number_designates_one_stay_or_visit_of_a_year(
    country: Written, table: str, number: str
) -> None:
    found = country.ask(
        "SELECT count(*) - count(DISTINCT (KEYS, filename)) FROM TABLE_ASKED",
        TABLE_ASKED=table,
        KEYS=number,
    )

    assert found == [(0,)]


def test_acts_done_in_public_hospitals_are_told_by_the_claims_and_by_the_hospital(
    country: Written,
) -> None:
    hospital = country.count(
        "SELECT count(DISTINCT (NUM_ENQ, EXE_SOI_DTD)) FROM THE_VISITS "
        "JOIN THE_CODES USING (ETA_NUM, SEQ_NUM, year) WHERE CCAM_COD[:4] NOT IN "
        "('MZMP', 'NZMP', 'MDEP') AND NUM_ENQ NOT LIKE 'xxx%' AND NUM_ENQ NOT LIKE 'XXX%'",
        THE_VISITS=VISITS,
        THE_CODES=CODES,
    )
    both = country.count(
        "SELECT count(DISTINCT (NUM_ENQ, EXE_SOI_DTD)) FROM ER_PRS_F "
        "JOIN ER_CAM_F USING (NINE_KEYS) JOIN ER_ETE_F USING (NINE_KEYS) "
        "WHERE (NUM_ENQ, EXE_SOI_DTD) IN "
        "(SELECT (NUM_ENQ, EXE_SOI_DTD) FROM T_MCOaaCSTC) AND MDT_COD = '7'"
    )

    # Claims lack the day of a few, and what a regime that ended would have paid.
    assert 0.97 * hospital < both <= 1.01 * hospital
    assert hospital > 500


def test_visits_without_a_claim_are_emergencies(country: Written) -> None:
    found = country.ask(
        "SELECT bool_and(ACT_COD = 'ATU'), count(*) / (3 * 4000.0) FROM THE_VISITS "
        "JOIN THE_FEES USING (ETA_NUM, SEQ_NUM, year)",
        THE_VISITS=VISITS,
        THE_FEES=FEES,
    )

    assert found[0][0] is True
    assert 0.15 < float(str(found[0][1])) < 0.35


@pytest.mark.parametrize(
    ("trap", "table", "kept"),
    [
        (
            "outpatient_return_codes",
            "T_MCOaaCSTC",
            "NIR_RET || NAI_RET || SEX_RET || IAS_RET || ENT_DAT_RET = '00000'",
        ),
        (
            "outpatient_pseudonyms",
            "T_MCOaaCSTC",
            "NUM_ENQ NOT IN ('xxxxxxxxxxxxxxxxx', 'XXXXXXXXXXXXXXXXD', 'XXXXXXXXXXXXXXXXS')",
        ),
        ("ght_99", "T_HADaaGRP", "GHT_NUM <> '99'"),
        (
            "home_care_return_codes",
            "T_HADaaC",
            "NIR_RET || NAI_RET || SEX_RET || SEJ_RET || FHO_RET || PMS_RET || DAT_RET "
            "|| COH_NAI_RET || COH_SEX_RET = '000000000'",
        ),
        ("psychiatry_exclusions", "T_RIPaaRSA", "SEQ_IND IS DISTINCT FROM 'E'"),
        ("generated_psychiatry", "T_RIPaaRSA", "TYP_GEN_RSA = '0'"),
        (
            "psychiatry_return_codes",
            "T_RIPaaC",
            "NIR_RET || NAI_RET || SEX_RET || SEJ_RET || FHO_RET || PMS_RET || DAT_RET "
            "|| COH_NAI_RET || COH_SEX_RET = '000000000'",
        ),
    ],
)
def test_rows_to_drop_are_those_told(country: Written, trap: str, table: str, kept: str) -> None:
    found = country.ask(
        "SELECT count(*), count(*) FILTER (KEPT) FROM TABLE_ASKED", KEPT=kept, TABLE_ASKED=table
    )

    told = country.trap(trap)
    assert found == [(told["rows_before"], told["rows_after"])]


def test_hospital_at_home_and_psychiatry_are_as_many_as_published(country: Written) -> None:
    found = country.ask(
        "SELECT (SELECT count(DISTINCT (NUM_ENQ, EXE_SOI_DTD)) FROM T_HADaaC) / 12000.0, "
        "(SELECT count(DISTINCT (NUM_ENQ, EXE_SOI_DTD)) FROM T_RIPaaC) / 12000.0"
    )

    # 267,000 and 806,000 stays in 2021, of 67 million persons: 0.0040 and 0.0120 a person.
    at_home, in_psychiatry = (float(str(value)) for value in found[0])
    assert 0.5 * 0.0040 < at_home < 1.5 * 0.0040
    assert 0.6 * 0.0120 < in_psychiatry < 1.4 * 0.0120


def test_weeks_at_home_follow_each_other_until_the_end_of_the_stay(country: Written) -> None:
    found = country.ask(
        "SELECT max(CAST(SSEQ_NBJ AS INTEGER)), bool_and(CAST(SSEQ_NBJ AS INTEGER) <= "
        "CAST(SEJ_NBJ AS INTEGER)), count(*) FILTER (SSEQ_SEQ_DER = '1') > 20 FROM T_HADaaB"
    )

    assert found == [(7, True, True)]
