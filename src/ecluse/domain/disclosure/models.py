"""Trained models: R18. Denied unless of a kind that holds no rows, on enough persons."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ecluse.domain.disclosure.policy import DisclosurePolicy, finding, secret
from ecluse.domain.documents import Finding


class ModelKind(StrEnum):
    """Kinds of models, by what of the data they keep."""

    LINEAR = "linear"  # coefficients: regressions, linear discriminants
    TREE = "tree"  # one tree
    ENSEMBLE = "ensemble"  # forests, boosted trees
    NEIGHBOURS = "neighbours"
    SUPPORT_VECTORS = "support-vectors"
    GAUSSIAN_PROCESS = "gaussian-process"
    RADIAL_BASIS = "radial-basis"
    PROTOTYPES = "prototypes"
    NETWORK = "network"
    OTHER = "other"


HOLDS_ROWS: Final = frozenset(
    {
        ModelKind.NEIGHBOURS,
        ModelKind.SUPPORT_VECTORS,
        ModelKind.GAUSSIAN_PROCESS,
        ModelKind.RADIAL_BASIS,
        ModelKind.PROTOTYPES,
    }
)
"""Rows of the training data are parts of these models."""
SUFFIXES: Final = frozenset(
    {".pkl", ".pickle", ".joblib", ".onnx", ".skops", ".safetensors", ".pt", ".pth", ".h5",
     ".keras", ".rds", ".rdata", ".model", ".cbm", ".ubj"}
)  # fmt: skip
"""How files of models are named: denied by name, whatever they hold."""


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """A trained model: its kind, persons it was trained on, persons of each leaf, parameters.

    Leaves count distinct persons, never rows.
    """

    kind: ModelKind
    persons: int
    parameters: int
    leaves: tuple[int, ...] = ()


def check_model(facts: ModelFacts | None, policy: DisclosurePolicy) -> Iterator[Finding]:
    """Yield what stands against a model leaving; a model of which nothing is known is denied."""
    least = policy.minimum_count
    if facts is None:
        told = "a trained model does not leave: nothing shows that it holds no person"
        yield finding("R18", "file", told, policy)
    elif facts.kind in HOLDS_ROWS:
        told = f"a model of kind {facts.kind} holds rows of persons"
        yield finding("R18", "file", told, policy)
    elif facts.kind in (ModelKind.TREE, ModelKind.ENSEMBLE):
        smallest = min(facts.leaves, default=0)
        if smallest < least:
            told = f"the smallest leaf has {secret(smallest)} persons < {least}"
            yield finding("R18", "file", told, policy)
    elif facts.kind is not ModelKind.LINEAR:
        told = f"the weights of a model of kind {facts.kind} may hold what they were trained on"
        yield finding("R18", "file", told, policy)
    if facts is not None and facts.persons - facts.parameters < policy.residual_degrees:
        told = f"{facts.parameters} parameters for {secret(facts.persons)} persons"
        yield finding("R18", "file", f"{told}: too few remain", policy)
