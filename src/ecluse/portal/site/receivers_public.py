"""Which action obeys each kind of document that reaches the public site."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, cast

from ecluse.domain.documents import Rejection
from ecluse.portal.boards import actions as boards
from ecluse.portal.catalogue import actions as catalogue
from ecluse.portal.evaluations import orders
from ecluse.portal.extractions import actions as extractions
from ecluse.portal.findings import actions as findings
from ecluse.portal.lives import closing
from ecluse.portal.mailbox import actions as mailbox
from ecluse.portal.mailbox.receivers import Receiver
from ecluse.portal.optouts import questions
from ecluse.portal.releases import actions as releases
from ecluse.portal.requests import tabulations
from ecluse.trust.documents import Verified


def receive_refusal(verified: Verified, *, now: datetime) -> None:
    """Give a refusal to whichever app ordered; each leaves alone what it did not order."""
    extractions.receive_refusal(verified, now=now)
    tabulations.receive_refusal(verified, now=now)
    boards.receive_refusal(verified, now=now)
    findings.receive_refusal(verified, now=now)
    orders.receive_refusal(verified, now=now)


def receive_release(verified: Verified, *, now: datetime) -> None:
    """Keep a release, and note it on the evaluation whose report it lets out."""
    kept = releases.receive_release(verified, now=now)
    orders.note_release(kept.document())


def receive_rejection(verified: Verified, *, now: datetime) -> None:
    """Give a rejection to whichever app ordered what is rejected."""
    rejection = cast(Rejection, verified.document.body)
    if orders.is_order(rejection.job_number):
        orders.receive_rejection(verified, now=now)
    else:
        tabulations.receive_rejection(verified, now=now)


HANDLERS: Final[Mapping[str, Receiver]] = {
    "KeyRotation": mailbox.receive_rotation,
    "SnapshotNotice": catalogue.receive_snapshot,
    "ExtractionReceipt": extractions.receive_receipt,
    "TabulationReceipt": tabulations.receive_receipt,
    "Refusal": receive_refusal,
    "MembershipAnswer": questions.receive_answer,
    "FindingReceipt": findings.receive_receipt,
    "EvaluationReceipt": orders.receive_receipt,
    "EvaluationReport": orders.receive_report,
    "Release": receive_release,
    "Rejection": receive_rejection,
    "Recall": releases.receive_recall,
    "DeletionCertificate": closing.receive_certificate,
    "ScoreRelease": boards.receive_score,
    "BoardResult": boards.receive_result,
}
