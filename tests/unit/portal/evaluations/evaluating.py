"""The road of an evaluation, stage after stage: written, registered, locked, reported, public."""

from dataclasses import dataclass, replace
from datetime import date

import pytest

from ecluse.domain.aisystems.systems import Status
from ecluse.domain.documents import (
    Decision,
    EvaluationReceipt,
    EvaluationReport,
    OutputFile,
    Rejection,
    Release,
    Signer,
)
from ecluse.domain.evaluations.deviations import Change, Deviation, Timing
from ecluse.domain.evaluations.reports import (
    Basis,
    Digests,
    Figure,
    Finding,
    Gap,
    Outcome,
    RunFacts,
    Subject,
)
from ecluse.portal.accounts.models import User
from ecluse.portal.aisystems import actions as register
from ecluse.portal.aisystems.models import SystemRecord
from ecluse.portal.evaluations import actions, orders, reporting
from ecluse.portal.evaluations.models import EvaluationFile, LockRow, OrderRow
from ecluse.portal.mailbox.actions import receive
from ecluse.trust import canonical
from tests.unit.domain.evaluations.answered import ANSWERS, DATA
from tests.unit.portal.applications.road import NOW, TODAY, Road, vote

NUMBER = "EV-2026-00001"
BUNDLE = b"the bytes of a bundle"
PREDICTIONS = "sha256:" + "8" * 64
SARAH, MARC = "sarah.cohen@hub.example", "marc.dubois@hub.example"
DEVIATION = Deviation(
    change=Change.MISSING_DATA,
    part="missing_data.handling",
    planned="Le modèle l’accepte",
    done="Cas exclus",
    reason="Un champ n’est pas livré.",
    timing=Timing.BEFORE_RESULTS,
    touches_primary=False,
    noticed_on=date(2026, 1, 5),
)


@dataclass(frozen=True)
class Evaluating:
    """What takes an evaluation of Camille's from one stage to the next."""

    road: Road

    def system(self) -> SystemRecord:
        """A system of somebody else's, in the register."""
        content = register.Content(
            {
                "trade_name": "Risque 1.0",
                "provider": "Exemple SAS",
                "intended_purpose": "Repérer les diabétiques à risque.",
            },
            {"ai": True},
            Status.PILOT,
        )
        made = register.declare(content, by=self.road.stranger, now=NOW)
        register.act(made, "submit", by=self.road.stranger, now=NOW, today=TODAY)
        return register.act(made, "publish", by=self.road.preparer, now=NOW, today=TODAY)

    def draft(self) -> EvaluationFile:
        """A draft of Camille's, every question answered, her permit signed."""
        self.road.permit()
        made = actions.start(self.system(), self.road.dataset, by=self.road.camille, now=NOW)
        return actions.save(made, ANSWERS, by=self.road.camille, now=NOW)

    def registered(self) -> EvaluationFile:
        """The same, registered."""
        return again(actions.register(self.draft(), by=self.road.camille, now=NOW).evaluation)

    def locked(self) -> EvaluationFile:
        """The same, locked by the hub."""
        made = self.registered()
        actions.lock(made, DATA, by=self.road.preparer, now=NOW)
        return again(made)

    def ordered(self) -> EvaluationFile:
        """The locked one, its run ordered by Camille."""
        made = self.locked()
        orders.order(made, by=self.road.camille, now=NOW)
        return again(made)

    def answer(self, made: EvaluationFile) -> bytes:
        """The zone says that it ran the order; return the signed report that it made."""
        data = self.signed(report(made))
        self.road.deliver(receipt(order_of(made), data), issuer=Signer.AGENT)
        return data

    def checking(self) -> EvaluationFile:
        """The ordered one, its report before the checkers."""
        made = self.ordered()
        self.answer(made)
        return again(made)

    def released(self) -> EvaluationFile:
        """The same, let out by two checkers: the report has come."""
        made = self.ordered()
        data = self.answer(made)
        self.road.deliver(release(order_of(made)), issuer=Signer.CHECKING_ROOM)
        receive(data, now=NOW)
        return again(made)

    def reported(self) -> EvaluationFile:
        """The same, its report filed."""
        made = self.locked()
        reporting.file_report(made, self.signed(report(made)), by=self.road.camille, now=NOW)
        return again(made)

    def public(self) -> EvaluationFile:
        """The same, its report public."""
        return again(reporting.publish(self.reported(), by=self.road.preparer, now=NOW))

    def withdrawn(self) -> EvaluationFile:
        """The registered one, withdrawn."""
        made = self.registered()
        camille = self.road.camille
        return again(actions.act(made, "withdraw", reason="Abandon.", by=camille, now=NOW))

    def signed(self, body: EvaluationReport, *, issuer: Signer = Signer.AGENT) -> bytes:
        """A report as the zone signs it."""
        return self.road.signers.sign(body, issuer=issuer, now=NOW)

    def person(self, name: str) -> User | None:
        """Somebody of the road; nobody for `visitor`."""
        return None if name == "visitor" else getattr(self.road, name)


