"""Controls of an order that Django does not have: days, months, the state of a filter."""

import re
from calendar import monthrange
from datetime import date
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ecluse.domain.documents import FilterDescription, FilterState
from ecluse.portal.applications.fields import PlainSelect
from ecluse.portal.extractions.labels import FILTER_STATES

MONTH: Final = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


class MonthField(forms.CharField):
    """A month written as 2024-06; its value is the last day of the month."""

    def clean(self, value: object) -> date:
        """Return the last day of the month. Raises ValidationError."""
        found = MONTH.fullmatch(str(super().clean(value)).strip())
        if found is None:
            raise ValidationError(_("Écrivez un mois comme 2024-06."))
        return end_of_month(date(int(found[1]), int(found[2]), 1))


def end_of_month(day: date) -> date:
    """Return the last day of the month of `day`."""
    return day.replace(day=monthrange(day.year, day.month)[1])


class DayField(forms.DateField):
    """A day chosen in a calendar."""

    widget = forms.DateInput

    def __init__(self, **options: Any) -> None:
        super().__init__(input_formats=["%Y-%m-%d"], **options)


class FilterField(forms.ChoiceField):
    """The state of one filter of the dataset; without a word, the one that is advised."""

    def __init__(self, described: FilterDescription) -> None:
        self.default = described.default
        is_english = (get_language() or "fr").startswith("en")
        advice = described.advice_en if is_english else described.advice_fr
        super().__init__(
            label=described.title_en if is_english else described.title_fr,
            help_text=f"{advice} ({', '.join(described.tables)})",
            choices=[(state.value, self._words(state)) for state in FilterState],
            initial=described.default.value,
            widget=PlainSelect,
        )

    def _words(self, state: FilterState) -> str:
        words = str(FILTER_STATES[state])
        return _("%(state)s (conseillé)") % {"state": words} if state is self.default else words

    def clean(self, value: object) -> FilterState:
        """Return the state asked. Raises ValidationError for what is no state."""
        return FilterState(super().clean(value)) if value else self.default
