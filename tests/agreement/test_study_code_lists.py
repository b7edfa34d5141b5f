"""The code lists of the library, each code checked against the published nomenclatures."""

from datetime import date
from pathlib import Path

import pytest

from ecluse.data.nomenclatures import Nomenclatures, check, load
from ecluse.domain.studies import STUDIES, CodeList

SNDS = Path(__file__).parents[2].parent / "shared" / "snds"
pytestmark = pytest.mark.skipif(not SNDS.is_dir(), reason="the published lists are not here")

DAY = date(2015, 1, 1)
LISTS = {listed.name: listed for study in STUDIES.values() for listed in study.code_lists}
NOMENCLATURES = {"ICD-10": "MS_CIM_V", "CCAM": "IR_CCAM_V63", "ATC": "ATC"}
NOT_KNOWN = {
    # Packages of radiotherapy that were gone before version 63 of the CCAM; the study is of 2006.
    "Forfaits de radiothérapie en ville": {"YYYY016", "YYYY021"},
    # A class made after the drugs at hand, those of early 2016.
    "Gliflozines": {"A10BK"},
    # A combination that no pharmacy of the list sold; the source has it.
    "Antihypertenseurs": {"C09BB07"},
    # Given in hospital alone: the list is of what pharmacies sell.
    "Thérapies ciblées": {"L01XC03", "L01XC13", "L01XC14"},
    # Withdrawn in 2011, and gone from the list.
    "Pioglitazone, seule et associée": {"A10BD06"},
}
"""Codes that the nomenclatures at hand lack, each judged: kept for the years when they held."""


@pytest.fixture(scope="module")
def nomenclatures(tmp_path_factory: pytest.TempPathFactory) -> Nomenclatures:
    store = Nomenclatures(tmp_path_factory.mktemp("lake"))
    lists = SNDS / "nomenclatures"
    load(lists / "ORAVAL" / "MS_CIM_V.csv", store, name="MS_CIM_V", valid_from=DAY)
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


@pytest.mark.parametrize(
    "listed",
    [listed for listed in LISTS.values() if listed.system in NOMENCLATURES],
    ids=lambda listed: str(listed.name),
)
def test_every_code_of_a_study_is_in_its_nomenclature(
    listed: CodeList, nomenclatures: Nomenclatures
) -> None:
    nomenclature = nomenclatures.get(NOMENCLATURES[listed.system])

    found = check(listed.codes, nomenclature, match=listed.match)

    unknown = {item.code for item in found if item.status != "known"}
    assert unknown == NOT_KNOWN.get(listed.name, set())
