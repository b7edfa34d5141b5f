"""CT_IDE and CT_IND: the yearly disease map, worked out from the truth itself.

The insurer works it out from care; here each flag says what the person truly has on 31 December.
"""

from typing import Final

import numpy as np
import pyarrow as pa

from ecluse.data.synthetic.calendar import YEAR_DAYS, Flags, Ints, date_texts, first_day, year_of
from ecluse.data.synthetic.conditions import Conditions
from ecluse.data.synthetic.people import People, departments
from ecluse.data.synthetic.writing import Column, Pieces, constant, pick

VERSION: Final = "G11"
FIRST_YEAR: Final = 2015
FLAGS: Final = {
    "top_CvCoron_chr": "ischaemic_heart_disease",
    "top_CvAVC_seq": "stroke",
    "top_CvIC_chr": "heart_failure",
    "top_CvAOMI_ind": "arterial_disease",
    "top_CvTrRyC_ind": "atrial_fibrillation",
    "top_FDiabet_ind": "diabetes",
    "sup_Can_cat": "cancer",
    "top_Psychos_ind": "psychosis",
    "top_PDepNev_ind": "depression",
    "top_NDemenc_ind": "dementia",
    "sup_FHypoLi_med_nnexclu": "dyslipidaemia",
    "sup_FAntiHTA_med_nnexclu": "hypertension",
}


def write_disease_map(
    pieces: Pieces, people: People, conditions: Conditions, *, years: range, seen: Flags
) -> None:
    """Write the two tables of each year, for the persons `seen` in the claims and alive in it."""
    for year in years:
        if year < FIRST_YEAR:
            continue
        start, end = first_day(year), first_day(year + 1)
        alive = (people.born < end) & (people.died >= start) & seen
        person = np.flatnonzero(alive)
        numbers = (people.first + person).tolist()
        ids = {"id_carto": pa.array(f"{year}{number:010d}" for number in numbers)}
        pieces.write(
            f"CT_IDE_{year}_{VERSION}.csv", ids | _identity_columns(people, person, end - 1)
        )
        flags = {
            flag: (conditions[name][person] < end).astype(np.int8) for flag, name in FLAGS.items()
        }
        pieces.write(
            f"CT_IND_{year}_{VERSION}.csv", ids | _description(people, person, end) | flags
        )


def _identity_columns(people: People, person: Ints, day: int) -> dict[str, Column]:
    known = people.pseudonym_on(person, np.full(len(person), day, dtype=np.int32))
    return {
        "ben_nir_psa": pick(people.pseudonyms, known),
        "ben_rng_gem": people.birth_rank[person],
        "version": constant(VERSION, len(person)),
    }


def _description(people: People, person: Ints, end: int) -> dict[str, Column]:
    age = ((end - 1 - people.born[person]) / YEAR_DAYS).astype(np.int16)
    died = people.died[person]
    return {
        "ben_sex_cod": people.sex[person],
        "ben_nai_ann": year_of(people.born[person]),
        "age": age,
        "dpt": pick([item["snds_code"] for item in departments()], people.department[person]),
        "ben_dcd_dte": date_texts(died),
        "dcd_3112": (died < end).astype(np.int8),
    }