def again(made: EvaluationFile) -> EvaluationFile:
    """The evaluation, read again."""
    found = EvaluationFile.objects.select_related("item__case", "system", "applicant")
    return found.get(pk=made.pk)


def lock_of(made: EvaluationFile) -> LockRow:
    """Its lock, which is there."""
    row = made.lock()
    assert row is not None
    return row


def order_of(made: EvaluationFile) -> OrderRow:
    """Its last order, as it stands."""
    row = made.orders.order_by("-pk").first()
    assert row is not None
    return row


def receipt(row: OrderRow, data: bytes) -> EvaluationReceipt:
    """What the zone answers to an order that it obeyed: the report is before the checkers."""
    said = row.order()
    return EvaluationReceipt(
        order_number=said.order_number,
        order_digest=row.digest,
        evaluation_number=said.evaluation_number,
        permit_number=said.permit_number,
        lock_digest=said.lock_digest,
        predictions=PREDICTIONS,
        report=canonical.digest(data),
        files=(OutputFile("report.zip", len(BUNDLE), canonical.digest(BUNDLE)),),
        started_at=NOW,
        finished_at=NOW,
    )


def release(row: OrderRow, **changes: object) -> Release:
    """What the checking room sends once two checkers approved the report."""
    body = Release(
        request_number=f"{row.number}-R1",
        job_number=row.number,
        permit_number=row.order().permit_number,
        requested_by=row.ordered_by.subject,
        request_digest="sha256:" + "5" * 64,
        check_report_digest="sha256:" + "6" * 64,
        files=(OutputFile("report.zip", len(BUNDLE), canonical.digest(BUNDLE)),),
        votes=(vote(SARAH), vote(MARC)),
    )
    return replace(body, **changes)  # type: ignore[arg-type]


def rejection(row: OrderRow, *ballots: Decision) -> Rejection:
    """What the checking room sends once two checkers voted so."""
    number, digest = f"{row.number}-R1", "sha256:" + "5" * 64
    votes = tuple(vote(*one) for one in zip((SARAH, MARC), ballots, strict=True))
    return Rejection(number, row.number, row.order().permit_number, digest, votes)


def report(made: EvaluationFile) -> EvaluationReport:
    """The report of a locked evaluation: an area of .80 where .75 was asked."""
    row = lock_of(made)
    said = row.lock()
    return EvaluationReport(
        evaluation_number=made.number,
        protocol_version="1.0.0",
        digests=Digests(
            protocol=said.protocol,
            lock=row.digest,
            model=said.model,
            data=said.dataset,
            code=said.code,
        ),
        policy="snds",
        least=11,
        seed=20261123,
        draws=2000,
        clusters=0,
        tables=(),
        windows=(),
        lives=(),
        figures=(
            Figure(
                "auroc", "all", "", "0.80", "0.78", "0.82", "delong-logit", "0.95", Basis.ATTESTED
            ),
        ),
        gaps=(Gap("sex", "auroc", "F", "M", "-0.03", "-0.05", "0.01", "0.1", "max-T"),),
        replicates=(),
        losses=(),
        findings=(
            Finding(Subject.PRIMARY, "auroc", Outcome.MET, "0.80", "0.78", "0.82", ">= 0.75"),
        ),
        withheld=(),
        deviations=(),
        checklist=(),
        run=RunFacts(cases=5000, failed="under 11", predictions=PREDICTIONS),
        privacy=(),
        software="ecluse 0.1",
        made_at=NOW,
    )


@pytest.fixture
def evaluating(road: Road) -> Evaluating:
    """The road of evaluations, over the people of the road of applications."""
    return Evaluating(road)
