"""The truth of persons: who they are, what they have, what happened, whatever was sent of it.

Studies of the delivery are compared with it; days are written dd/mm/yyyy, empty for none.
"""

from typing import Final

import numpy as np
import pyarrow as pa

from ecluse.data.synthetic.calendar import Ints, date_texts
from ecluse.data.synthetic.conditions import Conditions
from ecluse.data.synthetic.outpatient import CASTS, NO_CAST, Visits
from ecluse.data.synthetic.people import People
from ecluse.data.synthetic.registrations import Registrations, codes
from ecluse.data.synthetic.stay_kinds import KINDS
from ecluse.data.synthetic.stays import Stays
from ecluse.data.synthetic.writing import Column, Pieces, pick

UNKNOWN: Final = ""


def write_persons(pieces: Pieces, people: People, conditions: Conditions) -> None:
    """Write who the persons are, since when they have each illness, and their mother."""
    columns: dict[str, Column] = {
        "person_index": people.first + np.arange(people.count),
        "sex": people.sex,
        "born": date_texts(people.born),
        "died": date_texts(people.died, missing=UNKNOWN),
        "pseudonym": pa.array(people.pseudonyms[people.first_pseudonym].tolist()),
        "birth_rank": people.birth_rank,
        "in_register": people.in_register,
        "mother_index": pa.array(people.first + people.mother, mask=people.mother < 0),
    }
    onsets = {name: date_texts(onset, missing=UNKNOWN) for name, onset in conditions.items()}
    pieces.write_truth("persons", columns | onsets)


def write_happenings(
    pieces: Pieces, people: People, registered: Registrations, stays: Stays, visits: Visits
) -> None:
    """Write each stay, each cast put outside of a stay, each long-term illness registered."""
    known = sorted({code for kind in KINDS for code in kind.codes})
    place = {code: rank for rank, code in enumerate(known)}
    main = np.array([place[code] for code in stays.main_codes()], dtype=np.int64)
    reason = pick([kind.special for kind in KINDS], stays.kind)
    stay_days = {"entered": date_texts(stays.entered), "left": date_texts(stays.left)}
    pieces.write_truth(
        "stays",
        _of(people, stays.person) | stay_days | {"main_code": pick(known, main), "special": reason},
    )
    cast = np.flatnonzero(visits.cast != NO_CAST)
    pieces.write_truth(
        "casts",
        _of(people, visits.person[cast])
        | {"day": date_texts(visits.day[cast]), "act": pick(CASTS, visits.cast[cast])},
    )
    pieces.write_truth(
        "registrations",
        _of(people, registered.person)
        | {
            "code": pick(codes(), registered.code),
            "start": date_texts(registered.start),
            "end": date_texts(registered.end, missing=UNKNOWN),
        },
    )


def _of(people: People, person: Ints) -> dict[str, Column]:
    return {"person_index": people.first + person}
