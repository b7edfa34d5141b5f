"""The report of an evaluation: taken as the zone signed it, compared with the lock, published."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from ecluse.domain.aisystems.entries import Basis, Design, Evaluation
from ecluse.domain.documents import EvaluationReport
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.evaluations import locks
from ecluse.domain.evaluations.judging import place_of_primary
from ecluse.domain.evaluations.locks import Presented
from ecluse.domain.evaluations.measures import Direction
from ecluse.domain.evaluations.parts import Stage
from ecluse.domain.evaluations.protocols import Protocol
from ecluse.domain.evaluations.reports import Figure, Outcome
from ecluse.portal.accounts.models import User
from ecluse.portal.aisystems import actions as register
from ecluse.portal.audit import identity
from ecluse.portal.cases import actions as cases
from ecluse.portal.cases.actions import Content
from ecluse.portal.evaluations.models import EvaluationFile, LockRow, OrderRow, ReportRow
from ecluse.portal.mailbox.reading import body_in
from ecluse.trust import documents
from ecluse.trust.documents import Verified

MEMBER: Final = "report.json"
DESIGNS: Final[Mapping[Stage, Design]] = {
    Stage.PRECLINICAL: Design.RETROSPECTIVE,
    Stage.OFFLINE: Design.RETROSPECTIVE,
    Stage.EARLY_LIVE: Design.PROSPECTIVE,
    Stage.COMPARATIVE: Design.PROSPECTIVE,
    Stage.IN_SERVICE: Design.PROSPECTIVE,
}
"""How the register calls the study; a protocol does not say whether a comparison was drawn by lot.
"""


@transaction.atomic
def file_report(evaluation: EvaluationFile, bundle: bytes, *, by: User, now: datetime) -> ReportRow:
    """Keep the signed report of a bundle if it is that of the lock.

    Raises:
        InvalidInput: no bundle, or the report of another evaluation.
        Refused: altered, not signed by the zone, or on other bytes than those locked.
        NotAllowed: not now, not this person.
    """
    cases.hold(evaluation.case)
    held = EvaluationFile.objects.select_related("item__case").get(pk=evaluation.pk)
    lock = held.lock()
    if lock is None:
        raise NotAllowed(f"{held.number} is not locked: no report of it can be believed.")
    if held.open_order() is not None:
        raise InvalidInput(_("La zone sécurisée fait ce rapport : il sera déposé à sa sortie."))
    verified = documents.verify(report_in(bundle), identity.keyring(), now=now)
    body = verified.document.body
    if not isinstance(body, EvaluationReport) or body.evaluation_number != held.number:
        raise InvalidInput(_("Ce rapport est celui d’une autre évaluation."))
    check_lock(body, lock)
    _check_deviations(body, held)
    if held.state == "locked":
        cases.perform(held.item, "record-run", by=by, now=now)
    cases.perform(held.item, "file-report", by=by, now=now, content=Content(digest=verified.digest))
    return ReportRow.objects.create(
        evaluation=held,
        digest=verified.digest,
        data=verified.data,
        filed_by=by,
        filed_at=now,
    )


def file_released(
    order: OrderRow, report: EvaluationReport, verified: Verified, *, now: datetime
) -> ReportRow:
    """Keep the report that two checkers let out, in the caller's transaction.

    It states the deviations of its order; what was declared after it stands beside it. Raises
    Refused, NotAllowed, InvalidInput.
    """
    cases.hold(order.evaluation.case)
    held = EvaluationFile.objects.select_related("item__case").get(pk=order.evaluation_id)
    lock = held.lock()
    if lock is None or not set(order.order().deviations) <= set(report.deviations):
        raise InvalidInput(f"The report made for {order.number} is silent on a deviation.")
    check_lock(report, lock)
    content = Content(digest=verified.digest, details={"order": order.number})
    cases.perform_by_software(held.item, "file-report", now=now, content=content)
    return ReportRow.objects.create(
        evaluation=held, digest=verified.digest, data=verified.data, filed_by=None, filed_at=now
    )


def report_in(bundle: bytes) -> bytes:
    """Return the signed report of a bundle, or the bundle itself if it is one. Raises InvalidInput.

    Nothing else of the bundle is kept here: pages are made from the report alone.
    """
    if not bundle.startswith(b"PK"):
        return bundle
    try:
        with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
            if archive.getinfo(MEMBER).file_size > documents.MAX_BYTES:
                raise InvalidInput(_("Le rapport de cette archive est trop lourd."))
            return archive.read(MEMBER)
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError):
        raise InvalidInput(
            _("Cette archive ne contient pas report.json : donnez celle que la zone a signée.")
        ) from None


def check_lock(report: EvaluationReport, row: LockRow) -> None:
    """Pass if a report was made from what was locked. Raises Refused, naming what differs."""
    said = report.digests
    presented = Presented(
        protocol=said.protocol, model=said.model, dataset=said.data, code=said.code
    )
    locks.check_presented(row.lock(), presented)
    if said.lock != row.digest:
        raise InvalidInput(_("Ce rapport nomme un autre verrou que celui de cette évaluation."))


def _check_deviations(report: EvaluationReport, held: EvaluationFile) -> None:
    """Pass if a report states every deviation declared before it. Raises InvalidInput."""
    declared = {row.deviation() for row in held.deviations.all()}
    if not declared <= set(report.deviations):
        raise InvalidInput(
            _("Ce rapport tait un écart déclaré : refaites-le avec deviations.json de cette page.")
        )


def body_of(row: ReportRow) -> EvaluationReport:
    """Return the report as signed."""
    return body_in(bytes(row.data), EvaluationReport)


@transaction.atomic
def publish(evaluation: EvaluationFile, *, by: User, now: datetime) -> EvaluationFile:
    """Make the report public, and write its figure in the register. Raises NotAllowed."""
    cases.hold(evaluation.case)
    held = EvaluationFile.objects.select_related("item__case", "system").get(pk=evaluation.pk)
    row, lock, last = held.report(), held.lock(), held.last_registration()
    if row is None or lock is None or last is None:
        raise NotAllowed(f"{held.number} has no report: there is nothing to publish.")
    cases.perform(held.item, "publish-report", by=by, now=now, content=Content(digest=row.digest))
    entry = entry_of(body_of(row), last.protocol(), dataset=lock.lock().dataset)
    if entry is not None:
        register.add(held.system, entry, by=by, now=now)
    return EvaluationFile.objects.select_related("item__case", "system").get(pk=held.pk)


def entry_of(report: EvaluationReport, protocol: Protocol, *, dataset: str) -> Evaluation | None:
    """Return the primary figure as the register keeps it; None where none has an interval.

    Its evaluation is external if the provider named what it trained on, and it is something else.
    """
    measure, at = place_of_primary(protocol)
    figure = report.figure(measure, at=at)
    if figure is None or not figure.low:
        return None
    trained = protocol.index_test.trained_on
    return Evaluation(
        metric=measure,
        value=figure.value,
        low=figure.low,
        high=figure.high,
        design=DESIGNS[protocol.intended_use.stage],
        basis=Basis.HUB_REPORT,
        is_external=bool(trained) and trained != dataset,
        reference=report.evaluation_number,
        measured_on=report.made_at.date(),
        artefact=report.digests.model,
        gap=_largest_gap(report, measure),
    )


def _largest_gap(report: EvaluationReport, measure: str) -> str:
    gaps = [one.value for one in report.gaps if one.measure == measure]
    return max((one.lstrip("-") for one in gaps), key=Decimal, default="")


@dataclass(frozen=True, slots=True)
class Shown:
    """A report as its page shows it."""

    report: EvaluationReport
    outcome: Outcome
    primary: Figure | None
    asked: str


def shown(row: ReportRow, protocol: Protocol) -> Shown:
    """Return a report, with its primary figure and what was asked of it."""
    report = body_of(row)
    measure, at = place_of_primary(protocol)
    primary = protocol.metrics.primary
    sign = "≥" if primary.direction is Direction.AT_LEAST else "≤"
    asked = f"{measure} {sign} {primary.acceptable}"
    return Shown(report, report.headline(), report.figure(measure, at=at), asked)
