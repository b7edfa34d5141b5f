"""An extraction order as a Django form: who is in the study, which columns, until which flow."""

import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ecluse.domain.clocks.periods import add_months
from ecluse.domain.cohorts import (
    CODE,
    MAX_CODES,
    AnyOf,
    AtLeast,
    Cohort,
    During,
    Events,
    Match,
    Not,
    Step,
    cohort_of,
)
from ecluse.domain.cohorts.studies import MAX_LABEL
from ecluse.domain.documents import DatasetScope, SnapshotNotice
from ecluse.domain.errors import OutOfScope
from ecluse.domain.parameters import CLAIMS_LAG_MONTHS
from ecluse.domain.permits import check_period, gives_source
from ecluse.portal.applications.fields import read_scopes, table_fields
from ecluse.portal.extractions.actions import Request

LINES = 3
SHOWN = 5
TABLES = "tables"
MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
SEPARATORS = re.compile(r"[\s,;]+")
ALL, ANY = "all", "any"


class MonthField(forms.CharField):
    """A month written as 2024-06; its value is the last day of the month."""

    def clean(self, value: object) -> date:
        """Return the last day of the month. Raises ValidationError."""
        found = MONTH.fullmatch(str(super().clean(value)).strip())
        if found is None:
            raise ValidationError(_("Écrivez un mois comme 2024-06."))
        return end_of_month(date(int(found[1]), int(found[2]), 1))


class DayField(forms.DateField):
    """A day chosen in a calendar."""

    widget = forms.DateInput

    def __init__(self, **options: Any) -> None:
        super().__init__(input_formats=["%Y-%m-%d"], **options)


def end_of_month(day: date) -> date:
    """Return the last day of the month of `day`."""
    return day.replace(day=monthrange(day.year, day.month)[1])


