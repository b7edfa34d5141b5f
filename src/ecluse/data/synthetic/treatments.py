"""Who takes what: long treatments of each illness, acute drugs of everybody, hospital drugs."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Treatment:
    """A long treatment: which drugs, for whom, how many users among the ill, how often.

    `until`: the day from which it is not reimbursed any more, and so not seen; "" for none.
    """

    condition: str
    atc: tuple[str, ...]
    share: float
    every_days: int = 30
    until: str = ""


@dataclass(frozen=True, slots=True)
class HospitalDrug:
    """A drug that hospitals hand over to outpatients (retrocession): UCD code, price of a unit."""

    condition: str
    ucd: str
    share: float
    every_days: int
    price: int


ANTI_DEMENTIA_ENDED: Final = "2018-08-01"
"""From this day the drugs of dementia were not reimbursed."""

TREATMENTS: Final = (
    Treatment("type_2_diabetes", ("A10BA02",), 0.78),
    Treatment("type_2_diabetes", ("A10BB09", "A10BB12", "A10BH01", "A10BD07"), 0.46),
    Treatment("type_2_diabetes", ("A10AE04",), 0.14),
    Treatment("type_2_diabetes", ("A10AB05", "A10AB04"), 0.05),
    Treatment("type_2_diabetes", ("A10BG03",), 0.02),
    Treatment("type_1_diabetes", ("A10AE04",), 0.97),
    Treatment("type_1_diabetes", ("A10AB05", "A10AB04"), 0.97),
    Treatment("hypertension", ("C09AA05", "C09AA04", "C09CA01", "C09CA06", "C09DA01"), 0.62),
    Treatment("hypertension", ("C08CA01", "C08CA13"), 0.34),
    Treatment("hypertension", ("C03AA03", "C03DA01"), 0.18),
    Treatment("hypertension", ("C07AB03", "C07AB07"), 0.24),
    Treatment("dyslipidaemia", ("C10AA05", "C10AA07", "C10AA03"), 0.62),
    Treatment("ischaemic_heart_disease", ("B01AC06", "B01AC04"), 0.85),
    Treatment("arterial_disease", ("B01AC06", "B01AC04"), 0.50),
    Treatment("stroke", ("B01AC06", "B01AC04"), 0.60),
    Treatment("heart_failure", ("C03CA01",), 0.75),
    Treatment("heart_failure", ("C07AG02", "C07AB07"), 0.60),
    Treatment("atrial_fibrillation", ("B01AF01", "B01AF02"), 0.60),
    Treatment("hypothyroidism", ("H03AA01",), 0.90),
    Treatment("depression", ("N06AB10", "N06AB04", "N06AX16"), 0.70),
    Treatment("depression", ("N05BA12", "N05CF02"), 0.35),
    Treatment("asthma_copd", ("R03AK06", "R03AK07", "R03BB04"), 0.55),
    Treatment("asthma_copd", ("R03AC02",), 0.40, every_days=60),
    Treatment("breast_cancer", ("L02BA01", "L02BG03"), 0.75),
    Treatment("dementia", ("N06DA02", "N06DX01"), 0.28, until=ANTI_DEMENTIA_ENDED),
    Treatment("parkinson", ("N04BA02",), 0.85),
    Treatment("parkinson", ("N04BC05",), 0.30),
    Treatment("vasculitis", ("L04AX01", "L04AX03"), 0.50),
    Treatment("vasculitis", ("H02AB06",), 0.60),
    Treatment("osteoarthritis", ("M01AH01",), 0.10),
    Treatment("osteoarthritis", ("M01AB05",), 0.14),
    Treatment("osteoarthritis", ("M01AE02", "M01AC06"), 0.06),
    Treatment("osteoarthritis", ("N02AX02",), 0.10, every_days=45),
    Treatment("osteoarthritis", ("A02BC01", "A02BC05", "A02BC02"), 0.30),
)
DEMO_TREATMENTS: Final = ("A10BA02", "M01AB05")

NO_CLASS: Final = ""
"""ATC class of the packs that have none in the table of packs, over a thousand in reality."""
ACUTE: Final = (
    # ATC classes, deliveries a year
    (("N02BE01",), 2.1),
    (("M01AE01",), 0.45),
    (("M01AE03", "M01AB05"), 0.14),
    (("J01CA04", "J01CR02", "J01FA10"), 0.55),
    (("R06AE07", "R06AX27"), 0.45),
    (("A03FA03", "A06AD15", "N07CA01"), 1.00),
    (("M02AA15", "R05CB01", "D01AC03"), 1.15),
    (("A03AA05", "A03AX12", "C05CA03", "R06AD08"), 0.60),
    (("H02AB06", "H02AB07"), 0.22),
    (("A02BC01", "A02BC05"), 0.40),
    ((NO_CLASS,), 0.10),
)

HOSPITAL_DRUGS: Final = (
    HospitalDrug("cancer", "0000009197719", 0.015, 21, 122000),
    HospitalDrug("cancer", "0000009220097", 0.015, 21, 60500),
    HospitalDrug("cancer", "0000009409535", 0.010, 21, 130000),
)
