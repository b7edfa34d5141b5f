"""How often nominal 95 % intervals hold the truth: `python -m benchmarks.evaluation_coverage`.

Samples are drawn from a known truth, `--samples` times each; an honest interval holds it in 95 % of
them. Wilson, area under the curve (DeLong on the logit), cluster bootstrap of an area, calibration
slope, and beside them what is wrong on purpose: Wald near the edge, rows of clusters taken as
independent. The figures' own error is √(.95·.05/samples), .5 points for 2,000.
"""

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from ecluse.data.evaluation.bootstrap import Plan, bootstrap
from ecluse.data.evaluation.calibration import weak_calibration
from ecluse.data.evaluation.discrimination import auroc, clustered_auroc
from ecluse.data.evaluation.intervals import Interval
from ecluse.data.evaluation.pooling import pool
from ecluse.data.evaluation.proportions import wald, wilson
from ecluse.data.evaluation.subgroups import Subgroups
from ecluse.data.evaluation.survival.curves import kaplan_meier

Floats = npt.NDArray[np.float64]
Draw = Callable[[np.random.Generator], tuple[Interval, ...]]
CLUSTERS, PER_CLUSTER = 60, 5
CHEAP, DEAR = 10.0, 0.25
"""Times the samples asked: proportions cost nothing, a bootstrap draws each sample 400 times."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Share of samples whose interval holds the truth; `honest` says that it should be .93-.97."""

    name: str
    setting: str
    samples: int
    share: float
    honest: bool

    @property
    def kept(self) -> bool:
        return not self.honest or 0.93 <= self.share <= 0.97


@dataclass(frozen=True, slots=True)
class Case:
    """A setting: how a sample gives intervals, what they should hold, and whether they should."""

    names: tuple[str, ...]
    setting: str
    draw: Draw
    truth: float
    honest: tuple[bool, ...] = (True,)
    effort: float = 1.0


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=2000)
    parser.add_argument("--only", default="")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    found = [
        one
        for seed, case in enumerate(cases())
        if chosen.only in case.names[0]
        for one in measure(case, int(chosen.samples * case.effort), seed)
    ]
    if chosen.json:
        print(json.dumps([asdict(one) for one in found]))
        return
    for one in found:
        mark = "" if one.honest else " (wrong on purpose)"
        print(f"{one.share:7.1%} of {one.samples:,}  {one.name}, {one.setting}{mark}", flush=True)
    print("all within 93-97 %" if all(one.kept for one in found) else "SOME OUTSIDE 93-97 %")


def measure(case: Case, samples: int, seed: int) -> list[Coverage]:
    rng = np.random.default_rng([2027, seed])
    held = np.zeros(len(case.names))
    for _ in range(samples):
        held += [interval.holds(case.truth) for interval in case.draw(rng)]
    return [
        Coverage(name, case.setting, samples, float(share), honest)
        for name, share, honest in zip(case.names, held / samples, case.honest, strict=True)
    ]


def cases() -> list[Case]:
    proportions = [
        Case(
            ("Wilson",),
            f"p = {p}, n = {n}",
            lambda rng, p=p, n=n: (_successes(rng, p, n, wilson),),
            p,
            effort=CHEAP,
        )
        for p, n in ((0.9, 120), (0.5, 60), (0.97, 150))
    ]
    naive = Case(
        ("Wald",),
        "p = 0.97, n = 100",
        lambda rng: (_successes(rng, 0.97, 100, wald),),
        0.97,
        (False,),
        CHEAP,
    )
    areas = [
        Case(
            ("DeLong-logit",),
            f"area {area}, {ill} cases, {well} controls",
            lambda rng, area=area, ill=ill, well=well: _area(rng, area, ill, well),
            area,
        )
        for area, ill, well in ((0.75, 60, 240), (0.90, 100, 400), (0.95, 60, 300))
    ]
    return [*proportions, naive, *areas, *_clustered(), _slope_case(), *_others()]


