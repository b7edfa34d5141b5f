"""Orders within a permit, and the answers of the secure zone."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from ecluse.domain.cohorts import AtLeast, Events, cohort_of
from ecluse.domain.documents import (
    ExtractedTable,
    ExtractionReceipt,
    Refusal,
    Signer,
    TableScope,
)
from ecluse.domain.errors import (
    EcluseError,
    Expired,
    InvalidInput,
    NotAllowed,
    OutOfScope,
    Replayed,
)
from ecluse.portal.audit import identity
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.extractions import actions
from ecluse.portal.extractions.models import Extraction
from ecluse.portal.mailbox.models import OutgoingDocument
from ecluse.portal.permits.actions import revoke
from ecluse.trust import documents
from tests.unit.portal.applications.road import KEY, NOTICE, NOW, REQUEST, Road, receipt

OTHER_KEY = UUID("22222222-2222-4222-8222-222222222222")


def request(**changes: object) -> actions.Request:
    return replace(REQUEST, **changes)  # type: ignore[arg-type]


def test_an_order_is_signed_and_names_all_that_fixes_its_rows(road: Road) -> None:
    extraction = road.extraction()

    verified = documents.verify(bytes(extraction.order_data), identity.keyring(), now=NOW)
    order = extraction.order()
    assert verified.document.body == order
    assert order.order_number == "FR-2026-0001-E1"
    assert order.permit_digest == extraction.permit.digest
    assert order.opt_out_list_digest == extraction.permit.opt_out_list_digest
    assert order.snapshot == NOTICE.snapshot
    assert order.pseudonym_domain == "FR-2026-0001"
    assert order.ordered_by == "camille.moreau@univ.example"


def test_the_same_request_sent_twice_orders_once(road: Road) -> None:
    first = road.extraction()

    again = actions.order(first.permit, REQUEST, key=KEY, by=road.camille, now=NOW)

    assert again == first
    assert OutgoingDocument.objects.filter(kind="ExtractionOrder").count() == 1


def test_a_second_request_gets_the_next_number(road: Road) -> None:
    first = road.extraction()

    second = actions.order(first.permit, REQUEST, key=OTHER_KEY, by=road.louis, now=NOW)

    assert second.number == "FR-2026-0001-E2"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"tables": (TableScope("ER_PHA_F", ("NO_SUCH",)),)}, OutOfScope),
        ({"tables": (TableScope("IR_BEN_R", ("BEN_NIR_ANO",)),)}, OutOfScope),
        ({"tables": ()}, OutOfScope),
        ({"care_from": date(2020, 12, 31)}, OutOfScope),
        ({"care_to": date(2024, 1, 1)}, OutOfScope),
        ({"dataset": "hospital-omop"}, InvalidInput),
        ({"cohort": cohort_of(AtLeast(Events("no_such_source", ("A10",))))}, InvalidInput),
    ],
)
def test_an_order_that_asks_more_than_the_permit_gives_is_refused(
    road: Road, change: dict[str, object], error: type[EcluseError]
) -> None:
    permit = road.permit()

    with pytest.raises(error):
        actions.order(permit, request(**change), key=KEY, by=road.camille, now=NOW)
    assert not OutgoingDocument.objects.filter(kind="ExtractionOrder").exists()


def test_only_a_person_of_the_permit_orders(road: Road) -> None:
    permit = road.permit()

    with pytest.raises(NotAllowed, match="not a person"):
        actions.order(permit, REQUEST, key=KEY, by=road.stranger, now=NOW)
    with pytest.raises(NotAllowed):
        actions.order(permit, REQUEST, key=KEY, by=road.decider, now=NOW)


def test_nothing_is_ordered_under_a_revoked_permit(road: Road) -> None:
    permit = revoke(road.permit(), "Usage interdit.", by=road.decider, now=NOW)

    with pytest.raises(NotAllowed):
        actions.order(permit, REQUEST, key=KEY, by=road.camille, now=NOW)


def test_nothing_is_ordered_after_the_last_day(road: Road) -> None:
    permit = road.permit()

    with pytest.raises((NotAllowed, Expired)):
        actions.order(permit, REQUEST, key=KEY, by=road.camille, now=NOW.replace(year=2029))


def test_a_receipt_delivers_the_extraction(road: Road) -> None:
    delivered = road.delivered()

    found = delivered.receipt()
    assert delivered.state == "delivered"
    assert found is not None
    assert found.tables[0].row_count_out == 4_321
    assert JournalEntry.objects.get(action="extraction.delivered").digest == delivered.answer_digest


@pytest.mark.parametrize(
    "change",
    [
        {"order_digest": "sha256:" + "0" * 64},
        {"order_number": "FR-2026-0001-E9"},
        {"permit_number": "FR-2026-0009"},
        {"snapshot": "20200101T000000Z-00000000"},
        {"dataset": "hospital-omop"},
        {"opt_out_list_digest": "sha256:" + "0" * 64},
        {"tables": (ExtractedTable("ER_PHA_F", 1, 1, ("PHA_ACT_QSN",), (), "sha256:" + "3" * 64),)},
        {"tables": (ExtractedTable("IR_BEN_R", 1, 1, ("BEN_SEX_COD",), (), "sha256:" + "3" * 64),)},
    ],
)
def test_a_receipt_that_is_not_of_the_order_is_refused(
    road: Road, change: dict[str, object]
) -> None:
    extraction = road.extraction()
    false: ExtractionReceipt = replace(receipt(extraction), **change)  # type: ignore[arg-type]

    with pytest.raises(OutOfScope):
        road.deliver(false, issuer=Signer.AGENT)
    extraction.refresh_from_db()
    assert extraction.state == "ordered"


def test_a_second_receipt_is_refused(road: Road) -> None:
    delivered = road.delivered()

    with pytest.raises(Replayed):
        road.deliver(receipt(delivered), issuer=Signer.AGENT)


def refusal(extraction: Extraction, **changes: str) -> Refusal:
    told = Refusal(
        "ExtractionOrder", "id", extraction.order_digest, "stale-opt-outs", "The list is missing."
    )
    return replace(told, **changes)


def test_a_refusal_says_why_the_zone_did_not_obey(road: Road) -> None:
    extraction = road.extraction()

    road.deliver(refusal(extraction), issuer=Signer.AGENT)

    extraction.refresh_from_db()
    assert extraction.state == "refused"
    assert extraction.refusal() == refusal(extraction)
    assert extraction.receipt() is None


def test_a_refusal_of_another_document_changes_no_extraction(road: Road) -> None:
    extraction = road.extraction()

    road.deliver(refusal(extraction, refused_kind="Permit"), issuer=Signer.AGENT)

    extraction.refresh_from_db()
    assert extraction.state == "ordered"


def test_a_refusal_of_an_order_never_given_is_refused(road: Road) -> None:
    extraction = road.extraction()

    with pytest.raises(OutOfScope):
        road.deliver(refusal(extraction, refused_digest="sha256:" + "0" * 64), issuer=Signer.AGENT)


def test_a_permit_that_changes_in_the_database_alone_gives_nothing_more(road: Road) -> None:
    permit = road.permit()
    permit.valid_until = date(2040, 1, 1)
    permit.save()

    with pytest.raises(Expired):
        actions.order(permit, REQUEST, key=KEY, by=road.camille, now=NOW.replace(year=2029))


def test_extractions_are_seen_by_the_persons_of_the_permit_and_by_officers(road: Road) -> None:
    extraction = road.extraction()

    assert list(Extraction.objects.visible_to(road.louis)) == [extraction]
    assert list(Extraction.objects.visible_to(road.auditor)) == [extraction]
    assert not Extraction.objects.visible_to(road.stranger).exists()
