"""Every trap: the count told by the truth is the count that plain SQL finds in the files."""

import csv
from pathlib import Path

import duckdb
import pytest

from ecluse.data.synthetic import Country
from tests.unit.data.synthetic.countries import NINE_KEYS, Written, write

REFERENCE = Path(__file__).parents[5] / "shared/snds/reference/finess_doublons_aphp_aphm_hcl.csv"
ACT = (
    "coalesce(NUM_ENQ_IDT, NUM_ENQ || BEN_RNG_GEM), EXE_SOI_DTD, PRS_NAT_REF, PFS_EXE_NUM, "
    "CPL_MAJ_TOP, DPN_QLF, PRS_DPN_QLP"
)


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Written:
    folder = tmp_path_factory.mktemp("country")
    return write(folder, Country(persons=4000, years=(2016, 2017, 2018), seed=7))


def test_cancelled_acts_are_netted_and_the_others_keep_their_lines(country: Written) -> None:
    found = country.ask(
        "SELECT sum(lines), sum(CASE WHEN least >= 0 THEN lines WHEN total > 0 THEN 1 ELSE 0 END), "
        "count(*) FILTER (total > 0) FROM (SELECT count(*) AS lines, "
        "sum(CAST(PRS_ACT_QTE AS INTEGER)) AS total, min(CAST(PRS_ACT_QTE AS INTEGER)) AS least "
        "FROM ER_PRS_F LEFT JOIN IR_BEN_R USING (NUM_ENQ, BEN_RNG_GEM) GROUP BY THE_ACT)",
        THE_ACT=ACT,
    )

    trap = country.trap("regularisations")
    assert found == [(trap["rows_before"], trap["rows_after"], trap["acts_after"])]


def test_packs_told_apart_are_more_acts(country: Written) -> None:
    found = country.count(
        "SELECT count(*) FROM (SELECT 1 FROM ER_PRS_F LEFT JOIN ER_PHA_F USING (NINE_KEYS) "
        "LEFT JOIN IR_BEN_R USING (NUM_ENQ, BEN_RNG_GEM) "
        "GROUP BY THE_ACT, PHA_PRS_C13 HAVING sum(CAST(PRS_ACT_QTE AS INTEGER)) > 0)",
        THE_ACT=ACT,
    )

    assert country.trap("regularisations")["acts_with_drug_after"] == found


def test_some_acts_are_corrected_twice_and_some_never_again(country: Written) -> None:
    trap = country.trap("regularisations")

    assert 0 < trap["lines_second_correction"] < trap["lines_correction"]
    assert trap["lines_correction"] < trap["lines_cancellation"] == trap["lines_wrong"]
    assert trap["lines_second_cancellation"] == trap["lines_second_correction"]


def test_the_truth_names_each_line_of_a_regularisation(country: Written) -> None:
    path = country.made.truth_path / "traps" / "regularisations.parquet"
    with duckdb.connect() as connection:
        rows = connection.read_parquet(str(path))
        roles = dict(rows.aggregate("role, count(*)", "role").fetchall())
        distinct = rows.aggregate(f"count(DISTINCT ({NINE_KEYS}))").fetchall()

    assert roles["wrong"] == roles["cancellation"] == country.trap("regularisations")["injected"]
    assert distinct == [(sum(roles.values()),)]


def test_surcharge_lines_are_those_told(country: Written) -> None:
    found = country.count("SELECT count(*) FROM ER_PRS_F WHERE CAST(CPL_MAJ_TOP AS INTEGER) < 2")

    assert country.trap("surcharges")["rows_after"] == found


def test_information_lines_are_those_told_and_empty_qualifiers_are_kept(country: Written) -> None:
    found = country.ask(
        "SELECT count(*) FILTER (coalesce(DPN_QLF, '') NOT IN ('71', '72') "
        "AND coalesce(PRS_DPN_QLP, '') NOT IN ('71', '72')), "
        "count(*) FILTER (DPN_QLF NOT IN ('71', '72') AND PRS_DPN_QLP NOT IN ('71', '72')) "
        "FROM ER_PRS_F"
    )

    trap = country.trap("information_lines")
    assert found == [(trap["rows_after"], trap["naive_rows_after"])]
    assert trap["naive_rows_after"] < trap["rows_after"]
    assert trap["on_one_column_alone"] > 0


