"""What the secure zone brings in answer to an order, and the asking that it leaves.

The order is that of a data request, or to run an evaluation.
"""

from datetime import datetime
from typing import cast

from django.db import transaction

from ecluse.domain import data_requests, evaluation_orders, outputs
from ecluse.domain.documents import (
    CheckReport,
    EvaluationOrder,
    EvaluationReceipt,
    TabulationOrder,
    TabulationReceipt,
)
from ecluse.domain.errors import OutOfScope, Replayed
from ecluse.domain.reviews import acts
from ecluse.portal.audit import identity
from ecluse.portal.enclaves import actions as enclaves
from ecluse.portal.enclaves.models import Workspace
from ecluse.portal.mailbox.models import IncomingDocument
from ecluse.portal.outputs import actions, storage
from ecluse.portal.outputs.models import Answer, Request, RequestFile, RequestGroup
from ecluse.trust.documents import Verified

EVALUATED = "EHDS art. 73(2): the report of a locked protocol, its counts protected by the policy."
REASON = "EHDS art. 69(1): tables protected by the policy named in the check report."
TITLE = 300
GROUP = "Réponse"


@transaction.atomic
def receive_order(verified: Verified, *, now: datetime) -> Answer:  # noqa: ARG001
    """Keep the order that an answer will be judged by."""
    order = cast(TabulationOrder, verified.document.body)
    data_requests.check_separate(order)
    return Answer.objects.create(
        number=order.order_number,
        request_number=order.request_number,
        title=order.title[:TITLE],
        order_document=_received(verified),
    )


@transaction.atomic
def receive_evaluation(verified: Verified, *, now: datetime) -> Answer:  # noqa: ARG001
    """Keep the order that the report of an evaluation will be judged by. Raises OutOfScope."""
    order = cast(EvaluationOrder, verified.document.body)
    if not Workspace.objects.filter(permit_number=order.permit_number).exists():
        raise OutOfScope(f"The permit {order.permit_number} of this order never came here.")
    return Answer.objects.create(
        number=order.order_number,
        request_number=order.permit_number,
        title=order.title[:TITLE],
        order_document=_received(verified),
    )


@transaction.atomic
def receive_receipt(verified: Verified, *, now: datetime) -> None:  # noqa: ARG001
    """Keep what was made, once. Raises OutOfScope, Replayed."""
    receipt = cast(TabulationReceipt | EvaluationReceipt, verified.document.body)
    answer = _lock(receipt.order_number)
    if answer is None:
        raise OutOfScope(f"No order {receipt.order_number} came here: nothing answers it.")
    if answer.receipt_document is not None:
        raise Replayed(f"Order {answer.number} was already answered: nothing to do.")
    _check_answers(receipt, answer)
    answer.receipt_document = _received(verified)
    answer.save(update_fields=["receipt_document"])


@transaction.atomic
def receive_check_report(verified: Verified, *, now: datetime) -> None:
    """Keep the report of an answer and ask at once that its files leave; or that of a job.

    Raises Replayed, OutOfScope: among others, a file of the answer is blocked.
    """
    report = cast(CheckReport, verified.document.body)
    answer = _lock(report.job_number)
    if answer is None:
        enclaves.receive_check_report(verified, now=now)
        return
    if answer.report_document is not None:
        raise Replayed(f"The files of {answer.number} are already judged: nothing to do.")
    if answer.receipt is None or report.permit_number != answer.request_number:
        raise OutOfScope(f"The report on {answer.number} does not follow its receipt.")
    listed = {(file.name, file.digest) for file in answer.receipt.files}
    if listed != {(file.name, file.digest) for file in report.files}:
        raise OutOfScope(f"The report on {answer.number} is not on the files of its receipt.")
    answer.report_document = _received(verified)
    answer.save(update_fields=["report_document"])
    _ask(answer, report, now=now)


def _check_answers(receipt: TabulationReceipt | EvaluationReceipt, answer: Answer) -> None:
    order, digest = answer.order, answer.order_document.digest
    if isinstance(receipt, TabulationReceipt) and isinstance(order, TabulationOrder):
        data_requests.check_answers(receipt, order, order_digest=digest)
    elif isinstance(receipt, EvaluationReceipt) and isinstance(order, EvaluationOrder):
        evaluation_orders.check_answers(receipt, order, order_digest=digest)
    else:
        raise OutOfScope(f"The receipt is of another kind of order than {answer.number}.")


def _ask(answer: Answer, report: CheckReport, *, now: datetime) -> Request:
    """Ask that every file of the answer leaves, in the name of who ordered it.

    Source: EHDS art. 73(2): an answer leaves as any output does.
    """
    outputs.check_request({(file.name, file.digest) for file in report.files}, report)
    of_project = isinstance(answer.order, EvaluationOrder)
    request = Request.objects.create(
        number=f"{answer.number}-R{answer.requests.count() + 1}",
        answer=answer,
        workspace=Workspace.objects.get(permit_number=answer.request_number)
        if of_project
        else None,
        requested_at=now,
    )
    group = RequestGroup.objects.create(
        request=request,
        name=GROUP,
        context=answer.title,
        controls=EVALUATED if of_project else REASON,
    )
    RequestFile.objects.bulk_create(
        RequestFile(request=request, group=group, name=file.name, digest=file.digest)
        for file in report.files
    )
    request = storage.lock(request)
    review = acts.submit(storage.load(request), by=identity.audience(), at=now)
    return actions.take_in(request, review, now=now)


def _lock(number: str) -> Answer | None:
    rows = Answer.objects.select_for_update(of=("self",))
    return rows.select_related("order_document", "receipt_document").filter(number=number).first()


def _received(verified: Verified) -> IncomingDocument:
    return IncomingDocument.objects.get(digest=verified.digest)
