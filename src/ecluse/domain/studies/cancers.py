"""Cancers: any history, breast (FRESH), and bladder cancer under pioglitazone."""

from datetime import date
from typing import Final

from ecluse.domain.cohorts import (
    Aged,
    AnyEvents,
    AnyEventSet,
    AtLeast,
    Cohort,
    DayIs,
    DayWithin,
    DeathDay,
    Events,
    Exposure,
    FixedDay,
    HasSex,
    IndexDay,
    IsMet,
    Not,
    OneOfDays,
    Pick,
    Sex,
    Step,
    Variable,
)
from ecluse.domain.studies import code_lists as codes
from ecluse.domain.studies.positions import (
    WHO,
    acts,
    alive,
    any_position,
    associated,
    drugs,
    long_term_illness,
    main,
    main_or_related,
    outpatient_acts,
    stay_acts,
    two_years,
)
from ecluse.domain.studies.study import Study, Validated, Validation

HALF_YEAR, QUARTER, MONTH, YEAR = 183, 91, 31, 365
"""Days."""
NOT_VALIDATED: Final = Validation(Validated.NO)


def history(year: int) -> Cohort:
    """Return the persons with a cancer in a year or the one before."""
    stays = two_years(main_or_related(codes.ANY_CANCER), year)
    illness = two_years(long_term_illness(codes.ANY_CANCER), year)
    return Cohort(
        steps=(
            alive(year),
            Step("Séjour ou affection de longue durée", AtLeast(stays) | AtLeast(illness)),
        ),
        index=OneOfDays(Pick.EARLIEST, (stays.first(), illness.first())),
        variables=WHO,
    )


def breast(year: int) -> Cohort:
    """Return the women whose first treatment for breast cancer is of a year."""
    stays = two_years(main_or_related(codes.BREAST), year)
    treatments = _breast_treatments()
    treated = AnyEvents(tuple(treatments.values())).first()
    biopsy, cytology, imaging = (
        acts(listed).around(treated, from_days=-days, to_days=0).first()
        for listed, days in (
            (codes.BREAST_BIOPSY, YEAR - 1),
            (codes.BREAST_CYTOLOGY, YEAR - 1),
            (codes.BREAST_IMAGING, MONTH),
        )
    )
    first, last = FixedDay(date(year, 1, 1)), (date(year, 12, 31) - date(year, 1, 1)).days
    return Cohort(
        steps=(
            Step("Femmes", HasSex(Sex.FEMALE)),
            Step("Séjour pour cancer du sein", AtLeast(stays)),
            Step("Premier traitement dans l’année", DayWithin(treated, first, 0, last)),
        ),
        index=OneOfDays(Pick.FIRST_OF_LIST, (biopsy, cytology, imaging, treated)),
        variables=(
            *WHO,
            Variable("treated_on", DayIs(treated), "Premier traitement"),
            Variable(
                "nodes", IsMet(AtLeast(two_years(any_position(codes.NODES), year))), "Ganglions"
            ),
            *(
                Variable(name, DayIs(events.first()), f"Premier jour : {name}")
                for name, events in treatments.items()
            ),
        ),
    )


def _breast_treatments() -> dict[str, AnyEventSet]:
    return {
        "surgery": stay_acts(codes.BREAST_SURGERY).same_record(_breast_stay()),
        "radiotherapy": AnyEvents(
            (
                main(codes.RADIOTHERAPY).same_record(_breast_stay()),
                stay_acts(codes.IRRADIATION).same_record(_breast_stay()),
                *outpatient_acts(codes.IRRADIATION).parts,
                *outpatient_acts(codes.RADIOTHERAPY_ACTS).parts,
            )
        ),
        "chemotherapy": AnyEvents(
            (main(codes.CHEMOTHERAPY).same_record(_breast_stay()), drugs(codes.CYTOTOXICS))
        ),
        "endocrine": drugs(codes.ENDOCRINE),
        "targeted": drugs(codes.TARGETED),
    }


def _breast_stay() -> AnyEvents:
    return AnyEvents((*main_or_related(codes.BREAST).parts, associated(codes.BREAST)))


