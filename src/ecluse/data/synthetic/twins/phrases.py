"""Words of the hospital's texts for what is known of a stay, each with the fact that it states."""

from typing import Final

import numpy as np

from ecluse.data.synthetic.twins.drafts import Chance, Label, Term
from ecluse.data.synthetic.twins.lexicon import ATC, ICD10, LOINC, PREFIX, Tumour, lexicon
from ecluse.data.synthetic.twins.measurements import Measured
from ecluse.data.synthetic.twins.patients import Prescription, Visit

MONTHS: Final = (
    *("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août"),
    *("septembre", "octobre", "novembre", "décembre"),
)
CHILD: Final = 14
INFANT: Final = 2
IN_DIGITS: Final = 0.5
"""Share of dates written 12/03/2021, the others 12 mars 2021."""


def visit_values(chance: Chance, visit: Visit) -> dict[str, str | Term]:
    """Return what templates say of a stay, by slot."""
    values: dict[str, str | Term] = {
        **patient_values(visit),
        **figures(chance, visit),
        "main": reason_term(chance, visit),
        "entered": day_term(chance, visit.entered),
        "left": day_term(chance, visit.left),
    }
    if visit.patient.tumour is not None:
        shown = shown_tumour(visit)
        tumour = shown or visit.patient.tumour
        values["tumour"] = tumour_term(chance, tumour, visit.code if shown else tumour.icd10)
    return values


def patient_values(visit: Visit) -> dict[str, str | Term]:
    """Return what templates say of the person."""
    patient = visit.patient
    civility = "Mme " if patient.is_woman else "M. "
    if visit.age < CHILD:
        civility = "la jeune " if patient.is_woman else "le jeune "
    name = Term(patient.family_name, "m", Label("name"), lead=civility)
    return {
        "patient": name,
        "Patient": name,
        "un_patient": "une patiente" if patient.is_woman else "un patient",
        "age": age_text(visit.age),
        "born": year_term(patient.born),
        "service": Term(visit.diagnosis.service, "f"),
        "packs": str(visit.packs),
    }


def figures(chance: Chance, visit: Visit) -> dict[str, str]:
    """Return the small figures of the course of an illness: they are told, never tabulated."""
    return {
        "days": str(chance.between(2, 6)),
        "jour": str(chance.between(1, max(1, min(visit.nights, 6)))),
        "kilos": str(chance.between(3, 9)),
        "score": str(chance.between(2, 5)),
        "tone": str(chance.between(12, 19)),
        "weeks": str(chance.between(38, 41)),
        "grams": str(chance.between(2750, 3950)),
    }


def reason_term(chance: Chance, visit: Visit) -> Term:
    """Return words for the reason of the stay; those of a tumour's care state no illness."""
    term = chance.pick(visit.diagnosis.terms)
    if visit.diagnosis.style == "tumour":
        return term
    return term.stating(Label("condition", ICD10, visit.code))


def conclusion_term(chance: Chance, visit: Visit) -> Term:
    """Return words for what the stay was for: the cancer itself where there is one."""
    shown = shown_tumour(visit)
    return tumour_term(chance, shown, visit.code) if shown else reason_term(chance, visit)


def tumour_term(chance: Chance, tumour: Tumour, code: str) -> Term:
    """Return words for a cancer."""
    return chance.pick(tumour.terms).stating(Label("tumour", ICD10, code))


def shown_tumour(visit: Visit) -> Tumour | None:
    """Return the cancer that the stay itself is for."""
    category = visit.code[:PREFIX]
    return next((item for item in lexicon().tumours if item.icd10[:PREFIX] == category), None)


def day_term(chance: Chance, day: int, *, lead: str = "") -> Term:
    """Return a day as letters write it, with its date as the fact."""
    iso = str(np.datetime64(day, "D"))
    return Term(day_text(chance, day), "m", Label("date", value=iso), lead=lead)


def day_text(chance: Chance, day: int) -> str:
    """Return a day as 12/03/2021 or 12 mars 2021."""
    year, month, number = str(np.datetime64(day, "D")).split("-")
    if chance.happens(IN_DIGITS):
        return f"{number}/{month}/{year}"
    first = "1er" if number == "01" else str(int(number))
    return f"{first} {MONTHS[int(month) - 1]} {year}"


def age_text(age: float) -> str:
    """Return an age in years, in months under two years."""
    if age * 12 < 1:
        return "moins d'un mois"
    if age < INFANT:
        return f"{int(age * 12)} mois"
    return f"{int(age)} ans"


def year_term(day: int) -> Term:
    """Return the calendar year of a day, as a date."""
    year = str(np.datetime64(day, "D"))[:4]
    return Term(year, "m", Label("date", value=year))


def number_term(item: Measured) -> Term:
    """Return a measured value alone."""
    label = Label("measurement", LOINC, item.test.loinc, value=item.written, unit=item.test.unit)
    return Term(item.written, "m", label)


def value_term(form: str, name: str, item: Measured) -> Term:
    """Return a measured value with its name and unit, written in `form`."""
    text = form.format(name=name, value=item.written, unit=item.test.unit)
    return Term(text, "m", number_term(item).label)


def drug_term(chance: Chance, item: Prescription, *, with_dose: bool) -> Term:
    """Return a drug by one of its names, its dose after it."""
    label = Label("drug", ATC, item.drug.atc, value=item.dose if with_dose else "")
    tail = f" {item.dose}" if with_dose else ""
    return Term(chance.pick(item.drug.names), "m", label, tail=tail)
