"""Data requests: whether an order to tabulate may be obeyed, and answered by what it says.

Source: EHDS art. 55(3), 69, 71. The data plane asks these rules of a signed order alone.
"""

from dataclasses import replace
from datetime import datetime

from ecluse.domain import cohorts
from ecluse.domain.clocks.calendars import legal_day
from ecluse.domain.cohorts import Cohort
from ecluse.domain.cohorts.prose import explain
from ecluse.domain.documents import OptOutList, TabulationOrder, TabulationReceipt
from ecluse.domain.errors import Expired, InvalidInput, NotYetValid, OutOfScope, StaleOptOuts
from ecluse.domain.tabulation import plan_digest, policy_of

EVERYBODY = "Toutes les personnes du jeu de données"
VALID_MONTHS = 6
"""How long an order may be obeyed: twice the three months in which an answer is due (69(4))."""


def population(cohort: Cohort | None) -> str:
    """Return the words that name a population: the same words for the same definition.

    The labels that its author gave the steps are left out: other words would hide that a population
    was counted before.
    """
    if cohort is None:
        return EVERYBODY
    bare = replace(
        cohort,
        steps=tuple(
            replace(step, label=f"Étape {number}") for number, step in enumerate(cohort.steps, 1)
        ),
    )
    return explain(bare)


def check_order(order: TabulationOrder, *, now: datetime) -> None:
    """Pass if the order may be obeyed now, whatever the list of opt-outs. Raises Refused.

    Source: EHDS art. 55(3), 69(1), 69(4).
    """
    number, today = order.order_number, legal_day(now)
    if order.decided_at > now:
        raise NotYetValid(f"Order {number} is of a decision of {order.decided_at}, still to come.")
    if today > order.valid_until:
        raise Expired(f"Order {number} ended on {order.valid_until}: order again.")
    if order.plan.number != order.request_number:
        raise OutOfScope(
            f"The plan is that of request {order.plan.number}, the decision that of "
            f"{order.request_number}."
        )
    check_population(order.cohort)
    if order.plan.population != population(order.cohort):
        raise OutOfScope("The words of the plan for its population are not those of the cohort.")
    check_separate(order)
    check_exception(order.opt_out_exception_reason)
    _check_policy(order)


def check_population(cohort: Cohort | None) -> None:
    """Pass if a cohort only says whom to count. Raises OutOfScope.

    Controls and persons reached by a link would need the opt-outs of whom they are drawn for.
    """
    if cohort is None:
        return
    if cohort.matching is not None or cohort.variables or cohorts.links(cohort):
        raise OutOfScope(
            "The population of a data request has criteria alone: take out its variables, its "
            "controls and its linked persons."
        )


def check_exception(reason: str | None) -> None:
    """Pass if the exception is not applied, or for a reason. Raises OutOfScope.

    Source: EHDS art. 71(4).
    """
    if reason is not None and not reason.strip():
        raise OutOfScope("The opt-out exception needs its reason (EHDS art. 71(4)): decide anew.")


def check_separate(order: TabulationOrder) -> None:
    """Pass if who asked, assessed, decided and prepared are different persons. Raises OutOfScope.

    One person may prepare several orders; assessors may be several. Source: EHDS art. 55(3).
    """
    offices = (set(order.persons), set(order.assessed_by), {order.decided_by}, {order.ordered_by})
    if not all(offices) or len(set.union(*offices)) != sum(map(len, offices)):
        raise OutOfScope(
            "Who asks, who assesses, who decides and who prepares an answer are different persons "
            "(EHDS art. 55(3)): somebody else must order."
        )


def check_opt_outs(order: TabulationOrder, opt_outs: OptOutList, digest: str) -> None:
    """Pass if this is the list of the decision. Raises StaleOptOuts.

    Source: EHDS art. 71(3): an opt-out binds the decisions that come after it.
    """
    right = (order.opt_out_list_digest, order.request_number, order.decided_at)
    if (digest, opt_outs.permit_number, opt_outs.as_of) != right:
        raise StaleOptOuts(
            f"The opt-out list is not that of the decision on request {order.request_number}: ask "
            "the register for the list of that instant, then order again."
        )


def check_answers(receipt: TabulationReceipt, order: TabulationOrder, *, order_digest: str) -> None:
    """Pass if a receipt answers this order and no other. Raises OutOfScope."""
    shared = ("order_number", "request_number", "dataset", "snapshot", "opt_out_list_digest")
    for member in (*shared, "policy"):
        if getattr(receipt, member) != getattr(order, member):
            raise OutOfScope(
                f"The receipt says {member} {getattr(receipt, member)}; the order says "
                f"{getattr(order, member)}."
            )
    if (receipt.order_digest, receipt.plan_digest) != (order_digest, plan_digest(order.plan)):
        raise OutOfScope(f"The receipt answers another order than {order.order_number}.")


def _check_policy(order: TabulationOrder) -> None:
    try:
        applied = policy_of(order.minimum_count)
    except InvalidInput as error:
        raise OutOfScope(f"Order {order.order_number}: {error}") from None
    if applied.reference != order.policy:
        raise OutOfScope(
            f"Order {order.order_number} names the policy {order.policy}; this zone applies "
            f"{applied.reference}: update the one or the other."
        )
