"""The program that attacks a model in the sandbox: `python -m …privacy.inside`.

It finds the model in /code, and in /data the persons that trained it and others that did not, with
their outcomes. It trains the same estimator again on halves of both (LiRA), and leaves figures.
"""

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ecluse.data.evaluation.arrays import Bools, Floats
from ecluse.data.evaluation.privacy import attacks, structure, texts
from ecluse.data.evaluation.running import inside
from ecluse.data.evaluation.running.backends import SkopsModel, given
from ecluse.data.evaluation.running.models import Model
from ecluse.data.evaluation.running.plans import RunPlan, from_text
from ecluse.domain.errors import EcluseError, InvalidInput
from ecluse.domain.evaluations.parts import ModelFormat

RECIPE: Final = "recipe"
MEMBERS: Final = Path("/data/members.parquet")
OTHERS: Final = Path("/data/others.parquet")
OUTCOME: Final = "outcome"
FOUND: Final = "found.json"
PAIRS: Final = 8
"""Halves drawn at random, each with its complement: every person is in 8 models and out of 8."""
MOST_ATTRIBUTES: Final = 8
CLOSE: Final = 1e-3
"""How far the answers of a file and of its recipe may be: single precision, no more."""


class People:
    """Persons as the model sees them, with their outcomes."""

    def __init__(self, path: Path, plan: RunPlan) -> None:
        """Read one of the two tables that were laid out."""
        table = pq.read_table(path)
        self.features = table.select(list(plan.features))
        self.outcomes = table[OUTCOME].to_numpy()

    @property
    def rows(self) -> Floats:
        """The features as a matrix. Raises InvalidInput: some are texts."""
        if any(pa.types.is_string(field.type) for field in self.features.schema):
            raise InvalidInput("features are texts")
        return np.column_stack([column.to_numpy() for column in self.features.columns])


def main() -> None:
    """Attack the model; what cannot be tried is told with the reason."""
    plan = from_text((inside.CODE / inside.PLAN).read_text(encoding="utf-8"))
    try:
        found = attack(plan, inside.CODE / inside.MODEL, inside.CODE / RECIPE)
    except EcluseError as refusal:
        found = {"refused": str(refusal)}
    (inside.OUTPUTS / FOUND).write_text(json.dumps(found), encoding="utf-8")


def attack(plan: RunPlan, path: Path, recipe: Path) -> dict[str, Any]:
    """Return what each attack found. Raises EcluseError: the model, or its recipe, is refused."""
    model = inside.load(plan, path)
    members, others = People(MEMBERS, plan), People(OTHERS, plan)
    trained = _trained(plan, model, recipe, members)
    sure = [_sure(model, people) for people in (members, others)]
    found: dict[str, Any] = {"members": len(members.outcomes), "others": len(others.outcomes)}
    area = attacks.membership(*sure)
    found["membership"] = attacks.interval_of(area)
    found["attribute"] = _attribute(model, plan, members, others)
    if trained is None:
        return found | _of_texts(plan, np.concatenate(sure), members, others)
    ratio = _lira(trained, plan, np.concatenate(sure), members, others)
    found["lira"] = attacks.interval_of(ratio.recognised)
    found["lira_area"] = attacks.interval_of(ratio.area)
    found["structure"] = _structure(trained, members)
    return found


def _trained(plan: RunPlan, model: Model, recipe: Path, members: People) -> Any:
    """Return the estimator to train again: the model itself, or the one it was exported from."""
    if isinstance(model, SkopsModel):
        return model.estimator
    if not recipe.is_file():
        return None
    told = inside.load(_as_skops(plan), recipe)
    gap = np.abs(_asked(model, members.features) - _asked(told, members.features)).max()
    if not gap <= CLOSE:
        raise InvalidInput(
            f"The recipe answers {gap:.3g} away from the file: give the estimator it came from."
        )
    return told.estimator  # type: ignore[attr-defined]  # of this format, a SkopsModel


def _as_skops(plan: RunPlan) -> RunPlan:
    told = json.loads(plan.to_text())
    return from_text(json.dumps({**told, "format": ModelFormat.SKOPS.value}))


def _asked(model: Model, features: pa.Table) -> Floats:
    return np.clip(np.asarray(model.answer(features), np.float64), 0.0, 1.0)


def _sure(model: Model, people: People) -> Floats:
    return attacks.confidence(_asked(model, people.features), people.outcomes)


def _attribute(model: Model, plan: RunPlan, members: People, others: People) -> Any:
    try:
        guessed = attacks.attribute(
            lambda rows: _asked(model, pa.table(list(rows.T), names=list(plan.features))),
            (members.rows, members.outcomes),
            (others.rows, others.outcomes),
            positions=range(min(MOST_ATTRIBUTES, len(plan.features))),
        )
    except InvalidInput as refusal:
        return str(refusal)
    return attacks.interval_of(guessed.advantage)


def _lira(
    estimator: Any, plan: RunPlan, target: Floats, members: People, others: People
) -> attacks.Lira:
    """Return what the likelihood ratio recognises, from models trained alike on halves."""
    from sklearn.base import clone  # noqa: PLC0415 - in the sandbox alone

    features = pa.concat_tables([members.features, others.features])
    outcomes = np.concatenate([members.outcomes, others.outcomes])
    member = np.arange(outcomes.size) < members.outcomes.size
    rows = given(estimator, features)
    halves = _halves(outcomes.size, plan.seed)
    shadows = np.empty(halves.shape)
    for number, half in enumerate(halves):
        again = clone(estimator)
        again.fit(_where(rows, half), outcomes[half])
        told = np.asarray(again.predict_proba(rows))[:, -1]
        shadows[number] = attacks.confidence(told, outcomes)
    return attacks.lira(target, member, shadows, halves)


def _of_texts(
    plan: RunPlan, target: Floats, members: People, others: People
) -> dict[str, tuple[str, str, str]]:
    """Return what models of ours recognise of a classifier of texts that is not taught again."""
    column = members.features.column(0)
    if len(plan.features) != 1 or not pa.types.is_string(column.type):
        return {}
    read = [*column.to_pylist(), *others.features.column(0).to_pylist()]
    outcomes = np.concatenate([members.outcomes, others.outcomes])
    member = np.arange(outcomes.size) < members.outcomes.size
    ratio = texts.lira(target, read, outcomes, member, seed=plan.seed)
    return {
        "lira": attacks.interval_of(ratio.recognised),
        "lira_area": attacks.interval_of(ratio.area),
    }


def _halves(count: int, seed: int) -> Bools:
    draw, found = np.random.default_rng(seed), []
    for _ in range(PAIRS):
        half = np.zeros(count, bool)
        half[draw.permutation(count)[: count // 2]] = True
        found += [half, ~half]
    return np.array(found)


def _where(rows: Any, half: Bools) -> Any:
    if isinstance(rows, list):
        return [one for one, kept in zip(rows, half, strict=True) if kept]
    return rows[half]


def _structure(estimator: Any, members: People) -> dict[str, Any]:
    facts = structure.facts_of(estimator, given(estimator, members.features))
    leaves = [min(facts.leaves)] if facts.leaves else []
    return {"kind": facts.kind.value, "parameters": facts.parameters, "leaves": leaves}


if __name__ == "__main__":
    main()