class OrderForm(forms.Form):
    """An order within a permit: up to three criteria, a period of care, tables, a cut-off."""

    use_required_attribute = False

    def __init__(
        self,
        scope: DatasetScope,
        notice: SnapshotNotice,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data)
        self.scope, self.notice = scope, notice
        self.fields.update(self._criteria())
        self.fields.update(self._period())
        self.fields.update(
            table_fields(
                TABLES,
                scope.tables,
                notice,
                chosen=scope.tables,
                language=get_language() or "fr",
            )
        )

    def _criteria(self) -> dict[str, forms.Field]:
        fields: dict[str, forms.Field] = {}
        for number in range(1, LINES + 1):
            fields.update(self._criterion(number))
        fields["combination"] = forms.ChoiceField(
            label=_("Plusieurs critères"),
            choices=[(ALL, _("Tous doivent être remplis")), (ANY, _("L’un d’eux suffit"))],
            initial=ALL,
            widget=forms.RadioSelect,
        )
        return fields

    def _criterion(self, number: int) -> dict[str, forms.Field]:
        sources = self._sources().items()
        named = {"number": number}
        return {
            f"source_{number}": forms.ChoiceField(
                label=_("Critère %(number)d : événement") % named,
                choices=[("", _("Aucun")), *sources],
                required=number == 1,
            ),
            f"codes_{number}": forms.CharField(
                label=_("Critère %(number)d : codes") % named,
                help_text=_("Séparés par des espaces, des virgules ou des retours à la ligne."),
                required=number == 1,
                widget=forms.Textarea(attrs={"rows": 3}),
            ),
            f"match_{number}": forms.ChoiceField(
                label=_("Critère %(number)d : lecture des codes") % named,
                choices=[
                    (Match.PREFIX.value, _("Les codes qui commencent ainsi")),
                    (Match.EXACT.value, _("Ces codes exactement")),
                ],
            ),
            f"dates_{number}": forms.IntegerField(
                label=_("Critère %(number)d : nombre minimal de dates distinctes") % named,
                initial=1,
                min_value=1,
                max_value=1000,
            ),
            f"from_{number}": DayField(
                label=_("Critère %(number)d : à partir du") % named, required=False
            ),
            f"to_{number}": DayField(
                label=_("Critère %(number)d : jusqu’au") % named, required=False
            ),
            f"excludes_{number}": forms.BooleanField(
                label=_("Critère %(number)d : exclure ces personnes") % named, required=False
            ),
        }

    def _sources(self) -> dict[str, str]:
        """Return the titles of the event sources that the permit gives."""
        is_english = (get_language() or "fr").startswith("en")
        return {
            source.name: source.title_en if is_english else source.title_fr
            for source in self.notice.sources
            if gives_source(source.table, source.code_column, self.scope)
        }

    def _period(self) -> dict[str, forms.Field]:
        return {
            "care_from": DayField(
                label=_("Soins extraits : premier jour"), initial=self.scope.care_from
            ),
            "care_to": DayField(
                label=_("Soins extraits : dernier jour"), initial=self.scope.care_to
            ),
            "flux_until": MonthField(
                label=_("Dernier mois de flux lu"),
                help_text=_(
                    "Les soins d’un mois arrivent pendant vingt-sept mois : fixer le dernier flux"
                    " fixe les lignes. Exemple : 2024-06."
                ),
                initial=f"{self._last_flux():%Y-%m}",
            ),
        }

    def _last_flux(self) -> date:
        """Return the last flow that brings care of the permit: late, but not after the loading."""
        latest = add_months(self.scope.care_to, CLAIMS_LAG_MONTHS.value)
        return min(latest, max(self.notice.loaded_at.date(), self.scope.care_to))

    def groups(self) -> list[tuple[str, list[BoundField]]]:
        """Return the controls by subject: each criterion, how they combine, period, columns."""
        names = list(self.fields)
        criteria = [
            (
                _("Critère %(number)d") % {"number": number},
                list(self._criterion(number)),
            )
            for number in range(1, LINES + 1)
        ]
        groups = [
            *criteria,
            (_("Combiner les critères"), ["combination"]),
            (_("Période et flux"), ["care_from", "care_to", "flux_until"]),
            (_("Tables et colonnes"), [n for n in names if n.startswith(f"{TABLES}_")]),
        ]
        return [(title, [self[name] for name in shown]) for title, shown in groups]

    def clean(self) -> dict[str, Any]:
        """Check each criterion and the period, in words."""
        cleaned = super().clean() or {}
        for number in range(1, LINES + 1):
            self._check_criterion(number)
        self._check_care_period()
        if not read_scopes(TABLES, cleaned):
            self.add_error(None, _("Cochez au moins une colonne à extraire."))
        if not self.errors and all(cleaned[f"excludes_{n}"] for n in self._used()):
            self.add_error("excludes_1", _("Il faut au moins un critère qui inclut des personnes."))
        return cleaned

    def _check_criterion(self, number: int) -> None:
        data = self.cleaned_data
        source, typed = data.get(f"source_{number}"), data.get(f"codes_{number}", "")
        if bool(source) != bool(typed) and f"codes_{number}" not in self.errors:
            missing = f"codes_{number}" if source else f"source_{number}"
            if missing not in self.errors:
                self.add_error(missing, _("Un critère a un événement et des codes."))
            return
        self._check_codes(number, _codes(typed))
        first, last = data.get(f"from_{number}"), data.get(f"to_{number}")
        if first and last and last < first:
            self.add_error(f"to_{number}", _("Ce jour précède le premier jour : corrigez-le."))

    def _check_codes(self, number: int, codes: tuple[str, ...]) -> None:
        wrong = [code for code in codes if not CODE.fullmatch(code)]
        if wrong:
            shown = ", ".join(code[: SHOWN * 8] for code in wrong[:SHOWN])
            self.add_error(
                f"codes_{number}",
                _("Ces codes ne sont pas faits de lettres, chiffres et points : %(codes)s.")
                % {"codes": shown},
            )
        if len(codes) > MAX_CODES:
            self.add_error(
                f"codes_{number}",
                _("%(count)d codes, c’est trop : %(most)d au plus.")
                % {"count": len(codes), "most": MAX_CODES},
            )

    def _check_care_period(self) -> None:
        first, last = self.cleaned_data.get("care_from"), self.cleaned_data.get("care_to")
        if not first or not last:
            return
        try:
            check_period(first, last, self.scope)
        except OutOfScope:
            message = _("L’autorisation donne les soins du %(first)s au %(last)s : restez dedans.")
            days = {
                "first": f"{self.scope.care_from:%d/%m/%Y}",
                "last": f"{self.scope.care_to:%d/%m/%Y}",
            }
            self.add_error("care_to", message % days)

    def _used(self) -> list[int]:
        return [n for n in range(1, LINES + 1) if self.cleaned_data.get(f"source_{n}")]

    def request(self) -> Request:
        """Return what is asked, once the form is valid."""
        data = self.cleaned_data
        return Request(
            dataset=self.scope.dataset,
            tables=read_scopes(TABLES, data),
            cohort=self._cohort(),
            care_from=data["care_from"],
            care_to=data["care_to"],
            flux_until=data["flux_until"],
        )

    def _cohort(self) -> Cohort:
        """Return a step for each criterion when all must be met; otherwise one for them all."""
        used = self._used()
        parts = tuple(self._part(number) for number in used)
        if len(parts) == 1 or self.cleaned_data["combination"] == ANY:
            kept = parts[0] if len(parts) == 1 else AnyOf(parts)
            return cohort_of(kept, label=_("Dans la cohorte"))
        return Cohort(
            tuple(Step(self._label(number), part) for number, part in zip(used, parts, strict=True))
        )

    def _label(self, number: int) -> str:
        """Return the words of a criterion in the flowchart."""
        named = {"number": number, "source": self._sources()[self.cleaned_data[f"source_{number}"]]}
        if self.cleaned_data[f"excludes_{number}"]:
            return (_("Critère %(number)d : sans %(source)s") % named)[:MAX_LABEL]
        return (_("Critère %(number)d : %(source)s") % named)[:MAX_LABEL]

    def _part(self, number: int) -> AtLeast | Not:
        data = self.cleaned_data
        events = Events(
            data[f"source_{number}"],
            _codes(data[f"codes_{number}"]),
            Match(data[f"match_{number}"]),
        )
        first, last = data[f"from_{number}"], data[f"to_{number}"]
        count = AtLeast(
            During(events, first, last) if first or last else events,
            distinct_dates=data[f"dates_{number}"],
        )
        return Not(count) if data[f"excludes_{number}"] else count


def _codes(typed: str) -> tuple[str, ...]:
    """Return the codes typed, in capitals, each once."""
    found = (code.upper() for code in SEPARATORS.split(typed) if code)
    return tuple(dict.fromkeys(found))
