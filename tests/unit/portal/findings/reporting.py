"""A permit whose data showed something, its hospital, and each stage of a finding."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import pytest

from ecluse.domain.documents import (
    FindingAnswer,
    FindingOrder,
    FindingReceipt,
    Refusal,
    Signer,
)
from ecluse.domain.findings import Certainty, Judgement, Way
from ecluse.portal.accounts.models import User
from ecluse.portal.audit import identity
from ecluse.portal.findings import actions
from ecluse.portal.findings.actions import Outcome, Report
from ecluse.portal.findings.models import FindingFile
from ecluse.portal.holders.actions import HolderEntry, keep_holder
from ecluse.portal.holders.models import Holder
from ecluse.portal.mailbox.models import OutgoingDocument
from ecluse.portal.mailbox.reading import body_of
from ecluse.portal.permits.models import PermitRecord
from ecluse.trust import sealing
from ecluse.trust.sealing import OpeningKey
from tests.unit.portal.applications.road import DAY, NOW, Road

REPORT = Report(
    what="Une contre-indication ignorée : deux médicaments délivrés ensemble pendant des mois.",
    relevance="L’association provoque des saignements graves chez une personne sur cinquante.",
    action="Le médecin traitant peut arrêter l’un des deux, sans délai et sans risque.",
    basis="Lecture des délivrances par deux pharmaciens, l’un sans connaître l’avis de l’autre.",
    certainty=Certainty.CONFIRMED,
    is_urgent=True,
)
SIGNIFICANT = Judgement(is_relevant=True, is_actionable=True, certainty=Certainty.CONFIRMED)
USELESS = Judgement(is_relevant=True, is_actionable=False, certainty=Certainty.CONFIRMED)
REASONS = "Le risque est documenté, et le médecin traitant peut agir aussitôt."
QUESTION = "Combien de temps les deux médicaments ont-ils été délivrés ensemble ?"
SEALED = "sha256:" + "c" * 64
MANY = Outcome(Way.PROFESSIONAL, told=40, refused=12, not_found=11)


@dataclass(frozen=True)
class Reporting:
    """Camille's permit, the hospital that holds its data: Anne speaks for it, Bob for another."""

    road: Road
    permit: PermitRecord
    holder: Holder
    anne: User
    bob: User
    zone: OpeningKey

    def draft(self, report: Report = REPORT) -> FindingFile:
        """A finding of Camille's, written."""
        made = actions.start(self.permit, by=self.road.camille, now=NOW)
        return actions.save(made, report, by=self.road.camille, now=NOW)

    def reported(self) -> FindingFile:
        """The same, reported to the hub."""
        return actions.send_report(self.draft(), by=self.road.camille, now=NOW)

    def asked(self) -> FindingFile:
        """The same, given back with a question."""
        return actions.ask_precision(self.reported(), QUESTION, by=self.road.assessor, now=NOW)

    def qualified(self) -> FindingFile:
        """The same, held significant."""
        found = self.reported()
        return actions.qualify(found, SIGNIFICANT, REASONS, by=self.road.assessor, now=NOW)

    def searching(self) -> FindingFile:
        """The same, ordered to the zone for the hospital."""
        chosen = [(self.holder, self.road.dataset)]
        return actions.send(self.qualified(), chosen, by=self.road.assessor, now=NOW)

    def order(self) -> tuple[FindingOrder, str]:
        """The order that awaits the zone, and its digest."""
        row = OutgoingDocument.objects.filter(kind="FindingOrder").latest("sequence")
        return body_of(row, FindingOrder), row.digest

    def answered(self, **changes: object) -> FindingFile:
        """The same, with what the zone answered: 52 persons to tell unless said otherwise."""
        found = self.searching()
        order, digest = self.order()
        receipt = FindingReceipt(
            finding_number=order.finding_number,
            order_digest=digest,
            answers=(
                FindingAnswer(self.holder.slug, self.road.dataset.slug, "sha256:" + "c" * 64),
            ),
            to_tell_count=52,
            unwilling_count=None,
            not_found_count=None,
        )
        self.road.deliver(replace(receipt, **changes), issuer=Signer.AGENT)  # type: ignore[arg-type]
        return actions.again(found)

    def refused(self) -> FindingFile:
        """The same, that the zone did not obey."""
        found = self.searching()
        _order, digest = self.order()
        refusal = Refusal("FindingOrder", "some-id", digest, "not-found", "No list was left.")
        self.road.deliver(refusal, issuer=Signer.AGENT)
        return actions.again(found)

    def done(self, outcome: Outcome = MANY, *, now: datetime = NOW + 3 * DAY) -> FindingFile:
        """The same, closed by the hospital."""
        row = self.answered().recipients.get()
        return actions.tell_outcome(row, outcome, by=self.anne, now=now)


@pytest.fixture
def reporting(road: Road, account: Callable[..., User]) -> Reporting:
    """The permit of the road, the hospital that holds its dataset, and the key of the zone."""
    anne, bob = account(email="anne@chu.example"), account(email="bob@registre.example")
    hospital = HolderEntry(
        "CHU d’Exemple", "123456782", "dim@chu.example", (road.dataset,), frozenset({anne.subject})
    )
    other = HolderEntry("Registre", "", "r@registre.example", (), frozenset({bob.subject}))
    holder = keep_holder(None, hospital, by=road.preparer, now=NOW)
    keep_holder(None, other, by=road.preparer, now=NOW)
    room = identity.room()
    zone = sealing.create_opening_key(room / "elsewhere", "zone")
    public = room / "elsewhere" / "zone.opening.pub"
    (room / "zone.opening.pub").write_bytes(public.read_bytes())
    return Reporting(road, road.permit(), holder, anne, bob, zone)
