"""Every code that the country can write is in the published nomenclature (../shared)."""

import csv
from pathlib import Path

import pytest

from ecluse.data.synthetic import home_care, outpatient, psychiatry
from ecluse.data.synthetic.care import HOSPITAL_PHARMACY, PRIVATE_STAY, read_drugs, read_visits
from ecluse.data.synthetic.refinements import DEVICES, LABORATORY_TESTS, MEDICAL_ACTS
from ecluse.data.synthetic.registers import CAUSES, OTHER_CAUSES
from ecluse.data.synthetic.registrations import codes
from ecluse.data.synthetic.stay_kinds import ASSOCIATED, KINDS, RELATED
from ecluse.data.synthetic.treatments import ACUTE, HOSPITAL_DRUGS, TREATMENTS
from ecluse.domain.studies.code_lists import FRACTURE_ACTS

NOMENCLATURES = Path(__file__).parents[5] / "shared/snds/nomenclatures"

pytestmark = pytest.mark.skipif(
    not NOMENCLATURES.exists(), reason="../shared (the published nomenclatures) is absent"
)


def published(name: str, column: str) -> set[str]:
    """Return the codes of a nomenclature."""
    (path,) = NOMENCLATURES.rglob(f"{name}.csv")
    with path.open(encoding="utf-8") as file:
        return {row[column] for row in csv.DictReader(file, delimiter=";")}


def test_diagnoses_of_stays_exist() -> None:
    written = {code for kind in KINDS for code in kind.codes}
    written |= {code for code, _ in ASSOCIATED.values()} | set(RELATED.values())
    written |= {code for kind in KINDS for code in kind.also}
    written |= {kind.code for kind in (*home_care.KINDS, *psychiatry.KINDS)}

    assert written - published("MS_CIM_V", "CIM_COD") == set()


def test_diseases_of_long_term_illnesses_and_deaths_exist() -> None:
    written = {*codes(), *CAUSES.values(), *OTHER_CAUSES.values(), "R99", "R092"}

    assert written - published("IR_CIM_V", "CIM_COD") == set()


def test_medical_acts_exist() -> None:
    written = {code for kind in KINDS for code in kind.acts}
    written |= {code for acts in MEDICAL_ACTS.values() for code in acts}
    written |= {*outpatient.CASTS, *home_care.ACTS}

    assert written - published("IR_CCAM_V63", "CAM_PRS_IDE_COD") == set()


def test_natures_of_acts_exist() -> None:
    written = {str(visit.act) for visit in read_visits()}
    written |= {str(HOSPITAL_PHARMACY), str(PRIVATE_STAY), *map(str, read_drugs().act.tolist())}

    assert written - published("IR_NAT_V", "PRS_NAT") == set()


def test_laboratory_tests_exist() -> None:
    written = {str(test) for test in LABORATORY_TESTS.tolist()}

    assert written - published("IR_BIO_R", "BIO_PRS_IDE") == set()


def test_devices_exist() -> None:
    written = {str(code) for products in DEVICES.values() for code in products}

    assert written - published("NT_LPP", "LPP_PRS_IDE") == set()


def test_hospital_drugs_exist() -> None:
    written = {drug.ucd for drug in HOSPITAL_DRUGS}

    assert written - published("NU_UCD_R", "UCD_UCD_COD") == set()


def test_drugs_prescribed_have_a_pack() -> None:
    asked = {atc for treatment in TREATMENTS for atc in treatment.atc}
    asked |= {atc for classes, _ in ACUTE for atc in classes}

    assert asked - {row["PHA_ATC_C07"] for row in read_drugs().rows} == set()


def test_tariff_groups_exist() -> None:
    written = {kind.tariff for kind in KINDS}

    assert written - published("IR_GHS_V", "GHS_NUM") == set()


def test_natures_of_outpatient_acts_exist() -> None:
    written = {outpatient.EMERGENCY, *outpatient.WRITTEN}

    assert written - published("IR_ACT_COD", "ACT_COD") == set()


def test_modes_of_hospital_at_home_exist() -> None:
    written = {kind.mode for kind in home_care.KINDS}

    assert written - published("IR_HAD_PEC_PAL", "PEC_PAL_COD") == set()


def test_casts_are_those_by_which_studies_know_a_fracture() -> None:
    assert set(outpatient.CASTS) <= set(FRACTURE_ACTS.codes)
