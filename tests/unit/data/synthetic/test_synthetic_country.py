"""The country is coherent: persons, care, stays and deaths tell one story."""

from pathlib import Path

import pytest

from ecluse.data.synthetic import Country
from ecluse.trust.pseudonyms.national_numbers import (
    pseudonymise_national_number,
    synthetic_national_number,
)
from tests.unit.data.synthetic.countries import KEY, Written, write

PERSONS = 3000


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Written:
    folder = tmp_path_factory.mktemp("country")
    return write(folder, Country(persons=PERSONS, years=(2021, 2022), seed=7))


def test_the_report_counts_the_rows_of_each_file(country: Written) -> None:
    found = country.count("SELECT count(*) FROM ER_PRS_F WHERE filename LIKE '%ER_PRS_F_2022.csv'")

    assert country.made.rows["ER_PRS_F_2022.csv"] == found
    assert country.made.claim_lines == country.count("SELECT count(*) FROM ER_PRS_F")


def test_the_nine_keys_designate_one_line_each(country: Written) -> None:
    found = country.count("SELECT count(DISTINCT (NINE_KEYS)) FROM ER_PRS_F")

    assert found == country.made.claim_lines


@pytest.mark.parametrize(
    "table", ["ER_PHA_F", "ER_CAM_F", "ER_BIO_F", "ER_TIP_F", "ER_UCD_F", "ER_ETE_F"]
)
def test_every_refinement_belongs_to_a_line(country: Written, table: str) -> None:
    found = country.ask(
        "SELECT count(*) FILTER (PRS_NAT_REF IS NULL), count(*) > 0 "
        "FROM REFINEMENT LEFT JOIN ER_PRS_F USING (NINE_KEYS)",
        REFINEMENT=table,
    )

    assert found == [(0, True)]


@pytest.mark.parametrize("letter", ["A", "C", "D", "UM"])
def test_every_part_of_a_stay_belongs_to_a_stay(country: Written, letter: str) -> None:
    found = country.ask(
        "SELECT count(*) FROM PART AS child ANTI JOIN T_MCOaaB AS stay "
        "ON child.ETA_NUM = stay.ETA_NUM AND child.RSA_NUM = stay.RSA_NUM",
        PART=f"T_MCOaa{letter}",
    )

    assert found == [(0,)]


def test_a_stay_has_as_many_wards_as_it_says(country: Written) -> None:
    found = country.ask(
        "SELECT count(*) FROM T_MCOaaB JOIN (SELECT ETA_NUM, RSA_NUM, count(*) AS wards, "
        "sum(CAST(PAR_DUR_SEJ AS INTEGER)) AS nights FROM T_MCOaaUM GROUP BY ALL) "
        "USING (ETA_NUM, RSA_NUM) WHERE wards <> CAST(NBR_RUM AS INTEGER) "
        "OR nights <> CAST(SEJ_NBJ AS INTEGER)"
    )

    assert found == [(0,)]


def test_each_claimant_is_a_person_of_the_register_except_those_told(country: Written) -> None:
    found = country.count(
        "SELECT count(DISTINCT (claim.NUM_ENQ, claim.BEN_RNG_GEM)) FROM ER_PRS_F AS claim "
        "ANTI JOIN IR_BEN_R AS person "
        "ON claim.NUM_ENQ = person.NUM_ENQ AND claim.BEN_RNG_GEM = person.BEN_RNG_GEM"
    )

    assert country.made.traps["persons_absent_from_register"] == found > 0


def test_register_and_absent_make_all_the_persons(country: Written) -> None:
    found = country.count("SELECT count(DISTINCT NUM_ENQ_IDT) FROM IR_BEN_R")

    assert found + country.made.traps["persons_absent_from_register"] == PERSONS


def test_the_first_person_can_opt_out_with_the_first_number(country: Written) -> None:
    pseudonym = pseudonymise_national_number(synthetic_national_number(0), KEY)

    found = country.count(
        "SELECT count(*) FROM IR_BEN_R WHERE NUM_ENQ_ANO = 'THE_PSEUDONYM'",
        THE_PSEUDONYM=pseudonym,
    )

    assert found in (1, 2)


