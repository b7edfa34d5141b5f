"""An invoice: numbered without gaps, never above the estimate, paid, taken back, shared."""

from datetime import date

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.fees import actions, invoice_actions
from ecluse.portal.fees.models import EstimateRecord, Invoice, Payment
from ecluse.portal.fees.reminders import remind
from ecluse.portal.fees.shares import Share, shares, statement
from ecluse.trust import canonical
from tests.unit.portal.applications.road import NOW
from tests.unit.portal.fees.billing import Billing, later, money, prints

pytestmark = prints


def state_of(invoice: Invoice) -> str:
    return EstimateRecord.objects.get(pk=invoice.estimate_id).state


def test_all_the_work_done_is_billed_as_announced(billing: Billing) -> None:
    made = billing.invoice()

    assert made.number == "F-2026-00001"
    assert (made.amount_cents, made.vat_cents, made.total_cents) == (335_000, 67_000, 402_000)
    assert (made.issued_on, made.due_on) == (date(2026, 1, 5), date(2026, 2, 4))
    assert state_of(made) == "invoiced"
    assert made.digest == canonical.digest(bytes(made.pdf))
    assert JournalEntry.objects.get(action="invoice.issued").digest == made.digest


def test_less_work_is_billed_with_the_reason_of_the_difference(billing: Billing) -> None:
    kept = actions.record_work(
        billing.accepted(), {1: 3, 2: 12, 3: 1}, by=billing.road.assessor, now=NOW
    )

    with pytest.raises(InvalidInput, match="say why"):
        billing.bill(kept)
    made = billing.bill(kept, "Une heure de moins.")

    assert made.amount_cents == 335_000 - 4_750
    assert made.explanation == "Une heure de moins."


def test_who_withdraws_is_billed_the_handling_and_the_work_done_by_then(billing: Billing) -> None:
    sent = billing.sent()
    actions.record_work(sent, {1: 2}, by=billing.road.assessor, now=NOW)
    kept = actions.decline(sent, by=billing.road.camille, now=NOW)
    made = billing.bill(kept, "Demande retirée.")

    # Half of 1,200.00; two hours at half of 95.00.
    assert made.amount_cents == 60_000 + 9_500


def test_an_estimate_that_nobody_answered_is_not_billed(billing: Billing) -> None:
    with pytest.raises(NotAllowed, match="sent cannot become invoiced"):
        billing.bill(billing.sent(), "x")
    assert not Invoice.objects.exists()


def test_a_number_that_failed_is_given_again(billing: Billing) -> None:
    kept = billing.done()
    before = transaction.savepoint()
    lost = billing.bill(kept)
    transaction.savepoint_rollback(before)

    assert lost.number == billing.bill(kept).number == "F-2026-00001"


def test_one_invoice_stands_at_a_time(billing: Billing) -> None:
    made = billing.invoice()

    with pytest.raises(NotAllowed, match="An invoice of this estimate stands"):
        billing.bill(made.estimate)


def test_an_invoice_taken_back_is_credited_whole_then_made_again(billing: Billing) -> None:
    made = billing.invoice()
    credit = invoice_actions.credit(made, "Mauvaise adresse.", by=billing.road.assessor, now=NOW)
    again = billing.bill(made.estimate)

    assert (credit.number, credit.corrects, credit.total_cents) == ("A-2026-00001", made, 402_000)
    assert again.number == "F-2026-00002"
    with pytest.raises(NotAllowed, match="taken back"):
        invoice_actions.credit(made, "Encore.", by=billing.road.assessor, now=NOW)
    with pytest.raises(NotAllowed, match="taken back"):
        billing.pay(made, 100)


def test_a_credit_note_says_why_and_takes_back_nothing_that_was_paid(billing: Billing) -> None:
    made = billing.invoice()

    with pytest.raises(InvalidInput, match="says why"):
        invoice_actions.credit(made, " ", by=billing.road.assessor, now=NOW)
    billing.pay(made, 1)
    with pytest.raises(NotAllowed, match="it was paid"):
        invoice_actions.credit(made, "Erreur.", by=billing.road.assessor, now=NOW)


