"""The pages of fees, from the estimate to the last payment, and who may open them."""

from collections.abc import Callable

import pytest
from django.test import Client

from ecluse.portal.accounts.models import User
from ecluse.portal.fees.models import EstimateRecord, Invoice
from tests.unit.portal.fees.billing import BUYER, Billing, prints
from tests.unit.portal.routes import Route, Stage, answers, by_stage

pytestmark = [pytest.mark.usefixtures("at_now"), prints]
FILE = "/fees/files/2026-00001/"
INVOICE = "/fees/invoices/F-2026-00001"
PEOPLE = (
    *("camille", "louis", "stranger", "assessor", "decider", "auditor"),
    *("preparer", "committee"),
)
TYPED = {
    "payer": "university-researcher",
    "payer_reason": "Vérifié.",
    "quantity_handling-application": "1",
    "quantity_preparation-hour": "4",
    "quantity_holder-hour": "2",
    "holder_holder-hour": "chu-dexemple",
    "part_1_holder": "chu-dexemple",
    "part_1_label": "Contrôle",
    "part_1_ground": "EHDS art. 62(2)",
    "part_1_amount": "400,50",
}
WHO = {
    "name": BUYER.name,
    "street": BUYER.street,
    "postcode": BUYER.postcode,
    "town": BUYER.town,
    "country": BUYER.country,
}


ROUTES = (
    Route("item", "get", "/fees/", (200, 200, 200, 200, 200, 200, 200, 200)),
    Route("item", "get", "/fees/mine/", (200, 200, 200, 200, 200, 200, 200, 200)),
    Route("item", "get", f"{FILE}estimate/", (403, 403, 404, 200, 403, 403, 404, 403)),
    Route("item", "post", f"{FILE}estimate/", (403, 403, 404, 422, 403, 403, 404, 403)),
    Route("item", "get", f"{FILE}answer/", (404, 404, 404, 404, 404, 404, 404, 404)),
    # Written, not sent: the hub's own.
    Route("composed", "get", "/fees/estimates/{pk}/", (404, 404, 404, 200, 200, 200, 404, 404)),
    Route(
        "composed",
        "post",
        "/fees/estimates/{pk}/sending/",
        (404, 404, 404, 302, 403, 403, 404, 404),
    ),
    # Sent: the applicant's turn.
    Route("sent", "get", f"{FILE}answer/", (302, 302, 404, 302, 302, 302, 404, 404)),
    Route("sent", "get", "/fees/estimates/{pk}/", (200, 200, 404, 200, 200, 200, 404, 404)),
    Route(
        "sent", "post", "/fees/estimates/{pk}/acceptance/", (302, 403, 404, 403, 403, 403, 404, 404)
    ),
    Route(
        "sent", "post", "/fees/estimates/{pk}/withdrawal/", (302, 403, 404, 403, 403, 403, 404, 404)
    ),
    Route("sent", "get", "/fees/estimates/{pk}/work/", (403, 403, 404, 200, 403, 403, 404, 404)),
    Route("sent", "post", "/fees/estimates/{pk}/work/", (403, 403, 404, 422, 403, 403, 404, 404)),
    Route("done", "get", "/fees/estimates/{pk}/invoice/", (403, 403, 404, 200, 403, 403, 404, 404)),
    Route(
        "done", "post", "/fees/estimates/{pk}/invoice/", (403, 403, 404, 422, 403, 403, 404, 404)
    ),
    # Billed: one bills, another collects.
    Route("invoice", "get", f"{INVOICE}/", (200, 200, 404, 200, 200, 200, 404, 404)),
    Route("invoice", "get", f"{INVOICE}.pdf", (200, 200, 404, 200, 200, 200, 404, 404)),
    Route("invoice", "get", f"{INVOICE}.xml", (200, 200, 404, 200, 200, 200, 404, 404)),
    Route("invoice", "get", f"{INVOICE}/credit/", (403, 403, 404, 200, 403, 403, 404, 404)),
    Route("invoice", "post", f"{INVOICE}/credit/", (403, 403, 404, 422, 403, 403, 404, 404)),
    Route("invoice", "get", f"{INVOICE}/payment/", (403, 403, 404, 403, 200, 403, 404, 404)),
    Route("invoice", "post", f"{INVOICE}/payment/", (403, 403, 404, 403, 422, 403, 404, 404)),
    Route("invoice", "get", f"{INVOICE}/transfer/", (403, 403, 404, 403, 200, 403, 404, 404)),
    Route("invoice", "post", f"{INVOICE}/transfer/", (403, 403, 404, 403, 422, 403, 404, 404)),
    # The stranger of the file speaks for the holder.
    Route(
        "invoice", "get", "/fees/holders/chu-dexemple/", (404, 404, 200, 200, 200, 200, 404, 404)
    ),
)


@pytest.mark.parametrize("stage", by_stage(ROUTES), ids=str)
def test_each_address_answers_each_person_as_the_law_says(billing: Billing, stage: Stage) -> None:
    getattr(billing, stage.name)()
    pk = EstimateRecord.objects.values_list("pk", flat=True).first()

    found = answers(stage, [getattr(billing.road, one) for one in PEOPLE], pk=pk)

    assert found == stage.answers


