"""Vasculitis, and the population with an exempting long-term illness."""

from datetime import date
from typing import Final

from ecluse.domain.cohorts import (
    AtLeast,
    CodeAt,
    Cohort,
    Comparison,
    EveryEvent,
    IsMet,
    Step,
    Variable,
    Where,
)
from ecluse.domain.studies import code_lists as codes
from ecluse.domain.studies.positions import WHO, alive, any_position, every_long_term_illness
from ecluse.domain.studies.study import Study, Validated, Validation

EXEMPTED: Final = Where("EXO_MTF", Comparison.IS_IN, ("41", "43", "45"))


def vasculitis(year: int) -> Cohort:
    """Return the persons in hospital with a vasculitis in a year."""
    stays = any_position(codes.VASCULITIS).in_year(year)
    return Cohort(
        steps=(Step("Séjour, en toute position de diagnostic", AtLeast(stays)),),
        index=stays.first(),
        variables=(*WHO, Variable("diagnosis", CodeAt(stays), "Premier diagnostic")),
    )


def long_term_illness(year: int) -> Cohort:
    """Return the persons with an exempting long-term illness in a year."""
    illness = every_long_term_illness()
    ends = date(year, 12, 31)
    exempted = EveryEvent("act_nature", (EXEMPTED,)).in_year(year)
    return Cohort(
        steps=(
            alive(year),
            Step("Affection exonérante dans l’année", AtLeast(illness.in_year(year))),
        ),
        index=illness.in_year(year).first(),
        variables=(
            *WHO,
            Variable("illness", CodeAt(illness.in_year(year)), "Première affection"),
            Variable(
                "current", IsMet(AtLeast(illness.during(ends, ends))), "En cours au 31 décembre"
            ),
            Variable("exempted", IsMet(AtLeast(exempted)), "A des soins exonérés dans l’année"),
        ),
    )


STUDIES: Final = (
    Study(
        name="vasculitis",
        title_fr="Vascularites",
        title_en="Vasculitis",
        objective_fr="Compter les personnes hospitalisées avec une vascularite.",
        objective_en="Count the persons in hospital with a vasculitis.",
        domain="Médecine interne",
        data=("PMSI MCO",),
        cohort=vasculitis,
        default_year=2020,
        code_lists=(codes.VASCULITIS,),
        sources=(codes.HDH,),
        validation=Validation(
            Validated.NO,
            note="France entière, 2020, par code : M313 2 661, M317 1 443, M314 545, M300 437, "
            "M302 moins de 50, M308 130, M352 1 832 ; ensemble 6 815 (fiche du HDH).",
        ),
        limits=("Published counts are of exact codes: this one takes their children too.",),
    ),
    Study(
        name="long-term-illness",
        title_fr="Personnes en affection de longue durée",
        title_en="Persons with a long-term illness",
        objective_fr="Compter les personnes exonérées, de trois façons.",
        objective_en="Count the persons exempted, in three ways.",
        domain="Assurance maladie",
        data=("ALD", "DCIR"),
        cohort=long_term_illness,
        default_year=2019,
        code_lists=(),
        sources=(codes.HDH,),
        validation=Validation(
            Validated.NO,
            note="13,9 millions de personnes au référentiel et 12,4 millions avec des soins "
            "exonérés en 2017 (fiche du HDH).",
        ),
        limits=("Sixteen in a hundred persons of the register have no claim in the year.",),
    ),
)
