"""Amounts and lines in words: on pages, in the letter of an estimate, on an invoice."""

from django.utils.formats import number_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ecluse.domain.fees import Estimate, EstimateLine, TariffLine


def amount(cents: int) -> str:
    """An amount as a person reads it: 1 234,05 €."""
    sign = "−" if cents < 0 else ""
    whole = number_format(abs(cents) // 100, force_grouping=True)
    mark = "," if (get_language() or "fr").startswith("fr") else "."
    return f"{sign}{whole}{mark}{abs(cents) % 100:02}\N{NO-BREAK SPACE}€"


def line_label(line: EstimateLine | TariffLine) -> str:
    """What a line of a tariff or of an estimate is called."""
    return line.label_fr if (get_language() or "fr").startswith("fr") else line.label_en


def estimate_words(told: Estimate) -> str:
    """The lines and the sums of an estimate, for its letter."""
    lines = [f"{line_label(line)} : {amount(line.amount_cents)}" for line in told.lines]
    sums = _("Total hors taxe : %(net)s ; TVA : %(vat)s ; total : %(gross)s.") % {
        "net": amount(told.amount_cents),
        "vat": amount(told.vat_cents),
        "gross": amount(told.amount_with_vat_cents),
    }
    return " ; ".join(lines) + ". " + sums
