"""What each kind of row of the SNDS becomes in the OMOP common data model 5.4."""

from dataclasses import replace
from datetime import date
from pathlib import Path

from tests.unit.data.conversion.converting import (
    YEAR_2022,
    claim,
    converted,
    detail,
    flow,
    of_stay,
    registered,
    rows,
    stay,
)

MAY_2 = date(2022, 5, 2)
MAY_3 = date(2022, 5, 3)
MAY_9 = date(2022, 5, 9)
METFORMIN = 3400949800308
DIAGNOSES = "condition_source_value, visit_detail_id"
PACK = {"PHA_CIP_C13": METFORMIN, "PHA_MED_NOM": "METFORMINE", "PHA_ATC_C07": "A10BA02"}


def test_a_person_keeps_the_key_and_the_name_by_which_an_opt_out_is_known(tmp_path: Path) -> None:
    made = converted(tmp_path, {})

    columns = "person_id, gender_concept_id, year_of_birth, month_of_birth, person_source_value"
    assert rows(made, "person", columns) == [
        (1, 8532, 1960, 3, "opt-1"),
        (2, 8532, 1960, 3, "opt-2"),
    ]


def test_a_person_of_the_claims_alone_is_described_by_them(tmp_path: Path) -> None:
    act = claim(11, MAY_2, BEN_NAI_ANN=1985, BEN_SEX_COD=1)

    made = converted(tmp_path, {"IR_BEN_R": [registered(2)], "ER_PRS_F": [act]})

    found = rows(made, "person", "person_id, gender_concept_id, year_of_birth")
    assert found == [(1, 8507, 1985), (2, 8532, 1960)]


def test_a_number_that_several_persons_share_is_no_person(tmp_path: Path) -> None:
    # 08: a fictive number, behind which anybody may be.
    register = [registered(1, BEN_CDI_NIR="08"), registered(2)]
    act = claim(11, MAY_2, BEN_NAI_ANN=1960, BEN_SEX_COD=1)

    made = converted(tmp_path, {"IR_BEN_R": register, "ER_PRS_F": [act]})

    assert rows(made, "person", "person_id") == [(2,)]
    assert flow(made, "_persons", "person").left_out == {"unusable-number": 1}
    assert flow(made, "ER_PRS_F", "visit_occurrence").rows_written == 0


def test_a_person_without_a_year_of_birth_is_left_out_and_counted(tmp_path: Path) -> None:
    register = [registered(1, BEN_NAI_ANN=None), registered(2)]

    made = converted(tmp_path, {"IR_BEN_R": register, "ER_PRS_F": [claim(11, MAY_2)]})

    assert rows(made, "person", "person_id") == [(2,)]
    assert flow(made, "_persons", "person").left_out == {"no-birth-year": 1}
    assert flow(made, "ER_PRS_F", "visit_occurrence").left_out == {"person-left-out": 1}


def test_observation_begins_with_the_data_not_with_the_first_reimbursement(tmp_path: Path) -> None:
    # Person 2 has no care at all, and is observed all the same.
    made = converted(tmp_path, {"ER_PRS_F": [claim(11, MAY_2)]})

    columns = "person_id, observation_period_start_date, observation_period_end_date"
    assert rows(made, "observation_period", columns) == [
        (1, date(2022, 1, 1), date(2022, 12, 31)),
        (2, date(2022, 1, 1), date(2022, 12, 31)),
    ]


def test_observation_runs_from_birth_to_death(tmp_path: Path) -> None:
    register = [
        registered(1, BEN_NAI_ANN=2022, BEN_NAI_MOI="04"),
        registered(2, BEN_DCD_DTE=date(2022, 9, 30)),
    ]

    made = converted(tmp_path, {"IR_BEN_R": register})

    columns = "person_id, observation_period_start_date, observation_period_end_date"
    assert rows(made, "observation_period", columns) == [
        (1, date(2022, 4, 1), date(2022, 12, 31)),
        (2, date(2022, 1, 1), date(2022, 9, 30)),
    ]


def test_whoever_died_before_the_data_began_is_left_out_and_counted(tmp_path: Path) -> None:
    register = [registered(1, BEN_DCD_DTE=date(2021, 12, 30)), registered(2)]

    made = converted(tmp_path, {"IR_BEN_R": register})

    assert rows(made, "person", "person_id") == [(2,)]
    assert flow(made, "_persons", "person").left_out == {"never-observed": 1}


def test_observation_begins_when_the_regime_joined_the_claims(tmp_path: Path) -> None:
    # 4, SNCF: in the claims from 2012.
    act = claim(11, date(2013, 5, 2), RGM_GRG_COD=4)
    choices = replace(YEAR_2022, first_day=date(2010, 1, 1))

    made = converted(tmp_path, {"ER_PRS_F": [act]}, choices=choices)

    columns = "person_id, observation_period_start_date"
    assert rows(made, "observation_period", columns) == [
        (1, date(2012, 1, 1)),
        (2, date(2010, 1, 1)),
    ]


