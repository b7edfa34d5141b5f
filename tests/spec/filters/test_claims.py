"""The traps of reimbursed claims (DCIR): what counts once the filters are on.

Each test shows the lines as they lie in the lake, and those that are left.
"""

from datetime import date
from pathlib import Path

from ecluse.data.filters import State, Switches
from tests.unit.data.filters.reading import cleaned, counted, line


def test_a_corrected_act_is_counted_once_with_its_last_quantity(tmp_path: Path) -> None:
    lines = [
        line(1, PRS_ACT_QTE=2.0, PRS_PAI_MNT=50.0, FLX_DIS_DTD=date(2021, 4, 1)),
        line(2, PRS_ACT_QTE=-2.0, PRS_PAI_MNT=-50.0, FLX_DIS_DTD=date(2021, 6, 1)),
        line(3, PRS_ACT_QTE=1.0, PRS_PAI_MNT=25.0, FLX_DIS_DTD=date(2021, 6, 1)),
    ]

    left = cleaned(
        tmp_path, {"ER_PRS_F": lines}, "event_key", "PRS_ACT_QTE", "PRS_PAI_MNT", of="ER_PRS_F"
    )

    assert left == [(3, 1.0, 25.0)]


def test_an_act_corrected_twice_is_still_one_act(tmp_path: Path) -> None:
    lines = [
        line(1, PRS_ACT_QTE=1.0),
        line(2, PRS_ACT_QTE=-1.0),
        line(3, PRS_ACT_QTE=3.0),
        line(4, PRS_ACT_QTE=-3.0),
        line(5, PRS_ACT_QTE=2.0, FLX_DIS_DTD=date(2021, 9, 1)),
    ]

    left = cleaned(tmp_path, {"ER_PRS_F": lines}, "event_key", "PRS_ACT_QTE", of="ER_PRS_F")

    assert left == [(5, 2.0)]


def test_an_act_cancelled_and_not_written_again_disappears(tmp_path: Path) -> None:
    lines = [line(1, PRS_ACT_QTE=1.0), line(2, PRS_ACT_QTE=-1.0), line(3, PFS_EXE_NUM="P2")]

    left = cleaned(tmp_path, {"ER_PRS_F": lines}, "event_key", of="ER_PRS_F")

    assert left == [(3,)]


def test_two_equal_consultations_of_one_day_that_nothing_cancels_stay_two(tmp_path: Path) -> None:
    lines = [line(1), line(2)]

    left = cleaned(tmp_path, {"ER_PRS_F": lines}, "event_key", of="ER_PRS_F")

    assert left == [(1,), (2,)]


def test_a_correction_cancels_nothing_of_another_day_person_act_or_professional(
    tmp_path: Path,
) -> None:
    lines = [
        line(1, PRS_ACT_QTE=-1.0),
        line(2, event_date=date(2021, 3, 11)),
        line(3, person_key=2),
        line(4, PRS_NAT_REF=1112),
        line(5, PFS_EXE_NUM="P2"),
    ]

    left = cleaned(tmp_path, {"ER_PRS_F": lines}, "event_key", of="ER_PRS_F")

    assert left == [(2,), (3,), (4,), (5,)]


def test_a_line_that_can_be_given_to_nobody_is_corrected_under_its_pseudonym(
    tmp_path: Path,
) -> None:
    lines = [
        line(1, person_key=None, BEN_NIR_PSA="ANNA", BEN_RNG_GEM=1),
        line(2, person_key=None, BEN_NIR_PSA="ANNA", BEN_RNG_GEM=1, PRS_ACT_QTE=-1.0),
        line(3, person_key=None, BEN_NIR_PSA="BRUNO", BEN_RNG_GEM=1),
    ]
    nobody_too = Switches().with_state("fictive_persons", State.OFF)

    left = cleaned(tmp_path, {"ER_PRS_F": lines}, "event_key", of="ER_PRS_F", switches=nobody_too)

    assert left == [(3,)]


def test_packs_given_back_are_taken_off_the_packs_dispensed(tmp_path: Path) -> None:
    packs = [
        line(1, PHA_PRS_C13=3400930000001, PHA_ACT_QSN=3),
        line(2, PHA_PRS_C13=3400930000001, PHA_ACT_QSN=-1),
        line(3, PHA_PRS_C13=3400930000002, PHA_ACT_QSN=1),
    ]

    left = cleaned(tmp_path, {"ER_PHA_F": packs}, "PHA_PRS_C13", "PHA_ACT_QSN", of="ER_PHA_F")

    assert left == [(3400930000001, 2), (3400930000002, 1)]


