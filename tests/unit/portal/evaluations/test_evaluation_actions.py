"""An evaluation from its draft to the register: what is signed, refused, kept for ever."""

import io
import zipfile
from dataclasses import replace

import pytest
from django.db import DatabaseError, transaction

from ecluse.domain.aisystems.entries import Claim
from ecluse.domain.aisystems.levels import Level
from ecluse.domain.documents import (
    EvaluationLock,
    EvaluationProtocol,
    EvaluationWithdrawal,
    Signer,
)
from ecluse.domain.errors import BadSignature, InvalidInput, NotAllowed, Refused, WrongSigner
from ecluse.domain.evaluations.deviations import Timing
from ecluse.portal.aisystems import actions as register
from ecluse.portal.aisystems import reading
from ecluse.portal.audit import identity
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.evaluations import actions, reporting
from ecluse.portal.evaluations.models import EvaluationFile, Registration
from ecluse.portal.extractions import actions as extractions
from ecluse.portal.mailbox.models import OutgoingDocument
from ecluse.portal.permits.models import PermitRecord
from ecluse.trust import documents, protocols
from tests.unit.domain.evaluations.answered import CODE, DATA, MODEL
from tests.unit.portal.applications.road import KEY, NOW, REQUEST, TODAY
from tests.unit.portal.evaluations.evaluating import (
    DEVIATION,
    Evaluating,
    again,
    report,
)

OTHER = "sha256:" + "0" * 64


def sent(kind: str) -> OutgoingDocument:
    return OutgoingDocument.objects.get(kind=kind)


def test_the_protocol_registered_is_the_one_answered(evaluating: Evaluating) -> None:
    protocol = actions.protocol_of(evaluating.draft())

    assert protocol.identity.number == "EV-2026-00001"
    assert protocol.index_test.thresholds[0].value == "0.20"
    assert protocol.metrics.primary.acceptable == "0.75"
    assert protocol.metrics.all[1].name == "sensitivity@refer"
    assert protocol.subgroups[1].categories == ("18-64", "65+")
    assert protocol.sample_size.criteria[0].inputs[1].value == "0.2"
    assert protocol.run.features == ("age", "sex_code")


def test_a_registered_protocol_is_signed_for_the_zone(evaluating: Evaluating) -> None:
    made = evaluating.registered()

    verified = documents.verify(bytes(sent("EvaluationProtocol").data), identity.keyring(), now=NOW)
    body = verified.document.body
    assert isinstance(body, EvaluationProtocol)
    assert body.digest == protocols.digest(body.protocol)
    assert body.permit_number == "FR-2026-0001"
    assert verified.document.audience == ("agent:zone-1",)
    entry = JournalEntry.objects.get(action="evaluation.register-protocol")
    assert (entry.subject, entry.digest) == (made.number, body.digest)


def test_a_protocol_with_a_question_left_is_not_registered(evaluating: Evaluating) -> None:
    made = evaluating.draft()
    actions.save(made, {"claim": ""}, by=evaluating.road.camille, now=NOW)

    with pytest.raises(InvalidInput, match="claim"):
        actions.register(made, by=evaluating.road.camille, now=NOW)


def test_a_protocol_that_contradicts_itself_is_not_registered(evaluating: Evaluating) -> None:
    made = evaluating.draft()
    actions.save(made, {"left_out": []}, by=evaluating.road.camille, now=NOW)

    with pytest.raises(InvalidInput, match="site, source, period"):
        actions.register(made, by=evaluating.road.camille, now=NOW)


def test_a_protocol_names_a_permit_of_its_author(evaluating: Evaluating) -> None:
    made = evaluating.draft()
    answer = {"permit_number": "FR-2026-0009"}
    actions.save(made, answer, by=evaluating.road.camille, now=NOW)

    with pytest.raises(InvalidInput, match="autorisation"):
        actions.register(made, by=evaluating.road.camille, now=NOW)


def test_a_protocol_comes_before_the_data_of_its_permit(evaluating: Evaluating) -> None:
    made, camille = evaluating.draft(), evaluating.road.camille
    permit = PermitRecord.objects.get()
    extractions.order(permit, REQUEST, key=KEY, by=camille, now=NOW)

    with pytest.raises(InvalidInput, match="déjà été commandées"):
        actions.register(made, by=camille, now=NOW)


def test_data_wait_for_the_lock(evaluating: Evaluating) -> None:
    evaluating.registered()
    permit = PermitRecord.objects.get()

    with pytest.raises(NotAllowed, match="EV-2026-00001"):
        extractions.order(permit, REQUEST, key=KEY, by=evaluating.road.camille, now=NOW)


