"""Opted out is opted out, whatever a later register, a twin or a merge calls the person.

Source: EHDS art. 71; docs/decisions/0007: where the register cannot name somebody for sure, doubt
leaves them out.
"""

from datetime import date, timedelta
from pathlib import Path

import pytest

from ecluse.data.extraction import extract
from ecluse.data.lake import Lake, Snapshot
from ecluse.data.lake.compaction import compact
from ecluse.data.lake.erasure import erase_persons
from ecluse.domain.cohorts import AtLeast, Events, Not, cohort_of
from ecluse.domain.documents import DatasetScope, OptOutList, TableScope
from tests.unit.data import studies
from tests.unit.data.conversion.converting import claim, converted
from tests.unit.data.loading.deliveries import ACTS, NOW, load, load_next, persons
from tests.unit.domain import build

HEADER = "BEN_NIR_PSA;BEN_RNG_GEM;BEN_NIR_ANO;BEN_IDT_ANO\n"
ANNA = "ANNA;1;N-ANNA;I-ANNA\n"
BRUNO = "BRUNO;1;N-BRUNO;N-BRUNO\n"
SCOPE = DatasetScope(
    "claims", (TableScope("ER_PRS_F", ("PRS_NAT_REF",)),), date(2023, 1, 1), date(2023, 12, 31)
)
PERMIT = build.permit(datasets=(SCOPE,))
EVERYBODY = cohort_of(Not(AtLeast(Events("visit_concept", ("1",)))))
BOTH_ACTED = cohort_of(AtLeast(Events("act_nature", ("3313",))))


def delivered(*lines: str) -> dict[str, str]:
    """A register made of these lines, and one act of each of Anna and Bruno."""
    return {"IR_BEN_R.csv": HEADER + "".join(lines), "ER_PRS_F.csv": ACTS}


def extracted(tmp_path: Path, snapshot: Snapshot, *opted_out: str) -> int:
    """Extract everybody who acted, less those opted out, and return how many persons are left."""
    order = studies.order(
        snapshot,
        dataset="claims",
        tables=SCOPE.tables,
        cohort=BOTH_ACTED,
        care_from=SCOPE.care_from,
        care_to=SCOPE.care_to,
    )
    opt_outs = OptOutList(PERMIT.permit_number, PERMIT.decided_at, opted_out)
    receipt = extract(
        studies.warrant(order, PERMIT, opt_outs),
        lake=Lake(tmp_path / "lake"),
        key=studies.KEY,
        target=tmp_path / "extract",
        clock=lambda: studies.NOW,
    )
    return receipt.attrition[-1].person_count


def test_without_an_opt_out_both_are_extracted(tmp_path: Path) -> None:
    snapshot = load(tmp_path, delivered(ANNA, BRUNO)).snapshot

    assert extracted(tmp_path, snapshot) == 2


def test_one_opted_out_is_left_out(tmp_path: Path) -> None:
    snapshot = load(tmp_path, delivered(ANNA, BRUNO)).snapshot

    assert extracted(tmp_path, snapshot, "N-ANNA") == 1


def test_an_opt_out_under_the_second_of_two_numbers_holds(tmp_path: Path) -> None:
    snapshot = load(tmp_path, delivered(ANNA, "ANNA-2;1;N-BEFORE;I-ANNA\n", BRUNO)).snapshot

    assert extracted(tmp_path, snapshot, "N-BEFORE") == 1


def test_an_opt_out_holds_when_a_later_register_tells_another_number(tmp_path: Path) -> None:
    load(tmp_path, delivered(ANNA, BRUNO))
    later = load_next(tmp_path, delivered("ANNA;1;N-AFTER;I-ANNA\n", BRUNO)).snapshot

    assert extracted(tmp_path, later, "N-ANNA") == 1


def test_two_numbers_are_not_forgotten_when_a_later_register_tells_one(tmp_path: Path) -> None:
    load(tmp_path, delivered(ANNA, "ANNA-2;1;N-BEFORE;I-ANNA\n", BRUNO))
    later = load_next(tmp_path, delivered(ANNA, BRUNO)).snapshot

    assert extracted(tmp_path, later, "N-BEFORE") == 1


def test_an_opt_out_holds_when_a_later_register_has_no_own_numbers(tmp_path: Path) -> None:
    load(tmp_path, delivered(ANNA, BRUNO))
    without = "BEN_NIR_PSA;BEN_RNG_GEM;BEN_IDT_ANO\nANNA;1;I-ANNA\nBRUNO;1;N-BRUNO\n"
    later = load_next(tmp_path, {"IR_BEN_R.csv": without}).snapshot

    assert persons(later) == [(1, "I-ANNA", "N-ANNA"), (2, "N-BRUNO", "N-BRUNO")]
    assert extracted(tmp_path, later, "N-ANNA") == 1


def test_an_own_number_told_later_takes_the_place_of_the_insured_s(tmp_path: Path) -> None:
    without = "BEN_NIR_PSA;BEN_RNG_GEM;BEN_IDT_ANO\nANNA;1;I-ANNA\nBRUNO;1;N-BRUNO\n"
    load(tmp_path, {"IR_BEN_R.csv": without, "ER_PRS_F.csv": ACTS})
    later = load_next(tmp_path, delivered(ANNA, BRUNO)).snapshot

    assert extracted(tmp_path, later, "N-ANNA") == 1


