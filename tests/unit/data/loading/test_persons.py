"""Persons keep one number, whatever names deliveries give them, now and later."""

from datetime import date
from pathlib import Path

import pytest

from ecluse.domain.errors import LoadFailed
from tests.unit.data.loading.deliveries import (
    ACTS,
    NINE_KEYS,
    REGISTER,
    load,
    load_next,
    persons,
    rows,
)

HEADER = "BEN_NIR_PSA;BEN_RNG_GEM;BEN_NIR_ANO;BEN_IDT_ANO\n"
STAYS = "NIR_ANO_17;ETA_NUM;RSA_NUM;EXE_SOI_DTD\n"
ACTS_OF_MARCH = f"""\
{NINE_KEYS};BEN_NIR_PSA;BEN_RNG_GEM;EXE_SOI_DTD
01/03/2023;10/02/2023;1;7;1;FUND;200;1;1;CARLA;1;05/02/2023
"""


def test_persons_receive_dense_keys_in_the_order_of_their_identity(tmp_path: Path) -> None:
    report = load(tmp_path, {"IR_BEN_R.csv": REGISTER})

    assert persons(report.snapshot) == [(1, "N-ANNA", "N-ANNA"), (2, "N-BRUNO", "N-BRUNO")]
    assert report.persons == 2


def test_two_pseudonyms_of_one_identity_are_one_person(tmp_path: Path) -> None:
    register = """\
BEN_NIR_PSA;BEN_RNG_GEM;BEN_NIR_ANO;BEN_IDT_ANO
CHILD;1;N-ANNA;N-ANNA
ADULT;1;N-ANNA;N-ANNA
"""
    acts = ACTS.replace("BRUNO", "CHILD").replace("ANNA", "ADULT")

    report = load(tmp_path, {"IR_BEN_R.csv": register, "ER_PRS_F.csv": acts})

    assert persons(report.snapshot) == [(1, "N-ANNA", "N-ANNA")]
    assert rows(report.snapshot, "ER_PRS_F", "person_key") == [(1,), (1,)]


def test_twins_who_share_a_pseudonym_are_told_apart_by_their_birth_rank(tmp_path: Path) -> None:
    register = """\
BEN_NIR_PSA;BEN_RNG_GEM;BEN_NIR_ANO;BEN_IDT_ANO
TWIN;1;N-ONE;N-ONE
TWIN;2;N-TWO;N-TWO
"""
    acts = ACTS.replace("BRUNO;1", "TWIN;2").replace("ANNA;1", "TWIN;1")

    report = load(tmp_path, {"IR_BEN_R.csv": register, "ER_PRS_F.csv": acts})

    assert rows(report.snapshot, "ER_PRS_F", "person_key", "DCT_ORD_NUM") == [(1, 101), (2, 100)]


def test_a_stay_of_a_twin_belongs_to_nobody_because_stays_carry_no_rank(tmp_path: Path) -> None:
    register = """\
BEN_NIR_PSA;BEN_RNG_GEM;BEN_NIR_ANO;BEN_IDT_ANO
TWIN;1;N-ONE;N-ONE
TWIN;2;N-TWO;N-TWO
ANNA;1;N-ANNA;N-ANNA
"""
    stays = """\
NIR_ANO_17;ETA_NUM;RSA_NUM;EXE_SOI_DTD
TWIN;990000001;0000000001;05/03/2021
ANNA;990000001;0000000002;06/03/2021
"""

    report = load(tmp_path, {"IR_BEN_R.csv": register, "T_MCO21C.csv": stays})

    assert rows(report.snapshot, "T_MCOaaC", "person_key", "RSA_NUM") == [
        (1, "0000000002"),
        (None, "0000000001"),
    ]


def test_a_person_without_own_number_is_known_by_pseudonym_and_rank(tmp_path: Path) -> None:
    register = "BEN_NIR_PSA;BEN_RNG_GEM;BEN_NIR_ANO\nANNA;1;\n"

    report = load(tmp_path, {"IR_BEN_R.csv": register})

    assert persons(report.snapshot) == [(1, "ANNA1", None)]
    assert report.persons_without_opt_out_id == 1


def test_a_claimant_absent_from_the_register_is_still_a_person(tmp_path: Path) -> None:
    only_anna = "BEN_NIR_PSA;BEN_RNG_GEM;BEN_NIR_ANO;BEN_IDT_ANO\nANNA;1;N-ANNA;N-ANNA\n"

    report = load(tmp_path, {"IR_BEN_R.csv": only_anna, "ER_PRS_F.csv": ACTS})

    assert persons(report.snapshot) == [(1, "N-ANNA", "N-ANNA"), (2, "BRUNO1", None)]
    assert rows(report.snapshot, "ER_PRS_F", "person_key") == [(1,), (2,)]


def test_a_project_delivery_opts_out_by_its_own_number(tmp_path: Path) -> None:
    register = "NUM_ENQ;BEN_RNG_GEM\nPatient_01;1\n"

    report = load(tmp_path, {"IR_BEN_R.csv": register})

    assert persons(report.snapshot) == [(1, "Patient_011", "Patient_01")]


def test_a_delivery_without_its_register_of_persons_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LoadFailed, match="no IR_BEN_R"):
        load(tmp_path, {"ER_PRS_F.csv": ACTS})


def test_a_known_person_keeps_the_number_and_a_new_one_gets_the_next(tmp_path: Path) -> None:
    load(tmp_path, {"IR_BEN_R.csv": REGISTER})

    report = load_next(tmp_path, {"IR_BEN_R.csv": HEADER + "ABEL;1;N-ABEL;N-ABEL\n"})

    assert persons(report.snapshot) == [
        (1, "N-ANNA", "N-ANNA"),
        (2, "N-BRUNO", "N-BRUNO"),
        (3, "N-ABEL", "N-ABEL"),
    ]


