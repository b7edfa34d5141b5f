"""An estimate: composed from the tariff, sent, accepted or refused, and what was done by then."""

from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction

from ecluse.domain.errors import InvalidInput, NotAllowed, NotFound
from ecluse.domain.fees import FeeState, Payer, Work
from ecluse.portal.applications import actions as application_actions
from ecluse.portal.applications.models import Application
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.cases.actions import Content, perform
from ecluse.portal.cases.models import ActRow
from ecluse.portal.fees import actions
from ecluse.portal.fees.models import EstimateRecord
from tests.unit.portal.applications.road import NOW
from tests.unit.portal.fees.billing import ENTRY, Billing, prints

pytestmark = prints


def test_an_estimate_keeps_the_tariff_of_its_day_and_its_sums(billing: Billing) -> None:
    kept = billing.composed()

    assert (kept.tariff, kept.payer) == ("2026-example-1", "university-researcher")
    assert (kept.amount_cents, kept.vat_cents, kept.total_cents) == (335_000, 67_000, 402_000)
    assert [line.amount_cents for line in kept.told().lines] == [60_000, 19_000, 216_000, 40_000]


def test_an_estimate_is_written_again_until_it_is_sent(billing: Billing) -> None:
    first = billing.composed()
    other = replace(ENTRY, payer=Payer.OTHER, payer_reason="", holder_parts=())
    again = actions.compose(first.item, other, by=billing.road.assessor, now=NOW)

    assert again.pk == first.pk
    assert again.amount_cents == 120_000 + 38_000 + 216_000
    assert EstimateRecord.objects.count() == 1


def test_who_pays_less_is_said_with_the_reason(billing: Billing) -> None:
    item = billing.item()

    with pytest.raises(InvalidInput, match="the reason why"):
        actions.compose(item, replace(ENTRY, payer_reason=" "), by=billing.road.assessor, now=NOW)


def test_work_that_the_tariff_does_not_have_is_refused(billing: Billing) -> None:
    item = billing.item()
    strange = replace(ENTRY, work=(Work("tea", 1),))

    with pytest.raises(NotFound, match="no line 'tea'"):
        actions.compose(item, strange, by=billing.road.assessor, now=NOW)


@pytest.mark.parametrize("person", ["camille", "decider", "auditor", "preparer"])
def test_only_who_assesses_estimates(billing: Billing, person: str) -> None:
    item = billing.item()

    with pytest.raises(NotAllowed):
        actions.compose(item, ENTRY, by=getattr(billing.road, person), now=NOW)


def test_the_letter_of_the_estimate_says_its_lines_and_its_sums(billing: Billing) -> None:
    billing.sent()
    reason = ActRow.objects.get(action="send-estimate").reason.replace("\N{NO-BREAK SPACE}", " ")

    assert "Espace de travail, par personne et par mois : 2 160,00 €" in reason.replace(
        "\N{NARROW NO-BREAK SPACE}", " "
    )
    assert "total : 4 020,00 €" in reason.replace("\N{NARROW NO-BREAK SPACE}", " ")


def test_an_estimate_is_sent_once_and_journalled_with_its_digest(billing: Billing) -> None:
    kept = billing.sent()

    assert kept.item.state == "estimate-sent"
    assert JournalEntry.objects.get(action="decision-unit.send-estimate").digest == kept.digest
    with pytest.raises(NotAllowed, match="sent cannot become sent"):
        actions.send(kept, by=billing.road.assessor, now=NOW)


def test_the_applicant_alone_accepts_then_the_decider_decides(billing: Billing) -> None:
    kept = billing.sent()

    with pytest.raises(NotAllowed):
        actions.accept(kept, by=billing.road.louis, now=NOW)
    accepted = actions.accept(kept, by=billing.road.camille, now=NOW)

    assert (accepted.state, accepted.item.state) == ("accepted", "deciding")


def test_an_estimate_refused_withdraws_the_file(billing: Billing) -> None:
    kept = actions.decline(billing.sent(), by=billing.road.camille, now=NOW)

    assert kept.fee_state is FeeState.WITHDRAWN
    assert set(kept.case.items.values_list("item_id", "state")) == {
        ("file", "withdrawn"),
        ("case", "closed"),
        ("unit-1", "withdrawn"),
    }


def test_an_answer_is_given_once(billing: Billing) -> None:
    kept = billing.accepted()

    with pytest.raises(NotAllowed, match="accepted cannot become withdrawn"):
        actions.decline(kept, by=billing.road.camille, now=NOW)


def test_the_work_done_is_never_more_than_was_announced(billing: Billing) -> None:
    kept = billing.accepted()

    with pytest.raises(InvalidInput, match="0 to 4 units"):
        actions.record_work(kept, {1: 5}, by=billing.road.assessor, now=NOW)
    with pytest.raises(InvalidInput, match="lines 0 to 3"):
        actions.record_work(kept, {4: 1}, by=billing.road.assessor, now=NOW)


def test_no_work_is_added_once_the_file_is_withdrawn(billing: Billing) -> None:
    kept = billing.sent()
    actions.record_work(kept, {1: 1}, by=billing.road.assessor, now=NOW)
    application = Application.objects.get(number=kept.item.case.number)
    application_actions.withdraw(application, by=billing.road.camille, now=NOW)

    with pytest.raises(NotAllowed, match="take no more work"):
        actions.record_work(kept, {1: 4}, by=billing.road.assessor, now=NOW)
    after = EstimateRecord.objects.get(pk=kept.pk)
    assert after.fee_state is FeeState.WITHDRAWN
    # Half of 1,200.00 for the file, half of 95.00 for one hour.
    assert after.owed().amount_cents == 60_000 + 4_750
    assert billing.bill(after, "Demande retirée.").amount_cents == 64_750


def test_a_file_sent_back_is_estimated_again_in_another_round(billing: Billing) -> None:
    kept = billing.accepted()
    unit, why = kept.item, Content(reason="Un critère manque.")
    perform(unit, "send-back", by=billing.road.decider, now=NOW, content=why)
    perform(unit, "assess", by=billing.road.assessor, now=NOW)
    again = actions.compose(unit, ENTRY, by=billing.road.assessor, now=NOW)

    assert (kept.round, again.round) == (1, 2)


def test_persons_of_the_file_read_what_was_sent_and_officers_everything(billing: Billing) -> None:
    kept, road = billing.composed(), billing.road

    seen = EstimateRecord.objects.visible_to
    assert not seen(road.camille).exists()
    assert seen(road.auditor).exists()
    actions.send(kept, by=road.assessor, now=NOW)
    assert seen(road.camille).exists()
    assert seen(road.louis).exists()
    assert not seen(road.stranger).exists()


@pytest.mark.parametrize(
    "change",
    [{"total_cents": 1}, {"state": "free"}, {"payer": "friend"}, {"payer_reason": ""}],
)
def test_the_database_itself_refuses_an_estimate_that_contradicts_itself(
    billing: Billing, change: dict[str, object]
) -> None:
    kept = billing.composed()

    with pytest.raises(IntegrityError), transaction.atomic():
        EstimateRecord.objects.filter(pk=kept.pk).update(**change)
