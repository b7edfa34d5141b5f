"""The code lists of the library, each with its source and, where it matters, its years.

Codes are facts published by those named; they are kept here in our own form, and checked against
the nomenclatures that an operator loads (`ecluse lake nomenclature`).
"""

from typing import Final

from ecluse.domain.cohorts import Match
from ecluse.domain.studies.study import CodeList

SNDSTOOLS: Final = "sndsTools 34a3fa4 (EUPL-1.2)"
SCALPEL: Final = "SCALPEL-Extraction 7cafd2c (BSD-3-Clause)"
HDH: Final = "Documentation collaborative du SNDS (Etalab 2.0)"
WHO: Final = "Classification ATC, Organisation mondiale de la santé"
CNAM: Final = "Cnam, formation au PMSI, 30 avril 2020"
FRESH: Final = "FRESH, pysnds a42730a (MIT)"
BEH: Final = "Bulletin épidémiologique hebdomadaire, Santé publique France"


def _icd(name: str, codes: str, source: str, match: Match = Match.PREFIX) -> CodeList:
    return CodeList(name, "ICD-10", tuple(codes.split()), source, match)


def _atc(name: str, codes: str, source: str, **years: int) -> CodeList:
    return CodeList(name, "ATC", tuple(codes.split()), source, **years)  # type: ignore[arg-type]


def _ccam(name: str, codes: str, source: str, corrected: str = "") -> CodeList:
    return CodeList(name, "CCAM", tuple(codes.split()), source, Match.EXACT, corrected=corrected)


# Diabetes
DIABETES_DRUGS: Final = _atc("Antidiabétiques", "A10", SNDSTOOLS)
NOT_FOR_DIABETES: Final = _atc("Benfluorex", "A10BX06", SNDSTOOLS)
GLIFLOZINS: Final = _atc("Gliflozines", "A10BK", HDH, first_year=2020)
DIABETES: Final = _icd("Diabète", "E10 E11 E12 E13 E14", SNDSTOOLS)
DIABETES_COMPLICATIONS: Final = _icd(
    "Complications du diabète",
    "G590 G632 G730 G990 H280 H360 I792 L97 M142 M146 N083",
    SNDSTOOLS,
)
RAPID_INSULINS: Final = _atc("Insulines rapides", "A10AB", HDH)
SLOW_INSULINS: Final = _atc("Insulines intermédiaires et lentes", "A10AC A10AD A10AE", HDH)
BIGUANIDES: Final = _atc("Biguanides", "A10BA", HDH)

# Heart and brain
STROKE: Final = _icd("Accident vasculaire cérébral", "I60 I61 I62 I63 I64", CNAM)
CORONARY: Final = _icd("Syndrome coronaire aigu", "I21 I22 I23 I24", HDH)
INFARCTION: Final = _icd(
    "Infarctus, prise en charge initiale",
    "I2100 I21000 I2110 I21100 I2120 I21200 I2130 I21300 I2140 I21400 I2190 I21900 "
    "I2200 I22000 I2210 I22100 I2280 I22800 I2290 I22900",
    SCALPEL,
    Match.EXACT,
)
HEART_FAILURE: Final = _icd("Insuffisance cardiaque", "I50", SCALPEL)
HEART_FAILURE_CAUSES: Final = _icd(
    "Maladies qui se compliquent d’insuffisance cardiaque", "I110 I130 I132 I139 K761 J81", SCALPEL
)
HYPERTENSION_DRUGS: Final = _atc(
    "Antihypertenseurs",
    "C02AB02 C02AC01 C02AC02 C02AC05 C02AC06 C02CA01 C02CA06 C02DC01 C02LA01 "
    "C03AA01 C03AA03 C03BA04 C03BA10 C03BA11 C03BX03 C03CA01 C03CA02 C03CA03 C03DA01 C03DB01 "
    "C03EA01 C03EA04 "
    "C07AA02 C07AA03 C07AA05 C07AA06 C07AA12 C07AA15 C07AA16 C07AA23 C07AB02 C07AB03 C07AB04 "
    "C07AB05 C07AB07 C07AB08 C07AB12 C07AG01 C07BA02 C07BB02 C07BB03 C07BB07 C07BB12 C07CA03 "
    "C07DA06 C07FB02 C07FB03 "
    "C08CA01 C08CA02 C08CA03 C08CA04 C08CA05 C08CA08 C08CA09 C08CA11 C08CA13 C08CX01 C08DA01 "
    "C08DB01 C08GA02 "
    "C09AA01 C09AA02 C09AA03 C09AA04 C09AA05 C09AA06 C09AA07 C09AA08 C09AA09 C09AA10 C09AA13 "
    "C09AA15 C09AA16 C09BA01 C09BA02 C09BA03 C09BA04 C09BA05 C09BA06 C09BA07 C09BA09 C09BA15 "
    "C09BB02 C09BB04 C09BB07 C09BB10 C09BX02 C09CA01 C09CA02 C09CA03 C09CA04 C09CA06 C09CA07 "
    "C09CA08 C09DA01 C09DA02 C09DA03 C09DA04 C09DA06 C09DA07 C09DA08 C09DB01 C09DB02 C09DB04 "
    "C09XA02 C09XA52 C10BX03",
    SNDSTOOLS,
)

