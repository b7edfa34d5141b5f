"""Codes judged: known, retired, mistyped, unknown, and what was probably meant."""

from datetime import date
from pathlib import Path

import pytest

from ecluse.data.nomenclatures import CodeCheck, Nomenclature, Nomenclatures, check, check_cohort
from ecluse.data.schemas import model
from ecluse.domain.cohorts import AllOf, AtLeast, Events, Match, Not
from ecluse.domain.errors import NotFound
from tests.unit.data.nomenclatures.lists import icd

ICD = ("C50", "C500", "C501", "E10", "E11", "E110", "E1100", "E119", "D07", "D09", "L02BG03")


def one(code: str, nomenclature: Nomenclature, match: Match = Match.EXACT) -> CodeCheck:
    (found,) = check([code], nomenclature, match=match)
    return found


def test_a_known_code_has_its_label_its_children_and_its_days(tmp_path: Path) -> None:
    found = one("E11", icd(tmp_path, *ICD))

    assert found == CodeCheck("E11", "known", "E11 label", 3, date(2010, 1, 1), None)


@pytest.mark.parametrize(
    ("code", "reason", "meant"),
    [
        ("E11 ", "space", "E11"),
        ("e110", "case", "E110"),
        ("E11.0", "punctuation", "E110"),
        ("C50*", "punctuation", "C50"),
        ("LO2BG03", "lookalike", "L02BG03"),
        ("lo2bgo3", "lookalike", "L02BG03"),
        ("D0", "shape", "D07"),
        ("E1111OO", "shape", "E11"),
    ],
)
def test_a_mistyped_code_comes_with_its_slip(
    tmp_path: Path, code: str, reason: str, meant: str
) -> None:
    found = one(code, icd(tmp_path, *ICD))

    assert (found.status, found.reason) == ("mistyped", reason)
    assert found.suggestions[0].code == meant


def test_a_lost_zero_is_found(tmp_path: Path) -> None:
    found = one("1701", icd(tmp_path, "01701", "01702"))

    assert (found.status, found.reason) == ("mistyped", "zero")
    assert [item.code for item in found.suggestions] == ["01701"]


def test_a_code_well_written_and_absent_is_unknown_with_its_neighbours(tmp_path: Path) -> None:
    found = one("D08", icd(tmp_path, *ICD))

    assert (found.status, found.reason) == ("unknown", None)
    assert [item.code for item in found.suggestions] == ["D07", "D09"]


def test_a_code_two_edits_away_is_suggested_when_none_is_nearer(tmp_path: Path) -> None:
    found = one("QEAF050", icd(tmp_path, "QEFA005", "ZZZZ999"))

    assert [item.code for item in found.suggestions] == ["QEFA005"]


def test_a_list_less_precise_suggests_the_code_that_stands_above(tmp_path: Path) -> None:
    found = one("C5014", icd(tmp_path, *ICD))

    assert found.suggestions[0].code == "C501"


def test_a_retired_code_says_until_when_it_held(tmp_path: Path) -> None:
    icd(tmp_path, "A00", "B97", since=date(2010, 1, 1))
    found = one("B97", icd(tmp_path, "A00", since=date(2020, 3, 1)))

    assert (found.status, found.label) == ("retired", "B97 label")
    assert (found.valid_from, found.valid_until) == (date(2010, 1, 1), date(2020, 3, 1))


def test_a_code_not_born_yet_is_not_known_on_that_day(tmp_path: Path) -> None:
    icd(tmp_path, "A00", since=date(2010, 1, 1))
    nomenclature = icd(tmp_path, "A00", "U07", since=date(2020, 3, 1))

    (before,) = check(["U07"], nomenclature, on=date(2019, 1, 1))
    (during,) = check(["U07"], nomenclature, on=(2019, 2020))

    assert (before.status, before.valid_from) == ("retired", date(2020, 3, 1))
    assert during.status == "known"


@pytest.mark.parametrize(
    ("match", "status", "children"), [(Match.EXACT, "mistyped", 0), (Match.PREFIX, "known", 5)]
)
def test_a_prefix_is_known_by_its_children(
    tmp_path: Path, match: Match, status: str, children: int
) -> None:
    """`E1` is no code, but five codes begin with it: exact lists silently miss them."""
    found = one("E1", icd(tmp_path, *ICD), match)

    assert (found.status, found.children) == (status, children)


def test_a_mistyped_prefix_is_put_right(tmp_path: Path) -> None:
    found = one("LO2", icd(tmp_path, *ICD), Match.PREFIX)

    assert [item.code for item in found.suggestions] == ["L02"]


def test_every_code_is_judged_in_the_order_given(tmp_path: Path) -> None:
    found = check(["D08", "C50", "D08"], icd(tmp_path, *ICD))

    assert [(item.code, item.status) for item in found] == [
        ("D08", "unknown"),
        ("C50", "known"),
        ("D08", "unknown"),
    ]


COHORT = AllOf(
    (
        AtLeast(Events("stay_main_diagnosis", ("C50", "C5O"))),
        Not(AtLeast(Events("drug_atc", ("L02",)))),
        AtLeast(Events("stay_main_diagnosis", ("C50", "C5O"))),
    )
)


def test_the_code_lists_of_a_cohort_are_checked_once_each(tmp_path: Path) -> None:
    folder = icd(tmp_path, *ICD).versions[0].path.parent
    folder.rename(folder.with_name("MS_CIM_V"))

    stays, drugs = check_cohort(COHORT, model("snds"), Nomenclatures(tmp_path / "lake"))

    assert stays.nomenclature == "MS_CIM_V"
    assert [(item.code, item.reason) for item in stays.problems] == [("C5O", "lookalike")]
    assert drugs.checks == ()
    assert drugs.why == "the nomenclature ATC is not loaded"


def test_a_source_without_nomenclature_says_so(tmp_path: Path) -> None:
    cohort = AtLeast(Events("condition_concept", ("201826",)))

    (found,) = check_cohort(cohort, model("omop"), Nomenclatures(tmp_path))

    assert found.why == "condition_concept names no nomenclature"


def test_a_source_that_does_not_exist_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="horoscope"):
        check_cohort(AtLeast(Events("horoscope", ("1",))), model("snds"), Nomenclatures(tmp_path))
