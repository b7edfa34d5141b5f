"""Live births in hospital, joined to the delivery of the mother."""

from typing import Final

from ecluse.domain.cohorts import (
    AnyEvents,
    AnyEventSet,
    AtLeast,
    Cohort,
    ColumnAt,
    Comparison,
    Count,
    DayIs,
    Events,
    EveryEvent,
    IndexDay,
    IsMet,
    LinkedEvents,
    SexIs,
    Step,
    Variable,
    Where,
)
from ecluse.domain.studies import code_lists as codes
from ecluse.domain.studies.positions import associated, main, stay_acts
from ecluse.domain.studies.study import Study, Validated, Validation

MOTHER: Final = "mother"
PREGNANCY: Final = 280
"""Days."""
NEW: Final = (
    Where("AGE_JOU", Comparison.IS_IN, ("0",)),
    Where("ENT_MOD", Comparison.IS_IN, ("8", "N")),
)
VIABLE: Final = (
    Where("POI_NAI", Comparison.AT_LEAST, ("500",)),
    Where("AGE_GES", Comparison.AT_LEAST, ("22",)),
)


def deliveries() -> AnyEventSet:
    """Return the stays in which a woman gave birth."""
    acts = AnyEvents((stay_acts(codes.DELIVERY_ACTS), main(codes.DELIVERED_ELSEWHERE)))
    return acts.same_record(associated(codes.OUTCOME))


def births(year: int) -> Cohort:
    """Return the children born alive in hospital in a year, with their mother's delivery."""
    group = codes.NEWBORNS
    newborns = AnyEvents(
        tuple(
            Events("stay_group", group.codes, group.match, where=(*NEW, viable))
            for viable in VIABLE
        )
    )
    alive = newborns.other_record(main(codes.STILLBIRTH)).in_year(year)
    of_mother = LinkedEvents(deliveries(), MOTHER).around(IndexDay(), from_days=-1, to_days=1)
    pregnant = LinkedEvents(EveryEvent("drug_atc"), MOTHER).around(
        IndexDay(), from_days=-PREGNANCY, to_days=-1
    )
    return Cohort(
        steps=(Step("Nés vivants à l’hôpital", AtLeast(alive)),),
        index=alive.first(),
        variables=(
            Variable("sex", SexIs(), "Sexe"),
            Variable("weight", ColumnAt(alive, "POI_NAI"), "Poids de naissance (g)"),
            Variable("weeks", ColumnAt(alive, "AGE_GES"), "Âge gestationnel (semaines)"),
            Variable("has_mother", IsMet(AtLeast(of_mother)), "Accouchement de la mère retrouvé"),
            Variable("delivered_on", DayIs(of_mother.first()), "Séjour de la mère"),
            Variable("drugs", Count(pregnant), "Dates d’achat de médicaments par la mère enceinte"),
        ),
    )


STUDIES: Final = (
    Study(
        name="births",
        title_fr="Naissances vivantes et lien mère-enfant",
        title_en="Live births and the mother–child link",
        objective_fr="Relier les enfants nés vivants à l’accouchement de leur mère.",
        objective_en="Join children born alive to the delivery of their mother.",
        domain="Périnatalité",
        data=("PMSI MCO", "DCIR"),
        cohort=births,
        default_year=2019,
        code_lists=(
            codes.NEWBORNS,
            codes.STILLBIRTH,
            codes.DELIVERY_ACTS,
            codes.DELIVERED_ELSEWHERE,
            codes.OUTCOME,
        ),
        sources=(codes.HDH,),
        validation=Validation(Validated.NO),
        limits=(
            "The mother is the woman whose stay has the NIR_ANO_MAM of the child's, in the same "
            "hospital, within a day. A number that is empty, in error (ABAB…) or on the stays of "
            "two women finds none; nor does a mother or child whose pseudonym cannot be used. The "
            "number is told since 2013.",
            "Births outside hospital, and twins who cannot be told apart, are missed.",
        ),
    ),
)
