"""Code lists of published studies, checked against the published nomenclatures.

Each error below was found by hand before, in the lists of two studies: a code without its letter,
a letter O for a zero, an ICD-10 category that does not exist, acts that the CCAM does not hold.
"""

import csv
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from ecluse.data.nomenclatures import CodeCheck, Nomenclatures, check, load
from ecluse.domain.cohorts import Match

SNDS = Path(__file__).parents[2].parent / "shared" / "snds"
pytestmark = pytest.mark.skipif(not SNDS.is_dir(), reason="the published lists are not here")

DAY = date(2015, 1, 1)


@pytest.fixture(scope="module")
def nomenclatures(tmp_path_factory: pytest.TempPathFactory) -> Nomenclatures:
    store = Nomenclatures(tmp_path_factory.mktemp("lake"))
    lists = SNDS / "nomenclatures"
    load(lists / "ORAVAL" / "MS_CIM_V.csv", store, name="MS_CIM_V", valid_from=DAY)
    load(lists / "ORAVAL" / "IR_CIM_V.csv", store, name="IR_CIM_V", valid_from=DAY)
    load(lists / "ATIH" / "IR_CCAM_V63.csv", store, name="IR_CCAM_V63", valid_from=DAY)
    load(
        lists / "IR_PHA_R.parquet",
        store,
        name="ATC",
        valid_from=DAY,
        code_column="PHA_ATC_C07",
        label_column="PHA_ATC_L07",
    )
    return store


def breast_cancer(system: str) -> list[str]:
    file = SNDS / "codelists" / "breast_cancer_fresh_pysnds.json"
    found = _lists(json.loads(file.read_text(encoding="utf-8")), system)
    return list(dict.fromkeys(found))


def _lists(content: object, system: str) -> Iterator[str]:
    for name, value in content.items() if isinstance(content, dict) else ():
        yield from value if name == system else _lists(value, system)


def phenotypes(system: str, match: str) -> list[str]:
    with (SNDS / "codelists" / "phenotypes_core.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["system"] == system]
    return list(dict.fromkeys(row["code"] for row in rows if row["match"] == match))


def wrong(found: tuple[CodeCheck, ...]) -> dict[str, tuple[str, str | None]]:
    return {item.code: (item.status, item.reason) for item in found if item.status != "known"}


def test_22_of_234_acts_of_the_breast_cancer_study_are_absent(
    nomenclatures: Nomenclatures,
) -> None:
    acts = breast_cancer("CCAM")

    found = wrong(check(acts, nomenclatures.get("IR_CCAM_V63")))

    assert (len(acts), len(found)) == (234, 22)
    assert {code for code, (status, _) in found.items() if status == "mistyped"} == {
        "QEF005",
        "ZZNL02",
        "YYYY1211",
    }


@pytest.mark.parametrize(
    ("code", "meant"), [("QEF005", "QEFA005"), ("ZZNL02", "ZZNL002"), ("YYYY1211", "YYYY211")]
)
def test_a_malformed_act_suggests_the_act_that_was_meant(
    nomenclatures: Nomenclatures, code: str, meant: str
) -> None:
    (found,) = check([code], nomenclatures.get("IR_CCAM_V63"))

    assert found.suggestions[0].code == meant


def test_a_letter_o_for_a_zero_is_found_in_a_drug_class(nomenclatures: Nomenclatures) -> None:
    found = check(breast_cancer("ATC"), nomenclatures.get("ATC"), match=Match.PREFIX)

    assert wrong(found)["LO2BG03"] == ("mistyped", "lookalike")
    assert [
        [near.code for near in item.suggestions] for item in found if item.code == "LO2BG03"
    ] == [["L02BG03"]]


def test_diagnoses_of_the_breast_cancer_study_are_all_known(nomenclatures: Nomenclatures) -> None:
    assert wrong(check(breast_cancer("ICD10"), nomenclatures.get("MS_CIM_V"))) == {}


def test_d08_is_the_only_diagnosis_of_the_phenotypes_that_does_not_exist(
    nomenclatures: Nomenclatures,
) -> None:
    found = check(phenotypes("CIM10", "prefix"), nomenclatures.get("MS_CIM_V"), match=Match.PREFIX)

    assert wrong(found) == {"D08": ("unknown", None)}


def test_two_radiotherapy_acts_of_the_bladder_cancer_study_are_absent(
    nomenclatures: Nomenclatures,
) -> None:
    found = check(phenotypes("CCAM", "exact"), nomenclatures.get("IR_CCAM_V63"))

    assert wrong(found) == {"YYYY016": ("unknown", None), "YYYY021": ("unknown", None)}


def test_a_category_of_the_hospital_list_stands_for_its_children(
    nomenclatures: Nomenclatures,
) -> None:
    """PMSI diagnoses have up to six characters, long-term illnesses three or four."""
    (hospital,) = check(["E11"], nomenclatures.get("MS_CIM_V"))
    (illness,) = check(["E1190"], nomenclatures.get("IR_CIM_V"))

    assert (hospital.status, hospital.children) == ("known", 30)
    assert (illness.status, illness.suggestions[0].code) == ("unknown", "E119")
