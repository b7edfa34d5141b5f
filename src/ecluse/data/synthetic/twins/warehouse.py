"""The hospital's warehouse in OMOP CDM 5.4, and apart, what its texts truly say."""

from typing import Final

import numpy as np

from ecluse.data.synthetic.calendar import Ints
from ecluse.data.synthetic.twins.blocks import Block
from ecluse.data.synthetic.twins.drafts import Chance, Mention
from ecluse.data.synthetic.twins.files import Headers, Row, Tables
from ecluse.data.synthetic.twins.imaging import write_report
from ecluse.data.synthetic.twins.letters import Note, write_letter
from ecluse.data.synthetic.twins.lexicon import read
from ecluse.data.synthetic.twins.patients import Patient, Patients, Prescription, Visit

SITES: Final = 4
"""The warehouse serves the facilities with the most stays."""
MEN, WOMEN = 8507, 8532
INPATIENT, OUTPATIENT = 9201, 9202
RECORD: Final = 32817
"""Concept of what comes from a hospital's own record."""
DISCHARGE_DIAGNOSIS, SECONDARY_DIAGNOSIS = 32896, 32908
INPATIENT_HOSPITAL: Final = 8717
UTF8, FRENCH = 32678, 4180190
NO_CONCEPT: Final = 0
ANONYMOUS: Final = "O04"
"""Main diagnosis of stays that leave no name behind, in the claims as here."""
SYNTHETIC: Final = "synthetic"
"""Source value of every note: written from templates, about a person who does not exist."""

HEADERS: Final[Headers] = {
    "care_site": (
        *("care_site_id", "care_site_name", "place_of_service_concept_id"),
        "care_site_source_value",
    ),
    "person": (
        *("person_id", "gender_concept_id", "year_of_birth", "month_of_birth", "day_of_birth"),
        *("race_concept_id", "ethnicity_concept_id", "person_source_value"),
        "gender_source_value",
    ),
    "visit_occurrence": (
        *("visit_occurrence_id", "person_id", "visit_concept_id", "visit_start_date"),
        *("visit_end_date", "visit_type_concept_id", "care_site_id", "visit_source_value"),
    ),
    "condition_occurrence": (
        *("condition_occurrence_id", "person_id", "condition_concept_id", "condition_start_date"),
        *("condition_type_concept_id", "condition_status_concept_id", "visit_occurrence_id"),
        "condition_source_value",
    ),
    "procedure_occurrence": (
        *("procedure_occurrence_id", "person_id", "procedure_concept_id", "procedure_date"),
        *("procedure_type_concept_id", "visit_occurrence_id", "procedure_source_value"),
    ),
    "drug_exposure": (
        *("drug_exposure_id", "person_id", "drug_concept_id", "drug_exposure_start_date"),
        *("drug_exposure_end_date", "drug_type_concept_id", "sig", "visit_occurrence_id"),
        "drug_source_value",
    ),
    "measurement": (
        *("measurement_id", "person_id", "measurement_concept_id", "measurement_date"),
        *("measurement_type_concept_id", "value_as_number", "range_low", "range_high"),
        *("visit_occurrence_id", "measurement_source_value", "unit_source_value"),
    ),
    "note": (
        *("note_id", "person_id", "note_date", "note_type_concept_id", "note_class_concept_id"),
        *("note_title", "note_text", "encoding_concept_id", "language_concept_id"),
        *("visit_occurrence_id", "note_source_value"),
    ),
    "death": ("person_id", "death_date", "death_type_concept_id"),
}
TRUTH: Final[Headers] = {
    "annotations": (
        *("note_id", "start", "end", "text", "kind", "system", "code", "negated", "about"),
        *("value", "unit"),
    ),
    "hospital_persons": ("person_index", "person_id", "illnesses", "tumour"),
}