def test_spaces_around_a_number_do_not_undo_an_opt_out(tmp_path: Path) -> None:
    snapshot = load(tmp_path, delivered("ANNA;1; N-ANNA ;I-ANNA\n", BRUNO)).snapshot

    assert extracted(tmp_path, snapshot, "N-ANNA") == 1


def test_an_opt_out_holds_when_two_persons_turn_out_to_be_one(tmp_path: Path) -> None:
    # At first Anna is known by claims alone, and apart from it under another pseudonym.
    load(tmp_path, delivered("OTHER;1;N-ANNA;I-ANNA\n", BRUNO))
    merged = load_next(tmp_path, delivered("OTHER;1;N-ANNA;I-ANNA\n", ANNA, BRUNO))

    assert merged.people.merged == 1
    assert extracted(tmp_path, merged.snapshot, "N-ANNA") == 1


def test_a_claimant_whom_the_register_does_not_have_is_left_out(tmp_path: Path) -> None:
    snapshot = load(tmp_path, delivered(BRUNO)).snapshot

    assert extracted(tmp_path, snapshot) == 1


def test_an_opt_out_of_one_twin_under_their_common_number_holds_for_both(tmp_path: Path) -> None:
    register = "BEN_NIR_PSA;BEN_RNG_GEM\nANNA;1\nBRUNO;1\n"
    twins = ACTS.replace("BRUNO;1", "ANNA;2")
    files = {"IR_BEN_R.csv": f"{register}ANNA;2\n", "ER_PRS_F.csv": twins}
    snapshot = load(tmp_path, files).snapshot

    assert extracted(tmp_path, snapshot, "ANNA") == 0


def test_compaction_leaves_who_opted_out_opted_out(tmp_path: Path) -> None:
    load(tmp_path, delivered(ANNA, BRUNO))
    compact(Lake(tmp_path / "lake"), "claims", now=NOW + timedelta(days=1))
    compacted = Lake(tmp_path / "lake").snapshot("claims")

    assert extracted(tmp_path, compacted, "N-ANNA") == 1


def test_who_comes_back_after_an_erasure_is_still_opted_out(tmp_path: Path) -> None:
    load(tmp_path, delivered(ANNA, BRUNO))
    lake = Lake(tmp_path / "lake")
    erase_persons(lake, "claims", ["I-ANNA"], reference="r", now=NOW + timedelta(hours=1))
    again = load_next(tmp_path, delivered(ANNA, BRUNO)).snapshot

    assert extracted(tmp_path, again, "N-ANNA") == 1


@pytest.mark.parametrize("asked", ["N-ANNA", "N-BEFORE", "I-ANNA"])
def test_a_person_with_two_numbers_is_erased_by_either(tmp_path: Path, asked: str) -> None:
    load(tmp_path, delivered(ANNA, "ANNA-2;1;N-BEFORE;I-ANNA\n", BRUNO))
    lake = Lake(tmp_path / "lake")

    erase_persons(lake, "claims", [asked], reference="r", now=NOW + timedelta(hours=1))

    assert persons(lake.snapshot("claims")) == [(2, "N-BRUNO", "N-BRUNO")]


def test_a_twin_is_not_erased_with_the_other_who_shares_the_insured_s_number(
    tmp_path: Path,
) -> None:
    register = "BEN_NIR_PSA;BEN_RNG_GEM\nANNA;1\nANNA;2\nBRUNO;1\n"
    load(tmp_path, {"IR_BEN_R.csv": register, "ER_PRS_F.csv": ACTS})
    lake = Lake(tmp_path / "lake")

    erase_persons(lake, "claims", ["ANNA2"], reference="r", now=NOW + timedelta(hours=1))

    known = [person_id for _, person_id, _ in persons(lake.snapshot("claims"))]
    assert known == ["ANNA1", "BRUNO1"]


def test_the_omop_form_leaves_the_same_persons_out(tmp_path: Path) -> None:
    # Person 1 is named, person 2 is not; both have one visit.
    day = date(2022, 3, 1)
    acts = [claim(1, day), claim(2, day, person_key=2)]
    people = ((1, "person-1", "opt-1"), (2, "person-2", None))
    made = converted(tmp_path / "lake", {"ER_PRS_F": acts}, persons=people)
    asked = (TableScope("visit_occurrence", ("visit_concept_id",)),)
    scope = DatasetScope("omop", asked, date(2022, 1, 1), date(2022, 12, 31))
    permit = build.permit(datasets=(scope,))
    order = studies.order(made.snapshot, dataset="omop", tables=asked, cohort=EVERYBODY)
    opt_outs = OptOutList(permit.permit_number, permit.decided_at, ("opt-1",))

    receipt = extract(
        studies.warrant(order, permit, opt_outs),
        lake=Lake(tmp_path / "lake"),
        key=studies.KEY,
        target=tmp_path / "extract",
        clock=lambda: studies.NOW,
    )

    assert [step.person_count for step in receipt.attrition] == [2, 2, 1, 0, 0]
