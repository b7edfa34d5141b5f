"""What the hospital measures: values that follow the person's illnesses and the stay's reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ecluse.data.synthetic.twins.drafts import Chance
from ecluse.data.synthetic.twins.lexicon import Diagnosis, Laboratory, lexicon

VITALS: Final = ("systolic", "diastolic", "heart_rate", "temperature", "saturation")
ROUTINE: Final = (
    *("haemoglobin", "leucocytes", "platelets", "creatinine", "sodium", "potassium", "crp"),
)
FOLLOWED: Final = {
    # what an illness has measured at each stay
    "diabetes": "hba1c",
    "dyslipidaemia": "ldl",
    "hypothyroidism": "tsh",
    "heart_failure": "ntprobnp",
}
PULSE: Final = 0.72
"""Diastolic pressure at most, as a share of systolic."""
VARIATION: Final = 0.3
"""Spread between two measurements of one person, as a share of the spread between persons."""
REPEATED: Final = ("haemoglobin", "leucocytes", "creatinine", "crp")
RECOVERY: Final = 0.35
"""Share of the disturbance due to the stay's reason that is left at discharge."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One measurement: days after admission, and the value, rounded as it is written."""

    test: Laboratory
    day: int
    value: float

    @property
    def is_abnormal(self) -> bool:
        """Whether the value is out of the laboratory's range."""
        return not self.test.low <= self.value <= self.test.high

    @property
    def written(self) -> str:
        """Return the value as letters write it."""
        return self.test.written(self.value)


AT_BIRTH: Final = {"systolic": 0.6, "diastolic": 0.6, "heart_rate": 1.75, "creatinine": 0.4}
"""Values at birth as a share of those of the grown-up, on a straight line until then."""
GROWN_UP: Final = 16


@dataclass(frozen=True, slots=True)
class Body:
    """What values depend on: sex, age in years, illnesses, the ICD-10 category of the stay."""

    is_woman: bool
    age: float
    illnesses: frozenset[str]
    category: str


def measure(
    chance: Chance, body: Body, diagnosis: Diagnosis, *, nights: int
) -> tuple[Measured, ...]:
    """Return what is measured at admission and, after three nights, before discharge."""
    if diagnosis.style == "newborn":
        return ()
    tests = lexicon().laboratory
    first = [_value(chance, tests[name], body) for name in _chosen(body, diagnosis)]
    first[: len(VITALS)] = _coherent(*first[: len(VITALS)])
    if nights < 3:  # noqa: PLR2004 - short stays are measured once
        return tuple(first)
    disturbed = [item for item in first if item.test.name in REPEATED]
    again = [_again(chance, item, body, day=nights - 1) for item in disturbed]
    return (*first, *again)


def _chosen(body: Body, diagnosis: Diagnosis) -> Sequence[str]:
    followed = [name for illness, name in FOLLOWED.items() if illness in body.illnesses]
    routine = () if diagnosis.style == "day" else ROUTINE
    return tuple(dict.fromkeys([*VITALS, *routine, *followed, *diagnosis.laboratory]))


def _value(chance: Chance, test: Laboratory, body: Body) -> Measured:
    mean = test.mean[body.is_woman] * _lasting(test.factors, body.illnesses)
    mean *= _of_age(test.name, body.age)
    mean *= test.factors.get(body.category, 1.0)
    drawn = mean * float(chance.rng.lognormal(0.0, test.cv))
    return Measured(test, 0, min(round(drawn, test.decimals), test.most))


def _coherent(systolic: Measured, diastolic: Measured, *others: Measured) -> Sequence[Measured]:
    """Return the vital signs, the lower blood pressure well below the upper one."""
    highest = round(systolic.value * PULSE)
    return (systolic, replace(diastolic, value=min(diastolic.value, highest)), *others)


def _again(chance: Chance, first: Measured, body: Body, *, day: int) -> Measured:
    test = first.test
    # what the reason for the stay disturbs fades; what lasting illnesses do stays
    value = first.value * test.factors.get(body.category, 1.0) ** (RECOVERY - 1)
    drawn = value * float(chance.rng.lognormal(0.0, test.cv * VARIATION))
    return Measured(test, day, min(round(drawn, test.decimals), test.most))


def _of_age(name: str, age: float) -> float:
    at_birth = AT_BIRTH.get(name, 1.0)
    return at_birth + (1 - at_birth) * min(max(age, 0.0) / GROWN_UP, 1.0)


def _lasting(factors: Mapping[str, float], illnesses: frozenset[str]) -> float:
    product = 1.0
    for illness in sorted(illnesses):
        product *= factors.get(illness, 1.0)
    return product
