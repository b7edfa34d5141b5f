"""The traps of hospital stays (PMSI): what counts once the filters are on."""

from pathlib import Path

from ecluse.data.filters import State, Switches
from tests.unit.data.filters.reading import cleaned, counted, stay


def test_a_stay_sent_under_two_finess_is_counted_once_in_the_years_of_that_finess(
    tmp_path: Path,
) -> None:
    # 690787478 (HCL) sent its stays twice from 2011 to 2014, 940100019 (AP-HP) in 2005 alone.
    stays = [
        stay(1, ETA_NUM="690787478", TABLE_YEAR=2014),
        stay(2, ETA_NUM="690781810", TABLE_YEAR=2014),
        stay(3, ETA_NUM="690787478", TABLE_YEAR=2015),
        stay(4, ETA_NUM="940100019", TABLE_YEAR=2006),
        stay(5, ETA_NUM="750100018", TABLE_YEAR=2017),
        stay(6, ETA_NUM="750100018", TABLE_YEAR=2018),
    ]

    left = cleaned(tmp_path, {"T_MCOaaB": stays}, "event_key", of="T_MCOaaB")

    assert left == [(2,), (3,), (4,), (6,)]


def test_a_group_that_begins_with_90_is_an_error_and_one_that_contains_90_is_not(
    tmp_path: Path,
) -> None:
    stays = [
        stay(1, GRG_GHM="90Z00Z"),
        stay(2, GRG_GHM="05M092"),
        stay(3, GRG_GHM="11M901"),
        stay(4, GRG_GHM=None),
    ]

    left = cleaned(tmp_path, {"T_MCOaaB": stays}, "event_key", of="T_MCOaaB")

    assert left == [(2,), (3,), (4,)]


def test_anonymous_abortions_are_left_out(tmp_path: Path) -> None:
    stays = [stay(1, GRG_GHM="14Z08Z"), stay(2, GRG_GHM="14Z14A")]

    left = cleaned(tmp_path, {"T_MCOaaB": stays}, "event_key", of="T_MCOaaB")

    assert left == [(2,)]


def test_stays_without_a_tariff_group_are_left_out(tmp_path: Path) -> None:
    stays = [stay(1, GHS_NUM="9999"), stay(2, GHS_NUM="1807")]

    left = cleaned(tmp_path, {"T_MCOaaB": stays}, "event_key", of="T_MCOaaB")

    assert left == [(2,)]


def test_services_between_facilities_are_left_out_but_for_three_groups(tmp_path: Path) -> None:
    stays = [
        stay(1, SEJ_TYP="B", GRG_GHM="05M092"),
        stay(2, SEJ_TYP="B", GRG_GHM="28Z14Z"),
        stay(3, SEJ_TYP="A", GRG_GHM="05M092"),
        stay(4, SEJ_TYP=None, GRG_GHM="05M092"),
    ]

    left = cleaned(tmp_path, {"T_MCOaaB": stays}, "event_key", of="T_MCOaaB")

    assert left == [(2,), (3,), (4,)]


def test_stays_made_automatically_are_left_out(tmp_path: Path) -> None:
    stays = [stay(1, TYP_GEN_RSA=0), stay(2, TYP_GEN_RSA=1), stay(3, TYP_GEN_RSA=None)]

    left = cleaned(tmp_path, {"T_MCOaaB": stays}, "event_key", of="T_MCOaaB")

    assert left == [(1,), (3,)]


def test_a_stay_whose_identification_failed_a_control_is_left_out(tmp_path: Path) -> None:
    stays = [
        stay(1, NIR_RET="0", SEX_RET="0"),
        stay(2, NIR_RET="1", SEX_RET="0"),
        stay(3, NIR_RET="0", SEX_RET="9"),
        stay(4, NIR_RET="0", SEX_RET=None),
    ]

    left = cleaned(tmp_path, {"T_MCOaaC": stays}, "event_key", of="T_MCOaaC")

    assert left == [(1,), (4,)]


def test_a_return_code_is_looked_at_from_the_year_it_exists(tmp_path: Path) -> None:
    stays = [
        stay(1, TABLE_YEAR=2005, DAT_RET="1", COH_SEX_RET=None),
        stay(2, TABLE_YEAR=2006, DAT_RET="1", COH_SEX_RET=None),
        stay(3, TABLE_YEAR=2012, DAT_RET="0", COH_SEX_RET="1"),
        stay(4, TABLE_YEAR=2013, DAT_RET="0", COH_SEX_RET="1"),
    ]

    left = cleaned(tmp_path, {"T_MCOaaC": stays}, "event_key", of="T_MCOaaC")

    assert left == [(1,), (3,)]


def test_outpatient_acts_have_return_codes_of_their_own(tmp_path: Path) -> None:
    acts = [
        stay(1, SEQ_NUM="1", IAS_RET="0", ENT_DAT_RET="0"),
        stay(2, SEQ_NUM="2", IAS_RET="1", ENT_DAT_RET="0"),
        stay(3, SEQ_NUM="3", IAS_RET="0", ENT_DAT_RET="1"),
    ]

    left = cleaned(tmp_path, {"T_MCOaaCSTC": acts}, "event_key", of="T_MCOaaCSTC")

    assert left == [(1,)]