def test_data_may_be_ordered_once_the_protocol_is_locked(evaluating: Evaluating) -> None:
    evaluating.locked()
    permit = PermitRecord.objects.get()

    made = extractions.order(permit, REQUEST, key=KEY, by=evaluating.road.camille, now=NOW)

    assert made.number == "FR-2026-0001-E1"


def test_data_wait_while_a_registered_protocol_is_written_again(evaluating: Evaluating) -> None:
    made, camille = evaluating.registered(), evaluating.road.camille
    actions.act(made, "revise-protocol", reason="", by=camille, now=NOW)

    with pytest.raises(NotAllowed, match="attendent"):
        actions.check_may_open("FR-2026-0001")


def test_a_withdrawn_evaluation_lets_data_go_and_tells_the_zone(evaluating: Evaluating) -> None:
    evaluating.withdrawn()

    actions.check_may_open("FR-2026-0001")
    body = documents.verify(
        bytes(sent("EvaluationWithdrawal").data), identity.keyring(), now=NOW
    ).document.body
    assert isinstance(body, EvaluationWithdrawal)
    assert body.protocol == Registration.objects.get().digest


def test_a_new_version_is_registered_beside_the_former(evaluating: Evaluating) -> None:
    made, camille = evaluating.registered(), evaluating.road.camille
    actions.act(made, "revise-protocol", reason="", by=camille, now=NOW)
    actions.save(made, {"acceptable": "0.70"}, by=camille, now=NOW)

    actions.register(made, by=camille, now=NOW)

    rows = list(made.registrations.order_by("pk"))
    assert [row.version for row in rows] == ["1.0.0", "1.1.0"]
    assert rows[0].protocol().metrics.primary.acceptable == "0.75"
    assert rows[1].protocol().metrics.primary.acceptable == "0.70"


def test_a_lock_names_every_byte_and_is_signed(evaluating: Evaluating) -> None:
    made = evaluating.locked()

    body = documents.verify(
        bytes(sent("EvaluationLock").data), identity.keyring(), now=NOW
    ).document.body
    assert isinstance(body, EvaluationLock)
    assert (body.model, body.dataset, body.code) == (MODEL, DATA, CODE)
    assert body.protocol == Registration.objects.get().digest
    assert (body.seed, body.draws, body.locked_by) == (
        20261123,
        2000,
        evaluating.road.preparer.subject,
    )
    assert JournalEntry.objects.filter(action="evaluation.lock-protocol").count() == 1
    assert made.state == "locked"


def test_nobody_locks_their_own_protocol(evaluating: Evaluating) -> None:
    made = evaluating.registered()

    with pytest.raises(NotAllowed):
        actions.lock(made, DATA, by=evaluating.road.camille, now=NOW)


def test_a_lock_stands_once_for_ever(evaluating: Evaluating) -> None:
    made = evaluating.locked()

    with pytest.raises(NotAllowed):
        actions.lock(made, OTHER, by=evaluating.road.preparer, now=NOW)
    with pytest.raises(DatabaseError, match="append"), transaction.atomic():
        made.locks.update(digest=OTHER)


def test_after_the_lock_nothing_of_the_protocol_is_written(evaluating: Evaluating) -> None:
    made = evaluating.locked()

    with pytest.raises(NotAllowed):
        actions.save(made, {"acceptable": "0.10"}, by=evaluating.road.camille, now=NOW)
    with pytest.raises(NotAllowed):
        actions.act(made, "revise-protocol", reason="", by=evaluating.road.camille, now=NOW)


def test_a_deviation_is_added_beside_the_locked_protocol(evaluating: Evaluating) -> None:
    made = evaluating.locked()

    row = actions.deviate(made, DEVIATION, by=evaluating.road.camille, now=NOW)

    assert row.deviation() == DEVIATION
    assert again(made).state == "locked"


def test_nothing_deviates_before_the_lock(evaluating: Evaluating) -> None:
    with pytest.raises(NotAllowed, match="not locked"):
        actions.deviate(evaluating.registered(), DEVIATION, by=evaluating.road.camille, now=NOW)


def test_a_deviation_written_after_the_report_says_so(evaluating: Evaluating) -> None:
    made = evaluating.reported()

    with pytest.raises(InvalidInput, match="after results"):
        actions.deviate(made, DEVIATION, by=evaluating.road.camille, now=NOW)
    late = replace(DEVIATION, timing=Timing.AFTER_RESULTS)
    actions.deviate(made, late, by=evaluating.road.camille, now=NOW)
    assert made.deviations.count() == 1


def test_a_report_of_the_lock_is_filed(evaluating: Evaluating) -> None:
    made = evaluating.reported()

    row = made.report()
    assert row is not None
    assert reporting.body_of(row) == report(made)
    assert made.state == "reported"