def test_what_comes_in_moves_the_invoice_to_part_paid_then_paid(billing: Billing) -> None:
    made = billing.invoice()
    billing.pay(made, 200_000)
    after_part = state_of(made)
    billing.pay(made, 2_000, "VIR-2")
    billing.pay(made, 200_000, "VIR-3")

    assert (after_part, state_of(made)) == ("part-paid", "paid")
    with pytest.raises(InvalidInput, match="1 to 0 cents"):
        billing.pay(made, 1, "VIR-4")


def test_a_payment_is_recorded_once_and_never_ahead(billing: Billing) -> None:
    made = billing.invoice()
    billing.pay(made, 100)
    ahead = invoice_actions.Money(100, date(2026, 1, 6), "VIR-2")

    with pytest.raises(InvalidInput, match="recorded already"):
        billing.pay(made, 100)
    with pytest.raises(InvalidInput, match="a day that has come"):
        invoice_actions.pay(made, ahead, by=billing.road.decider, now=NOW)


def test_who_bills_does_not_collect(billing: Billing) -> None:
    made = billing.invoice()

    with pytest.raises(NotAllowed, match=r"fees\.collect"):
        invoice_actions.pay(made, money(100), by=billing.road.assessor, now=NOW)
    with pytest.raises(NotAllowed, match=r"fees\.bill"):
        invoice_actions.credit(made, "x", by=billing.road.decider, now=NOW)


def test_a_holder_is_owed_its_part_in_proportion_to_what_was_paid(billing: Billing) -> None:
    made = billing.invoice()
    billing.pay(made, 201_000)

    # Half of 4,020.00 was paid: half of 400.00 is the holder's.
    assert shares(made) == [Share("chu-dexemple", 40_000, 20_000, 0)]


def test_a_holder_is_never_paid_more_than_came_in_for_it(billing: Billing) -> None:
    made, road = billing.invoice(), billing.road
    with pytest.raises(InvalidInput, match="0 cents at most"):
        invoice_actions.pass_on(made, billing.holder, money(1), by=road.decider, now=NOW)
    billing.pay(made, 201_000)
    invoice_actions.pass_on(made, billing.holder, money(15_000), by=road.decider, now=NOW)

    with pytest.raises(InvalidInput, match="5000 cents at most"):
        invoice_actions.pass_on(
            made, billing.holder, money(5_001, "VIR-9"), by=road.decider, now=NOW
        )
    assert shares(made) == [Share("chu-dexemple", 40_000, 20_000, 15_000)]
    assert [share.to_pass_on_cents for _, share in statement(billing.holder)] == [5_000]


def test_an_invoice_credited_leaves_the_statement_of_its_holders(billing: Billing) -> None:
    made = billing.invoice()
    invoice_actions.credit(made, "Erreur.", by=billing.road.assessor, now=NOW)

    assert list(statement(billing.holder)) == []


def test_an_unpaid_invoice_is_reminded_the_day_after_and_at_two_later_stages(
    billing: Billing,
) -> None:
    billing.invoice()
    counts = [remind(now=later(days)) for days in (30, 31, 32, 45, 61, 62, 400)]

    # Due on 4 February, the thirtieth day.
    assert counts == [0, 1, 0, 1, 1, 0, 0]


def test_an_invoice_that_was_paid_is_not_reminded(billing: Billing) -> None:
    billing.pay(billing.invoice(), 402_000)

    assert remind(now=later(60)) == 0


@pytest.mark.parametrize(
    "change",
    [
        {"total_cents": 1},
        {"due_on": date(2025, 1, 1)},
        {"kind": "credit-note"},
        {"kind": "gift"},
        {"amount_cents": -1, "vat_cents": 0, "total_cents": -1},
    ],
)
def test_the_database_itself_refuses_an_invoice_that_contradicts_itself(
    billing: Billing, change: dict[str, object]
) -> None:
    values = Invoice.objects.filter(pk=billing.invoice().pk).values().get()
    copy = {**values, "id": None, "number": "F-2026-09999", "digest": "sha256:0", **change}

    with pytest.raises(IntegrityError), transaction.atomic():
        Invoice.objects.create(**copy)


def test_an_invoice_and_its_payments_are_never_changed(billing: Billing) -> None:
    made = billing.invoice()
    billing.pay(made, 100)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Invoice.objects.filter(pk=made.pk).update(due_on=date(2027, 1, 1))
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Payment.objects.all().delete()
