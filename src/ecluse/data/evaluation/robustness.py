"""What a perturbation costs: inputs changed in a named way, the loss on the same cases.

Sources: Rajkomar and others, N Engl J Med 2019;380:1347 (why). Little and Rubin 2019 (missing
completely at random). The loss is paired: same cases, same draws, so it is known far better than
either measure. A perturbation is a function of a seed, so that a run can be done again.
"""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ecluse.data.evaluation import arrays
from ecluse.data.evaluation.arrays import Floats, Values
from ecluse.data.evaluation.bootstrap import Plan, bootstrap
from ecluse.data.evaluation.intervals import Estimate, Interval
from ecluse.domain.errors import InvalidInput

Measure = Callable[[Floats, Floats, Floats], float]
"""Gives a number, larger if better, from outcomes, predictions, and how often each row counts."""
CONFUSED: Final = {"0": "O", "1": "l", "5": "S", "8": "B", "l": "1", "o": "0", "e": "c", "m": "rn"}
"""What optical reading takes one sign for."""
LINE: Final = 80


@dataclass(frozen=True, slots=True)
class Trial:
    """A perturbation, outcomes, predictions without and with it, and the loss tolerated."""

    name: str
    outcomes: Values
    clean: Values
    perturbed: Values
    tolerated: float


@dataclass(frozen=True, slots=True)
class Loss:
    """What was lost: clean minus perturbed, so a positive loss is a worse model.

    `tolerated` was declared beforehand; `holds` only if the whole interval is under it, so that a
    small study cannot pass for want of power.
    """

    perturbation: str
    clean: float
    perturbed: float
    loss: Estimate
    tolerated: float

    @property
    def holds(self) -> bool:
        """Tell whether the loss is surely no more than tolerated."""
        return self.loss.interval.high <= self.tolerated


def device_noise(values: Values, *, deviation: float, seed: int) -> Floats:
    """Return a column with the noise of a device added: normal, of its standard deviation."""
    found = arrays.numbers(values)
    if deviation < 0:
        raise InvalidInput(f"A standard deviation is at least 0, not {deviation}.")
    return np.asarray(found + np.random.default_rng(seed).normal(0.0, deviation, found.size))


def unit_error(values: Values, *, share: float, seed: int, factor: float = 1000.0) -> Floats:
    """Return a column of which a share of rows is in the wrong unit: times `factor`."""
    found = arrays.numbers(values)
    hit = _some(found.size, share, seed)
    return np.where(hit, found * factor, found)


def missing_at_random(values: Values, *, share: float, seed: int) -> Floats:
    """Return a column of which a share of rows is missing (NaN), whatever their values."""
    found = arrays.numbers(values)
    return np.where(_some(found.size, share, seed), np.nan, found)


def without_accents(text: str) -> str:
    """Return a text with no accent nor cedilla."""
    parts = unicodedata.normalize("NFD", text.replace("œ", "oe").replace("Œ", "OE"))
    return "".join(sign for sign in parts if not unicodedata.combining(sign))


def optical_noise(text: str, *, share: float, seed: int) -> str:
    """Return a text as optical reading gives it: a share of signs is taken for others."""
    hit = _some(len(text), share, seed) if text else np.zeros(0, np.bool_)
    pairs = zip(text, hit, strict=True)
    return "".join(CONFUSED.get(sign, sign) if wrong else sign for sign, wrong in pairs)


def broken_lines(text: str, *, width: int = LINE) -> str:
    """Return a text cut hard at `width` signs, in the middle of words, as some systems send it."""
    arrays.count(width, name="width", least=1)
    lines = text.split("\n")
    cut = [
        line[start : start + width]
        for line in lines
        for start in range(0, max(len(line), 1), width)
    ]
    return "\n".join(cut)


def substituted(text: str, words: Mapping[str, str]) -> str:
    """Return a text with whole words replaced: abbreviations, or another first name or origin.

    All at once, so that swapping two words swaps them.
    """
    found: list[str] = []
    word = ""
    for sign in f"{text}\n":
        if sign.isalnum() or sign in "-'":
            word += sign
            continue
        found += [words.get(word, word), sign]
        word = ""
    return "".join(found)[:-1]


def loss(
    trial: Trial,
    measure: Measure,
    *,
    plan: Plan,
    clusters: Values | None = None,
) -> Loss:
    """Return the loss of a measure from clean to perturbed predictions of the same cases.

    The same draws serve both, so the loss is paired. Predictions that the perturbation leaves as
    they are lose exactly 0.

    Raises:
        InvalidInput: lengths differ, or the measure does not exist in the draws.
    """
    truth = arrays.numbers(trial.outcomes, name="outcomes")
    clean = arrays.numbers(trial.clean, name="clean predictions")
    perturbed = arrays.numbers(trial.perturbed, name="perturbed predictions")
    size = arrays.same_length(outcomes=truth, clean=clean, perturbed=perturbed)

    def gap(weights: Floats) -> Floats:
        one, two = measure(truth, clean, weights), measure(truth, perturbed, weights)
        return np.array([one - two, one, two])

    found = bootstrap(gap, np.arange(size) if clusters is None else clusters, plan=plan)
    both = float(found.values[1]), float(found.values[2])
    if (clean == perturbed).all():
        unchanged = Interval(0.0, 0.0, "no prediction changed", plan.level)
        return Loss(trial.name, *both, Estimate(0.0, unchanged, 0.0), trial.tolerated)
    return Loss(trial.name, *both, found.estimate(0), trial.tolerated)


def leave_one_out(groups: Values) -> Sequence[tuple[str, arrays.Bools]]:
    """Return, for each site or period, its name and which rows are outside it: to fit on these."""
    names, codes = arrays.labels(groups)
    if len(names) == 1:
        raise InvalidInput("One group alone: nothing is left once it is out.")
    return [(name, codes != index) for index, name in enumerate(names)]


def _some(size: int, share: float, seed: int) -> arrays.Bools:
    if not 0.0 <= share <= 1.0:
        raise InvalidInput(f"A share is between 0 and 1, not {share}.")
    return np.asarray(np.random.default_rng(seed).random(size) < share)
