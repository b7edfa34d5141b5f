"""What the quality report of an SNDS dataset tells its data manager."""

from datetime import date
from pathlib import Path

from ecluse.data.quality import Status
from tests.unit.data.lakes import diagnosis
from tests.unit.data.quality.examined import FLOW, act, found, measured, registered

MAY = date(2022, 5, 10)


def test_care_before_birth_is_counted(tmp_path: Path) -> None:
    register = [registered(1), registered(2, BEN_NAI_ANN=2022, BEN_NAI_MOI="06")]
    acts = [act(1, MAY, 1), act(2, MAY, 2), act(2, date(2022, 6, 1), 3)]

    report = measured(tmp_path, {"ER_PRS_F": acts, "IR_BEN_R": register})

    assert found(report, "care-before-birth", "ER_PRS_F") == (1, 3, Status.FAILED)


def test_care_is_allowed_sixty_days_after_death_because_invoices_are_late(tmp_path: Path) -> None:
    register = [registered(1, BEN_DCD_DTE=date(2022, 3, 1)), registered(2)]
    acts = [
        act(1, date(2022, 4, 30), 1),  # 60 days after
        act(1, date(2022, 5, 1), 2),  # 61 days after
        act(2, MAY, 3),  # alive: not examined
    ]

    report = measured(tmp_path, {"ER_PRS_F": acts, "IR_BEN_R": register})

    assert found(report, "care-after-death", "ER_PRS_F") == (1, 2, Status.FAILED)


def test_care_dated_after_the_flow_that_brings_it_or_after_today_is_counted(
    tmp_path: Path,
) -> None:
    acts = [
        act(1, date(2022, 6, 30), 1),  # in the month of the flow: possible
        act(1, date(2022, 7, 1), 2),
        act(1, date(2062, 7, 1), 3),
    ]

    report = measured(tmp_path, {"ER_PRS_F": acts})

    assert found(report, "care-after-flow", "ER_PRS_F") == (2, 3, Status.FAILED)
    assert found(report, "future-date", "ER_PRS_F") == (1, 3, Status.FAILED)


def test_two_lines_with_the_same_nine_columns_are_one_repetition(tmp_path: Path) -> None:
    acts = [act(1, MAY, 7), act(1, MAY, 7), act(2, MAY, 8)]

    report = measured(tmp_path, {"ER_PRS_F": acts})

    assert found(report, "repeated-key", "ER_PRS_F") == (1, 3, Status.FAILED)


def test_drugs_without_their_claim_are_counted(tmp_path: Path) -> None:
    drug = {"event_date": MAY, "FLX_DIS_DTD": FLOW, "PHA_PRS_C13": 3400930000000}
    drugs = [
        {"person_key": 1, "event_key": 1, **drug},
        {"person_key": 1, "event_key": 1, **drug},  # a second box of the same claim
        {"person_key": 2, "event_key": 99, **drug},
    ]

    report = measured(tmp_path, {"ER_PRS_F": [act(1, MAY, 1)], "ER_PHA_F": drugs})

    assert found(report, "child-without-parent", "ER_PHA_F") == (1, 3, Status.FAILED)


def test_lines_of_nobody_and_of_persons_unknown_to_the_register_are_told_apart(
    tmp_path: Path,
) -> None:
    acts = [act(1, MAY, 1), act(2, MAY, 2), act(None, MAY, 3)]

    report = measured(tmp_path, {"ER_PRS_F": acts, "IR_BEN_R": [registered(1)]})

    assert found(report, "row-without-person", "ER_PRS_F") == (1, 3, Status.WARNING)
    assert found(report, "person-not-in-register", "ER_PRS_F") == (1, 2, Status.WARNING)


def test_stays_without_a_main_diagnosis_are_counted(tmp_path: Path) -> None:
    stays = [diagnosis(1, MAY, "E119"), diagnosis(2, MAY, None)]

    report = measured(tmp_path, {"T_MCOaaB": stays})

    assert found(report, "missing-value", "T_MCOaaB", "DGN_PAL") == (1, 2, Status.FAILED)


def test_persons_whom_the_register_gives_several_sexes_or_birth_years_are_counted(
    tmp_path: Path,
) -> None:
    register = [
        registered(1),
        registered(1, BEN_SEX_COD=1),
        registered(2),
        registered(2, BEN_NAI_ANN=1961),
    ]

    report = measured(tmp_path, {"IR_BEN_R": register})

    assert found(report, "several-sexes", "IR_BEN_R") == (1, 2, Status.WARNING)
    assert found(report, "several-birth-years", "IR_BEN_R") == (1, 2, Status.WARNING)


def test_a_sex_that_the_register_cannot_have_is_counted(tmp_path: Path) -> None:
    report = measured(tmp_path, {"IR_BEN_R": [registered(1), registered(2, BEN_SEX_COD=9)]})

    assert found(report, "unexpected-value", "IR_BEN_R", "BEN_SEX_COD") == (1, 2, Status.FAILED)


def test_negative_lines_are_regularisations_and_only_many_of_them_ask_for_a_look(
    tmp_path: Path,
) -> None:
    acts = [act(1, MAY, key, PRS_ACT_QTE=1.0) for key in range(19)]
    acts.append(act(1, MAY, 19, PRS_ACT_QTE=-1.0))

    report = measured(tmp_path, {"ER_PRS_F": acts})

    assert found(report, "negative-quantity", "ER_PRS_F", "PRS_ACT_QTE") == (1, 20, Status.PASSED)


def test_care_that_ends_before_it_begins_is_counted(tmp_path: Path) -> None:
    acts = [
        act(1, MAY, 1, EXE_SOI_DTF=MAY),
        act(1, MAY, 2, EXE_SOI_DTF=date(2022, 5, 9)),
        act(1, MAY, 3, EXE_SOI_DTF=None),
    ]

    report = measured(tmp_path, {"ER_PRS_F": acts})

    assert found(report, "end-before-start", "ER_PRS_F", "EXE_SOI_DTF") == (1, 2, Status.FAILED)


def test_a_clean_dataset_has_nothing_to_correct(tmp_path: Path) -> None:
    acts = [
        act(1, MAY, 1, PRS_ACT_QTE=1.0, EXE_SOI_DTF=MAY),
        act(2, MAY, 2, PRS_ACT_QTE=1.0, EXE_SOI_DTF=MAY),
    ]
    register = [registered(1), registered(2, BEN_SEX_COD=1)]

    report = measured(tmp_path, {"ER_PRS_F": acts, "IR_BEN_R": register})

    assert [check for check in report.checks if check.status is Status.FAILED] == []
