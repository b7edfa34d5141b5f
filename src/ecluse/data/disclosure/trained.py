"""Trained models at the second gate: none without the trial of exactly these bytes."""

from pathlib import PurePosixPath
from typing import Final

from ecluse.domain.disclosure import DisclosurePolicy, finding
from ecluse.domain.disclosure.model_trials import ModelTrial, ModelVerdict
from ecluse.domain.documents import Finding

SUFFIXES: Final = frozenset({".onnx", ".skops"})
"""Formats that may leave once tried: no reader of theirs runs what the file says."""


def is_model(name: str) -> bool:
    """Whether a file is named as a model that may leave once tried."""
    return PurePosixPath(name).suffix.lower() in SUFFIXES


def check(trial: ModelTrial, policy: DisclosurePolicy) -> list[Finding]:
    """Return what a trial says of a model: to be read by two checkers, or blocked and why."""
    if trial.verdict is ModelVerdict.PASS:
        told = "; ".join(one.explanation for one in trial.attacks)
        return [finding("M2", "file", f"{trial.verdict}: {told}", policy)]
    reasons = trial.reasons() or ("an attack is missing",)
    return [finding("R18", "file", f"{trial.verdict}: {reason}", policy) for reason in reasons]
