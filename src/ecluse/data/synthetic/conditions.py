"""The diseases that persons live with. Care, stays and deaths are drawn from them, never apart.

Prevalences rise with age along a curve. The curves of registered illnesses are fitted to the
long-term illnesses of 2016 by sex and age (marginals/long_term_illnesses.csv); the others, and the
share of the ill who register, are our assumptions: parameters of a demonstration, not findings.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ecluse.data.synthetic.calendar import NEVER, Days, Flags, Floats, Period
from ecluse.data.synthetic.people import DEMO_CITIZEN, MALE, People


@dataclass(frozen=True, slots=True)
class Curve:
    """Share of persons ill: `most` at great age, half of it at `middle_age`."""

    name: str
    most: float
    middle_age: float
    spread: float
    men: float = 1.0
    women: float = 1.0


CURVES: Final = (
    Curve("hypertension", 0.62, 61, 9),
    Curve("diabetes", 0.155, 58, 7, men=1.15, women=0.83),
    Curve("dyslipidaemia", 0.38, 61, 8),
    Curve("hypothyroidism", 0.07, 50, 12, men=0.25, women=1.8),
    Curve("depression", 0.10, 28, 10, men=0.75, women=1.25),
    Curve("psychosis", 0.009, 24, 5, men=1.2, women=0.8),
    Curve("asthma_copd", 0.12, 50, 20, men=1.1, women=0.9),
    Curve("osteoarthritis", 0.45, 63, 8, men=0.8, women=1.15),
    Curve("ischaemic_heart_disease", 0.076, 66, 8, men=1.5, women=0.5),
    Curve("arterial_disease", 0.058, 68, 8, men=1.4, women=0.6),
    Curve("renal_failure", 0.017, 90, 18, men=1.2, women=0.8),
    Curve("heart_failure", 0.115, 86, 9, men=1.2, women=0.85),
    Curve("atrial_fibrillation", 0.21, 86, 10, men=1.2, women=0.85),
    Curve("stroke", 0.085, 92, 14, men=1.17, women=0.83),
    Curve("dementia", 0.275, 88, 5, men=0.8, women=1.2),
    Curve("cancer", 0.107, 58, 9),
    Curve("parkinson", 0.03, 80, 6, men=1.2, women=0.85),
    Curve("vasculitis", 0.0006, 50, 15),
)


@dataclass(frozen=True, slots=True)
class Part:
    """One of the diseases that an illness gathers, and its share of the ill of each sex."""

    name: str
    men: float
    women: float


PARTS: Final = {
    "cancer": (
        Part("breast_cancer", 0.0, 0.46),
        Part("prostate_cancer", 0.40, 0.0),
        Part("colorectal_cancer", 0.17, 0.16),
        Part("lung_cancer", 0.13, 0.09),
        Part("skin_cancer", 0.10, 0.09),
        Part("bladder_cancer", 0.10, 0.03),
        Part("other_cancer", 0.10, 0.17),
    ),
    "diabetes": (Part("type_1_diabetes", 0.08, 0.08), Part("type_2_diabetes", 0.92, 0.92)),
}
"""Illnesses of which each ill person has one part, from the same day: our assumption. They are told
beside the illness that they are parts of, never counted once more."""
AGGRAVATED_BY: Final = {
    "heart_failure": ("hypertension", "diabetes", "ischaemic_heart_disease"),
    "ischaemic_heart_disease": ("diabetes", "hypertension"),
    "arterial_disease": ("diabetes",),
    "renal_failure": ("diabetes", "hypertension"),
    "stroke": ("diabetes", "hypertension"),
}
AGGRAVATION: Final = 1.5
DURING_PERIOD: Final = 0.15
"""Share of the illnesses that begin during the years of care."""
DEMO_CONDITIONS: Final = ("diabetes", "hypertension", "osteoarthritis")
DEMO_PARTS: Final = ("type_2_diabetes",)

DEATH_SCALE: Final = 3.6e-5
DEATH_GROWTH: Final = 0.087
WOMEN_DEATHS: Final = 0.62
DEADLY: Final = {
    "heart_failure": 2.2,
    "cancer": 3.0,
    "dementia": 1.8,
    "renal_failure": 1.8,
    "stroke": 1.5,
    "diabetes": 1.3,
    "asthma_copd": 1.3,
}
MOST_DEATHS: Final = 0.6

Conditions = dict[str, Days]
"""First day of each illness and of its part, by name; NEVER for the persons who do not have it."""


def illnesses(conditions: Conditions) -> Conditions:
    """Return the illnesses alone, without their parts."""
    return {curve.name: conditions[curve.name] for curve in CURVES}


def draw_conditions(rng: np.random.Generator, people: People, period: Period) -> Conditions:
    """Return who has which illness, and since when."""
    conditions: Conditions = {}
    age = people.age(period.middle)
    for curve in CURVES:
        chance = _chance(curve, people, age)
        for cause in AGGRAVATED_BY.get(curve.name, ()):
            chance = np.where(conditions[cause] != NEVER, chance * AGGRAVATION, chance)
        ill = rng.random(people.count) < chance
        if people.has_demo_citizen:
            ill[DEMO_CITIZEN] = curve.name in DEMO_CONDITIONS
        conditions[curve.name] = _onset(rng, ill, people, period)
    for name, parts in PARTS.items():
        conditions |= _parts(rng, parts, conditions[name], people)
    return conditions


def draw_deaths(
    rng: np.random.Generator, people: People, conditions: Conditions, period: Period
) -> Days:
    """Return the day of death of each person, NEVER for those alive at the end."""
    yearly = DEATH_SCALE * np.exp(DEATH_GROWTH * np.maximum(people.age(period.middle), 0))
    yearly = np.where(people.sex == MALE, yearly, yearly * WOMEN_DEATHS)
    for name, factor in DEADLY.items():
        yearly = np.where(conditions[name] != NEVER, yearly * factor, yearly)
    rate = -np.log1p(-np.minimum(yearly, MOST_DEATHS))
    first = np.maximum(people.born, period.start)
    day = first + rng.exponential(size=people.count) / rate * 365.25
    died = np.where(day < period.end, day, NEVER).astype(np.int32)
    if people.has_demo_citizen:
        died[DEMO_CITIZEN] = NEVER
    return died


def _parts(
    rng: np.random.Generator, parts: tuple[Part, ...], onset: Days, people: People
) -> Conditions:
    chances = np.array([[part.men for part in parts], [part.women for part in parts]]).cumsum(
        axis=1
    )
    drawn = rng.random(people.count)[:, None] * chances[:, -1:][(people.sex != MALE).astype(int)]
    part = (drawn >= chances[(people.sex != MALE).astype(int)]).sum(axis=1)
    if people.has_demo_citizen:
        demo = [rank for rank, item in enumerate(parts) if item.name in DEMO_PARTS]
        part[DEMO_CITIZEN] = demo[0] if demo else part[DEMO_CITIZEN]
    return {
        item.name: np.where(part == rank, onset, NEVER).astype(np.int32)
        for rank, item in enumerate(parts)
    }


def _chance(curve: Curve, people: People, age: Floats) -> Floats:
    rising = curve.most / (1 + np.exp(-(age - curve.middle_age) / curve.spread))
    factor = np.where(people.sex == MALE, curve.men, curve.women)
    chance: Floats = np.minimum(rising * factor, 0.9)
    return chance


def _onset(rng: np.random.Generator, ill: Flags, people: People, period: Period) -> Days:
    recent = rng.random(people.count) < DURING_PERIOD
    if people.has_demo_citizen:
        recent[DEMO_CITIZEN] = False
    days_before = rng.exponential(6 * 365, people.count)
    old = np.maximum(period.start - 1 - days_before, people.born)
    new = rng.integers(period.start, period.end, people.count)
    onset = np.where(recent, np.maximum(new, people.born), old)
    return np.where(ill, onset, NEVER).astype(np.int32)
