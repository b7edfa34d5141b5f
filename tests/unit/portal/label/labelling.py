"""A hospital and its dataset, who speaks for it, the officers of the hub, and labels of theirs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from ecluse.domain.documents import QualityEvidence, QualityScore, Signer
from ecluse.domain.metadata.label import Answer
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.catalogue.actions import describe
from ecluse.portal.catalogue.models import Dataset
from ecluse.portal.holders.actions import HolderEntry, keep_holder
from ecluse.portal.holders.models import Holder
from ecluse.portal.label import actions
from ecluse.portal.label.models import QualityLabel
from ecluse.portal.label.scheme import scheme
from tests.sites import Signers
from tests.unit.portal.build import CLAIMS

NOW = datetime(2029, 4, 2, 10, tzinfo=UTC)
TODAY = NOW.date()
ANSWERS = {element.code: Answer(2, note="Guide, page 3") for element in scheme().elements}
SCORES = (
    QualityScore("completeness", 20, 20),
    QualityScore("validity", 20, 20),
    QualityScore("timeliness", 10, 4),
)


@dataclass(frozen=True)
class Labelling:
    """Who meets over a label."""

    signers: Signers
    dataset: Dataset
    holder: Holder
    anne: User
    bob: User
    preparer: User
    auditor: User
    stranger: User

    def evidence(self, *, dataset: str = "claims", signer: Signer = Signer.AGENT) -> bytes:
        """What the zone attests of a snapshot of the dataset."""
        body = QualityEvidence(
            dataset=dataset,
            snapshot="20290401T100000Z-00000000",
            model="snds",
            published_at=NOW - timedelta(days=1),
            measured_on=date(2029, 4, 1),
            report_digest="sha256:" + "a" * 64,
            scores=SCORES,
        )
        return self.signers.sign(body, issuer=signer, now=NOW)

    def started(self) -> QualityLabel:
        """A label that nothing is said in."""
        return actions.start(self.dataset, by=self.anne, now=NOW)

    def declared(self) -> QualityLabel:
        """The same, every element at level 2 of 3."""
        return actions.declare(self.started(), ANSWERS, is_publicly_funded=True, by=self.anne)

    def submitted(self) -> QualityLabel:
        """The same, sent to the hub."""
        return self.act(self.declared(), "submit", by=self.anne)

    def granted(self) -> QualityLabel:
        """The same, in force."""
        return self.act(self.submitted(), "grant", by=self.preparer)

    def revoked(self) -> QualityLabel:
        """The same, no more."""
        return self.act(self.granted(), "revoke", by=self.preparer, reason="Contrôles inexacts.")

    def act(self, label: QualityLabel, action: str, *, by: User, reason: str = "") -> QualityLabel:
        """Somebody does something to a label."""
        return actions.act(label, action, by=by, now=NOW, today=TODAY, reason=reason)


@pytest.fixture
def labelling(signers: Signers, account: Callable[..., User]) -> Labelling:
    """The hospital, its dataset, and another holder that Bob speaks for."""
    preparer = account(Role.PREPARER)
    anne, bob = account(email="anne@chu.example"), account(email="bob@registre.example")
    dataset = describe("claims", CLAIMS, by="set-up", now=NOW)
    hospital = HolderEntry(
        "CHU d’Exemple", "", "dim@chu.example", (dataset,), frozenset({anne.subject})
    )
    other = HolderEntry("Registre", "", "r@registre.example", (), frozenset({bob.subject}))
    holder = keep_holder(None, hospital, by=preparer, now=NOW)
    keep_holder(None, other, by=preparer, now=NOW)
    auditor, stranger = account(Role.AUDITOR), account(email="stranger@chu.example")
    return Labelling(signers, dataset, holder, anne, bob, preparer, auditor, stranger)


@pytest.fixture
def at_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of the site stands at NOW."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