def test_stays_of_pseudonyms_that_could_not_be_made_are_left_out(tmp_path: Path) -> None:
    stays = [
        stay(1, NIR_ANO_17="xxxxxxxxxxxxxxxxx"),
        stay(2, NIR_ANO_17="XXXXXXXXXXXXXXXXD"),
        stay(3, NIR_ANO_17="XXXXXXXXXXXXXXXXS"),
        stay(4, NIR_ANO_17="XXXXXXXXXXXXXXXX7"),
    ]

    left = cleaned(tmp_path, {"T_MCOaaC": stays}, "event_key", of="T_MCOaaC")

    assert left == [(4,)]


def test_diagnoses_of_a_stay_left_out_are_left_out_with_it(tmp_path: Path) -> None:
    tables = {
        "T_MCOaaC": [stay(1, NIR_RET="0"), stay(2, NIR_RET="1"), stay(3, NIR_RET="0")],
        "T_MCOaaB": [
            stay(1, GRG_GHM="05M092"),
            stay(2, GRG_GHM="05M092"),
            stay(3, GRG_GHM="90Z00Z"),
        ],
        "T_MCOaaD": [stay(1, ASS_DGN="I10"), stay(2, ASS_DGN="I10"), stay(3, ASS_DGN="I10")],
    }

    left = cleaned(tmp_path, tables, "event_key", of="T_MCOaaD")

    assert left == [(1,)]


def test_stays_are_counted_without_the_controls_of_identity_when_they_are_off(
    tmp_path: Path,
) -> None:
    stays = [stay(1, NIR_RET="0"), stay(2, NIR_RET="1")]
    counting_stays = Switches().with_state("return_codes", State.OFF)

    left = cleaned(
        tmp_path, {"T_MCOaaC": stays}, "event_key", of="T_MCOaaC", switches=counting_stays
    )

    assert left == [(1,), (2,)]


def test_rehabilitation_weeks_sent_again_the_next_year_are_counted_once(tmp_path: Path) -> None:
    weeks = [
        stay(1, TABLE_YEAR=2020, RHA_NUM="1", MOI_ANN="122020"),
        stay(1, TABLE_YEAR=2021, RHA_NUM="1", MOI_ANN="122020"),
        stay(1, TABLE_YEAR=2021, RHA_NUM="1", MOI_ANN="012021"),
    ]

    left = cleaned(tmp_path, {"T_SSRaaB": weeks}, "TABLE_YEAR", "MOI_ANN", of="T_SSRaaB")

    assert left == [(2020, "122020"), (2021, "012021")]


def test_rehabilitation_weeks_in_error_or_made_automatically_are_left_out(tmp_path: Path) -> None:
    weeks = [
        stay(1, RHA_NUM="1", GRG_GME="9001A0", TYP_GEN_RHA="0"),
        stay(2, RHA_NUM="2", GRG_GME="0147A0", TYP_GEN_RHA="1"),
        stay(3, RHA_NUM="3", GRG_GME="0147A0", TYP_GEN_RHA="4"),
    ]

    left = cleaned(tmp_path, {"T_SSRaaB": weeks}, "event_key", of="T_SSRaaB")

    assert left == [(3,)]


def test_sequences_at_home_without_a_tariff_are_left_out(tmp_path: Path) -> None:
    sequences = [
        stay(1, RHAD_NUM="1", GHT_NUM="99"),
        stay(1, RHAD_NUM="1", GHT_NUM="12"),
    ]

    left = cleaned(tmp_path, {"T_HADaaGRP": sequences}, "GHT_NUM", of="T_HADaaGRP")

    assert left == [("12",)]


def test_psychiatric_sequences_marked_e_are_left_out_until_2016(tmp_path: Path) -> None:
    sequences = [
        stay(1, TABLE_YEAR=2016, RIP_NUM="1", SEQ_IND="E"),
        stay(2, TABLE_YEAR=2017, RIP_NUM="2", SEQ_IND="E"),
        stay(3, TABLE_YEAR=2016, RIP_NUM="3", SEQ_IND="P"),
    ]

    left = cleaned(tmp_path, {"T_RIPaaRSA": sequences}, "event_key", of="T_RIPaaRSA")

    assert left == [(2,), (3,)]


def test_each_filter_of_stays_tells_what_it_does_alone_and_after_those_before(
    tmp_path: Path,
) -> None:
    stays = [
        stay(1, GRG_GHM="90Z00Z", GHS_NUM="9999"),
        stay(2, GRG_GHM="05M092", GHS_NUM="9999"),
        stay(3, GRG_GHM="05M092", GHS_NUM="1807"),
    ]

    found = counted(tmp_path, {"T_MCOaaB": stays}, of="T_MCOaaB")

    errors, untariffed = found["error_groups"], found["ghs_9999"]
    assert (errors.rows_before, errors.rows_after, errors.rows_left) == (3, 2, 2)
    assert (untariffed.rows_before, untariffed.rows_after, untariffed.rows_left) == (3, 1, 1)