def test_a_death_is_dated_by_the_register_and_explained_by_the_certificate(tmp_path: Path) -> None:
    register = [registered(1, BEN_DCD_DTE=MAY_9), registered(2)]
    certificates = [
        {"person_key": 1, "event_date": MAY_9, "BEN_DCD_DTE": MAY_9, "DCD_CIM_COD": "I21.9"},
        {"person_key": 2, "event_date": MAY_2, "BEN_DCD_DTE": MAY_2, "DCD_CIM_COD": "C349"},
        {"person_key": None, "event_date": MAY_2, "BEN_DCD_DTE": MAY_2, "DCD_CIM_COD": "R99"},
    ]

    made = converted(tmp_path, {"IR_BEN_R": register, "KI_CCI_R": certificates})

    columns = "person_id, death_date, death_type_concept_id, cause_source_value"
    assert rows(made, "death", columns) == [
        (1, MAY_9, 32815, "I219"),
        (2, MAY_2, 32815, "C349"),
    ]
    assert flow(made, "KI_CCI_R", "death").left_out == {"nobody": 1}


def test_lines_of_one_day_and_one_professional_are_one_visit(tmp_path: Path) -> None:
    acts = [
        claim(11, MAY_2, 1111),
        claim(12, MAY_2, 1324),
        claim(13, MAY_3, 1111),
        claim(14, MAY_2, 3313, PFS_EXE_NUM="PHARM"),
        claim(15, MAY_2, 3211, PFS_EXE_NUM="LAB"),
        claim(16, MAY_2, 6111),  # sick pay: no visit
    ]

    made = converted(tmp_path, {"ER_PRS_F": acts})

    found = rows(made, "visit_occurrence", "visit_start_date, visit_concept_id")
    assert found == [(MAY_2, 32036), (MAY_2, 581458), (MAY_2, 9202), (MAY_3, 9202)]
    told = flow(made, "ER_PRS_F", "visit_occurrence")
    assert told.left_out == {"act-without-visit": 1, "same-visit": 1}
    assert told.is_explained


def test_a_stay_is_a_visit_with_its_hospital_and_its_diagnoses(tmp_path: Path) -> None:
    tables = {
        **stay(21, MAY_2, MAY_9, DGN_PAL="I50.1", DGN_REL="E119"),
        "T_MCOaaD": [of_stay(21, MAY_2, ASS_DGN="N189")],
    }

    made = converted(tmp_path, tables)

    assert rows(made, "care_site", "care_site_source_value") == [("75000000",)]
    columns = "visit_concept_id, visit_start_date, visit_end_date, visit_type_concept_id"
    assert rows(made, "visit_occurrence", columns) == [(9201, MAY_2, MAY_9, 32853)]
    columns = "condition_source_value, condition_status_source_value, condition_status_concept_id"
    assert rows(made, "condition_occurrence", columns) == [
        ("E119", "DR", 32908),
        ("I501", "DP", 32902),
        ("N189", "DAS", 32908),
    ]


def test_a_stay_begun_at_the_emergency_room_says_so(tmp_path: Path) -> None:
    made = converted(tmp_path, stay(21, MAY_2, MAY_9, ENT_PRV="5"))

    assert rows(made, "visit_occurrence", "visit_concept_id") == [(262,)]


def test_a_stay_that_filters_leave_out_takes_its_diagnoses_with_it(tmp_path: Path) -> None:
    tables = {
        **stay(21, MAY_2, MAY_9, GRG_GHM="90Z00Z"),
        "T_MCOaaD": [of_stay(21, MAY_2, ASS_DGN="N189")],
    }

    made = converted(tmp_path, tables)

    assert rows(made, "visit_occurrence", "visit_occurrence_id") == []
    assert rows(made, "condition_occurrence", "condition_occurrence_id") == []
    assert flow(made, "T_MCOaaD.ASS_DGN", "condition_occurrence").left_out == {"filters": 1}


def test_wards_follow_each_other_within_the_stay_and_keep_their_diagnoses(tmp_path: Path) -> None:
    wards = [
        of_stay(21, MAY_2, UM_ORD_NUM=1, PAR_DUR_SEJ=1, AUT_TYP1_UM="01A", DGN_PAL="I219"),
        of_stay(21, MAY_2, UM_ORD_NUM=2, PAR_DUR_SEJ=6, AUT_TYP1_UM="29", DGN_PAL="Z501"),
    ]

    made = converted(tmp_path, {**stay(21, MAY_2, MAY_9), "T_MCOaaUM": wards})

    columns = "visit_detail_start_date, visit_detail_end_date, visit_detail_source_value"
    assert rows(made, "visit_detail", columns) == [
        (MAY_2, MAY_3, "01A"),
        (MAY_3, MAY_9, "29"),
    ]
    with_ward = [row for row in rows(made, "condition_occurrence", DIAGNOSES) if row[1]]
    assert with_ward == [("I219", 1), ("Z501", 2)]