@pytest.mark.parametrize(
    "address", sorted({route.address.format(pk=1) for route in ROUTES} - {"/fees/"})
)
def test_a_visitor_is_sent_to_sign_in(signers: object, client: Client, address: str) -> None:
    method = (
        client.post if address.endswith(("sending/", "acceptance/", "withdrawal/")) else client.get
    )

    assert method(address)["Location"].startswith("/accounts/sign-in/?next=")


def test_an_officer_composes_and_the_applicant_accepts_from_the_page_of_the_file(
    billing: Billing, client: Client
) -> None:
    billing.item()
    client.force_login(billing.road.assessor)
    file = client.get("/applications/2026-00001/").content.decode()
    seen = client.post(f"{FILE}estimate/", TYPED, follow=True).content.decode()
    pk = EstimateRecord.objects.get().pk
    client.post(f"/fees/estimates/{pk}/sending/")
    client.force_login(billing.road.camille)
    told = client.get(f"{FILE}answer/", follow=True).content.decode()
    done = client.post(f"/fees/estimates/{pk}/acceptance/", follow=True).content.decode()

    assert f'href="{FILE}estimate/"' in file
    # 600.00 + 190.00 + 150.00 + 400.50, and a fifth more.
    assert EstimateRecord.objects.get().total_cents == 160_860
    assert "Calculée" in seen or "Estimation calculée" in seen
    assert "Accepter l’estimation" in told
    assert "Estimation acceptée" in done


def test_a_cost_of_a_holder_names_its_holder_and_a_reduction_its_reason(
    billing: Billing, client: Client
) -> None:
    billing.item()
    client.force_login(billing.road.assessor)
    typed = {**TYPED, "payer_reason": "", "holder_holder-hour": "", "part_1_holder": ""}
    answer = client.post(f"{FILE}estimate/", typed)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Dites de quel détenteur." in page
    assert "Un coût de détenteur a son détenteur" in page
    assert "Dites ce qui fonde la réduction." in page


def test_the_applicant_reads_what_a_withdrawal_costs_before_withdrawing(
    billing: Billing, client: Client
) -> None:
    kept = billing.sent()
    client.force_login(billing.road.camille)
    page = client.get(f"/fees/estimates/{kept.pk}/").content.decode()

    # The handling alone was done: 600.00 and a fifth.
    assert "les seuls coûts engagés" in page
    assert "720,00" in page


def test_the_work_is_billed_paid_and_passed_on_from_the_pages(
    billing: Billing, client: Client
) -> None:
    kept, road = billing.accepted(), billing.road
    client.force_login(road.assessor)
    client.post(f"/fees/estimates/{kept.pk}/work/", {"done_1": "4", "done_2": "12", "done_3": "1"})
    client.post(f"/fees/estimates/{kept.pk}/invoice/", WHO)
    client.force_login(road.decider)
    paid = {"amount": "4 020,00", "on": "2026-01-05", "reference": "VIR-1"}
    client.post(f"{INVOICE}/payment/", paid)
    passed = {"holder": "chu-dexemple", "amount": "400", "on": "2026-01-05", "reference": "VIR-2"}
    page = client.post(f"{INVOICE}/transfer/", passed, follow=True).content.decode()
    client.force_login(road.stranger)
    statement = client.get("/fees/holders/chu-dexemple/").content.decode()

    made = Invoice.objects.get()
    assert (made.paid_cents(), made.transfers.get().amount_cents) == (402_000, 40_000)
    assert "Payée" in page
    assert "F-2026-00001" in statement
    assert "2026-00001" not in statement.replace("F-2026-00001", "")


def test_more_than_is_owed_is_said_beside_the_amount(billing: Billing, client: Client) -> None:
    billing.invoice()
    client.force_login(billing.road.decider)
    paid = {"amount": "4020.01", "on": "2026-01-05", "reference": "VIR-1"}
    answer = client.post(f"{INVOICE}/payment/", paid)

    assert answer.status_code == 422
    assert "1 to 402000 cents" in answer.content.decode()


def test_the_invoice_is_given_as_it_was_made(billing: Billing, client: Client) -> None:
    made = billing.invoice()
    client.force_login(billing.road.camille)
    pdf, xml = client.get(f"{INVOICE}.pdf"), client.get(f"{INVOICE}.xml")

    assert pdf.content == bytes(made.pdf)
    assert (pdf["Content-Type"], xml["Content-Type"]) == ("application/pdf", "application/xml")
    assert xml.content == bytes(made.xml)


@pytest.mark.parametrize("look", ["neutral", "dsfr"])
def test_the_pages_are_drawn_in_english_and_in_both_themes(
    billing: Billing, client: Client, account: Callable[..., User], look: str
) -> None:
    billing.invoice()
    client.get(f"/theme/{look}/")
    client.get("/language/en/")
    client.force_login(billing.road.assessor)
    pages = [client.get(address) for address in ("/fees/", "/fees/mine/", f"{INVOICE}/")]

    assert [page.status_code for page in pages] == [200, 200, 200]
    assert ['lang="en"' in page.content.decode() for page in pages] == [True, True, True]
