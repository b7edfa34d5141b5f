"""What an extraction stands on: the order, its permit, its opt-out list, and their proofs."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ecluse.data.extraction.readings import Readings
from ecluse.data.lake import Snapshot
from ecluse.data.optouts import Listing
from ecluse.domain import cohorts, optouts, permits
from ecluse.domain.documents import (
    DataFormat,
    DatasetScope,
    ExtractionOrder,
    OptOutList,
    Permit,
    TableScope,
)
from ecluse.domain.errors import OutOfScope, StaleOptOuts


@dataclass(frozen=True, slots=True)
class Warrant:
    """The documents behind an extraction, each with the digest of its signed bytes.

    `withdrawals` are all those known of the permit when the extraction begins; `list_files` is the
    folder of the files of the list, where it has some.
    """

    order: ExtractionOrder
    order_digest: str
    permit: Permit
    permit_digest: str
    opt_outs: OptOutList
    opt_outs_digest: str
    withdrawals: Collection[permits.Withdrawal] = ()
    list_files: Path | None = None

    @property
    def listing(self) -> Listing:
        """Who is out, for this extraction."""
        return Listing(self.opt_outs, self.permit.applies_opt_out_exception, self.list_files)

    def check(self, *, now: datetime) -> None:
        """Pass if the order may be obeyed now. Raises a Refused that says why not.

        Source: EHDS art. 63(3), 66(2)-(3), 68(10)(a), 68(12), 71(3), 73(1)(d).
        """
        order, permit = self.order, self.permit
        if order.permit_digest != self.permit_digest:
            raise OutOfScope(
                f"Order {order.order_number} names another document than permit "
                f"{permit.permit_number} as it was received: order again under this permit."
            )
        permits.check_in_force(permit, self.withdrawals, now=now)
        permits.check_extraction(order, permit)
        if permit.data_format is not DataFormat.PSEUDONYMISED:
            raise OutOfScope(
                f"Permit {permit.permit_number} gives anonymised data: rows about persons cannot "
                "be extracted under it (EHDS art. 66(2))."
            )
        if order.opt_out_list_digest != self.opt_outs_digest:
            raise StaleOptOuts(
                f"Order {order.order_number} names another opt-out list than the one received: "
                "ask the register for the list of the decision date, then order again."
            )
        optouts.check_list(self.opt_outs, permit)

    def check_cohort(self, snapshot: Snapshot) -> None:
        """Pass if the cohort reads only what the permit gives. Raises OutOfScope.

        Choosing persons by a value is reading it: its table, its column and its days must be in the
        permit, as for any other. Source: EHDS art. 68(10)(a).
        """
        scope = _scope(self.permit, self.order)
        Readings(self.order.cohort, scope, snapshot).check()
        for first, last in cohorts.periods(self.order.cohort):
            permits.check_period(first or scope.care_from, last or scope.care_to, scope)

    def tables(self) -> tuple[TableScope, ...]:
        """Return the tables ordered, each column as the permit gives it. Raises OutOfScope."""
        return permits.effective_tables(self.order, self.permit)


def _scope(permit: Permit, order: ExtractionOrder) -> DatasetScope:
    return next(scope for scope in permit.datasets if scope.dataset == order.dataset)