def test_the_first_person_is_treated_for_diabetes_and_pain(country: Written) -> None:
    pseudonym = pseudonymise_national_number(synthetic_national_number(0), KEY)

    found = country.ask(
        "SELECT DISTINCT PHA_ATC_C07 FROM ER_PRS_F JOIN ER_PHA_F USING (NINE_KEYS) "
        "JOIN IR_PHA_R ON PHA_PRS_C13 = PHA_CIP_C13 JOIN IR_BEN_R USING (NUM_ENQ, BEN_RNG_GEM) "
        "WHERE NUM_ENQ_ANO = 'THE_PSEUDONYM'",
        THE_PSEUDONYM=pseudonym,
    )

    assert {("A10BA02",), ("M01AB05",)} <= set(found)


def test_claims_become_available_on_the_first_of_the_month_after_their_processing(
    country: Written,
) -> None:
    found = country.ask(
        "WITH days AS (SELECT strptime(FLX_DIS_DTD, '%d/%m/%Y') AS available, "
        "strptime(FLX_TRT_DTD, '%d/%m/%Y') AS treated, strptime(EXE_SOI_DTD, '%d/%m/%Y') AS care "
        "FROM ER_PRS_F) SELECT count(*) FROM days "
        "WHERE available <> date_trunc('month', treated) + INTERVAL 1 MONTH OR treated <= care"
    )

    assert found == [(0,)]


def test_nearly_all_claims_are_known_six_months_after_the_care(country: Written) -> None:
    late = country.count(
        "SELECT count(*) FROM ER_PRS_F WHERE strptime(FLX_TRT_DTD, '%d/%m/%Y') "
        "> strptime(EXE_SOI_DTD, '%d/%m/%Y') + INTERVAL 183 DAYS AND EXE_SOI_AMD > '2000'"
    )

    assert 0.001 < late / country.made.claim_lines < 0.03


def test_nobody_is_treated_after_death_or_before_birth(country: Written) -> None:
    found = country.ask(
        "WITH dead AS (SELECT NUM_ENQ_IDT, max(strptime(BEN_DCD_DTE, '%d/%m/%Y')) AS died "
        "FROM IR_BEN_R GROUP BY ALL) SELECT count(*) FROM ER_PRS_F "
        "JOIN IR_BEN_R USING (NUM_ENQ, BEN_RNG_GEM) JOIN dead USING (NUM_ENQ_IDT) "
        "WHERE (died > DATE '1700-01-01' AND strptime(EXE_SOI_DTD, '%d/%m/%Y') > died) "
        "OR EXE_SOI_AMD[:4] < ER_PRS_F.BEN_NAI_ANN AND EXE_SOI_AMD > '2000'"
    )

    assert found == [(0,)]


def test_a_death_is_written_on_one_pseudonym_only(country: Written) -> None:
    found = country.ask(
        "SELECT max(times) FROM (SELECT count(*) FILTER (BEN_DCD_DTE <> '01/01/1600') AS times "
        "FROM IR_BEN_R GROUP BY NUM_ENQ_IDT)"
    )

    assert found == [(1,)]


def test_each_death_has_its_initial_cause_among_its_causes(country: Written) -> None:
    found = country.ask(
        "SELECT count(*) FILTER (cause.DCD_IDT_ENC IS NULL), count(DISTINCT death.DCD_IDT_ENC) > 0 "
        "FROM KI_CCI_R AS death LEFT JOIN KI_ECD_R AS cause "
        "ON death.DCD_IDT_ENC = cause.DCD_IDT_ENC AND DCD_CIM_COD = ECD_CIM_COD"
    )

    assert found == [(0, True)]


def test_antidiabetics_go_to_persons_with_diabetes(country: Written) -> None:
    treated = country.count(
        "SELECT count(DISTINCT coalesce(NUM_ENQ_IDT, NUM_ENQ || BEN_RNG_GEM)) FROM ER_PRS_F "
        "JOIN ER_PHA_F USING (NINE_KEYS) JOIN IR_PHA_R ON PHA_PRS_C13 = PHA_CIP_C13 "
        "LEFT JOIN IR_BEN_R USING (NUM_ENQ, BEN_RNG_GEM) WHERE PHA_ATC_C07 LIKE 'A10%'"
    )

    diabetics = country.made.conditions["diabetes"]
    assert 0.6 * diabetics < treated <= diabetics