def bladder(year: int) -> Cohort:
    """Return the diabetics of a year and the three that follow, from half a year after they enter.

    Source: the cohort of the insurer of 2006 to 2009, persons aged 40 to 80 on 1 January 2007.
    """
    begins, ends = date(year, 1, 1), date(year + 3, 12, 31)
    purchases = drugs(codes.DIABETES_DRUGS).during(begins, ends)
    entered = purchases.first()
    followed = entered.plus(HALF_YEAR)
    broad = _broad_bladder()
    bladder_acts = outpatient_acts(codes.RADIOTHERAPY_ACTS)
    near = bladder_acts.around(broad.first(), from_days=-QUARTER, to_days=QUARTER)
    narrow = AtLeast(_broad_in_acute_care().same_record(_narrow_signs())) | AtLeast(near)
    pioglitazone = Exposure(
        drugs(codes.PIOGLITAZONE).during(begins, ends),
        purchases=2,
        within_days=HALF_YEAR,
        delay_days=QUARTER,
    )
    return Cohort(
        steps=(
            Step("Au moins un achat d’antidiabétique", AtLeast(purchases)),
            Step("De 40 à 80 ans", Aged(FixedDay(date(year + 1, 1, 1)), 40, 80)),
            Step("Entrés la première année", DayWithin(entered, FixedDay(begins), 0, YEAR)),
            Step(
                "Sans cancer de la vessie avant le suivi",
                Not(DayWithin(broad.first(), followed, None, -1)),
            ),
            Step("Vivants au début du suivi", Not(DayWithin(DeathDay(), followed, None, 0))),
        ),
        index=followed,
        variables=(
            *WHO,
            Variable("exposed_from", DayIs(pioglitazone.starts()), "Début de l’exposition"),
            Variable("broad", DayIs(broad.first()), "Cancer de la vessie, définition large"),
            Variable("narrow", IsMet(narrow), "Cancer de la vessie, définition étroite"),
            Variable(
                "naive",
                IsMet(AtLeast(any_position(codes.BLADDER).around(IndexDay(), from_days=0))),
                "Cancer de la vessie, tout code C67",
            ),
            Variable("died", DayIs(DeathDay()), "Décès"),
        ),
    )


def _broad_bladder() -> AnyEvents:
    elsewhere = [
        Events(source, codes.BLADDER.codes)
        for source in ("home_main_diagnosis", "rehabilitation_main_morbidity")
    ]
    return AnyEvents((_broad_in_acute_care(), *elsewhere))


def _broad_in_acute_care() -> AnyEvents:
    spread = associated(codes.BLADDER).same_record(main_or_related(codes.METASTASES))
    return AnyEvents((*main_or_related(codes.BLADDER).parts, spread))


def _narrow_signs() -> AnyEvents:
    sessions = any_position(codes.CANCER_SESSIONS).parts
    return AnyEvents((*sessions, stay_acts(codes.BLADDER_ACTS)))


STUDIES: Final = (
    Study(
        name="cancer-history",
        title_fr="Antécédent de cancer",
        title_en="Any history of cancer",
        objective_fr="Repérer un cancer, invasif ou in situ, dans les deux dernières années.",
        objective_en="Find a cancer, invasive or in situ, in the last two years.",
        domain="Cancérologie",
        data=("PMSI MCO", "ALD"),
        cohort=history,
        default_year=2019,
        code_lists=(codes.ANY_CANCER,),
        sources=(codes.SNDSTOOLS,),
        validation=NOT_VALIDATED,
        limits=("Tumours of uncertain behaviour (D37 to D48) are not cancers here.",),
    ),
    Study(
        name="breast-cancer",
        title_fr="Cancer du sein, date du diagnostic (FRESH)",
        title_en="Breast cancer, day of the diagnosis (FRESH)",
        objective_fr="Dater le diagnostic par la biopsie, la cytologie, l’image ou le traitement.",
        objective_en="Date the diagnosis by biopsy, cytology, imaging or treatment.",
        domain="Cancérologie",
        data=("PMSI MCO", "DCIR", "ACE"),
        cohort=breast,
        default_year=2019,
        code_lists=(
            codes.BREAST,
            codes.NODES,
            codes.BREAST_SURGERY,
            codes.BREAST_BIOPSY,
            codes.BREAST_CYTOLOGY,
            codes.BREAST_IMAGING,
            codes.RADIOTHERAPY,
            codes.IRRADIATION,
            codes.RADIOTHERAPY_ACTS,
            codes.CHEMOTHERAPY,
            codes.CYTOTOXICS,
            codes.ENDOCRINE,
            codes.TARGETED,
        ),
        sources=(codes.FRESH,),
        validation=NOT_VALIDATED,
        limits=(
            "Imaging counts when done in the month before the first treatment: the published chain "
            "of images, each a month from the next, is not followed further back.",
            "Hospital drugs charged by unit (UCD) are not read: few targeted therapies are seen.",
            "A radiotherapy or a drug outside a stay is taken whatever the cancer it treats.",
        ),
    ),
    Study(
        name="bladder-cancer-pioglitazone",
        title_fr="Cancer de la vessie et pioglitazone",
        title_en="Bladder cancer and pioglitazone",
        objective_fr="Comparer les cancers de la vessie des diabétiques exposés et non exposés.",
        objective_en="Compare bladder cancers of diabetics exposed and not exposed.",
        domain="Pharmaco-épidémiologie",
        data=("DCIR", "PMSI MCO", "PMSI HAD", "PMSI SSR"),
        cohort=bladder,
        default_year=2006,
        code_lists=(
            codes.DIABETES_DRUGS,
            codes.PIOGLITAZONE,
            codes.BLADDER,
            codes.METASTASES,
            codes.CANCER_SESSIONS,
            codes.BLADDER_ACTS,
            codes.RADIOTHERAPY_ACTS,
        ),
        sources=(codes.SCALPEL,),
        validation=NOT_VALIDATED,
        limits=(
            "For the narrow definition, radiotherapy outside hospital is sought around the first "
            "cancer alone.",
            "Pioglitazone was withdrawn in France in 2011: later years have no exposure.",
        ),
    ),
)