def test_claims_without_a_register_find_the_persons_of_the_former_snapshot(tmp_path: Path) -> None:
    load(tmp_path, {"IR_BEN_R.csv": REGISTER})

    report = load_next(tmp_path, {"ER_PRS_F.csv": ACTS})

    assert rows(report.snapshot, "ER_PRS_F", "person_key") == [(1,), (2,)]


def test_an_absent_claimant_keeps_the_number_when_the_register_tells_who_it_is(
    tmp_path: Path,
) -> None:
    only_anna = HEADER + "ANNA;1;N-ANNA;N-ANNA\n"
    load(tmp_path, {"IR_BEN_R.csv": only_anna, "ER_PRS_F.csv": ACTS})

    report = load_next(tmp_path, {"IR_BEN_R.csv": only_anna + "BRUNO;1;N-BRUNO;N-BRUNO\n"})

    assert persons(report.snapshot) == [(1, "N-ANNA", "N-ANNA"), (2, "N-BRUNO", "N-BRUNO")]
    assert rows(report.snapshot, "ER_PRS_F", "person_key") == [(1,), (2,)]


def test_two_persons_who_turn_out_to_be_one_leave_no_row_under_the_number_given_up(
    tmp_path: Path,
) -> None:
    # CHILD is a claimant whom the register does not have; ANNA, who opted out, is person 1.
    packs = f"{NINE_KEYS};PHA_PRS_C13\n01/02/2023;10/01/2023;1;7;1;FUND;101;1;1;3400949800308\n"
    first = load(
        tmp_path,
        {
            "IR_BEN_R.csv": REGISTER,
            "ER_PRS_F.csv": ACTS.replace("ANNA;1", "CHILD;1"),
            "ER_PHA_F.csv": packs,
        },
    )
    before = rows(first.snapshot, "ER_PHA_F", "person_key")

    report = load_next(tmp_path, {"IR_BEN_R.csv": REGISTER + "CHILD;1;N-ANNA;N-ANNA\n"})

    assert before == [(3,)]
    assert persons(report.snapshot) == [(1, "N-ANNA", "N-ANNA"), (2, "N-BRUNO", "N-BRUNO")]
    assert rows(report.snapshot, "ER_PRS_F", "person_key", "BEN_NIR_PSA") == [
        (1, "CHILD"),
        (2, "BRUNO"),
    ]
    assert rows(report.snapshot, "ER_PHA_F", "person_key") == [(1,)]
    assert report.people.merged == 1


def test_a_pseudonym_shared_since_the_new_register_leaves_its_stays_to_nobody(
    tmp_path: Path,
) -> None:
    twin = HEADER + "TWIN;1;N-ONE;N-ONE\n"
    first = load(
        tmp_path,
        {
            "IR_BEN_R.csv": twin,
            "T_MCO21C.csv": STAYS + "TWIN;990000001;7;05/03/2021\n",
            "T_MCO21B.csv": "ETA_NUM;RSA_NUM;DGN_PAL\n990000001;7;E119\n",
        },
    )
    before = rows(first.snapshot, "T_MCOaaB", "person_key")

    report = load_next(tmp_path, {"IR_BEN_R.csv": twin + "TWIN;2;N-TWO;N-TWO\n"})

    assert before == [(1,)]
    assert rows(report.snapshot, "T_MCOaaC", "person_key", "event_date") == [
        (None, date(2021, 3, 5))
    ]
    assert rows(report.snapshot, "T_MCOaaB", "person_key", "DGN_PAL") == [(None, "E119")]
    assert report.people.shared_pseudonyms == 1


@pytest.mark.parametrize(
    ("code", "key"), [("00", 1), ("03", 1), ("04", 1), ("", 1), ("01", None), ("NN", None)]
)
def test_a_fictive_number_designates_nobody(tmp_path: Path, code: str, key: int | None) -> None:
    register = HEADER.replace("\n", ";BEN_CDI_NIR\n") + f"BRUNO;1;N-BRUNO;N-BRUNO;{code}\n"
    acts = "\n".join(ACTS.splitlines()[:2]) + "\n"

    report = load(tmp_path, {"IR_BEN_R.csv": register, "ER_PRS_F.csv": acts})

    assert rows(report.snapshot, "ER_PRS_F", "person_key") == [(key,)]
    assert report.persons == (0 if key is None else 1)


def test_a_number_that_two_identities_claim_goes_to_neither(tmp_path: Path) -> None:
    load(tmp_path, {"IR_BEN_R.csv": REGISTER, "ER_PRS_F.csv": ACTS.replace("ANNA;1", "CHILD;1")})

    report = load_next(
        tmp_path,
        {
            "IR_BEN_R.csv": HEADER + "CHILD;1;N-X;N-X\nCHILD;1;N-Y;N-Y\n",
        },
    )

    assert rows(report.snapshot, "ER_PRS_F", "person_key", "BEN_NIR_PSA") == [
        (2, "BRUNO"),
        (None, "CHILD"),
    ]


def test_the_absent_of_every_file_get_numbers_once(tmp_path: Path) -> None:
    report = load(
        tmp_path,
        {
            "IR_BEN_R.csv": REGISTER,
            "ER_PRS_F_2022.csv": ACTS_OF_MARCH,
            "ER_PRS_F_2023.csv": ACTS_OF_MARCH.replace("01/03", "01/04"),
        },
    )

    assert rows(report.snapshot, "ER_PRS_F", "person_key") == [(3,), (3,)]
    assert (report.persons, report.people.absent_from_register) == (3, 1)
    assert report.persons_without_opt_out_id == 1