def _clustered() -> list[Case]:
    truth = float(ndtr(1.0 / np.sqrt(2.0)))
    setting = f"area {truth:.3f}, {CLUSTERS} clusters of {PER_CLUSTER}, half of the variance shared"
    names = ("cluster bootstrap", "Obuchowski", "rows as independent")
    return [Case(names, setting, _cluster_area, truth, (True, True, False), DEAR)]


def _slope_case() -> Case:
    return Case(("calibration slope",), "true risks, 1,000 persons, 30 % ill", _slope, 1.0)


def _others() -> list[Case]:
    return [
        Case(("calibration in the large",), "the same persons", _large, 0.0),
        Case(("Kaplan-Meier log-log",), "survival .5, 150 persons, half censored", _survival, 0.5),
        Case(("pooling, Knapp-Hartung", "pooling, normal"), "8 sites", _pooled, 0.5, (True, False)),
    ]


def _successes(
    rng: np.random.Generator, p: float, n: int, method: Callable[[int, int], Interval]
) -> Interval:
    return method(int(rng.binomial(n, p)), n)


def _area(rng: np.random.Generator, area: float, ill: int, well: int) -> tuple[Interval]:
    """Two normals of variance 1 whose means lie so far apart that the area is the one wanted."""
    outcomes = np.repeat([1, 0], [ill, well])
    scores = rng.normal(size=ill + well) + outcomes * np.sqrt(2.0) * ndtri(area)
    return (auroc(outcomes, scores).interval,)


def _cluster_area(rng: np.random.Generator) -> tuple[Interval, Interval, Interval]:
    """Scores share half of their variance within a cluster; so do outcomes, by halves of them."""
    clusters = np.repeat(np.arange(CLUSTERS), PER_CLUSTER)
    ill = rng.random(clusters.size) < np.repeat(rng.choice([0.15, 0.85], CLUSTERS), PER_CLUSTER)
    shared = np.repeat(rng.normal(scale=np.sqrt(0.5), size=CLUSTERS), PER_CLUSTER)
    scores = ill + shared + rng.normal(scale=np.sqrt(0.5), size=clusters.size)
    risks = ndtr(scores - 0.5)
    subgroups = Subgroups(ill, risks, variables={}, threshold=0.5)

    def area(weights: Floats) -> Floats:
        return subgroups.table(weights)[0, :1]

    plan = Plan(seed=int(rng.integers(1 << 31)), draws=400, method="percentile")
    drawn = bootstrap(area, clusters, plan=plan).estimate(0).interval
    return drawn, clustered_auroc(ill, risks, clusters).interval, auroc(ill, risks).interval


def _risks(rng: np.random.Generator) -> tuple[npt.NDArray[np.bool_], Floats]:
    risks = 1.0 / (1.0 + np.exp(-rng.normal(-1.0, 1.0, 1000)))
    return rng.random(1000) < risks, risks


def _slope(rng: np.random.Generator) -> tuple[Interval]:
    return (weak_calibration(*_risks(rng)).slope.interval,)


def _large(rng: np.random.Generator) -> tuple[Interval]:
    return (weak_calibration(*_risks(rng)).in_the_large.interval,)


def _survival(rng: np.random.Generator) -> tuple[Interval]:
    event, censored = rng.exponential(1.0, 150), rng.uniform(0.0, 2.0, 150)
    # At ln 2 half of an exponential of mean 1 is over.
    curve = kaplan_meier(np.minimum(event, censored), event <= censored)
    return (curve.estimate(float(np.log(2.0))).interval,)


def _pooled(rng: np.random.Generator) -> tuple[Interval, Interval]:
    errors = rng.uniform(0.1, 0.3, 8)
    values = 0.5 + rng.normal(scale=0.2, size=8) + rng.normal(scale=errors)
    return (
        pool(values, errors).estimate.interval,
        pool(values, errors, knapp_hartung=False).estimate.interval,
    )


if __name__ == "__main__":
    main()