def test_clinics_bill_the_stays_that_hospital_data_also_tell(country: Written) -> None:
    billed = country.count(
        "SELECT count(*) FROM ER_PRS_F JOIN ER_ETE_F USING (NINE_KEYS) "
        "WHERE PRS_NAT_REF = '2111' AND ETE_IND_TAA = '2'"
    )
    stays = country.count(
        "SELECT count(*) FROM T_MCOaaB WHERE GRG_GHM <> '14Z08Z' AND ETA_NUM IN "
        "(SELECT ETA_NUM FROM T_MCOaaE WHERE SOC_RAI LIKE 'Clinique%')"
    )

    assert billed == stays > 0


def test_ages_under_two_years_are_written_in_months(country: Written) -> None:
    found = country.ask(
        "SELECT count(*) FILTER (BEN_AMA_COD IN ('0', '1')), "
        "count(*) FILTER (CAST(BEN_AMA_COD AS INTEGER) BETWEEN 1000 AND 1023) > 0 FROM ER_PRS_F"
    )

    assert found == [(0, True)]


def test_the_disease_map_says_what_the_truth_says(country: Written) -> None:
    found = country.count(
        "SELECT count(*) FROM CT_IND JOIN CT_IDE USING (id_carto) WHERE top_FDiabet_ind = '1'"
    )

    assert 0.5 * country.made.conditions["diabetes"] < found / 2
    assert found / 2 <= country.made.conditions["diabetes"]


def test_sixteen_persons_in_a_hundred_with_a_long_term_illness_have_no_claim(
    country: Written,
) -> None:
    found = country.ask(
        "SELECT avg(CAST(claimant IS NULL AS INTEGER)) "
        "FROM (SELECT DISTINCT NUM_ENQ FROM IR_IMB_R) "
        "LEFT JOIN (SELECT NUM_ENQ, 1 AS claimant FROM IR_BEN_R WHERE BEN_TOP_CNS = '1' "
        "UNION SELECT NUM_ENQ, 1 FROM ER_PRS_F) USING (NUM_ENQ)"
    )

    assert 0.10 < float(str(found[0][0])) < 0.25


def test_a_long_term_illness_is_registered_in_life_and_in_time(country: Written) -> None:
    found = country.ask(
        "WITH person AS (SELECT NUM_ENQ, BEN_RNG_GEM, max(BEN_NAI_ANN) AS born, "
        "max(strptime(BEN_DCD_DTE, '%d/%m/%Y')) AS died FROM IR_BEN_R GROUP BY ALL), "
        "began AS (SELECT NUM_ENQ, BEN_RNG_GEM, strptime(IMB_ALD_DTD, '%d/%m/%Y') AS day "
        "FROM IR_IMB_R) SELECT count(*) FILTER (died > DATE '1700-01-01' AND day > died), "
        "count(*) FILTER (year(day) < CAST(born AS INTEGER)), "
        "count(*) FILTER (day > DATE '2022-12-31'), count(*) > 100 "
        "FROM began JOIN person USING (NUM_ENQ, BEN_RNG_GEM)"
    )

    assert found == [(0, 0, 0, True)]


def test_certificates_of_the_last_year_are_told_as_late(country: Written) -> None:
    told = country.trap("late_deaths")

    # Care ends in 2022, so the advised flow is that of June 2023: only deaths of 2021 are known.
    assert told["rows_before"] == country.count("SELECT count(*) FROM KI_CCI_R")
    assert told["rows_after"] == told["deaths_of_2021"] > 0
    assert told["rows_after"] == country.count(
        "SELECT count(*) FROM KI_CCI_R WHERE FLX_PER_ANN = '2021'"
    )


def test_packs_without_a_class_are_those_told(country: Written) -> None:
    told = country.trap("unclassified_packs")

    # Since 2014 every delivery has the 13 digits that lead to the table of packs.
    assert told["injected"] > 0
    assert told["rows_after"] == country.count(
        "SELECT count(*) FROM ER_PHA_F JOIN IR_PHA_R ON PHA_PRS_C13 = PHA_CIP_C13 "
        "WHERE PHA_ATC_C07 <> ''"
    )


def test_care_is_as_dense_as_real_claims_when_asked(tmp_path: Path) -> None:
    made = write(tmp_path, Country(persons=500, years=(2022,), seed=3, intensity=3)).made

    assert 75 <= made.claim_lines / 500 <= 160