def test_a_medical_act_takes_its_sign_from_the_claim_line(tmp_path: Path) -> None:
    tables = {
        "ER_PRS_F": [
            line(1, PRS_ACT_QTE=1.0),
            line(2, PRS_ACT_QTE=-1.0),
            line(3, PRS_ACT_QTE=1.0),
        ],
        "ER_CAM_F": [
            line(1, CAM_PRS_IDE="DEQP003", CAM_ACT_COD="1"),
            line(2, CAM_PRS_IDE="DEQP003", CAM_ACT_COD="1"),
            line(3, CAM_PRS_IDE="ZBQK002", CAM_ACT_COD="1"),
        ],
    }

    left = cleaned(tmp_path, tables, "event_key", "CAM_PRS_IDE", of="ER_CAM_F")

    assert left == [(3, "ZBQK002")]


def test_surcharge_lines_are_left_out_of_counts(tmp_path: Path) -> None:
    lines = [line(1, CPL_MAJ_TOP=0), line(2, CPL_MAJ_TOP=2), line(3, CPL_MAJ_TOP=1)]

    left = cleaned(tmp_path, {"ER_PRS_F": lines}, "event_key", of="ER_PRS_F")

    assert left == [(1,), (3,)]


def test_surcharge_lines_are_kept_for_spending_when_their_switch_is_off(tmp_path: Path) -> None:
    lines = [line(1, CPL_MAJ_TOP=0), line(2, CPL_MAJ_TOP=2)]
    spending = Switches().with_state("surcharges", State.OFF)

    left = cleaned(tmp_path, {"ER_PRS_F": lines}, "event_key", of="ER_PRS_F", switches=spending)

    assert left == [(1,), (2,)]


def test_information_lines_are_left_out_and_lines_without_the_code_are_kept(
    tmp_path: Path,
) -> None:
    lines = [
        line(1, DPN_QLF=71, PRS_DPN_QLP=0),
        line(2, DPN_QLF=0, PRS_DPN_QLP=72),
        line(3, DPN_QLF=None, PRS_DPN_QLP=0),
        line(4, DPN_QLF=None, PRS_DPN_QLP=None),
        line(5, DPN_QLF=0, PRS_DPN_QLP=0),
    ]

    left = cleaned(tmp_path, {"ER_PRS_F": lines}, "event_key", of="ER_PRS_F")

    assert left == [(3,), (4,), (5,)]


def test_the_lines_that_not_in_71_72_would_lose_without_a_word_are_counted(tmp_path: Path) -> None:
    lines = [
        line(1, DPN_QLF=71, PRS_DPN_QLP=0),
        line(2, DPN_QLF=None, PRS_DPN_QLP=0),
        line(3, DPN_QLF=0, PRS_DPN_QLP=0),
    ]

    count = counted(tmp_path, {"ER_PRS_F": lines}, of="ER_PRS_F")["information_lines"]

    assert (count.rows_before, count.rows_after, count.rows_unknown) == (3, 2, 1)


def test_strict_reads_as_the_official_sql_and_drops_the_lines_without_the_code(
    tmp_path: Path,
) -> None:
    lines = [line(1, DPN_QLF=None, PRS_DPN_QLP=0), line(2, DPN_QLF=0, PRS_DPN_QLP=0)]
    strict = Switches().with_state("information_lines", State.STRICT)

    left = cleaned(tmp_path, {"ER_PRS_F": lines}, "event_key", of="ER_PRS_F", switches=strict)

    assert left == [(2,)]


def test_public_hospital_acts_billed_directly_are_left_out_of_claims_and_their_details(
    tmp_path: Path,
) -> None:
    tables = {
        "ER_PRS_F": [line(1), line(2), line(3), line(4)],
        "ER_ETE_F": [line(1, ETE_IND_TAA=1), line(2, ETE_IND_TAA=0), line(3, ETE_IND_TAA=None)],
        "ER_BIO_F": [line(1, BIO_PRS_IDE=1104), line(4, BIO_PRS_IDE=1104)],
    }

    acts = cleaned(tmp_path / "acts", tables, "event_key", of="ER_PRS_F")
    tests = cleaned(tmp_path / "tests", tables, "event_key", of="ER_BIO_F")

    assert acts == [(2,), (3,), (4,)]
    assert tests == [(4,)]