# Cancers
BLADDER: Final = _icd("Cancer de la vessie", "C67", SCALPEL)
METASTASES: Final = _icd("Métastases", "C77 C78 C79", SCALPEL)
CANCER_SESSIONS: Final = _icd("Séances de radiothérapie et de chimiothérapie", "Z510 Z511", SCALPEL)
BLADDER_ACTS: Final = _ccam(
    "Actes sur la vessie",
    "JDFA001 JDFA003 JDFA004 JDFA005 JDFA006 JDFA008 JDFA009 JDFA011 JDFA014 JDFA015 JDFA016 "
    "JDFA017 JDFA018 JDFA019 JDFA020 JDFA021 JDFA022 JDFA023 JDFA024 JDFA025 JDFC023 JDLD002",
    SCALPEL,
)
RADIOTHERAPY_ACTS: Final = _ccam(
    "Forfaits de radiothérapie en ville",
    "YYYY016 YYYY021 YYYY023 YYYY045 YYYY046 YYYY047 YYYY048 YYYY049 YYYY050 YYYY051 YYYY052 "
    "YYYY053 YYYY054 YYYY055 YYYY056 YYYY099 YYYY101 YYYY122 YYYY136 YYYY141 YYYY152 YYYY175 "
    "YYYY197 YYYY211 YYYY223 YYYY244 YYYY256 YYYY267 YYYY299 YYYY301 YYYY302 YYYY303 YYYY304 "
    "YYYY305 YYYY306 YYYY307 YYYY310 YYYY312 YYYY313 YYYY314 YYYY315 YYYY316 YYYY320 YYYY323 "
    "YYYY324 YYYY325 YYYY326 YYYY327 YYYY331 YYYY334 YYYY335 YYYY336 YYYY337 YYYY338 YYYY343 "
    "YYYY345 YYYY346 YYYY347 YYYY348 YYYY349 YYYY356 YYYY357 YYYY358 YYYY359 YYYY360 YYYY365 "
    "YYYY367 YYYY368 YYYY369 YYYY370 YYYY371 YYYY377 YYYY379 YYYY380 YYYY381 YYYY382 YYYY383 "
    "YYYY387 YYYY390 YYYY391 YYYY392 YYYY393 YYYY398 YYYY450 YYYY451 YYYY457 YYYY458 YYYY459 "
    "YYYY460 YYYY468 YYYY469 YYYY470 YYYY471 YYYY479 YYYY480 YYYY481 YYYY491 YYYY492 YYYY493 "
    "YYYY497 YYYY500 YYYY511 YYYY520 YYYY522 YYYY533 YYYY544 YYYY555 YYYY566 YYYY577 YYYY588 "
    "YYYY599",
    SCALPEL,
)
PIOGLITAZONE: Final = _atc("Pioglitazone, seule et associée", "A10BG03 A10BD05 A10BD06", WHO)
BREAST: Final = _icd("Cancer du sein", "C50 D05", FRESH)
NODES: Final = _icd("Atteinte ganglionnaire axillaire", "C773", FRESH)
RADIOTHERAPY: Final = _icd("Séances de radiothérapie", "Z5100 Z5101", FRESH)
CHEMOTHERAPY: Final = _icd("Séances de chimiothérapie", "Z511", FRESH)
BREAST_SURGERY: Final = _ccam(
    "Chirurgie du sein",
    "QEFA001 QEFA003 QEFA004 QEFA005 QEFA007 QEFA008 QEFA010 QEFA012 QEFA013 QEFA015 QEFA016 "
    "QEFA017 QEFA018 QEFA019 QEFA020",
    FRESH,
    "QEF005 is read QEFA005.",
)
BREAST_BIOPSY: Final = _ccam(
    "Biopsie du sein",
    "QEHA001 QEHA002 QEHB002 QEHJ001 QEHH001 QEHJ005 QEHJ006 QEHH002 QEHH015 QEHJ004",
    FRESH,
)
BREAST_CYTOLOGY: Final = _ccam(
    "Cytoponction du sein", "QEHB001 QEHJ002 QEHJ003 QEHH003 QEHP002", FRESH
)
BREAST_IMAGING: Final = _ccam(
    "Imagerie du sein",
    "QEQK001 QEQK004 QEQK005 QEQM001 QEQJ001 QEQN001 QEQH002 QEQK006 QEQH001",
    FRESH,
)
IRRADIATION: Final = CodeList(
    "Actes d’irradiation", "CCAM", ("ZZNL",), FRESH, corrected="The chapter, not its 168 acts."
)
CYTOTOXICS: Final = _atc("Chimiothérapie orale", "L01A L01B L01C L01D", FRESH)
ENDOCRINE: Final = _atc(
    "Hormonothérapie", "L02BA01 L02BG03 L02BG04 L02BG06 L02AE02 L02AE03 L02AE04", FRESH
)
TARGETED: Final = _atc("Thérapies ciblées", "L01XC03 L01XC13 L01XC14", FRESH)
ANY_CANCER: Final = CodeList(
    "Tumeurs malignes et in situ",
    "ICD-10",
    ("C", "D00", "D01", "D02", "D03", "D04", "D05", "D06", "D07", "D09"),
    SNDSTOOLS,
    corrected="D08, which does not exist in the ICD-10, is left out.",
)

