"""Who is reminded by mail of what is late, and reminders that die with their cause."""

from email.message import EmailMessage

from django.test import Client

from ecluse.domain.actors import Actor
from ecluse.portal.cases import daily
from ecluse.portal.cases.models import Dispatch
from ecluse.portal.fees.reminders import remind
from ecluse.portal.holders.actions import supply
from ecluse.portal.messages import sending
from ecluse.portal.messages.actions import announce
from ecluse.portal.messages.models import Mail, Notice
from ecluse.portal.messages.recipients import recipients
from tests.unit.portal.applications.road import road
from tests.unit.portal.fees.billing import Billing, billing, prints
from tests.unit.portal.fees.billing import later as days_after
from tests.unit.portal.holders.calling import STAYS, Calling, calling, later
from tests.unit.portal.messages.mailserver import Box

__all__ = ["billing", "calling", "road"]

pytestmark = prints
ANNE, CAMILLE = "anne@chu.example", "camille.moreau@univ.example"


def told(name: str) -> set[tuple[str, Actor]]:
    """Whom the last dispatch of that name is for."""
    dispatch = Dispatch.objects.filter(name=name).latest("pk")
    return {(account.email, actor) for account, actor in recipients(dispatch)}


def mails(box: Box, to: str) -> list[EmailMessage]:
    return [mail for mail in box.taken if mail["To"] == to]


def test_a_call_is_told_to_who_speaks_for_the_holder_called_and_to_no_other_holder(
    calling: Calling,
) -> None:
    calling.asked()

    assert told("data-asked") == {
        (ANNE, Actor.DATA_HOLDER),
        (calling.road.preparer.email, Actor.PREPARER),
    }


def test_the_holder_gets_a_mail_thirty_days_before_its_due_day(calling: Calling, box: Box) -> None:
    calling.asked()
    announce(now=later(0))
    sending.send(now=later(0))
    before = len(mails(box, ANNE))
    daily.run(now=later(62))  # asked on 5 January, due on 7 April: thirty days left
    announce(now=later(62))
    sending.send(now=later(62))

    assert told("due-soon") == {(ANNE, Actor.DATA_HOLDER)}
    assert len(mails(box, ANNE)) == before + 1
    assert "FR-2026-0001-H1" in mails(box, ANNE)[-1]["Subject"]
    assert "2026-00001 " not in str(mails(box, ANNE)[-1])


def test_the_reminder_of_a_holder_dies_once_the_data_are_supplied(
    calling: Calling, box: Box
) -> None:
    call = calling.asked()
    daily.run(now=later(62))
    announce(now=later(62))
    supply(call, [STAYS], by=calling.anne, now=later(62))
    sending.send(now=later(62))

    assert Notice.objects.get(dispatch__name="due-soon").mail == Mail.CANCELLED
    assert not [mail for mail in mails(box, ANNE) if "une échéance approche" in mail["Subject"]]


def test_a_message_leads_the_holder_to_its_call(calling: Calling, client: Client) -> None:
    call = calling.asked()
    announce(now=later(0))
    notice = Notice.objects.get(account=calling.anne)
    client.force_login(calling.anne)

    answer = client.get(f"/messages/{notice.pk}/")

    assert answer["Location"] == f"/holders/calls/{call.number}/"
    assert "2026-00001" not in client.get("/messages/").content.decode()


def test_a_late_payer_gets_a_mail_that_says_nothing_of_the_amount(
    billing: Billing, box: Box
) -> None:
    billing.invoice()
    remind(now=days_after(31))
    announce(now=days_after(31))
    sending.send(now=days_after(31))

    (mail,) = [one for one in mails(box, CAMILLE) if "facture est en retard" in one["Subject"]]
    assert "4 020" not in mail.get_content()
    assert "2026-00001" in mail.get_content()


def test_a_reminder_that_waits_when_the_invoice_is_paid_never_goes(
    billing: Billing, box: Box
) -> None:
    invoice = billing.invoice()
    remind(now=days_after(31))
    announce(now=days_after(31))
    billing.pay(invoice, 402_000)
    sending.send(now=days_after(31))

    notice = Notice.objects.get(dispatch__name="payment-late")
    assert notice.mail == Mail.CANCELLED
    assert not [one for one in mails(box, CAMILLE) if "en retard" in one["Subject"]]


def test_a_reminder_paid_for_before_it_is_announced_is_not_told(billing: Billing) -> None:
    invoice = billing.invoice()
    remind(now=days_after(31))
    billing.pay(invoice, 402_000)
    announce(now=days_after(31))

    assert not Notice.objects.filter(dispatch__name="payment-late").exists()
