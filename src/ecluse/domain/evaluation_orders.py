"""Orders to run an evaluation: whether one may be obeyed, and whether a receipt answers it.

The data plane asks these rules of signed documents alone. Source: EHDS art. 53(1)(e), 73(2).
"""

from ecluse.domain.documents import (
    EvaluationLock,
    EvaluationOrder,
    EvaluationReceipt,
    EvaluationReport,
    Permit,
)
from ecluse.domain.errors import NotAllowed, OutOfScope

LOCKED = ("evaluation_number", "permit_number", "model", "dataset")
"""What an order repeats of its lock."""
ANSWERED = ("order_number", "evaluation_number", "permit_number", "lock_digest")
"""What a receipt repeats of its order."""


def check_order(order: EvaluationOrder, lock: EvaluationLock, permit: Permit) -> None:
    """Pass if an order is on what its lock fixed, from a person of its permit.

    Raises OutOfScope naming what differs; NotAllowed.
    """
    changed = [name for name in LOCKED if getattr(order, name) != getattr(lock, name)]
    if changed:
        raise OutOfScope(
            f"Order {order.order_number} does not repeat the lock of {lock.evaluation_number}: "
            f"{', '.join(changed)}. Order what was locked."
        )
    if permit.permit_number != order.permit_number:
        raise OutOfScope(f"Order {order.order_number} names the permit {permit.permit_number}.")
    if order.ordered_by not in {person.subject for person in permit.persons}:
        raise NotAllowed(f"Only a person of permit {permit.permit_number} orders under it.")


def check_answers(receipt: EvaluationReceipt, order: EvaluationOrder, *, order_digest: str) -> None:
    """Pass if a receipt answers this order and no other. Raises OutOfScope."""
    changed = [name for name in ANSWERED if getattr(receipt, name) != getattr(order, name)]
    if changed or receipt.order_digest != order_digest:
        raise OutOfScope(f"The receipt answers another order than {order.order_number}.")


def check_report(report: EvaluationReport, digest: str, receipt: EvaluationReceipt) -> None:
    """Pass if a signed report, by its digest, is the one made for a receipt. Raises OutOfScope."""
    told = (report.evaluation_number, digest, report.run.predictions)
    if told != (receipt.evaluation_number, receipt.report, receipt.predictions):
        raise OutOfScope(f"This report is not the one made for {receipt.order_number}.")