def test_details_of_a_line_left_out_are_left_out_with_it(tmp_path: Path) -> None:
    tables = {
        "ER_PRS_F": [line(1, DPN_QLF=71), line(2, DPN_QLF=0)],
        "ER_PHA_F": [line(1, PHA_PRS_C13=3400930000001), line(2, PHA_PRS_C13=3400930000001)],
    }

    left = cleaned(tmp_path, tables, "event_key", of="ER_PHA_F")

    assert left == [(2,)]


def test_care_that_arrived_after_the_cut_off_flow_does_not_change_a_count(tmp_path: Path) -> None:
    lines = [
        line(1, FLX_DIS_DTD=date(2021, 4, 1)),
        line(2, FLX_DIS_DTD=date(2022, 6, 1)),
        line(3, FLX_DIS_DTD=date(2022, 7, 1)),
    ]
    until_june = Switches(flux_until=date(2022, 6, 1))

    left = cleaned(tmp_path, {"ER_PRS_F": lines}, "event_key", of="ER_PRS_F", switches=until_june)

    assert left == [(1,), (2,)]


def test_a_correction_that_arrived_after_the_cut_off_does_not_correct_yet(tmp_path: Path) -> None:
    lines = [
        line(1, PRS_ACT_QTE=1.0, FLX_DIS_DTD=date(2021, 4, 1)),
        line(2, PRS_ACT_QTE=-1.0, FLX_DIS_DTD=date(2022, 9, 1)),
    ]
    until_june = Switches(flux_until=date(2022, 6, 1))

    left = cleaned(tmp_path, {"ER_PRS_F": lines}, "event_key", of="ER_PRS_F", switches=until_june)

    assert left == [(1,)]


def test_a_regime_counts_from_the_year_it_joined_the_claims(tmp_path: Path) -> None:
    lines = [
        line(1, RGM_GRG_COD=1, event_date=date(2008, 5, 1)),
        line(2, RGM_GRG_COD=2, event_date=date(2008, 5, 1)),
        line(3, RGM_GRG_COD=2, event_date=date(2009, 5, 1)),
        line(4, RGM_GRG_COD=4, event_date=date(2011, 5, 1)),
        line(5, RGM_GRG_COD=4, event_date=date(2012, 5, 1)),
    ]

    left = cleaned(tmp_path, {"ER_PRS_F": lines}, "event_key", of="ER_PRS_F")

    assert left == [(1,), (3,), (5,)]


def test_a_line_without_a_date_of_care_belongs_to_no_period(tmp_path: Path) -> None:
    lines = [line(1), line(2, event_date=None)]

    left = cleaned(tmp_path, {"ER_PRS_F": lines}, "event_key", of="ER_PRS_F")

    assert left == [(1,)]


def test_private_stays_are_kept_for_spending_and_left_out_beside_the_hospital_data(
    tmp_path: Path,
) -> None:
    tables = {
        "ER_PRS_F": [line(1), line(2), line(3)],
        "ER_ETE_F": [
            line(1, ETE_TYP_COD=4, MDT_COD=3, ETE_IND_TAA=0),
            line(2, ETE_TYP_COD=4, MDT_COD=7, ETE_IND_TAA=0),
            line(3, ETE_TYP_COD=1, MDT_COD=3, ETE_IND_TAA=0),
        ],
    }
    beside_stays = Switches().with_state("private_stays", State.ON)

    spending = cleaned(tmp_path / "1", tables, "event_key", of="ER_PRS_F")
    counting = cleaned(tmp_path / "2", tables, "event_key", of="ER_PRS_F", switches=beside_stays)

    assert spending == [(1,), (2,), (3,)]
    assert counting == [(2,), (3,)]


def test_a_pack_coded_with_seven_digits_gets_its_thirteen(tmp_path: Path) -> None:
    packs = [
        line(1, PHA_PRS_C13=None, PHA_PRS_IDE=3595583),
        line(2, PHA_PRS_C13=0, PHA_PRS_IDE=3595583),
        line(3, PHA_PRS_C13=3400935955838, PHA_PRS_IDE=None),
        line(4, PHA_PRS_C13=None, PHA_PRS_IDE=None),
    ]

    left = cleaned(tmp_path, {"ER_PHA_F": packs}, "event_key", "PHA_PRS_C13", of="ER_PHA_F")

    assert left == [
        (1, 3400935955838),
        (2, 3400935955838),
        (3, 3400935955838),
        (4, None),
    ]
