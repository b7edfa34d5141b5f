"""What the bootstrap of all subgroups costs: `python -m benchmarks.evaluation_bootstrap [--json]`.

Cases drawn at random, cut by five variables into 20 subgroups; eight measures of each and of all
cases (areas under the curve, Brier, observed over expected, sensitivity, specificity, predictive
value, false positive rate, net benefit), draws of cases with replacement. In the same run, what a
loop over draws and subgroups with scikit-learn's functions costs for the same measures, timed on a
few draws of it and multiplied (without scikit-learn the loop is left out, and said so).
"""

import argparse
import json
import os
import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

from ecluse.data.evaluation.bootstrap import Plan
from ecluse.data.evaluation.fairness import Study, study
from ecluse.data.evaluation.subgroups import Subgroups

VALUES = {"sex": 2, "age": 6, "site": 8, "device": 2, "period": 2}
THRESHOLD = 0.1
Measured = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Result:
    """Seconds of the clock and of processors, for `draws` draws; the loop's are extrapolated."""

    cases: int
    subgroups: int
    draws: int
    threads: int
    sort_wall: float
    wall: float
    cpu: float
    peak_mib: float
    loop_wall: float | None
    loop_cpu: float | None
    loop_draws: int
    same: bool | None


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--draws", type=int, default=2000)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--loop-draws", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    result = measure(chosen.cases, chosen.draws, chosen.threads, chosen.loop_draws)
    if chosen.json:
        print(json.dumps(asdict(result)))
        return
    print(
        f"{result.cases:,} cases x {result.subgroups} subgroups x {result.draws:,} draws, "
        f"{result.threads} threads: {result.wall:.1f} s (cpu {result.cpu:.1f}), sorting "
        f"{result.sort_wall:.1f} s, peak {result.peak_mib:,.0f} MiB"
    )
    if result.loop_wall is None or result.loop_cpu is None:
        print("scikit-learn is not installed here: no loop to compare with.")
        return
    print(
        f"scikit-learn in a loop: {result.loop_wall:,.0f} s (cpu {result.loop_cpu:,.0f}) from "
        f"{result.loop_draws} draws: {result.loop_cpu / result.cpu:,.0f} times the processor time; "
        f"same values: {result.same}"
    )


def measure(cases: int, draws: int, threads: int, loop_draws: int) -> Result:
    rng = np.random.default_rng(1)
    linear = rng.normal(-2.5, 1.2, cases)
    risks = 1.0 / (1.0 + np.exp(-linear))
    ill = rng.random(cases) < risks
    variables = {name: rng.integers(0, size, cases) for name, size in VALUES.items()}
    begun = time.perf_counter()
    subgroups = Subgroups(ill, risks, variables=variables, threshold=THRESHOLD)
    sort_wall = time.perf_counter() - begun
    plan = Plan(seed=1, draws=draws, method="percentile", threads=threads)
    begun, used = time.perf_counter(), time.process_time()
    found = study(subgroups, np.arange(cases), plan=plan)
    intervals(found)
    wall, cpu = time.perf_counter() - begun, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = loop(ill, risks, variables, loop_draws, subgroups)
    scale = draws / loop_draws
    loops = (None, None) if told is None else (told[0] * scale, told[1] * scale)
    same = None if told is None else told[2]
    count = len(subgroups.groups) - 1
    return Result(
        cases, count, draws, threads, sort_wall, wall, cpu, peak, *loops, loop_draws, same
    )


def intervals(found: Study) -> None:
    assert len(found.replicates.estimates()) == found.replicates.values.size


def loop(
    ill: npt.NDArray[np.bool_],
    risks: npt.NDArray[np.float64],
    variables: dict[str, npt.NDArray[np.int64]],
    draws: int,
    subgroups: Subgroups,
) -> tuple[float, float, bool] | None:
    """Seconds of a few draws, of the clock and of processors; whether the last gives our values."""
    try:
        from sklearn import metrics  # noqa: PLC0415 (no dependency of ours)
    except ImportError:
        return None
    rng = np.random.default_rng(2)
    groups = [np.ones(ill.size, np.bool_)]
    groups += [codes == code for codes in variables.values() for code in np.unique(codes)]
    odds = THRESHOLD / (1.0 - THRESHOLD)
    begun, used = time.perf_counter(), time.process_time()
    for _ in range(draws):
        drawn = rng.integers(ill.size, size=ill.size)
        table = []
        for group in groups:
            rows = drawn[group[drawn]]
            truth, chances = ill[rows], risks[rows]
            tn, fp, fn, tp = metrics.confusion_matrix(truth, chances >= THRESHOLD).ravel()
            total = tn + fp + fn + tp
            table.append(
                [
                    metrics.roc_auc_score(truth, chances),
                    metrics.brier_score_loss(truth, chances),
                    truth.sum() / chances.sum(),
                    tp / (tp + fn),
                    tn / (tn + fp),
                    tp / (tp + fp),
                    fp / (tn + fp),
                    (tp - fp * odds) / total,
                ]
            )
    wall, cpu = time.perf_counter() - begun, time.process_time() - used
    weights = np.bincount(drawn, minlength=ill.size).astype(np.float64)
    return wall, cpu, bool(np.allclose(subgroups.table(weights), table, atol=1e-9))


if __name__ == "__main__":
    main()