def test_a_registered_illness_is_a_condition_from_its_first_day_to_its_last(tmp_path: Path) -> None:
    # Two registrations that touch are one illness; 11 is not a long-term illness.
    first = {"IMB_ALD_DTD": date(2015, 1, 1), "IMB_ALD_DTF": date(2019, 12, 31)}
    renewed = {"IMB_ALD_DTD": date(2020, 1, 1), "IMB_ALD_DTF": date(2024, 12, 31)}
    ill = {"person_key": 1, "MED_MTF_COD": "E11", "IMB_ETM_NAT": 41}
    illnesses = [
        {**ill, **first, "event_date": date(2015, 1, 1)},
        {**ill, **renewed, "event_date": date(2020, 1, 1)},
    ]

    made = converted(tmp_path, {"IR_IMB_R": illnesses})

    columns = "condition_source_value, condition_start_date, condition_end_date"
    assert rows(made, "condition_occurrence", columns) == [
        ("E11", date(2015, 1, 1), date(2024, 12, 31))
    ]


def test_a_pack_covers_thirty_days_and_a_large_one_ninety(tmp_path: Path) -> None:
    large = {"PHA_CIP_C13": 3400900000002, "PHA_GRD_CND": "O"}
    small = {**PACK, "PHA_GRD_CND": "N"}
    tables = {
        "ER_PRS_F": [claim(11, MAY_2, 3313), claim(12, MAY_3, 3313)],
        "ER_PHA_F": [
            detail(11, MAY_2, PHA_PRS_C13=METFORMIN, PHA_ACT_QSN=2),
            detail(12, MAY_3, PHA_PRS_C13=3400900000002, PHA_ACT_QSN=1),
        ],
        "IR_PHA_R": [small, large],
    }

    made = converted(tmp_path, tables)

    columns = "drug_source_value, quantity, days_supply, drug_exposure_end_date"
    assert rows(made, "drug_exposure", columns) == [
        ("3400900000002", 1.0, 90, date(2022, 7, 31)),
        ("3400949800308", 2.0, 60, date(2022, 6, 30)),
    ]


def test_an_exposure_may_begin_with_the_prescription(tmp_path: Path) -> None:
    tables = {
        "ER_PRS_F": [claim(11, MAY_9, 3313, PRE_PRE_DTD=MAY_2)],
        "ER_PHA_F": [detail(11, MAY_9, PHA_PRS_C13=METFORMIN, PHA_ACT_QSN=1)],
    }

    delivered = converted(tmp_path / "a", tables)
    prescribed = converted(
        tmp_path / "b", tables, choices=replace(YEAR_2022, drug_start="prescription")
    )

    assert rows(delivered, "drug_exposure", "drug_exposure_start_date") == [(MAY_9,)]
    assert rows(prescribed, "drug_exposure", "drug_exposure_start_date") == [(MAY_2,)]


def test_an_illness_still_open_has_no_end(tmp_path: Path) -> None:
    began = date(2015, 1, 1)
    ill = {"person_key": 1, "event_date": began, "MED_MTF_COD": "E11", "IMB_ETM_NAT": 41}
    open_illness = {**ill, "IMB_ALD_DTD": began, "IMB_ALD_DTF": None}

    made = converted(tmp_path, {"IR_IMB_R": [open_illness]})

    columns = "condition_start_date, condition_end_date"
    assert rows(made, "condition_occurrence", columns) == [(began, None)]


def test_a_hospital_drug_lasts_a_day_and_no_more_is_said(tmp_path: Path) -> None:
    tables = {
        "ER_PRS_F": [claim(11, MAY_2, 3317)],
        "ER_UCD_F": [detail(11, MAY_2, UCD_UCD_COD="9261110", UCD_DLV_NBR=4)],
    }

    made = converted(tmp_path, tables)

    columns = "drug_source_value, quantity, days_supply, drug_exposure_end_date"
    assert rows(made, "drug_exposure", columns) == [("9261110", 4.0, None, MAY_2)]


def test_a_vaccination_is_an_exposure_of_its_day_without_a_visit(tmp_path: Path) -> None:
    dose = {"person_key": 1, "event_date": MAY_2, "PHA_PRS_C13": 3400930206973}

    made = converted(tmp_path, {"IR_VAC_F": [dose]})

    columns = "drug_exposure_start_date, drug_exposure_end_date, visit_occurrence_id"
    assert rows(made, "drug_exposure", columns) == [(MAY_2, MAY_2, None)]