class Warehouse:
    """Writes the hospital's tables, block after block."""

    def __init__(self, tables: Tables, truth: Tables, *, seed: int) -> None:
        self._tables = tables
        self._truth = truth
        self._seed = seed
        self._facilities: dict[int, int] = {}

    def add(self, block: Block, patients: Patients) -> None:
        """Write the stays of a block that were in the hospital, and the persons who had them."""
        if not self._facilities:
            self._choose_facilities(block.stays.facility)
        here = np.isin(block.stays.facility, list(self._facilities))
        named = [not code.startswith(ANONYMOUS) for code in block.stays.main_codes()]
        chosen = np.flatnonzero(here & np.array(named, dtype=bool))
        by_person: dict[int, list[int]] = {}
        for stay in chosen.tolist():
            by_person.setdefault(int(block.stays.person[stay]), []).append(stay)
        known = [(patients.patient(person), stays) for person, stays in by_person.items()]
        # in the order of the hospital's own numbers, which says nothing of the country's
        for patient, stays in sorted(known, key=lambda item: item[0].number):
            self._person(block, patient)
            for stay in stays:
                self._stay(block, patients, patient, stay)
            if patient.died in block.stays.left[stays]:
                self._tables.write("death", (patient.number, _date(patient.died), RECORD))

    def _choose_facilities(self, facility: Ints) -> None:
        found, counts = np.unique(facility, return_counts=True)
        most = found[np.argsort(-counts, kind="stable")][:SITES]
        self._facilities = {int(number): site for site, number in enumerate(most)}
        names = read("letters")["names"]["hospitals"]
        for site in self._facilities.values():
            row = (site + 1, names[site], INPATIENT_HOSPITAL, f"SITE{site + 1}")
            self._tables.write("care_site", row)

    def _person(self, block: Block, patient: Patient) -> None:
        year, month, day = (int(part) for part in _date(patient.born).split("-"))
        gender = ((MEN, "M"), (WOMEN, "F"))[patient.is_woman]
        self._tables.write(
            "person",
            (
                *(patient.number, gender[0], year, month, day, NO_CONCEPT, NO_CONCEPT),
                *(patient.opt_out_id or None, gender[1]),
            ),
        )
        tumour = patient.tumour.icd10 if patient.tumour else None
        illnesses = " ".join(sorted(patient.onsets))
        index = block.first_person + patient.person
        self._truth.write("hospital_persons", (index, patient.number, illnesses, tumour))

    def _stay(self, block: Block, patients: Patients, patient: Patient, stay: int) -> None:
        site = self._facilities[int(block.stays.facility[stay])]
        number = self._tables.next_number("visit_occurrence")
        code = patients.code(stay)
        entered, left = int(block.stays.entered[stay]), int(block.stays.left[stay])
        concept = INPATIENT if left > entered else OUTPATIENT
        self._tables.write(
            "visit_occurrence",
            (
                *(number, patient.number, concept, _date(entered), _date(left), RECORD),
                *(site + 1, "HC" if left > entered else "HJ"),
            ),
        )
        self._condition(patient, number, NO_CONCEPT, entered, DISCHARGE_DIAGNOSIS, code)
        visit = patients.visit(patient, stay, site=site, number=number)
        if visit:
            self._facts(visit, Chance(block.rng(self._seed, f"facts:{stay}")))

    def _facts(self, visit: Visit, chance: Chance) -> None:
        """Write what is known of a stay whose reason the lexicon has, and its texts."""
        patient = visit.patient
        for illness in visit.illnesses:
            if illness.code != visit.code and chance.happens(illness.recorded):
                entry = (illness.concept, visit.entered, SECONDARY_DIAGNOSIS, illness.code)
                self._condition(patient, visit.number, *entry)
        for code, _, _ in visit.diagnosis.acts:
            self._numbered(
                "procedure_occurrence",
                *(patient.number, NO_CONCEPT, _date(visit.entered), RECORD, visit.number, code),
            )
        for item in (*visit.habitual, *visit.given):
            self._drug(visit, item)
        for measured in visit.measured:
            test = measured.test
            self._numbered(
                "measurement",
                *(patient.number, test.concept, _date(visit.entered + measured.day), RECORD),
                *(measured.value, test.low, test.high, visit.number, test.loinc, test.unit),
            )
        if not chance.happens(visit.diagnosis.told):
            return
        self._note(visit, write_letter(chance, visit), visit.left)
        report = write_report(chance, visit)
        if report:
            self._note(visit, report, visit.entered)

    def _condition(
        self, patient: Patient, visit: int, concept: int, day: int, status: int, code: str
    ) -> None:
        row = (patient.number, concept, _date(day), RECORD, status, visit, code)
        self._numbered("condition_occurrence", *row)

    def _drug(self, visit: Visit, item: Prescription) -> None:
        self._numbered(
            "drug_exposure",
            *(visit.patient.number, item.drug.concept, _date(visit.entered), _date(visit.left)),
            *(RECORD, item.dose, visit.number, item.drug.atc),
        )

    def _note(self, visit: Visit, note: Note, day: int) -> None:
        number = self._numbered(
            "note",
            *(visit.patient.number, _date(day), RECORD, NO_CONCEPT, note.title, note.text),
            *(UTF8, FRENCH, visit.number, SYNTHETIC),
        )
        for mention in note.mentions:
            self._truth.write("annotations", _annotation(number, note, mention))

    def _numbered(self, table: str, *values: object) -> int:
        number = self._tables.next_number(table)
        self._tables.write(table, (number, *values))
        return number


def _annotation(number: int, note: Note, mention: Mention) -> Row:
    label, start, end = mention.label, mention.start, mention.end
    return (
        *(number, start, end, note.text[start:end], label.kind, label.system, label.code),
        *(int(label.negated), label.about, label.value, label.unit),
    )


def _date(day: int) -> str:
    return str(np.datetime64(day, "D"))
