"""The duty towards an extraction order: extract, or find again what was extracted."""

from datetime import datetime
from typing import cast

from ecluse.data import extraction
from ecluse.data.agent.arrivals import watch
from ecluse.data.agent.evaluations import check_locked
from ecluse.data.agent.rooms import Answer, Outcome, Room
from ecluse.data.engines import OnProgress
from ecluse.domain.documents import ExtractionOrder, ExtractionReceipt, OptOutList, Permit
from ecluse.domain.errors import Replayed, StaleOptOuts
from ecluse.domain.receipts import published
from ecluse.trust.documents import Verified


def extract(room: Room, verified: Verified, *, now: datetime) -> Outcome:  # noqa: ARG001
    """Extract into the permit's project and answer both sites. Raises Refused.

    Counts under the permit's minimum stay in the zone, beside the extract.
    """
    order = cast(ExtractionOrder, verified.document.body)
    permit = room.permit(order.permit_digest)
    check_locked(room, order.permit_number)
    target = room.zone.extract(order.permit_number, order.order_number)
    seals = room.zone.seals(order.permit_number)
    if target.exists():  # extracted before the agent was killed, or a number used twice
        receipt = extraction.read_receipt(target, seals)
        _check_same(receipt, verified)
    else:
        receipt = extraction.extract(
            _warrant(room, order, permit, verified.digest),
            lake=room.zone.lake,
            key=room.zone.pseudonym_keys(),
            target=target,
            seals=seals,
            records=room.zone.records(),
            clock=room.clock,
            on_progress=_listening(room, permit),
        )
    answer = Answer(published(receipt, minimum=permit.minimum_count), ("public", "checking"))
    return Outcome((answer,), action="extraction.delivered")


def _listening(room: Room, permit: Permit) -> OnProgress:
    """Return what tells each step of the extraction, and stops it with its permit."""
    tick = watch(room, permit)

    def tell(step: str, _done: int, _total: int) -> None:
        room.on_progress(f"extraction: {step}")
        tick()

    return tell


def _warrant(room: Room, order: ExtractionOrder, permit: Permit, digest: str) -> extraction.Warrant:
    opt_outs = room.state.by_digest(order.opt_out_list_digest, "OptOutList")
    if opt_outs is None:
        raise StaleOptOuts(
            f"The opt-out list of order {order.order_number} was never received: ask the register "
            "to send the list of the decision date, then order again."
        )
    return extraction.Warrant(
        order=order,
        order_digest=digest,
        permit=permit,
        permit_digest=order.permit_digest,
        opt_outs=cast(OptOutList, opt_outs.document.body),
        opt_outs_digest=opt_outs.digest,
        withdrawals=room.withdrawals(order.permit_number),
        list_files=room.zone.opt_out_files,
    )


def _check_same(receipt: ExtractionReceipt, verified: Verified) -> None:
    if receipt.order_digest != verified.digest:
        raise Replayed(
            f"Order number {receipt.order_number} was obeyed for another document: use a new one."
        )
