"""What the hub signs of an evaluation before data are opened: its protocol, then its lock."""

from dataclasses import dataclass

from ecluse.domain.evaluations.locks import EvaluationLock
from ecluse.domain.evaluations.protocols import Protocol
from ecluse.domain.evaluations.reports import EvaluationReport

__all__ = ["EvaluationLock", "EvaluationProtocol", "EvaluationReport", "EvaluationWithdrawal"]


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