def test_public_direct_billing_is_that_told_and_its_share_grows(country: Written) -> None:
    found = country.count(
        "SELECT count(*) FROM ER_PRS_F LEFT JOIN ER_ETE_F USING (NINE_KEYS) "
        "WHERE ETE_IND_TAA IS DISTINCT FROM '1'"
    )
    shares = country.ask(
        "SELECT avg(CAST(ETE_IND_TAA = '1' AS INTEGER)) AS share "
        "FROM ER_PRS_F JOIN ER_ETE_F USING (NINE_KEYS) "
        "WHERE EXE_SOI_AMD > '2000' GROUP BY EXE_SOI_AMD[:4] ORDER BY EXE_SOI_AMD[:4]"
    )

    assert country.trap("public_direct_billing")["rows_after"] == found
    assert float(str(shares[0][0])) < float(str(shares[2][0]))


@pytest.mark.skipif(not REFERENCE.exists(), reason="../shared (the published list) is absent")
def test_doubled_stays_are_those_of_the_published_numbers_in_their_years(country: Written) -> None:
    with REFERENCE.open(encoding="utf-8") as file:
        listed = " OR ".join(
            f"(ETA_NUM = '{row['finess_geo_to_drop']}' "
            f"AND SOR_ANN BETWEEN '{row['first_year']}' AND '{row['last_year']}')"
            for row in csv.DictReader(file)
        )

    found = country.count("SELECT count(*) FROM T_MCOaaB WHERE NOT (LISTED)", LISTED=listed)

    trap = country.trap("doubled_facilities")
    assert trap["rows_after"] == found
    assert trap["injected"] > 0
    assert trap["same_numbers_in_other_years_kept"] > 0


@pytest.mark.parametrize(
    ("trap", "kept"),
    [
        ("error_groups", "GRG_GHM NOT LIKE '90%'"),
        ("anonymous_abortions", "GRG_GHM <> '14Z08Z'"),
        ("ghs_9999", "GHS_NUM <> '9999'"),
        (
            "inter_facility_services",
            "SEJ_TYP <> 'B' OR GRG_GHM IN ('28Z14Z', '28Z15Z', '28Z16Z')",
        ),
    ],
)
def test_stays_to_drop_are_those_told(country: Written, trap: str, kept: str) -> None:
    found = country.count("SELECT count(*) FROM T_MCOaaB WHERE KEPT", KEPT=kept)

    assert country.trap(trap)["rows_after"] == found < country.trap(trap)["rows_before"]


def test_groups_that_only_contain_90_are_many(country: Written) -> None:
    found = country.count(
        "SELECT count(*) FROM T_MCOaaB WHERE GRG_GHM LIKE '%90%' AND GRG_GHM NOT LIKE '90%'"
    )

    assert country.trap("error_groups")["groups_containing_90_kept"] == found > 0


def test_bad_return_codes_are_those_told(country: Written) -> None:
    found = country.count(
        "SELECT count(*) FROM T_MCOaaC WHERE NIR_RET || NAI_RET || SEX_RET || SEJ_RET || FHO_RET "
        "|| PMS_RET || DAT_RET || COH_NAI_RET || COH_SEX_RET = '000000000'"
    )

    assert country.trap("return_codes")["rows_after"] == found


def test_return_codes_begin_in_their_year(tmp_path: Path) -> None:
    old = write(tmp_path, Country(persons=600, years=(2012, 2013), seed=2))

    found = old.ask(
        "SELECT count(*) FILTER (COH_NAI_RET IS NULL AND filename LIKE '%T_MCO12C%'), "
        "count(*) FILTER (filename LIKE '%T_MCO12C%'), "
        "count(*) FILTER (COH_NAI_RET IS NULL AND filename LIKE '%T_MCO13C%') FROM T_MCOaaC"
    )

    assert found[0][0] == found[0][1]
    assert found[0][2] == 0


