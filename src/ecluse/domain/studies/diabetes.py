"""Diabetes: the disease map's definition, and what tells type 1 from type 2."""

from typing import Final

from ecluse.domain.cohorts import (
    AnyEventSet,
    AtLeast,
    Cohort,
    Condition,
    Count,
    Events,
    IsMet,
    Match,
    OneOfDays,
    Pick,
    Step,
    Variable,
)
from ecluse.domain.studies import code_lists as codes
from ecluse.domain.studies.positions import (
    WHO,
    alive,
    associated,
    drugs,
    long_term_illness,
    main_or_related,
    two_years,
)
from ecluse.domain.studies.study import Study, Validated, Validation

GLIFLOZIN_YEAR: Final = 2022
"""From here gliflozins alone no longer make a diabetic: they treat the heart too."""


def _deliveries(year: int) -> AnyEventSet:
    return drugs(codes.DIABETES_DRUGS, but_not=codes.NOT_FOR_DIABETES.codes).in_year(year)


def _treated(year: int) -> Condition:
    deliveries = _deliveries(year)
    large = deliveries.same_record(Events("drug_pack_size", ("O",), Match.EXACT))
    treated = AtLeast(deliveries, 3) | (AtLeast(deliveries, 2) & AtLeast(large))
    if year < GLIFLOZIN_YEAR:
        return treated
    others = (*codes.NOT_FOR_DIABETES.codes, *codes.GLIFLOZINS.codes)
    return treated & AtLeast(drugs(codes.DIABETES_DRUGS, but_not=others).in_year(year))


def diabetes(year: int) -> Cohort:
    """Return the persons with diabetes in a year."""
    illness = long_term_illness(codes.DIABETES).in_year(year)
    stays = two_years(main_or_related(codes.DIABETES), year)
    complications = two_years(main_or_related(codes.DIABETES_COMPLICATIONS), year).same_record(
        associated(codes.DIABETES)
    )
    known = (_deliveries(year), illness, stays, complications)
    ill = AtLeast(illness) | AtLeast(stays) | AtLeast(complications)
    return Cohort(
        steps=(
            alive(year),
            Step("Médicaments, affection de longue durée ou séjour", _treated(year) | ill),
        ),
        index=OneOfDays(Pick.EARLIEST, tuple(events.first() for events in known)),
        variables=(
            *WHO,
            Variable("treated", IsMet(_treated(year)), "Traité par médicaments"),
            Variable("long_term_illness", IsMet(AtLeast(illness)), "Affection de longue durée"),
            Variable("deliveries", Count(_deliveries(year)), "Dates de délivrance dans l’année"),
        ),
    )


def diabetes_types(year: int) -> Cohort:
    """Return the treated diabetics of a year with the counts that tell the types apart."""
    told = {
        "rapid": (codes.RAPID_INSULINS, "Dates de délivrance d’insuline rapide"),
        "slow": (codes.SLOW_INSULINS, "Dates de délivrance d’insuline lente"),
        "biguanides": (codes.BIGUANIDES, "Dates de délivrance de biguanides"),
    }
    counted = [
        Variable(name, Count(drugs(listed).in_year(year)), label)
        for name, (listed, label) in told.items()
    ]
    return Cohort(
        steps=(Step("Diabète traité par médicaments", _treated(year)),),
        index=_deliveries(year).first(),
        variables=(
            *WHO,
            *counted,
            Variable("all", Count(_deliveries(year)), "Dates de délivrance d’antidiabétiques"),
        ),
    )


STUDIES: Final = (
    Study(
        name="diabetes",
        title_fr="Diabète",
        title_en="Diabetes",
        objective_fr="Compter les personnes diabétiques d’une année, traitées ou connues.",
        objective_en="Count the persons with diabetes in a year, treated or known.",
        domain="Endocrinologie",
        data=("DCIR", "PMSI MCO", "ALD"),
        cohort=diabetes,
        default_year=2019,
        code_lists=(
            codes.DIABETES_DRUGS,
            codes.NOT_FOR_DIABETES,
            codes.GLIFLOZINS,
            codes.DIABETES,
            codes.DIABETES_COMPLICATIONS,
        ),
        sources=(codes.SNDSTOOLS, codes.HDH, codes.BEH),
        validation=Validation(
            Validated.NO, note="Prévalence publiée : 4,6 % en 2012 (Santé publique France)."
        ),
        limits=(
            "Diabetes treated by diet alone, without illness or stay on record, is missed.",
            "A large pack is one that IR_PHA_R marks (PHA_GRD_CND = O).",
        ),
    ),
    Study(
        name="diabetes-types",
        title_fr="Diabète de type 1 ou de type 2",
        title_en="Type 1 or type 2 diabetes",
        objective_fr="Donner les délivrances sur douze mois qui distinguent les deux types.",
        objective_en="Give the deliveries over twelve months that tell the two types apart.",
        domain="Endocrinologie",
        data=("DCIR",),
        cohort=diabetes_types,
        default_year=2019,
        code_lists=(
            codes.DIABETES_DRUGS,
            codes.NOT_FOR_DIABETES,
            codes.GLIFLOZINS,
            codes.RAPID_INSULINS,
            codes.SLOW_INSULINS,
            codes.BIGUANIDES,
        ),
        sources=(codes.HDH,),
        validation=Validation(
            Validated.YES,
            sensitivity="100 %",
            specificity="97,2 %",
            note="Chiffres publiés de la fonction discriminante, pas de ces comptes.",
        ),
        limits=(
            "The coefficients of the published discriminant are not public: it gives the counts "
            "that the discriminant reads, and decides nothing.",
        ),
    ),
)