@pytest.mark.parametrize("part", ["protocol", "lock", "model", "data", "code"])
def test_a_report_of_other_bytes_is_refused(evaluating: Evaluating, part: str) -> None:
    made = evaluating.locked()
    told = report(made)
    false = replace(told, digests=replace(told.digests, **{part: OTHER}))

    with pytest.raises((Refused, InvalidInput)):
        reporting.file_report(made, evaluating.signed(false), by=evaluating.road.camille, now=NOW)
    assert again(made).report() is None


def test_a_report_that_is_silent_on_a_deviation_is_refused(evaluating: Evaluating) -> None:
    made, camille = evaluating.locked(), evaluating.road.camille
    actions.deviate(made, DEVIATION, by=camille, now=NOW)
    silent = report(made)

    with pytest.raises(InvalidInput, match="tait un écart"):
        reporting.file_report(made, evaluating.signed(silent), by=camille, now=NOW)
    full = replace(silent, deviations=(DEVIATION,))
    reporting.file_report(made, evaluating.signed(full), by=camille, now=NOW)
    assert again(made).state == "reported"


def test_a_report_that_was_altered_is_refused(evaluating: Evaluating) -> None:
    made = evaluating.locked()
    bundle = evaluating.signed(report(made)).replace(b'"value":"0.80"', b'"value":"0.81"')

    with pytest.raises(BadSignature):
        reporting.file_report(made, bundle, by=evaluating.road.camille, now=NOW)


def test_a_report_is_signed_by_the_zone_alone(evaluating: Evaluating) -> None:
    made = evaluating.locked()
    bundle = evaluating.signed(report(made), issuer=Signer.CHECKING_ROOM)

    with pytest.raises(WrongSigner):
        reporting.file_report(made, bundle, by=evaluating.road.camille, now=NOW)


def test_a_report_of_another_evaluation_is_refused(evaluating: Evaluating) -> None:
    made = evaluating.locked()
    other = replace(report(made), evaluation_number="EV-2026-00009")

    with pytest.raises(InvalidInput, match="autre évaluation"):
        reporting.file_report(made, evaluating.signed(other), by=evaluating.road.camille, now=NOW)


def test_the_report_is_taken_out_of_its_bundle(evaluating: Evaluating) -> None:
    signed = evaluating.signed(report(evaluating.locked()))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("report.json", signed)

    assert reporting.report_in(packed.getvalue()) == signed


def test_a_bundle_without_its_report_is_refused() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("other.json", b"{}")

    with pytest.raises(InvalidInput, match=r"report\.json"):
        reporting.report_in(packed.getvalue())


def test_a_bundle_that_swells_is_refused_unread() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("report.json", b"0" * (documents.MAX_BYTES + 1))

    with pytest.raises(InvalidInput, match="trop lourd"):
        reporting.report_in(packed.getvalue())


def test_a_public_report_raises_the_level_of_its_system(evaluating: Evaluating) -> None:
    made = evaluating.public()

    one = reading.shown(made.system, made.system.latest, today=TODAY)
    assert (one.evaluated.level, one.evaluated.because) == (Level.E2, (made.number,))
    (entry,) = one.system.evaluations
    assert (entry.value, entry.low, entry.high, entry.gap) == ("0.80", "0.78", "0.82", "0.03")
    assert (entry.metric, entry.artefact, entry.is_external) == ("auroc", MODEL, True)


def test_a_claim_outside_the_interval_of_the_report_is_contradicted(
    evaluating: Evaluating,
) -> None:
    made = evaluating.public()
    claim = Claim(metric="auroc", value="0.95", stated_in="notice, page 4")
    register.add(made.system, claim, by=evaluating.road.stranger, now=NOW)

    one = reading.shown(made.system, made.system.latest, today=TODAY)

    (found,) = [each for each in one.contradictions if each.kind == "claim"]
    assert found.said == "auroc 0.95 (notice, page 4)"
    assert found.denied == "0.80 [0.78 ; 0.82] (EV-2026-00001)"


def test_a_model_trained_on_nobody_knows_what_is_not_external(evaluating: Evaluating) -> None:
    made = evaluating.locked()
    last = made.last_registration()
    assert last is not None
    protocol = last.protocol()
    silent = replace(protocol, index_test=replace(protocol.index_test, trained_on=""))

    entry = reporting.entry_of(report(made), silent, dataset=DATA)

    assert entry is not None
    assert not entry.is_external


def test_a_draft_is_seen_by_nobody_else(evaluating: Evaluating) -> None:
    evaluating.draft()

    assert not EvaluationFile.objects.visible_to(evaluating.road.preparer)
    assert not EvaluationFile.objects.public()
    assert EvaluationFile.objects.visible_to(evaluating.road.camille).count() == 1
