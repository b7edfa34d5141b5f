"""What may be shown of a held-out set that is asked again and again, and ranks that mean something.

Sources: Blum and Hardt, ICML 2015 (Ladder, and its parameter-free form). Dwork and others, Science
2015;349:636 (Thresholdout). Holm 1979. A board that shows each exact score lets its readers fit the
test set; here a score moves only when it is surely better.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from ecluse.data.evaluation import arrays
from ecluse.data.evaluation.arrays import Floats, Values
from ecluse.data.evaluation.multiplicity import holm
from ecluse.domain.errors import InvalidInput, NotAllowed

TENTH: Final = 1e-9
LEAST_BOARD: Final = 2


def recommended_step(cases: int, *, submissions: int, deviation: float = 0.5) -> float:
    """Return a step that luck alone does not climb: deviation·√(2·ln k/n).

    `submissions` is the budget k of all submitters together; `deviation` is the standard
    deviation of the loss of one case, at most 1/2 for a loss between 0 and 1.
    """
    arrays.count(cases, name="cases", least=1)
    return deviation * recommended_times(submissions) / math.sqrt(cases)


def recommended_times(submissions: int) -> float:
    """Return √(2·ln k): of how many standard errors the luckiest of k tries is off, or less."""
    arrays.count(submissions, name="submissions", least=LEAST_BOARD)
    return math.sqrt(2.0 * math.log(submissions))


@dataclass(slots=True)
class Ladder:
    """A board of losses (lower is better) that moves by steps of `step` only.

    For a measure that is better when higher, submit 1 - measure.
    """

    step: float
    best: float = math.inf

    def __post_init__(self) -> None:
        if self.step <= 0:
            raise InvalidInput("The step of a Ladder is over 0.")

    def submit(self, loss: float) -> float:
        """Return the loss to show: the new one, rounded to the step, only if surely better."""
        if not math.isfinite(loss):
            raise InvalidInput("A loss must be a finite number.")
        if loss < self.best - self.step:
            self.best = round(loss / self.step) * self.step
        return self.best


@dataclass(slots=True)
class ParameterFreeLadder:
    """A Ladder whose step is the paired error between a submission and the best so far.

    `paired_error` gives the standard error of a difference of measures: by default that of a mean
    of losses by case, s/√n. For an area give DeLong's paired error; for F1, the bootstrap's.
    """

    best: float = math.inf
    _losses: Any = None

    def submit(
        self, losses: Values, *, paired_error: Callable[[Floats, Floats], float] | None = None
    ) -> float:
        """Return the mean loss to show, rounded to 1/n; `losses` is one a case."""
        found = arrays.numbers(losses, name="losses")
        mean = float(found.mean())
        if self._losses is None or mean < self.best - self._step(found, paired_error):
            self._losses = found
            self.best = round(mean * found.size) / found.size
        return self.best

    def _step(self, found: Floats, paired_error: Callable[[Floats, Floats], float] | None) -> float:
        arrays.same_length(losses=found, best=self._losses)
        if paired_error is not None:
            return paired_error(found, self._losses)
        return float((found - self._losses).std(ddof=1)) / math.sqrt(found.size)


@dataclass(slots=True)
class PairedLadder:
    """A Ladder for any measure, higher is better: it moves by more than a paired error.

    `compare` gives (measure of the new, difference new - best, its standard error) from the
    `outputs` of both; those of the best so far are None at first. The board moves by more than
    `times` that error: 1 is the published rule, `recommended_times` what luck does not climb.
    """

    compare: Callable[[Any, Any], tuple[float, float, float]]
    best: float = -math.inf
    outputs: Any = None
    times: float = 1.0

    def submit(self, outputs: object) -> float:
        """Return the measure to show."""
        value, difference, error = self.compare(outputs, self.outputs)
        if self.outputs is None or difference > self.times * error:
            self.outputs, self.best = outputs, value
        return self.best


@dataclass(slots=True)
class Thresholdout:
    """Answers about a held-out set, from the training set wherever both agree.

    Defaults for n cases: threshold 4/√n, noise 1/√n. `budget` counts answers that had to use the
    held-out set; once spent, a new slice is needed.
    """

    threshold: float
    noise: float
    budget: int
    seed: int | Sequence[int]
    _rng: np.random.Generator = field(init=False)
    _moved: float = field(init=False)

    def __post_init__(self) -> None:
        if min(self.threshold, self.noise) <= 0:
            raise InvalidInput("Threshold and noise are over 0.")
        self._rng = np.random.default_rng(self.seed)
        self._moved = self._limit()

    @classmethod
    def of(cls, cases: int, *, budget: int, seed: int) -> "Thresholdout":
        """Return one with the usual settings for this many held-out cases."""
        root = math.sqrt(arrays.count(cases, name="cases", least=1))
        return cls(4.0 / root, 1.0 / root, arrays.count(budget, name="budget", least=1), seed)

    def ask(
        self, training: float, held_out: float, *, noise_seed: int | Sequence[int] | None = None
    ) -> float:
        """Return the mean of a query. Raises NotAllowed once the budget is spent.

        `noise_seed` draws the noise of this answer: the same query asked twice has the same one.
        """
        if noise_seed is not None:
            self._rng = np.random.default_rng(noise_seed)
        if self.budget < 1:
            raise NotAllowed("The budget of this held-out slice is spent: open a new slice.")
        if abs(training - held_out) <= self._moved + self._rng.laplace(0.0, 4.0 * self.noise):
            return training
        self.budget -= 1
        self._moved = self._limit()
        return held_out + float(self._rng.laplace(0.0, self.noise))

    def _limit(self) -> float:
        return self.threshold + float(self._rng.laplace(0.0, 2.0 * self.noise))


def bands(
    scores: Sequence[float],
    p_value: Callable[[int, int], float],
    *,
    alpha: float = 0.05,
) -> tuple[int, ...]:
    """Return the band of each system, 1 the best: those that cannot be told apart share one.

    `scores` are better when higher; `p_value(i, j)` is the paired test of two systems. All pairs
    are tested, with Holm. A band begins at the first system that is surely worse than the head of
    the band before, so that the head is separable from all under it.
    """
    arrays.numbers(scores, name="scores")
    arrays.share(alpha, name="alpha")
    order = [int(index) for index in np.argsort([-score for score in scores], kind="stable")]
    pairs = [(order[a], order[b]) for a in range(len(order)) for b in range(a + 1, len(order))]
    adjusted = holm([p_value(*pair) for pair in pairs]) if pairs else np.empty(0)
    apart = {pair for pair, p in zip(pairs, adjusted, strict=True) if p <= alpha}
    found, band, head = {}, 1, order[0]
    for system in order:
        if (head, system) in apart:
            band, head = band + 1, system
        found[system] = band
    return tuple(found[index] for index in range(len(order)))


def separable(first: float, second: float, *, step: float) -> bool:
    """Tell whether two shown losses differ by more than the step they were rounded to."""
    return abs(first - second) > step + TENTH
