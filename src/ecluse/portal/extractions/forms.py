"""An extraction order as a Django form: who is in the study, which columns, which rows count."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.forms.boundfield import BoundField
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ecluse.domain.clocks.periods import add_months
from ecluse.domain.cohorts import Cohort
from ecluse.domain.documents import DatasetScope, FileFormat, FilterSwitch, SnapshotNotice
from ecluse.domain.errors import OutOfScope
from ecluse.domain.parameters import CLAIMS_LAG_MONTHS
from ecluse.domain.permits import check_period
from ecluse.portal.applications.fields import read_scopes
from ecluse.portal.applications.precisions import TableGroup, precise_table_fields, table_groups
from ecluse.portal.extractions import definitions
from ecluse.portal.extractions.actions import Request
from ecluse.portal.extractions.criteria import CriteriaForm
from ecluse.portal.extractions.definitions import Holding
from ecluse.portal.extractions.fields import DayField, FilterField, MonthField
from ecluse.portal.extractions.labels import FORMATS

TABLES, FILTER = "tables", "filter"
FILE, TEXT = "cohort_file", "cohort_text"
PERIOD: Final = ("care_from", "care_to", "flux_until")


class OrderForm(CriteriaForm):
    """An order within a permit: a cohort by criteria or in the full language, a period, columns."""

    use_required_attribute = False

    def __init__(
        self,
        scope: DatasetScope,
        notice: SnapshotNotice,
        data: Mapping[str, Any] | None = None,
        files: Mapping[str, Any] | None = None,
    ) -> None:
        self.unreadable: ValidationError | None = None
        super().__init__(self._with_file(data, files), cast(Any, files))
        self.scope, self.notice = scope, notice
        self.holding = Holding(scope, notice)
        self.sources = self.holding.sources()
        self.whole: Cohort | None = None
        self.add_criteria()
        self.fields.update(self._definition())
        self.fields.update(self._period())
        language = get_language() or "fr"
        self.fields.update(
            precise_table_fields(
                TABLES, scope.tables, notice, chosen=scope.tables, language=language
            )
        )
        self.fields.update({f"{FILTER}_{one.name}": FilterField(one) for one in notice.filters})
        self.fields["formats"] = _formats()

    def _with_file(
        self, data: Mapping[str, Any] | None, files: Mapping[str, Any] | None
    ) -> Mapping[str, Any] | None:
        """Return what was sent with the file's text in its place: a page cannot keep a file."""
        sent = (files or {}).get(FILE)
        if data is None or not isinstance(sent, UploadedFile):
            return data
        try:
            text = definitions.decode(sent.read(definitions.LARGEST_BYTES + 1))
        except ValidationError as error:
            self.unreadable = error
            return data
        changed: Any = cast(Any, data).copy()
        changed[TEXT] = text
        return cast(Mapping[str, Any], changed)

    def _definition(self) -> dict[str, forms.Field]:
        return {
            FILE: forms.FileField(
                label=_("Fichier JSON de la cohorte"),
                help_text=_("Écrit avec « ecluse cohort json », 1 Mo au plus."),
                required=False,
                allow_empty_file=True,
            ),
            TEXT: forms.CharField(
                label=_("Texte JSON de la cohorte"),
                help_text=_("Celui du fichier envoyé, ou collé ici : il remplace les critères."),
                required=False,
                widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
            ),
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

    def definition(self) -> list[BoundField]:
        """Return the controls of a cohort in the full language."""
        return [self[FILE], self[TEXT]]

    def period(self) -> list[BoundField]:
        """Return the controls of the period of care and of the last flow read."""
        return [self[name] for name in PERIOD]

    def tables(self) -> list[TableGroup]:
        """Return the tables that the permit gives."""
        return table_groups(self, TABLES)

    def filters(self) -> list[BoundField]:
        """Return the controls of the filters of the dataset."""
        return [self[f"{FILTER}_{one.name}"] for one in self.notice.filters]

    def clean(self) -> dict[str, Any]:
        """Check the cohort and the period, in words."""
        cleaned = super().clean() or {}
        if self.unreadable is not None:
            self.add_error(FILE, self.unreadable)
        elif str(cleaned.get(TEXT) or "").strip():
            self._check_definition(str(cleaned[TEXT]))
        else:
            self.check_criteria()
            self._check_against_permit()
        self._check_care_period()
        if not read_scopes(TABLES, cleaned):
            self.add_error(None, _("Cochez au moins une colonne à extraire."))
        return cleaned

    def _check_definition(self, text: str) -> None:
        if self.names_criteria():
            self.add_error(TEXT, _("Donnez des critères ou une cohorte en JSON, pas les deux."))
            return
        try:
            self.whole = definitions.read(text)
        except ValidationError as error:
            self.add_error(TEXT, error)
            return
        for problem in self.holding.problems(self.whole):
            self.add_error(TEXT, problem)

    def _check_against_permit(self) -> None:
        """Hold the criteria against the permit as a cohort in the full language is held."""
        if not self.errors:
            for problem in self.holding.problems(self.cohort_of_criteria()):
                self.add_error(None, problem)

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

    def request(self) -> Request:
        """Return what is asked, once the form is valid."""
        data = self.cleaned_data
        return Request(
            dataset=self.scope.dataset,
            tables=read_scopes(TABLES, data),
            cohort=self.whole or self.cohort_of_criteria(),
            care_from=data["care_from"],
            care_to=data["care_to"],
            flux_until=data["flux_until"],
            filters=tuple(
                FilterSwitch(one.name, data[f"{FILTER}_{one.name}"])
                for one in self.notice.filters
                if data[f"{FILTER}_{one.name}"] is not one.default
            ),
            formats=tuple(FileFormat(name) for name in data["formats"]),
        )


def _formats() -> forms.Field:
    return forms.MultipleChoiceField(
        label=_("Formats livrés en plus de Parquet"),
        choices=[(one.value, FORMATS[one]) for one in FileFormat],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
