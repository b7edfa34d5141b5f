"""An evaluation in signed documents: protocol, lock, the order to run it, what was run."""

from dataclasses import dataclass
from datetime import datetime

from ecluse.domain.documents.outputs import OutputFile
from ecluse.domain.evaluations.deviations import Deviation
from ecluse.domain.evaluations.locks import EvaluationLock
from ecluse.domain.evaluations.protocols import Protocol
from ecluse.domain.evaluations.reports import EvaluationReport

__all__ = [
    "EvaluationLock",
    "EvaluationOrder",
    "EvaluationProtocol",
    "EvaluationReceipt",
    "EvaluationReport",
    "EvaluationWithdrawal",
]


@dataclass(frozen=True)
class EvaluationProtocol:
    """A protocol as registered, and the digest of its canonical bytes.

    From then on the data of its permit wait: nothing is extracted before the lock.
    """

    evaluation_number: str
    permit_number: str
    digest: str
    protocol: Protocol

    def __post_init__(self) -> None:
        said = self.protocol
        numbers = (said.identity.number, said.population.permit_number)
        if numbers != (self.evaluation_number, self.permit_number):
            raise ValueError("The numbers of the document are not those of its protocol.")


@dataclass(frozen=True)
class EvaluationWithdrawal:
    """An evaluation ends before its lock: the data of its permit wait for it no more."""

    evaluation_number: str
    permit_number: str
    protocol: str
    withdrawn_by: str


@dataclass(frozen=True)
class EvaluationOrder:
    """Run a locked protocol in the secure zone, and bring its report before the checkers.

    `lock_digest` is that of the signed lock; `model` and `dataset` (the manifest) repeat what it
    fixed. `deviations` are all that were declared before: the report states them. `ordered_by` is
    a person of the permit.
    """

    order_number: str
    evaluation_number: str
    title: str
    permit_number: str
    permit_digest: str
    lock_digest: str
    model: str
    dataset: str
    deviations: tuple[Deviation, ...]
    ordered_by: str


@dataclass(frozen=True)
class EvaluationReceipt:
    """What was run for an order: digests and instants, no figure of the report.

    `predictions` is the digest of the table of predictions, which stays in the zone; `report` that
    of the signed `EvaluationReport`, which `files` hold and two checkers have yet to let out.
    """

    order_number: str
    order_digest: str
    evaluation_number: str
    permit_number: str
    lock_digest: str
    predictions: str
    report: str
    files: tuple[OutputFile, ...]
    started_at: datetime
    finished_at: datetime
