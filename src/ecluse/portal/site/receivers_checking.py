"""Which action obeys each kind of document that reaches the checking room."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from ecluse.portal.enclaves import actions as enclaves
from ecluse.portal.enclaves import withdrawals
from ecluse.portal.mailbox import actions as mailbox
from ecluse.portal.mailbox.receivers import Receiver
from ecluse.portal.outputs import answers, leaving, stopping
from ecluse.trust.documents import Verified


def receive_withdrawal(verified: Verified, *, now: datetime) -> None:
    """Close, freeze or open again a workspace, and close the requests of a permit that ended."""
    withdrawals.receive_withdrawal(verified, now=now)
    stopping.close_ended(now=now)


def receive_deletion(verified: Verified, *, now: datetime) -> None:
    """Keep the certificate of a deletion, and close the requests on what is no more."""
    withdrawals.receive_deletion(verified, now=now)
    stopping.close_ended(now=now)


def receive_refusal(verified: Verified, *, now: datetime) -> None:
    """Give a refusal to whichever app sent; each leaves alone what it did not send."""
    enclaves.receive_refusal(verified, now=now)
    leaving.receive_refusal(verified, now=now)


HANDLERS: Final[Mapping[str, Receiver]] = {
    "KeyRotation": mailbox.receive_rotation,
    "Permit": enclaves.receive_permit,
    "Revocation": receive_withdrawal,
    "Suspension": receive_withdrawal,
    "DeletionCertificate": receive_deletion,
    "ExtractionReceipt": enclaves.receive_extraction,
    "JobProgress": enclaves.receive_job_progress,
    "JobReceipt": enclaves.receive_job_receipt,
    "EvaluationOrder": answers.receive_evaluation,
    "EvaluationReceipt": answers.receive_receipt,
    "TabulationOrder": answers.receive_order,
    "TabulationReceipt": answers.receive_receipt,
    "CheckReport": answers.receive_check_report,
    "ReleaseReceipt": leaving.receive_receipt,
    "Refusal": receive_refusal,
}
