"""Predictions that come as a table, computed elsewhere: read by schema, judged as a model's."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc

from ecluse.data.evaluation.running import answers
from ecluse.data.evaluation.running.answers import State
from ecluse.data.evaluation.running.ended import ModelRun
from ecluse.data.evaluation.running.plans import AnswerKind, RunPlan
from ecluse.data.evaluation.running.tables import Inputs, check_keys, read_table
from ecluse.domain.errors import InvalidInput

Spans = list[tuple[int, int, int, int]]


def of_table(path: Path, cases: Inputs, plan: RunPlan) -> ModelRun:
    """Return the predictions of a table, one a case, judged as those of a model.

    A case of the inputs that the table lacks has failed. Raises InvalidInput.
    """
    table = read_table(path)
    for name in (plan.key, plan.prediction):
        if name not in table.column_names:
            raise InvalidInput(f"{path.name} lacks the column {name}: the protocol names it.")
    keys = check_keys(table[plan.key], where=path.name)
    strangers = len(keys) - pc.sum(pc.is_in(keys, value_set=cases.keys)).as_py()
    if strangers:
        raise InvalidInput(f"{path.name} predicts {strangers} cases that the inputs do not hold.")
    places = pc.index_in(cases.keys, value_set=keys).to_pylist()
    given = table[plan.prediction].to_pylist()
    abstained = table[plan.abstained].to_pylist() if plan.abstained else [False] * len(given)
    values, states = np.full(len(cases), np.nan), np.full(len(cases), State.FAILED, np.uint8)
    spans: list[tuple[int, int, int, int]] = []
    for row, place in enumerate(places):
        if place is None:
            continue
        if abstained[place]:
            states[row] = State.ABSTAINED
            continue
        values[row], more, states[row] = _given(given[place], row, plan)
        spans += more
    if plan.answer.kind is AnswerKind.SPANS:
        judged = answers.judge_spans(
            np.array(spans, np.int64).reshape(-1, answers.SPAN_COLUMNS), states, plan.answer
        )
    else:
        judged = answers.judge(values, states, plan.answer)
    return ModelRun(keys=cases.keys, answers=judged, backend="predictions")


def _given(value: Any, row: int, plan: RunPlan) -> tuple[float, Spans, State]:
    """Return one cell of a table of predictions as a number or as spans."""
    classes = plan.answer.classes
    try:
        if plan.answer.kind is AnswerKind.SPANS:
            spans = [
                (row, int(one["begin"]), int(one["end"]), classes.index(one["label"]))
                for one in value
            ]
            return float("nan"), spans, State.ANSWERED
        if plan.answer.kind is AnswerKind.CLASS:
            return float(classes.index(str(value))), [], State.ANSWERED
        return float(value), [], State.ANSWERED
    except (TypeError, ValueError, KeyError):
        return float("nan"), [], State.FAILED