def test_unusable_pseudonyms_are_those_told(country: Written) -> None:
    found = country.count(
        "SELECT count(*) FROM T_MCOaaC WHERE NUM_ENQ NOT IN ('xxxxxxxxxxxxxxxxx', "
        "'XXXXXXXXXXXXXXXXD', 'XXXXXXXXXXXXXXXXS')"
    )

    assert country.trap("unusable_pseudonyms")["rows_after"] == found


def test_anonymous_abortions_name_nobody(country: Written) -> None:
    found = country.ask(
        "SELECT DISTINCT NUM_ENQ FROM T_MCOaaB JOIN T_MCOaaC USING (ETA_NUM, RSA_NUM, SOR_ANN) "
        "WHERE GRG_GHM = '14Z08Z'"
    )

    assert found == [("XXXXXXXXXXXXXXXXD",)]


def test_weeks_of_rehabilitation_sent_again_are_those_told(country: Written) -> None:
    found = country.count(
        "SELECT count(*) FROM T_SSRaaB "
        "WHERE MOI_ANN[-4:] = '20' || regexp_extract(filename, 'T_SSR(..)B', 1)"
    )

    trap = country.trap("repeated_rha")
    assert trap["rows_after"] == found == trap["rows_before"] - trap["injected"]
    assert trap["injected"] > 0


def test_each_week_of_rehabilitation_is_kept_once(country: Written) -> None:
    found = country.ask(
        "SELECT max(times) FROM (SELECT count(*) AS times FROM T_SSRaaB "
        "WHERE MOI_ANN[-4:] = '20' || regexp_extract(filename, 'T_SSR(..)B', 1) "
        "GROUP BY ETA_NUM, RHA_NUM, RHS_NUM)"
    )

    assert found == [(1,)]


def test_late_claims_are_those_told_for_every_cut_off(country: Written) -> None:
    found = country.ask(
        "SELECT count(*) FILTER (day <= DATE '2019-06-01'), count(*) FILTER (day <= "
        "DATE '2018-03-01') FROM (SELECT strptime(FLX_DIS_DTD, '%d/%m/%Y') AS day FROM ER_PRS_F)"
    )

    trap = country.trap("late_claims")
    assert found[0][0] == trap["rows_after"]
    assert found[0][1] == trap["available_by_month"]["2018-03-01"]  # type: ignore[index]


def test_missing_dates_are_those_told(country: Written) -> None:
    found = country.ask(
        "SELECT count(*) FILTER (EXE_SOI_DTD <> '01/01/1600'), "
        "count(*) FILTER (PRE_PRE_DTD = '01/01/1600' AND "
        "PRS_NAT_REF IN ('3311', '3312', '3313', '3341')) FROM ER_PRS_F"
    )

    trap = country.trap("missing_dates")
    assert found == [(trap["rows_after"], trap["dispensings_without_prescription_date"])]
    assert trap["rows_after"] < trap["rows_before"]


def test_long_term_illnesses_count_once_whatever_their_renewals(country: Written) -> None:
    found = country.ask(
        "SELECT count(*), count(DISTINCT (NUM_ENQ, BEN_RNG_GEM, IMB_ALD_NUM, MED_MTF_COD)) "
        "FROM IR_IMB_R"
    )

    trap = country.trap("ald_renewals")
    assert found == [(trap["rows_before"], trap["rows_after"])]


def test_care_of_before_a_regime_entered_is_that_told(tmp_path: Path) -> None:
    old = write(tmp_path, Country(persons=1000, years=(2008, 2009), seed=2))

    found = old.ask(
        "SELECT count(*) FILTER (RGM_GRG_COD IN ('2', '3', '8') AND EXE_SOI_AMD BETWEEN '200801' "
        "AND '200812' OR RGM_GRG_COD IN ('4', '5', '6', '7', '10') AND EXE_SOI_AMD > '2000'), "
        "count(*) FILTER (RGM_GRG_COD = '2' AND EXE_SOI_AMD > '200900') FROM ER_PRS_F"
    )

    assert found[0][0] == old.trap("regime_entry")["injected"] > 0
    assert int(str(found[0][1])) > 5 * int(str(found[0][0]))