def test_a_delay_that_no_stay_can_have_counts_for_none(tmp_path: Path) -> None:
    act = of_stay(21, MAY_2, CDC_ACT="DDAF006", ENT_DAT_DEL=2_000_000_000)

    made = converted(tmp_path, {**stay(21, MAY_2, MAY_9), "T_MCOaaA": [act]})

    assert rows(made, "procedure_occurrence", "procedure_date") == [(MAY_2,)]


def test_a_delivery_that_was_cancelled_is_no_exposure(tmp_path: Path) -> None:
    tables = {
        "ER_PRS_F": [
            claim(11, MAY_2, 3313),
            claim(12, MAY_2, 3313, PRS_ACT_QTE=-1.0),
        ],
        "ER_PHA_F": [
            detail(11, MAY_2, PHA_PRS_C13=METFORMIN, PHA_ACT_QSN=1),
            detail(12, MAY_2, PHA_PRS_C13=METFORMIN, PHA_ACT_QSN=-1),
        ],
    }

    made = converted(tmp_path, tables)

    assert rows(made, "drug_exposure", "drug_exposure_id") == []
    told = flow(made, "ER_PHA_F.PHA_PRS_C13", "drug_exposure")
    assert (told.rows_read, told.left_out) == (2, {"filters": 2})


def test_an_act_of_a_stay_is_dated_by_its_delay_and_one_of_town_by_its_claim(
    tmp_path: Path,
) -> None:
    tables = {
        **stay(21, MAY_2, MAY_9),
        "T_MCOaaA": [of_stay(21, MAY_2, CDC_ACT="DDAF006", ENT_DAT_DEL=1)],
        "ER_PRS_F": [claim(11, MAY_9, 1351)],
        "ER_CAM_F": [detail(11, MAY_9, CAM_PRS_IDE="ZCQM008")],
    }

    made = converted(tmp_path, tables)

    columns = "procedure_source_value, procedure_date, procedure_type_concept_id"
    assert rows(made, "procedure_occurrence", columns) == [
        ("DDAF006", MAY_3, 32853),
        ("ZCQM008", MAY_9, 32859),
    ]


def test_a_laboratory_test_is_a_measurement_without_a_value(tmp_path: Path) -> None:
    # The SNDS knows that a test was paid for, never its result.
    tables = {
        "ER_PRS_F": [claim(11, MAY_2, 3211)],
        "ER_BIO_F": [detail(11, MAY_2, BIO_PRS_IDE=1577)],
    }

    made = converted(tmp_path, tables)

    columns = "measurement_source_value, value_as_number, value_as_concept_id"
    assert rows(made, "measurement", columns) == [("1577", None, None)]


def test_a_medical_device_keeps_its_code_and_quantity(tmp_path: Path) -> None:
    tables = {
        "ER_PRS_F": [claim(11, MAY_2, 3512)],
        "ER_TIP_F": [detail(11, MAY_2, TIP_PRS_IDE=1136894, TIP_ACT_QSN=3)],
    }

    made = converted(tmp_path, tables)

    assert rows(made, "device_exposure", "device_source_value, quantity") == [("1136894", 3)]


def test_a_row_without_a_date_or_a_code_is_counted_not_lost(tmp_path: Path) -> None:
    tables = {
        "ER_PRS_F": [claim(11, MAY_2, 3211), claim(12, MAY_2, 3211), claim(13, MAY_2, 3211)],
        "ER_BIO_F": [
            detail(11, None, BIO_PRS_IDE=1577),
            detail(12, MAY_2, BIO_PRS_IDE=0),
            detail(13, MAY_2, BIO_PRS_IDE=1577),
        ],
    }

    made = converted(tmp_path, tables)

    told = flow(made, "ER_BIO_F.BIO_PRS_IDE", "measurement")
    assert (told.rows_read, told.rows_written) == (3, 1)
    # The filter of missing dates, on by default, leaves out the line without a date.
    assert told.left_out == {"filters": 1, "no-code": 1}


def test_a_drug_belongs_to_the_five_levels_of_its_atc_class(tmp_path: Path) -> None:
    made = converted(tmp_path, {"IR_PHA_R": [PACK]})

    concepts = dict(rows(made, "concept", "concept_id, concept_code"))
    ancestors = rows(made, "concept_ancestor", "ancestor_concept_id, min_levels_of_separation")
    assert {(concepts[concept], levels) for concept, levels in ancestors} == {
        ("A10BA02", 1),
        ("A10BA", 2),
        ("A10B", 3),
        ("A10", 4),
        ("A", 5),
    }
