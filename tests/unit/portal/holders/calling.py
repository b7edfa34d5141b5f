"""A permit in force, a hospital that holds its data, and somebody who speaks for it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

import pytest

from ecluse.domain.documents import TableScope
from ecluse.portal.accounts.models import User
from ecluse.portal.cases.models import ClockRow
from ecluse.portal.holders import actions
from ecluse.portal.holders.actions import CallRequest, HolderEntry, Said
from ecluse.portal.holders.models import Holder, HolderCall
from ecluse.portal.holders.receipts import Receipt
from ecluse.portal.permits.models import PermitRecord
from tests.unit.portal.applications.road import DAY, NOW, Road

STAYS = Receipt("sejours.csv", 1_048_576, "sha256:" + "a" * 64)
DRUGS = Receipt("medicaments.csv", 2_048, "sha256:" + "b" * 64)
CODES = (TableScope("ER_PHA_F", ("PHA_PRS_C13",)),)


def later(days: int) -> datetime:
    """Ten o'clock, so many days after the permit was granted."""
    return NOW + days * DAY


@dataclass(frozen=True)
class Calling:
    """A permit, its officers, a holder and Anne who speaks for it; Bob speaks for another."""

    road: Road
    permit: PermitRecord
    holder: Holder
    anne: User
    bob: User

    def request(self, **changes: object) -> CallRequest:
        """One table of the permit, over its whole care period, unless said otherwise."""
        asked: dict[str, object] = {
            "holder": self.holder,
            "dataset": self.road.dataset,
            "tables": CODES,
            "care_from": date(2021, 1, 1),
            "care_to": date(2023, 12, 31),
            "instructions": "CSV, dossier /remises/2026-01.",
        }
        return CallRequest(**{**asked, **changes})  # type: ignore[arg-type]

    def asked(self) -> HolderCall:
        """The call, made on the day of the permit."""
        return actions.ask(self.permit, self.request(), by=self.road.preparer, now=NOW)

    def supplied(self, *, day: int = 10) -> HolderCall:
        """The same, with two files declared so many days later."""
        return actions.supply(self.asked(), [STAYS, DRUGS], by=self.anne, now=later(day))

    def do(
        self, call: HolderCall, action: str, by: User, *, day: int = 1, reason: str = ""
    ) -> HolderCall:
        """Somebody does something to the call, so many days after the first."""
        return actions.do(call, action, by=by, now=later(day), said=Said(reason))


def supply_clock(call: HolderCall) -> ClockRow:
    """The clock of the holder."""
    return ClockRow.objects.get(item=call.item, rule="supply")


@pytest.fixture
def calling(road: Road, account: Callable[..., User]) -> Calling:
    """The permit of the road, a hospital that holds its dataset, and another holder."""
    anne, bob = account(email="anne@chu.example"), account(email="bob@registre.example")
    hospital = HolderEntry(
        "CHU d’Exemple", "123456782", "dim@chu.example", (road.dataset,), frozenset({anne.subject})
    )
    other = HolderEntry("Registre", "", "r@registre.example", (), frozenset({bob.subject}))
    holder = actions.keep_holder(None, hospital, by=road.preparer, now=NOW)
    actions.keep_holder(None, other, by=road.preparer, now=NOW)
    return Calling(road, road.permit(), holder, anne, bob)
