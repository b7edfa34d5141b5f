"""What an invoice says, before it is written as XML or printed: parties, days, lines, sums."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from ecluse.domain.fees import Estimate, EstimateLine
from ecluse.portal.fees.tariffs import Issuer

CURRENCY: Final = "EUR"
COUNTRY: Final = 2


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who is billed. `country` is ISO 3166-1 alpha-2; `reference` is the one the buyer asked for.

    `legal_id` is a SIREN or SIRET for a French body, empty where there is none.
    """

    name: str
    street: str
    postcode: str
    town: str
    country: str
    legal_id: str = ""
    vat_id: str = ""
    reference: str = ""

    def __post_init__(self) -> None:
        """Refuse a buyer without a name, a town or a code of country (EN 16931, BR-7, BR-11)."""
        is_code = len(self.country) == COUNTRY and self.country.isascii() and self.country.isupper()
        if not self.name.strip() or not self.town.strip() or not is_code:
            raise ValueError("A buyer has a name, a town, and a country of two capital letters.")


@dataclass(frozen=True, slots=True)
class InvoiceText:
    """One invoice or credit note. `corrects` is the number and the day of what it takes back."""

    number: str
    issued_on: date
    due_on: date
    case_number: str
    seller: Issuer
    buyer: Buyer
    owed: Estimate
    explanation: str = ""
    corrects: tuple[str, date] | None = None

    @property
    def is_credit_note(self) -> bool:
        """Whether it takes an invoice back."""
        return self.corrects is not None

    def lines(self) -> tuple[EstimateLine, ...]:
        """The lines that cost something, or the first one: an invoice has at least one."""
        kept = tuple(line for line in self.owed.lines if line.amount_cents or line.reduction_cents)
        return kept or self.owed.lines[:1]


def euros(cents: int) -> str:
    """An amount as EN 16931 writes it: `1234.05`."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02}"


def percent(permille: int) -> str:
    """A rate as EN 16931 writes it: `20.0`."""
    return f"{permille // 10}.{permille % 10}"