# Brain
DEMENTIA: Final = _icd("Démence", "F00 F01 F02 F03 G30", BEH)
DEMENTIA_DRUGS: Final = _atc(
    "Médicaments de la maladie d’Alzheimer", "N06DA N06DX01", BEH, last_year=2018
)
PARKINSON: Final = _icd("Maladie de Parkinson", "F023 G20", CNAM)

# Fractures and falls
FRACTURES: Final = _icd(
    "Fractures",
    "M484 M485 M80 S02 S12 S22 S32 S42 S52 S62 S72 S82 S92 T02 T08 T10 T12 T142",
    SCALPEL,
)
FRACTURE_ACTS: Final = _ccam(
    "Traitement de fracture hors séjour",
    "HBED009 HBED015 LAEA001 LAEA003 LAEA007 LAEA008 LAEB001 LAEP001 LAEP002 LAEP003 LBED001 "
    "LBED002 LBED003 LBED004 LBED005 LBED006 LBEP002 LBEP009 MADP001 MAEP001 MBEB001 MBEP001 "
    "MBEP002 MBEP003 MCEP001 MCEP002 MDEP001 MDEP002 MGEP002 MZMP002 MZMP004 MZMP007 MZMP013 "
    "NAEP001 NAEP002 NBEB001 NBEP001 NBEP002 NCEP001 NCEP002 NDEP001 NZMP006 NZMP008 NZMP014",
    SCALPEL,
)
REMOVAL_ACTS: Final = _ccam(
    "Ablation de matériel : pas une fracture nouvelle",
    "LAGA002 LAGA003 LAGA004 LAGA005 LDGA001 LDGA002 LEGA001 LEGA002 LFGA001 LHGA004 LHGA006 "
    "LHGA007 LJGA001 LJGA002 MAGA001 MDGA002 MDGB001 NAGA001 NBGA007 NDGA003 PAGA008 PAGA009 "
    "PAGA010 PAGA011 PAGB001 PAGB002 PAGB003 PAGB004 PAGH001 PAKB001 PAMP001",
    SCALPEL,
)
ANTIDEPRESSANTS: Final = _atc("Antidépresseurs", "N06A", SCALPEL)
NEUROLEPTICS: Final = _atc("Neuroleptiques", "N05A", SCALPEL)
HYPNOTICS: Final = _atc("Hypnotiques et sédatifs", "N05C", SCALPEL)

# Births
DELIVERY_ACTS: Final = _ccam(
    "Accouchement",
    "JQGA002 JQGA003 JQGA004 JQGA005 JQGD001 JQGD002 JQGD003 JQGD004 JQGD005 JQGD007 JQGD008 "
    "JQGD010 JQGD012 JQGD013",
    HDH,
)
DELIVERED_ELSEWHERE: Final = _icd(
    "Soins après un accouchement hors d’ici", "Z3900", HDH, Match.EXACT
)
OUTCOME: Final = _icd("Résultat de l’accouchement", "Z37", HDH)
STILLBIRTH: Final = _icd("Mort fœtale", "P95", HDH)
NEWBORNS: Final = CodeList("Nouveau-nés", "GHM", ("15",), HDH)

# Others
VASCULITIS: Final = CodeList(
    "Vascularites",
    "ICD-10",
    ("M300", "M302", "M308", "M313", "M314", "M317", "M352"),
    HDH,
    corrected="Taken with their children, which the source would miss.",
)
