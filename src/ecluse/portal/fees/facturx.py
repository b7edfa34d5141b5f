"""An invoice as data: UN/CEFACT Cross Industry Invoice of the profile EN 16931 of Factur-X 1.0.07.

Written and validated by drafthorse against the schema of the profile. Codes: UNTDID 1001 (380
invoice, 381 credit note), UNCL 5305 (S standard rate, E exempt), UNTDID 4461 (58 SEPA transfer),
UNECE Rec. 20 (units), ISO 6523 (0002 SIRENE).
"""

from collections.abc import Mapping
from typing import Any, Final

from drafthorse.models.accounting import ApplicableTradeTax, TradeAllowanceCharge
from drafthorse.models.document import Document
from drafthorse.models.note import IncludedNote
from drafthorse.models.party import TaxRegistration
from drafthorse.models.payment import PaymentMeans, PaymentTerms
from drafthorse.models.tradelines import LineItem
from lxml import etree

from ecluse.domain.errors import InvalidInput
from ecluse.domain.fees import EstimateLine, Unit
from ecluse.portal.fees.invoices import CURRENCY, Buyer, InvoiceText, euros, percent
from ecluse.portal.fees.tariffs import Issuer, tariff

PROFILE: Final = "urn:cen.eu:en16931:2017"
SCHEMA: Final = "FACTUR-X_EN16931"
INVOICE, CREDIT_NOTE = "380", "381"
SIRENE: Final = "0002"
TRANSFER: Final = "58"
ONE: Final = "C62"
UNITS: Final[Mapping[Unit, str]] = {Unit.HOUR: "HUR", Unit.USER_MONTH: "MON"}
"""The code of a unit; what is merely counted is ONE."""
EXEMPTION: Final = "TVA non applicable"


def to_xml(text: InvoiceText) -> bytes:
    """The invoice as XML, valid against the schema of its profile, the same bytes each time.

    Raises InvalidInput: something it says is not what the profile allows.
    """
    document = Document()
    _head(document, text)
    _parties(document, text)
    for rank, line in enumerate(text.lines(), start=1):
        item = _line(rank, line, text.owed.vat_permille)
        item.delivery.billed_quantity = (str(line.quantity), _unit(text.owed.tariff, line.code))
        document.trade.items.add(item)
    _settle(document, text)
    try:
        written: bytes = document.serialize(schema=SCHEMA)
    except etree.XMLSyntaxError as error:
        raise InvalidInput(f"{text.number} is not a valid EN 16931 invoice: {error}") from error
    return written


def _head(document: Any, text: InvoiceText) -> None:
    document.context.guideline_parameter.id = PROFILE
    document.header.id = text.number
    document.header.type_code = CREDIT_NOTE if text.is_credit_note else INVOICE
    document.header.issue_date_time = text.issued_on
    for note in text.seller.notes:
        document.header.notes.add(_note(note.text, note.code))
    if text.explanation:
        document.header.notes.add(_note(text.explanation, "AAI"))


def _note(content: str, code: str) -> Any:
    note = IncludedNote()
    note.content = content
    note.subject_code = code
    return note


def _parties(document: Any, text: InvoiceText) -> None:
    agreement = document.trade.agreement
    if text.buyer.reference:
        agreement.buyer_reference = text.buyer.reference
    _seller(agreement.seller, text.seller)
    _buyer(agreement.buyer, text.buyer)
    agreement.contract.issuer_assigned_id = text.case_number
    document.trade.delivery.event.occurrence = text.issued_on


def _seller(party: Any, seller: Issuer) -> None:
    party.name = seller.name
    party.legal_organization.id = (SIRENE, seller.legal_id)
    party.electronic_address.uri_ID = ("EM", seller.email)
    _address(party, seller)
    party.tax_registrations.add(_tax_id(seller.vat_id))


def _buyer(party: Any, buyer: Buyer) -> None:
    party.name = buyer.name
    if buyer.legal_id:
        party.legal_organization.id = (SIRENE, buyer.legal_id)
    _address(party, buyer)
    if buyer.vat_id:
        party.tax_registrations.add(_tax_id(buyer.vat_id))


def _address(party: Any, place: Issuer | Buyer) -> None:
    party.address.postcode = place.postcode
    party.address.line_one = place.street
    party.address.city_name = place.town
    party.address.country_id = place.country


def _tax_id(number: str) -> Any:
    registration = TaxRegistration()
    registration.id = ("VA", number)
    return registration


def _line(rank: int, line: EstimateLine, vat_permille: int) -> Any:
    item = LineItem()
    item.document.line_id = str(rank)
    item.product.name = line.label_fr
    item.product.description = line.ground
    item.agreement.net.amount = euros(line.price_cents)
    item.settlement.trade_tax.type_code = "VAT"
    item.settlement.trade_tax.category_code = _category(vat_permille)
    item.settlement.trade_tax.rate_applicable_percent = percent(vat_permille)
    if line.reduction_cents:
        item.settlement.allowance_charge.add(_allowance(line))
    item.settlement.monetary_summation.total_amount = euros(line.amount_cents)
    return item


def _unit(version: str, code: str) -> str:
    units = {line.code: line.unit for line in tariff(version).tariff.lines}
    return UNITS.get(units[code], ONE) if code in units else ONE


def _allowance(line: EstimateLine) -> Any:
    allowance = TradeAllowanceCharge()
    allowance.indicator = False
    allowance.actual_amount = euros(line.reduction_cents)
    allowance.reason = line.reduction_ground or "–"
    return allowance


def _category(vat_permille: int) -> str:
    return "S" if vat_permille else "E"


def _settle(document: Any, text: InvoiceText) -> None:
    settlement = document.trade.settlement
    settlement.currency_code = CURRENCY
    settlement.payment_means.add(_means(text.seller))
    settlement.trade_tax.add(_tax(text))
    terms = PaymentTerms()
    terms.due = text.due_on
    settlement.terms.add(terms)
    _sums(settlement.monetary_summation, text)
    if text.corrects is not None:
        former = settlement.invoice_referenced_document
        former.issuer_assigned_id, former.issue_date_time = text.corrects


def _means(seller: Issuer) -> Any:
    means = PaymentMeans()
    means.type_code = TRANSFER
    means.payee_account.iban = seller.iban
    means.payee_institution.bic = seller.bic
    return means


def _tax(text: InvoiceText) -> Any:
    tax = ApplicableTradeTax()
    tax.calculated_amount = euros(text.owed.vat_cents)
    tax.type_code = "VAT"
    tax.basis_amount = euros(text.owed.amount_cents)
    tax.category_code = _category(text.owed.vat_permille)
    tax.rate_applicable_percent = percent(text.owed.vat_permille)
    if not text.owed.vat_permille:
        tax.exemption_reason = EXEMPTION
    return tax


def _sums(sums: Any, text: InvoiceText) -> None:
    amount = euros(text.owed.amount_cents)
    sums.line_total = amount
    sums.charge_total = sums.allowance_total = "0.00"
    sums.tax_basis_total = (amount, None)
    sums.tax_total = (euros(text.owed.vat_cents), CURRENCY)
    sums.grand_total = (euros(text.owed.amount_with_vat_cents), None)
    sums.due_amount = euros(text.owed.amount_with_vat_cents)
