"""One application as a file, and the people who move it, without any page or form."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest

from ecluse.domain.clocks.tracks import Track
from ecluse.domain.machines import Kind
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.cases.actions import Content, name_members, open_case, perform
from ecluse.portal.cases.models import CaseRecord, Item

MONDAY = datetime(2026, 1, 5, 10, tzinfo=UTC)
DAY = timedelta(days=1)


def later(days: int) -> datetime:
    """Ten o'clock, so many days after the first Monday of 2026."""
    return MONDAY + days * DAY


@dataclass(frozen=True)
class Desk:
    """A draft of Camille's, with Louis named in it, and officers."""

    case: CaseRecord
    camille: User
    louis: User
    assessor: User
    decider: User
    auditor: User

    def item(self, item_id: str = "file") -> Item:
        """An object of the file as it stands now."""
        return Item.objects.select_related("case").get(case=self.case, item_id=item_id)

    def state(self, item_id: str = "file") -> str:
        """The state of an object now."""
        return self.item(item_id).state

    def now(self) -> CaseRecord:
        """The file as its row says now."""
        return CaseRecord.objects.get(pk=self.case.pk)

    def do(
        self,
        action: str,
        by: User,
        *,
        on: str = "file",
        day: int = 0,
        reason: str = "",
        until: date | None = None,
    ) -> None:
        """Somebody does something to an object of the file, so many days after the first."""
        content = Content(reason=reason, until_on=until)
        perform(self.item(on), action, by=by, now=later(day), content=content)

    def submitted(self) -> None:
        """Take the draft to the assessor."""
        self.do("submit", self.camille)

    def complete(self) -> None:
        """Take it to its assessment, complete on the first day."""
        self.submitted()
        self.do("start-screening", self.assessor)
        self.do("declare-complete", self.assessor)

    def deciding(self) -> None:
        """Take it to the decider."""
        self.complete()
        self.do("assess", self.assessor, on="unit-1")
        self.do("no-estimate", self.assessor, on="unit-1", reason="Rien à facturer.")

    def granted(self, until: date = date(2028, 1, 4)) -> None:
        """Take it to its permit."""
        self.deciding()
        self.do("grant", self.decider, on="unit-1", until=until)


@pytest.fixture
def desk(account: Callable[..., User]) -> Desk:
    """A draft in the hands of its applicant, and people of every role of the road."""
    camille = account(Role.DATA_USER, email="camille.moreau@univ.example")
    louis = account(Role.DATA_USER, email="louis.bernard@univ.example")
    case = open_case(Kind.APPLICATION, Track.STANDARD, number="2026-00001", by=camille, now=MONDAY)
    name_members(case, {camille.subject, louis.subject})
    return Desk(
        case=case,
        camille=camille,
        louis=louis,
        assessor=account(Role.ASSESSOR, email="ines.garnier@hub.example"),
        decider=account(Role.DECIDER, email="paul.lefevre@hub.example"),
        auditor=account(Role.AUDITOR, email="victor.roche@hub.example"),
    )
