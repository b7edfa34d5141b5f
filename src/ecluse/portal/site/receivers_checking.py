"""Which action obeys each kind of document that reaches the checking room."""

from collections.abc import Mapping
from typing import Final

from ecluse.portal.enclaves import actions as enclaves
from ecluse.portal.mailbox import actions as mailbox
from ecluse.portal.mailbox.receivers import Receiver
from ecluse.portal.outputs import answers

HANDLERS: Final[Mapping[str, Receiver]] = {
    "KeyRotation": mailbox.receive_rotation,
    "Permit": enclaves.receive_permit,
    "Revocation": enclaves.receive_revocation,
    "ExtractionReceipt": enclaves.receive_extraction,
    "JobReceipt": enclaves.receive_job_receipt,
    "TabulationOrder": answers.receive_order,
    "TabulationReceipt": answers.receive_receipt,
    "CheckReport": answers.receive_check_report,
    "Refusal": enclaves.receive_refusal,
}
