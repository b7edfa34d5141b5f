"""The data of an invoice: valid against the schema of EN 16931, its sums those of the standard."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import drafthorse
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from ecluse.domain.fees import Estimate, HolderPart, Payer, Tariff, Work, estimate
from ecluse.portal.fees import tariffs
from ecluse.portal.fees.facturx import to_xml
from ecluse.portal.fees.invoices import Buyer, InvoiceText, euros
from ecluse.portal.fees.printing import to_pdf
from tests.unit.portal.fees.billing import BUYER, ENTRY, prints

SCHEMA = Path(drafthorse.__file__).parent / "schema" / "Factur-X_1.0.07_EN16931.xsd"
RAM = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
LINE = "//ram:IncludedSupplyChainTradeLineItem"
SUMS = "//ram:SpecifiedTradeSettlementHeaderMonetarySummation"
EXAMPLE = tariffs.tariff("2026-example-1").tariff
TOLD = estimate(EXAMPLE, ENTRY.payer, ENTRY.work, ENTRY.holder_parts)


def invoice(owed: Estimate = TOLD, **changes: object) -> InvoiceText:
    """The invoice of an estimate, unless said otherwise."""
    text = InvoiceText(
        "F-2026-00001",
        date(2026, 5, 4),
        date(2026, 6, 3),
        "2026-00001",
        tariffs.issuer(),
        BUYER,
        owed,
    )
    return replace(text, **changes)  # type: ignore[arg-type]


def values(xml: bytes, path: str) -> list[str]:
    """The texts at a place of the invoice."""
    found = etree.fromstring(xml).xpath(f"{path}/text()", namespaces={"ram": RAM})
    return [str(text) for text in found]


def amounts(xml: bytes, path: str) -> list[Decimal]:
    """The amounts at a place of the invoice."""
    return [Decimal(text) for text in values(xml, path)]


def schema() -> etree.XMLSchema:
    """The published schema of the profile, read by itself."""
    return etree.XMLSchema(etree.parse(SCHEMA))


def test_an_invoice_is_valid_against_the_published_schema_and_names_its_profile() -> None:
    xml = to_xml(invoice())

    schema().assertValid(etree.fromstring(xml))
    assert values(xml, "//ram:GuidelineSpecifiedDocumentContextParameter/ram:ID") == [
        "urn:cen.eu:en16931:2017"
    ]


@pytest.mark.parametrize("tag", ["TypeCode", "InvoiceCurrencyCode", "LineTotalAmount"])
def test_the_schema_refuses_an_invoice_that_lacks_a_part(tag: str) -> None:
    root = etree.fromstring(to_xml(invoice()))
    missing = root.xpath(f"(//ram:{tag})[last()]", namespaces={"ram": RAM})[0]
    missing.getparent().remove(missing)

    assert not schema().validate(root)


def test_each_line_has_its_price_quantity_unit_reduction_and_amount() -> None:
    xml = to_xml(invoice())

    assert values(xml, f"{LINE}//ram:ChargeAmount") == ["1200.00", "95.00", "180.00", "400.00"]
    assert values(xml, f"{LINE}//ram:BilledQuantity") == ["1", "4", "12", "1"]
    units = etree.fromstring(xml).xpath("//@unitCode")
    assert units == ["C62", "HUR", "MON", "C62"]
    assert values(xml, f"{LINE}//ram:ActualAmount") == ["600.00", "190.00"]
    assert values(xml, f"{LINE}//ram:LineTotalAmount") == ["600.00", "190.00", "2160.00", "400.00"]


def test_the_sums_are_those_of_the_estimate() -> None:
    xml = to_xml(invoice())

    assert values(xml, f"{SUMS}/ram:LineTotalAmount") == ["3350.00"]
    assert values(xml, f"{SUMS}/ram:TaxTotalAmount") == ["670.00"]
    assert values(xml, f"{SUMS}/ram:DuePayableAmount") == ["4020.00"]


def test_a_credit_note_names_the_invoice_that_it_takes_back() -> None:
    xml = to_xml(invoice(corrects=("F-2026-00001", date(2026, 5, 4)), explanation="Erreur."))

    schema().assertValid(etree.fromstring(xml))
    assert values(xml, "(//ram:TypeCode)[1]") == ["381"]
    assert values(xml, "//ram:InvoiceReferencedDocument/ram:IssuerAssignedID") == ["F-2026-00001"]


def test_a_tariff_without_vat_says_why() -> None:
    xml = to_xml(invoice(estimate(replace(EXAMPLE, vat_permille=0), ENTRY.payer, ENTRY.work)))

    schema().assertValid(etree.fromstring(xml))
    assert set(values(xml, "//ram:CategoryCode")) == {"E"}
    assert values(xml, "//ram:ExemptionReason") == ["TVA non applicable"]


@pytest.mark.parametrize(
    "wrong", [{"country": "France"}, {"country": "fr"}, {"name": " "}, {"town": ""}]
)
def test_a_buyer_that_the_standard_does_not_know_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="two capital letters"):
        replace(BUYER, **wrong)


def test_what_a_person_typed_stays_text_in_the_data_and_on_the_page() -> None:
    hostile = Buyer("<script>&\"'", "]]>", "1", "<b>", "FR", reference="<!DOCTYPE x>")
    xml = to_xml(invoice(buyer=hostile))

    assert values(xml, "//ram:BuyerTradeParty/ram:Name") == ["<script>&\"'"]
    assert values(xml, "//ram:BuyerReference") == ["<!DOCTYPE x>"]


def tariff_of(prices: list[int], vat: int) -> Tariff:
    """The example with other prices and another rate."""
    pairs = zip(EXAMPLE.lines, prices, strict=True)
    lines = tuple(replace(line, price_cents=price) for line, price in pairs)
    return replace(EXAMPLE, lines=lines, vat_permille=vat)


@settings(max_examples=60, deadline=None)
@given(
    prices=st.lists(st.integers(0, 10**7), min_size=13, max_size=13),
    vat=st.integers(0, 300),
    payer=st.sampled_from(Payer),
    units=st.lists(st.integers(1, 500), min_size=1, max_size=12),
    parts=st.lists(st.integers(0, 10**7), max_size=4),
)
def test_the_sums_of_any_invoice_are_those_that_the_standard_asks(
    prices: list[int], vat: int, payer: Payer, units: list[int], parts: list[int]
) -> None:
    codes = [line.code for line in EXAMPLE.lines][: len(units)]
    work = [Work(code, n) for code, n in zip(codes, units, strict=True)]
    holders = [HolderPart(f"h{rank}", "Travail", cents) for rank, cents in enumerate(parts)]
    owed = estimate(tariff_of(prices, vat), payer, work, holders)
    xml = to_xml(invoice(owed))

    [net] = amounts(xml, f"{SUMS}/ram:TaxBasisTotalAmount")
    [tax] = amounts(xml, f"{SUMS}/ram:TaxTotalAmount")
    [gross] = amounts(xml, f"{SUMS}/ram:GrandTotalAmount")
    assert sum(amounts(xml, f"{LINE}//ram:LineTotalAmount")) == net  # BR-CO-10, BR-CO-13
    assert net + tax == gross  # BR-CO-15
    assert amounts(xml, f"{SUMS}/ram:DuePayableAmount") == [gross]  # BR-CO-16
    assert abs(tax - net * vat / 1000) <= Decimal("0.005")  # BR-CO-17
    assert [net, tax] == [Decimal(euros(owed.amount_cents)), Decimal(euros(owed.vat_cents))]


@prints
def test_the_same_invoice_is_the_same_bytes() -> None:
    text = invoice()
    xml = to_xml(text)

    assert to_xml(text) == xml
    assert to_pdf(text, xml, holders={}) == to_pdf(text, xml, holders={})
