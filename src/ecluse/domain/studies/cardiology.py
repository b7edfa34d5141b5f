"""Heart and vessels: stroke, acute coronary syndrome, heart failure, treated hypertension."""

from typing import Final

from ecluse.domain.cohorts import (
    Aged,
    AtLeast,
    CodeAt,
    Cohort,
    Count,
    DayIs,
    DayWithin,
    DeathDay,
    Events,
    EveryEvent,
    IndexDay,
    IsMet,
    Step,
    Variable,
)
from ecluse.domain.studies import code_lists as codes
from ecluse.domain.studies.positions import (
    WHO,
    associated,
    drugs,
    main,
    related,
)
from ecluse.domain.studies.study import Study, Validated, Validation

ADULT: Final = 18
NOT_VALIDATED: Final = Validation(Validated.NO)


def _dies_within(days: int) -> Variable:
    dead = IsMet(DayWithin(DeathDay(), IndexDay(), 0, days))
    return Variable(f"dead_{days}", dead, f"Décès dans les {days} jours")


def _back_within(days: int) -> Variable:
    stays = EveryEvent("stay_main_diagnosis").around(IndexDay(), from_days=1, to_days=days)
    return Variable(f"back_{days}", IsMet(AtLeast(stays)), f"Autre séjour dans les {days} jours")


def stroke(year: int) -> Cohort:
    """Return the adults in hospital for a stroke in a year."""
    stays = main(codes.STROKE).in_year(year)
    return Cohort(
        steps=(
            Step("Séjour pour accident vasculaire cérébral", AtLeast(stays)),
            Step("Adultes au premier séjour", Aged(stays.first(), ADULT, None)),
        ),
        index=stays.first(),
        variables=(
            *WHO,
            Variable("diagnosis", CodeAt(stays), "Diagnostic principal du premier séjour"),
            _dies_within(30),
            _dies_within(365),
            _back_within(30),
        ),
    )


def coronary(year: int) -> Cohort:
    """Return the persons with an acute coronary syndrome in a ward in a year."""
    wards = Events("ward_main_diagnosis", codes.CORONARY.codes).in_year(year)
    infarction = Events("ward_main_diagnosis", codes.INFARCTION.codes, codes.INFARCTION.match)
    initial = infarction.around(IndexDay(), from_days=0, to_days=0)
    return Cohort(
        steps=(Step("Diagnostic principal d’une unité médicale", AtLeast(wards)),),
        index=wards.first(),
        variables=(
            *WHO,
            Variable("diagnosis", CodeAt(wards), "Diagnostic de la première unité"),
            Variable(
                "initial_care", IsMet(AtLeast(initial)), "Prise en charge initiale d’un infarctus"
            ),
            _dies_within(30),
            _back_within(30),
        ),
    )


def heart_failure(year: int) -> Cohort:
    """Return the persons in hospital for heart failure in a year."""
    failure = codes.HEART_FAILURE
    causes = main(codes.HEART_FAILURE_CAUSES).same_record(related(failure) | associated(failure))
    stays = (main(failure) | causes).in_year(year)
    return Cohort(
        steps=(Step("Séjour pour insuffisance cardiaque", AtLeast(stays)),),
        index=stays.first(),
        variables=(
            *WHO,
            Variable("stays", Count(stays), "Dates de séjour dans l’année"),
            Variable("last_stay", DayIs(stays.last()), "Dernier séjour de l’année"),
            _dies_within(365),
        ),
    )


def treated_hypertension(year: int) -> Cohort:
    """Return the persons treated for hypertension in a year."""
    deliveries = drugs(codes.HYPERTENSION_DRUGS).in_year(year)
    return Cohort(
        steps=(Step("Trois dates de délivrance dans l’année", AtLeast(deliveries, 3)),),
        index=deliveries.first(),
        variables=(*WHO, Variable("deliveries", Count(deliveries), "Dates de délivrance")),
    )


STUDIES: Final = (
    Study(
        name="stroke",
        title_fr="Accident vasculaire cérébral",
        title_en="Stroke",
        objective_fr="Suivre les adultes hospitalisés : décès à 30 et 365 jours, retour.",
        objective_en="Follow adults in hospital: death at 30 and 365 days, return within 30 days.",
        domain="Neurologie vasculaire",
        data=("PMSI MCO", "Référentiel des bénéficiaires"),
        cohort=stroke,
        default_year=2019,
        code_lists=(codes.STROKE,),
        sources=(codes.CNAM, codes.SNDSTOOLS),
        validation=NOT_VALIDATED,
        limits=(
            "Other studies leave out I60 (subarachnoid haemorrhage) or add G46.",
            "A stroke that leads to no stay of acute care is missed.",
        ),
    ),
    Study(
        name="acute-coronary-syndrome",
        title_fr="Syndrome coronaire aigu",
        title_en="Acute coronary syndrome",
        objective_fr="Repérer les syndromes coronaires aigus dès l’unité médicale.",
        objective_en="Find acute coronary syndromes as early as the ward.",
        domain="Cardiologie",
        data=("PMSI MCO",),
        cohort=coronary,
        default_year=2019,
        code_lists=(codes.CORONARY, codes.INFARCTION),
        sources=(codes.HDH, codes.SCALPEL),
        validation=NOT_VALIDATED,
        limits=("Unstable angina (I200) is not among the codes.",),
    ),
    Study(
        name="heart-failure",
        title_fr="Insuffisance cardiaque",
        title_en="Heart failure",
        objective_fr="Repérer les séjours pour insuffisance cardiaque, nommée ou complication.",
        objective_en="Find stays for heart failure, named or as the complication of a disease.",
        domain="Cardiologie",
        data=("PMSI MCO",),
        cohort=heart_failure,
        default_year=2019,
        code_lists=(codes.HEART_FAILURE, codes.HEART_FAILURE_CAUSES),
        sources=(codes.SCALPEL,),
        validation=NOT_VALIDATED,
        limits=("Failure that is followed outside hospital alone is missed.",),
    ),
    Study(
        name="treated-hypertension",
        title_fr="Hypertension artérielle traitée",
        title_en="Treated hypertension",
        objective_fr="Compter les personnes traitées par antihypertenseurs dans l’année.",
        objective_en="Count the persons treated with antihypertensive drugs in the year.",
        domain="Cardiologie",
        data=("DCIR",),
        cohort=treated_hypertension,
        default_year=2019,
        code_lists=(codes.HYPERTENSION_DRUGS,),
        sources=(codes.SNDSTOOLS,),
        validation=NOT_VALIDATED,
        limits=("The same drugs treat heart failure, migraine, arrhythmia: none is told.",),
    ),
)
