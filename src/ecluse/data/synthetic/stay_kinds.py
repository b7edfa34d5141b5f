"""Reasons for a hospital stay, read from stays.csv, and what goes with illnesses during a stay."""

from dataclasses import dataclass
from typing import Final, Literal

from ecluse.data.synthetic.reading import read_rows

Special = Literal["", "bleeding", "birth", "delivery", "multiple", "anonymous"]
Length = Literal["overnight", "day", "session"]
OBSTETRIC: Final = frozenset({"birth", "delivery", "multiple"})


@dataclass(frozen=True, slots=True)
class StayKind:
    """A reason for a stay: main diagnoses, stay group and its tariff, yearly rate, mean nights.

    `ages`, `sex` (0 both) and `condition` say who is concerned. `special`: `bleeding` depends on
    the treatments received, `birth` happens once, `delivery` to the mothers of one child and
    `multiple` to those of twins (there `rate` is a weight), `anonymous` leaves no person. `acts`
    are medical acts; `rehabilitation` is the share of stays followed by rehabilitation; `at_onset`
    the share of those newly ill who come then, besides the yearly rate; `also` are diagnoses that
    each such stay carries. Tariffs are numbers that exist, not the official ones of the group.
    """

    codes: tuple[str, ...]
    group: str
    tariff: str
    kind: Length
    rate: float
    nights: float
    ages: tuple[int, int]
    sex: int
    condition: str
    special: Special
    acts: tuple[str, ...]
    rehabilitation: float
    at_onset: float
    also: tuple[str, ...]

    @property
    def is_obstetric(self) -> bool:
        """Whether births make it, not a rate."""
        return self.special in OBSTETRIC


def _read() -> tuple[StayKind, ...]:
    return tuple(
        StayKind(
            codes=tuple(row["codes"].split()),
            group=row["group"],
            tariff=row["tariff"],
            kind=row["kind"],  # type: ignore[arg-type]  # our own file
            rate=float(row["rate"]),
            nights=float(row["nights"]),
            ages=(int(row["age_from"]), int(row["age_to"])),
            sex=int(row["sex"]),
            condition=row["condition"],
            special=row["special"],  # type: ignore[arg-type]
            acts=tuple(row["acts"].split()),
            rehabilitation=float(row["rehabilitation"]),
            at_onset=float(row["at_onset"]),
            also=tuple(row["also"].split()),
        )
        for row in read_rows("stays")
    )


KINDS: Final = _read()
GROUP_TARIFFS: Final = tuple(kind.tariff for kind in KINDS)
"""GHS number of each kind of stay."""

ASSOCIATED: Final = {
    "hypertension": ("I10", 0.55),
    "diabetes": ("E119", 0.65),
    "dyslipidaemia": ("E780", 0.30),
    "atrial_fibrillation": ("I489", 0.60),
    "heart_failure": ("I500", 0.40),
    "asthma_copd": ("J449", 0.45),
    "depression": ("F329", 0.20),
    "breast_cancer": ("C509", 0.15),
    "prostate_cancer": ("C61", 0.15),
    "colorectal_cancer": ("C189", 0.15),
    "lung_cancer": ("C349", 0.15),
    "bladder_cancer": ("C679", 0.15),
    "parkinson": ("G20", 0.70),
    "renal_failure": ("N189", 0.50),
    "dementia": ("F03", 0.45),
    "stroke": ("I694", 0.30),
    "arterial_disease": ("I702", 0.30),
    "osteoarthritis": ("M199", 0.10),
}
"""Associated diagnosis of each illness, with the share of the stays of the ill that carry it."""

RELATED: Final = {
    "breast_cancer": "C509",
    "prostate_cancer": "C61",
    "colorectal_cancer": "C189",
    "lung_cancer": "C349",
    "skin_cancer": "C443",
    "bladder_cancer": "C679",
    "other_cancer": "C80",
}
"""Disease for which a session of treatment takes place."""
TREATED_FOR_CANCER: Final = ("Z511", "Z5101")
"""Main diagnoses of those sessions."""
