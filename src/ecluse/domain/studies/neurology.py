"""Dementia and Parkinson's disease."""

from datetime import date
from typing import Final

from ecluse.domain.cohorts import (
    Aged,
    AnyEvents,
    AtLeast,
    Cohort,
    Condition,
    FixedDay,
    IsMet,
    OneOfDays,
    Pick,
    Step,
    Variable,
)
from ecluse.domain.studies import code_lists as codes
from ecluse.domain.studies.positions import (
    WHO,
    alive,
    any_position,
    associated,
    drugs,
    long_term_illness,
    main_or_related,
    two_years,
)
from ecluse.domain.studies.study import Study, Validated, Validation

LAST_REIMBURSED: Final = date(2018, 7, 31)
"""The drugs ceased to be reimbursed, and so to be seen, on 1 August 2018."""


def dementia(year: int) -> Cohort:
    """Return the persons of 40 and more with dementia in a year."""
    illness = long_term_illness(codes.DEMENTIA).in_year(year)
    diagnoses = AnyEvents((*main_or_related(codes.DEMENTIA).parts, associated(codes.DEMENTIA)))
    stays = two_years(diagnoses, year)
    ends = date(year, 12, 31)
    found: Condition = AtLeast(illness) | AtLeast(stays)
    days = [illness.first(), stays.first()]
    variables = [Variable("long_term_illness", IsMet(AtLeast(illness)), "Longue durée")]
    if date(year, 1, 1) <= LAST_REIMBURSED:
        deliveries = drugs(codes.DEMENTIA_DRUGS).during(
            date(year, 1, 1), min(ends, LAST_REIMBURSED)
        )
        found, days = found | AtLeast(deliveries, 3), [*days, deliveries.first()]
        treated = IsMet(AtLeast(deliveries, 3))
        variables.append(Variable("treated", treated, "Traité par médicaments"))
    return Cohort(
        steps=(
            alive(year),
            Step("Longue durée, séjour ou médicaments", found),
            Step("Quarante ans et plus", Aged(FixedDay(ends), 40, None)),
        ),
        index=OneOfDays(Pick.EARLIEST, tuple(days)),
        variables=(*WHO, *variables),
    )


def parkinson(year: int) -> Cohort:
    """Return the persons in hospital with Parkinson's disease in a year."""
    stays = any_position(codes.PARKINSON).in_year(year)
    return Cohort(
        steps=(Step("Séjour, en toute position de diagnostic", AtLeast(stays)),),
        index=stays.first(),
        variables=WHO,
    )


STUDIES: Final = (
    Study(
        name="dementia",
        title_fr="Démences",
        title_en="Dementia",
        objective_fr="Compter les personnes connues pour une démence dans l’année.",
        objective_en="Count the persons known for dementia in the year.",
        domain="Neurologie",
        data=("DCIR", "PMSI MCO", "ALD"),
        cohort=dementia,
        default_year=2016,
        code_lists=(codes.DEMENTIA, codes.DEMENTIA_DRUGS),
        sources=(codes.BEH,),
        validation=Validation(
            Validated.NO,
            note="524 770 personnes au régime général en 2014 ; après 70 ans, la prévalence vraie "
            "est d’environ 1,6 fois ce nombre (BEH).",
        ),
        limits=(
            "Reimbursement of the drugs ended on 1 August 2018: later years rest on illnesses and "
            "stays alone, and are not to be compared with those before.",
            "Three dates of delivery and two years of stays are our choice: the published text "
            "gives neither.",
            "Variants add F051 and G31.",
        ),
    ),
    Study(
        name="parkinson",
        title_fr="Maladie de Parkinson",
        title_en="Parkinson's disease",
        objective_fr="Repérer les personnes hospitalisées avec une maladie de Parkinson.",
        objective_en="Find the persons in hospital with Parkinson's disease.",
        domain="Neurologie",
        data=("PMSI MCO",),
        cohort=parkinson,
        default_year=2019,
        code_lists=(codes.PARKINSON,),
        sources=(codes.CNAM,),
        validation=Validation(Validated.NO),
        limits=("Persons who never go to hospital are missed; drugs are not read.",),
    ),
)
