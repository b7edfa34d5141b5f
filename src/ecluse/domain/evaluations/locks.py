"""The lock of an evaluation: digests of all that was fixed, signed before data are opened.

A run compares each digest with what it is given, and refuses at the first that differs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ecluse.domain.errors import InvalidInput, Refused
from ecluse.domain.evaluations import figures
from ecluse.domain.evaluations.parts import ModelFormat
from ecluse.domain.evaluations.protocols import Protocol


@dataclass(frozen=True)
class EvaluationLock:
    """What a run must be given, byte for byte; a body of a signed document.

    `protocol`, `model`, `dataset` (the manifest) and `code` are digests `sha256:…`; `dataset` is
    the one thing that no protocol holds. `locked_by` is the subject of an account.
    """

    evaluation_number: str
    permit_number: str
    protocol_version: str
    protocol: str
    model: str
    model_format: ModelFormat
    dataset: str
    code: str
    seed: int
    draws: int
    locked_by: str
    locked_at: datetime

    def __post_init__(self) -> None:
        for name in ("protocol", "model", "dataset", "code"):
            figures.digest(getattr(self, name), name=f"The digest of the {name}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented:
    """The digests of what a run was given."""

    protocol: str
    model: str
    dataset: str
    code: str


def lock_of(
    protocol: Protocol, *, digest: str, dataset: str, by: str, now: datetime
) -> EvaluationLock:
    """The lock of a protocol whose canonical bytes have this digest, on the data of a manifest."""
    return EvaluationLock(
        evaluation_number=protocol.identity.number,
        permit_number=protocol.population.permit_number,
        protocol_version=protocol.identity.version,
        protocol=digest,
        model=protocol.index_test.artefact,
        model_format=protocol.index_test.format,
        dataset=dataset,
        code=protocol.analysis.code,
        seed=protocol.analysis.seed,
        draws=protocol.analysis.draws,
        locked_by=by,
        locked_at=now,
    )


def check_presented(lock: EvaluationLock, presented: Presented) -> None:
    """Pass if a run is given exactly what was locked. Raises Refused naming what differs."""
    changed = tuple(_changed(lock, presented))
    if changed:
        raise Refused(
            f"The lock of {lock.evaluation_number} is on other bytes: {', '.join(changed)}. "
            "Give the files that were locked, or register a new version of the protocol."
        )


def check_protocol(lock: EvaluationLock, protocol: Protocol) -> None:
    """Pass if the lock says what the protocol says. Raises InvalidInput naming what differs."""
    said = lock_of(
        protocol,
        digest=lock.protocol,
        dataset=lock.dataset,
        by=lock.locked_by,
        now=lock.locked_at,
    )
    if said != lock:
        raise InvalidInput(
            f"The lock of {lock.evaluation_number} does not repeat its protocol: lock it again."
        )


def _changed(lock: EvaluationLock, presented: Presented) -> Iterator[str]:
    for name in ("protocol", "model", "dataset", "code"):
        if getattr(lock, name) != getattr(presented, name):
            yield name
