"""Fractures after a fall, at 65 and more, and the drugs that make one fall."""

from typing import Final

from ecluse.domain.cohorts import (
    Aged,
    AtLeast,
    CodeAt,
    Cohort,
    Events,
    ExposedOn,
    Exposure,
    IndexDay,
    IsMet,
    Match,
    OneOfDays,
    Pick,
    Step,
    Variable,
)
from ecluse.domain.studies import code_lists as codes
from ecluse.domain.studies.positions import WHO, drugs, main, outpatient_acts, stay_acts
from ecluse.domain.studies.study import CodeList, Study, Validated, Validation

OLD: Final = 65
SMALL_PACK, SMALL_GRACE, LARGE_PACK, LARGE_GRACE = 30, 15, 90, 30
"""Days that a pack covers, and days of a gap that are still treatment."""
LARGE: Final = Events("drug_pack_size", ("O",), Match.EXACT)
FAMILIES: Final = {
    "antidepressants": codes.ANTIDEPRESSANTS,
    "neuroleptics": codes.NEUROLEPTICS,
    "hypnotics": codes.HYPNOTICS,
    "antihypertensives": codes.HYPERTENSION_DRUGS,
}


def fractures(year: int) -> Cohort:
    """Return the persons of 65 and more with a fracture in a year."""
    stays = main(codes.FRACTURES).other_record(stay_acts(codes.REMOVAL_ACTS)).in_year(year)
    acts = outpatient_acts(codes.FRACTURE_ACTS).in_year(year)
    first = OneOfDays(Pick.EARLIEST, (stays.first(), acts.first()))
    return Cohort(
        steps=(
            Step("Séjour ou acte pour fracture", AtLeast(stays) | AtLeast(acts)),
            Step("65 ans et plus", Aged(first, OLD, None)),
        ),
        index=first,
        variables=(
            *WHO,
            Variable("in_hospital", IsMet(AtLeast(stays)), "Fracture vue à l’hôpital"),
            Variable("diagnosis", CodeAt(stays), "Diagnostic du premier séjour : siège"),
            Variable("act", CodeAt(acts), "Premier acte hors séjour"),
            *(_exposed(name, listed) for name, listed in FAMILIES.items()),
        ),
    )


def _exposed(name: str, listed: CodeList) -> Variable:
    bought = drugs(listed)
    small = Exposure(bought.other_record(LARGE), covered_days=SMALL_PACK, grace_days=SMALL_GRACE)
    large = Exposure(bought.same_record(LARGE), covered_days=LARGE_PACK, grace_days=LARGE_GRACE)
    exposed = ExposedOn(small, IndexDay()) | ExposedOn(large, IndexDay())
    return Variable(name, IsMet(exposed), f"Sous traitement ce jour : {listed.name}")


STUDIES: Final = (
    Study(
        name="fall-fractures",
        title_fr="Fractures après 65 ans",
        title_en="Fractures at 65 and more",
        objective_fr="Repérer les fractures et les médicaments qui font tomber.",
        objective_en="Find fractures, and the drugs that make one fall.",
        domain="Gériatrie",
        data=("PMSI MCO", "DCIR", "ACE"),
        cohort=fractures,
        default_year=2019,
        code_lists=(
            codes.FRACTURES,
            codes.FRACTURE_ACTS,
            codes.REMOVAL_ACTS,
            *FAMILIES.values(),
        ),
        sources=(codes.SCALPEL,),
        validation=Validation(Validated.NO),
        limits=(
            "The fall itself is not read: any fracture at 65 and more is taken.",
            "Families of drugs are ATC classes, not the packs that the source lists.",
        ),
    ),
)
