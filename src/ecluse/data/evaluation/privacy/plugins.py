"""A second opinion on a model: the attacks of SACRO-ML, where it is installed, by our limits.

SACRO-ML is no dependency of this project. Where a Python of the zone has it, it is run there on a
target folder, and its `report.json` is read; nothing else of it is.

A target folder of SACRO-ML holds a pickled model: give none but one that was written in the zone,
by who trained the model. What is measured is judged as our own attacks are, and the worse verdict
of both stands.

Source: SACRO-ML (MIT licence), attacks `WorstCaseAttack` and `LIRAAttack`, and the JSON that they
leave: `attack_experiment_logger`, `attack_instance_logger`, one instance a repetition.
"""

import dataclasses
import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from ecluse.data.evaluation import discrimination, proportions
from ecluse.data.evaluation.intervals import Estimate, on_logit
from ecluse.data.evaluation.privacy.attacks import interval_of
from ecluse.domain.disclosure import model_trials
from ecluse.domain.disclosure.model_trials import ModelTrial, ModelVerdict, Tried
from ecluse.domain.errors import InvalidInput, JobFailed
from ecluse.domain.evaluations.analysis import Attack

REPORT: Final = "report.json"
MOST_BYTES: Final = 64 * 1024 * 1024
SECONDS: Final = 3600
MEMBERSHIP, LIRA = "WorstCase attack", "LiRA Attack"
"""The names that its reports give to the two attacks that we read."""
PROGRAM: Final = """
import sys
from sacroml.attacks.likelihood_attack import LIRAAttack
from sacroml.attacks.target import Target
from sacroml.attacks.worst_case_attack import WorstCaseAttack
target = Target()
target.load(sys.argv[1])
for attack in (WorstCaseAttack(n_reps=10, output_dir=sys.argv[2]),
               LIRAAttack(n_shadow_models=100, output_dir=sys.argv[2])):
    attack.attack(target)
"""
_ORDER: Final = (ModelVerdict.REFUSE, ModelVerdict.NEEDS_PROTECTION, ModelVerdict.PASS)


def has_sacro(python: Path) -> bool:
    """Tell whether a Python has SACRO-ML."""
    asked = "import importlib.util, sys; sys.exit(not importlib.util.find_spec('sacroml'))"
    done = subprocess.run(  # noqa: S603 - the Python that an operator named
        [python, "-I", "-c", asked], env={}, capture_output=True, check=False, timeout=60
    )
    return done.returncode == 0


def run_sacro(python: Path, target: Path, *, into: Path) -> tuple[Tried, ...]:
    """Run SACRO-ML on a target folder, and return what its attacks come to here.

    Raises:
        InvalidInput: this Python has no SACRO-ML, or its report is not one that is known.
        JobFailed: it did not come to its end.
    """
    if not has_sacro(python):
        raise InvalidInput(f"{python} has no SACRO-ML: install `sacroml` there, or go without.")
    command = [str(python), "-I", "-c", PROGRAM, str(target), str(into)]
    try:
        done = subprocess.run(  # noqa: S603 - the Python that an operator named
            command, env={}, capture_output=True, check=False, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        raise JobFailed(f"SACRO-ML was stopped after {SECONDS} s.") from None
    if done.returncode:
        # Its words may quote persons: the code alone is told.
        raise JobFailed(f"SACRO-ML ended with code {done.returncode}: try its target by hand.")
    return read_report(into / REPORT)


def read_report(path: Path) -> tuple[Tried, ...]:
    """Return what a report of SACRO-ML comes to by our limits. Raises InvalidInput."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InvalidInput(f"{path.name} has over {MOST_BYTES} bytes: it is no such report.")
        told = json.loads(path.read_bytes())
        found = tuple(_read(told))
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        raise InvalidInput(
            f"{path.name} is no report of SACRO-ML that is known here: read it by eye."
        ) from None
    if not found:
        raise InvalidInput(f"{path.name} tells of no attack that is judged here.")
    return found


def with_opinion(trial: ModelTrial, opinion: tuple[Tried, ...]) -> ModelTrial:
    """Return a trial in which each attack has the worse of both verdicts, and its words."""
    by_attack: dict[Attack, list[Tried]] = {}
    for one in opinion:
        by_attack.setdefault(one.attack, []).append(one)
    return dataclasses.replace(
        trial, attacks=tuple(_worse(one, by_attack.get(one.attack, [])) for one in trial.attacks)
    )


def _worse(own: Tried, others: list[Tried]) -> Tried:
    found = min((own, *others), key=lambda one: _ORDER.index(one.verdict))
    return own if found.verdict is own.verdict else found


def _read(told: Mapping[str, Any]) -> Iterator[Tried]:
    for entry in told.values():
        name = entry["metadata"]["attack_name"]
        if name not in (MEMBERSHIP, LIRA):
            continue
        logged = entry["attack_experiment_logger"]["attack_instance_logger"]
        instances = list(logged.values())
        yield _area(instances, Attack.MEMBERSHIP) if name == MEMBERSHIP else _lira(instances)


def _area(instances: list[Mapping[str, Any]], attack: Attack) -> Tried:
    """Return the mean area of the repetitions; its interval is that of one of them."""
    value = sum(float(one["AUC"]) for one in instances) / len(instances)
    members, others = _sizes(instances[0])
    error = discrimination.hanley_mcneil_error(value, cases=members, controls=others)
    estimate = Estimate(value, on_logit(value, error, method="hanley-mcneil"), error)
    return _judged(attack, estimate, (members, others))


def _lira(instances: list[Mapping[str, Any]]) -> Tried:
    members, others = _sizes(instances[0])
    if model_trials.limit_of(Attack.LIRA, others=others) is model_trials.LIRA_AREA:
        return _area(instances, Attack.LIRA)
    share = max(float(one["TPR@0.001"]) for one in instances)
    exact = proportions.clopper_pearson(round(share * members), members)
    return _judged(Attack.LIRA, Estimate(share, exact), (members, others))


def _judged(attack: Attack, estimate: Estimate, sizes: tuple[int, int]) -> Tried:
    value, low, high = interval_of(estimate)
    members, others = sizes
    found = model_trials.judged(
        attack, value=value, low=low, high=high, members=members, others=others
    )
    return dataclasses.replace(found, explanation=f"{found.explanation} (SACRO-ML)")


def _sizes(instance: Mapping[str, Any]) -> tuple[int, int]:
    return int(instance["n_pos_test_examples"]), int(instance["n_neg_test_examples"])
