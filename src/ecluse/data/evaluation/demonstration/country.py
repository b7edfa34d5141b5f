"""A risk model that is right: complications of diabetes within three years, on synthetic persons.

Trained on three blocks of the synthetic country, tried on five others, one a year of inclusion.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from ecluse.data.evaluation.arrays import Bools, Floats
from ecluse.data.evaluation.demonstration.cases import Trial
from ecluse.data.evaluation.regression import fit_logistic
from ecluse.data.synthetic.calendar import Period
from ecluse.data.synthetic.conditions import Conditions, draw_conditions
from ecluse.data.synthetic.people import People, draw_people

FIRST_YEAR: Final = 2018
YEARS: Final = 3
DAYS: Final = 365.25
EPOCH: Final = 1970
TRAINING: Final = 3
TESTING: Final = 5
PERSONS: Final = 240_000
"""Persons of a block: about eight thousand of them have diabetes and no complication yet."""
COMPLICATIONS: Final = (
    *("ischaemic_heart_disease", "arterial_disease", "renal_failure", "heart_failure", "stroke"),
)
FEATURES: Final = (
    *("intercept", "age_decades", "age_decades_squared", "male", "hypertension"),
    *("dyslipidaemia", "type_1", "atrial_fibrillation"),
)
BANDS: Final = (0, 55, 70)
AREAS: Final = ("north", "east", "south", "west")
MISSING: Final = 0.3


def trial(*, persons: int = PERSONS, seed: int = 9) -> Trial:
    """Return the model tried on five years; `persons` in each block, those without diabetes too."""
    rng = np.random.default_rng(seed)
    taught = [_block(rng, persons, year=FIRST_YEAR) for _ in range(TRAINING)]
    matrix, outcomes = np.vstack([one[0] for one in taught]), np.concatenate([o[1] for o in taught])
    weights = fit_logistic(matrix, outcomes).coefficients
    tried = [_block(rng, persons, year=FIRST_YEAR + rank) for rank in range(TESTING)]
    seen = np.vstack([one[0] for one in tried])
    lost = rng.random(seen.shape[0]) < MISSING
    damaged = seen.copy()
    # A diagnosis that is missing is read as absent, as it is in the claims.
    for name in ("hypertension", "type_1"):
        damaged[lost, FEATURES.index(name)] = 0.0
    groups = [one[2] for one in tried]
    return Trial(
        outcomes=np.concatenate([one[1] for one in tried]),
        predictions=_risk(seen, weights),
        groups={name: np.concatenate([part[name] for part in groups]) for name in groups[0]},
        perturbed={"missing": _risk(damaged, weights)},
        parameters=dict(zip(FEATURES, (float(one) for one in weights), strict=True)),
        inputs={"": _columns(seen), "missing": _columns(damaged)},
    )


def _columns(matrix: Floats) -> dict[str, Floats]:
    """Return what the model reads: every feature but the intercept, that is its own."""
    return {name: matrix[:, rank] for rank, name in enumerate(FEATURES) if rank}


def _risk(matrix: Floats, weights: Floats) -> Floats:
    """Return risks as a run gives them: four decimals."""
    return np.round(1.0 / (1.0 + np.exp(-matrix @ weights)), 4)


def _block(
    rng: np.random.Generator, persons: int, *, year: int
) -> tuple[Floats, Bools, dict[str, npt.NDArray[np.str_]]]:
    """Return features, outcomes and groups of who has diabetes and no complication at the start."""
    start = round((year - EPOCH) * DAYS)
    period = Period(start, start + round(YEARS * DAYS))
    people = draw_people(rng, persons, period, first=1)
    conditions = draw_conditions(rng, people, period)
    first = np.minimum.reduce([conditions[name] for name in COMPLICATIONS])
    kept = (conditions["diabetes"] < start) & (first >= start) & (people.born < start)
    matrix = _features(people, conditions, start)[kept]
    age = people.age(start)[kept]
    groups = {
        "sex": np.where(people.sex[kept] == 1, "men", "women"),
        "age_band": np.array(["under 55", "55-69", "70 and over"])[
            np.searchsorted(BANDS, age, side="right") - 1
        ],
        "site": np.array(AREAS)[people.department[kept] % len(AREAS)],
        "period": np.full(int(kept.sum()), str(year)),
    }
    return matrix, np.asarray((first < period.end)[kept]), groups


def _features(people: People, conditions: Conditions, start: int) -> Floats:
    age = people.age(start) / 10.0
    columns = [np.ones(people.count), age, age**2, people.sex == 1]
    columns += [
        conditions[name] < start
        for name in ("hypertension", "dyslipidaemia", "type_1_diabetes", "atrial_fibrillation")
    ]
    return np.column_stack(columns).astype(np.float64)
