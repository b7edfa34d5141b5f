"""The rows that the pages of this manual show: one call, one row of one person on one day."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from zlib import crc32

from ecluse.data.cohorts import Reading
from ecluse.data.cohorts.reference import Dataset, PersonFacts, Row
from ecluse.data.schemas import model
from ecluse.domain.cohorts import (
    Cohort,
    Condition,
    Day,
    FixedDay,
    Known,
    Matching,
    Step,
    Value,
    Variable,
)
from tests.spec.cohorts.engines import Engine

FIRST_BIRTH = 1_000_000
NEWBORN = {"AGE_JOU": 0, "ENT_MOD": "8", "COD_SEX": "1"}
MOTHER = {"AGE_ANN": 30, "ENT_MOD": "8", "COD_SEX": "2"}
PERIOD = Reading(date(2021, 1, 1), date(2023, 12, 31), flux_until=date(2024, 6, 1))
Shown = tuple[str, Row]
"""The name of a table, and a row of it."""


def day(text: str) -> date:
    """A day, as 2022-01-31."""
    return date.fromisoformat(text)


def pack(atc: str, *, large: bool = False) -> int:
    """The number of the pack that these pages sell of a drug."""
    return 3_400_900_000_000 + crc32(f"{atc}{large}".encode()) % 10_000_000


def delivery(
    person: int, on: str | None, atc: str, *, large: bool = False, **more: object
) -> Shown:
    """A drug sold by a pharmacy; claims of these pages came in on 1 March 2022."""
    row = {**_own(person, on), "PHA_PRS_C13": pack(atc, large=large), "atc": (atc, large)}
    return "ER_PHA_F", {"FLX_DIS_DTD": date(2022, 3, 1), **row, **more}


def claim(person: int, on: str | None, nature: int = 1111, **more: object) -> Shown:
    """A claim line: 1111 is a consultation."""
    row = {**_own(person, on), "PRS_NAT_REF": nature, "FLX_DIS_DTD": date(2022, 3, 1)}
    return "ER_PRS_F", {**row, **more}


def city_act(person: int, on: str, ccam: str, **more: object) -> Shown:
    """A medical act outside hospital."""
    row = {**_own(person, on), "CAM_PRS_IDE": ccam, "FLX_DIS_DTD": date(2022, 3, 1)}
    return "ER_CAM_F", {**row, **more}


def stay(
    person: int,
    on: str | None,
    main: str | None = None,
    *,
    related: str | None = None,
    record: int | None = None,
    **more: object,
) -> Shown:
    """A hospital stay with its main and related diagnoses; `record` is its number."""
    row = {**_own(person, on), "DGN_PAL": main, "DGN_REL": related, "event_key": record}
    return "T_MCOaaB", {**row, **more}


def associated(person: int, on: str, code: str, *, record: int | None = None) -> Shown:
    """An associated diagnosis of a stay."""
    return "T_MCOaaD", {**_own(person, on), "ASS_DGN": code, "event_key": record}


def ward(
    person: int, on: str, main: str, *, related: str | None = None, record: int | None = None
) -> Shown:
    """A ward of a stay, with its own main and related diagnoses."""
    row = {**_own(person, on), "DGN_PAL": main, "DGN_REL": related, "event_key": record}
    return "T_MCOaaUM", row


def stay_act(person: int, on: str, ccam: str, *, record: int | None = None) -> Shown:
    """A medical act of a stay."""
    return "T_MCOaaA", {**_own(person, on), "CDC_ACT": ccam, "event_key": record}


def outpatient_act(person: int, on: str, ccam: str) -> Shown:
    """A medical act of hospital outpatient care."""
    return "T_MCOaaFMSTC", {**_own(person, on), "CCAM_COD": ccam}


def home_stay(person: int, on: str, main: str, *, record: int | None = None) -> Shown:
    """A stay of hospital at home."""
    return "T_HADaaB", {**_own(person, on), "DGN_PAL": main, "event_key": record}


def long_illness(
    person: int, begins: str, code: str, *, ends: str | None = None, kind: int = 41
) -> Shown:
    """A long-term illness in the register of the insurer; without an end, it goes on."""
    row = {**_own(person, begins), "MED_MTF_COD": code, "IMB_ETM_NAT": kind}
    return "IR_IMB_R", {**row, "IMB_ALD_DTF": day(ends) if ends else None}


def death_certificate(person: int, on: str, code: str) -> Shown:
    """A death with its underlying cause."""
    return "KI_CCI_R", {**_own(person, on), "DCD_CIM_COD": code}


def person(
    born: str | None = None,
    sex: str | None = None,
    *,
    died: str | None = None,
    department: str | None = None,
) -> PersonFacts:
    """What the register says of a person."""
    return PersonFacts(day(born) if born else None, day(died) if died else None, sex, department)


def dataset(
    *rows: Shown,
    persons: Mapping[int, PersonFacts] | range = range(1, 4),
    mothers: Mapping[int, int] | None = None,
) -> Dataset:
    """A dataset of these rows and persons: 1, 2 and 3 unless said otherwise."""
    tables: dict[str, list[Row]] = {"IR_PHA_R": []}
    for table, row in rows:
        tables.setdefault(table, []).append({k: v for k, v in row.items() if k != "atc"})
    for number, (child, mother) in enumerate((mothers or {}).items()):
        for table, row in birth(child, mother, number):
            tables.setdefault(table, []).append(row)
    sold = dict.fromkeys(row["atc"] for table, row in rows if "atc" in row)
    tables["IR_PHA_R"] = [_reference(*drug) for drug in sold]  # type: ignore[misc]
    facts = persons if isinstance(persons, Mapping) else {key: PersonFacts() for key in persons}
    return Dataset(tuple(facts), tables, model("snds"), facts)


def birth(child: int, mother: int, number: int) -> Iterator[Shown]:
    """The stays of a child and a mother that share a number; no source finds them."""
    yield from numbered(child, f"{number:032}", NEWBORN, record=FIRST_BIRTH + 2 * number)
    yield from numbered(mother, f"{number:032}", MOTHER, record=FIRST_BIRTH + 2 * number + 1)


def numbered(
    person: int | None,
    number: str | None,
    told: Row,
    *,
    record: int,
    on: str = "2019-03-01",
    hospital: str = "990000001",
) -> Iterator[Shown]:
    """A stay with the number that mother and child share, and what tells the one from the other."""
    own = {"person_key": person, "event_date": None, "event_key": record}
    yield "T_MCOaaC", {**own, "NIR_ANO_MAM": number, "ETA_NUM": hospital, "EXE_SOI_DTD": day(on)}
    yield "T_MCOaaB", {**own, **told}


def chosen(
    engine: Engine, keep: Condition, data: Dataset, *, reading: Reading = PERIOD
) -> set[int]:
    """The persons who meet a condition."""
    found = engine(Cohort((Step("Critère", keep),)), data, reading)
    return set(found.rows["person_key"].to_pylist())


def answers(
    engine: Engine, value: Value, data: Dataset, *, index: Day | None = None
) -> dict[int, object]:
    """What a variable says of each person."""
    cohort = replace(EVERYBODY, index=index, variables=(Variable("answer", value, "Réponse"),))
    rows = engine(cohort, data, PERIOD).rows
    return dict(zip(rows["person_key"].to_pylist(), rows["answer"].to_pylist(), strict=True))


def matched(
    engine: Engine, cases: Condition, index: Day, rule: Matching, data: Dataset
) -> dict[int, set[int]]:
    """The controls of each case."""
    cohort = Cohort((Step("Cas", cases),), index, matching=rule)
    rows = engine(cohort, data, PERIOD).rows.to_pylist()
    case_of = {row["set_number"]: row["person_key"] for row in rows if row["is_case"]}
    sets: dict[int, set[int]] = {case: set() for case in case_of.values()}
    for row in rows:
        sets[case_of[row["set_number"]]] |= set() if row["is_case"] else {row["person_key"]}
    return sets


EVERYBODY = Cohort((Step("Tout le monde", Known(FixedDay(date(2022, 1, 1)))),))


def _own(person_key: int, on: str | None) -> dict[str, object]:
    return {"person_key": person_key, "event_date": day(on) if on else None}


def _reference(atc: str, large: bool) -> Row:
    size = "O" if large else "N"
    return {"PHA_CIP_C13": pack(atc, large=large), "PHA_ATC_C07": atc, "PHA_GRD_CND": size}
