"""The decision and the revocation as Django forms."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils.module_loading import import_string
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from ecluse.domain.answers import read_day
from ecluse.domain.clocks.periods import add_months
from ecluse.domain.documents import (
    AuthorisedPerson,
    DataFormat,
    DatasetScope,
    FeeLine,
    SnapshotNotice,
    TableScope,
)
from ecluse.domain.minimisation import clashing, precisions_of, proposed
from ecluse.domain.parameters import MINIMUM_COUNT, PERMIT_MAXIMUM_YEARS
from ecluse.portal.applications import scope
from ecluse.portal.applications.fields import read_scopes
from ecluse.portal.applications.models import Application
from ecluse.portal.applications.pinned import answer_text
from ecluse.portal.applications.precisions import TableGroup, precise_table_fields, table_groups
from ecluse.portal.assessments.minimisation import after_review
from ecluse.portal.permits.linkages import LinkagesField
from ecluse.portal.permits.terms import Terms
from ecluse.portal.permits.together import REASON, TOGETHER, tell_clash, together_fields

TABLES = "tables"
DEFAULT_MONTHS = 24
CENTS = 100
LARGEST_FEE = Decimal(10_000_000)


def _lines(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class DayField(forms.DateField):
    """A day chosen in a calendar."""

    widget = forms.DateInput

    def __init__(self, **options: Any) -> None:
        super().__init__(input_formats=["%Y-%m-%d"], **options)


class TermsForm(forms.Form):
    """The terms of a permit (EHDS art. 68(10)), prefilled with what was asked."""

    title = forms.CharField(label=gettext_lazy("Titre public"), max_length=200)
    purpose_text = forms.CharField(
        label=gettext_lazy("Finalité détaillée"),
        help_text=gettext_lazy("Ce que l’autorisation permet de chercher (art. 68(10)(b))."),
        max_length=5000,
        widget=_lines(6),
    )
    data_format = forms.ChoiceField(
        label=gettext_lazy("Format des données"),
        choices=[
            (DataFormat.ANONYMISED.value, gettext_lazy("Anonymisées")),
            (DataFormat.PSEUDONYMISED.value, gettext_lazy("Pseudonymisées")),
        ],
        widget=forms.RadioSelect,
    )
    care_from = DayField(label=gettext_lazy("Soins : premier jour"))
    care_to = DayField(label=gettext_lazy("Soins : dernier jour"))
    valid_from = DayField(label=gettext_lazy("Autorisation valable du"))
    valid_until = DayField(
        label=gettext_lazy("Autorisation valable jusqu’au"),
        help_text=gettext_lazy("Ce jour est compris ; dix ans au plus (art. 68(12))."),
    )
    minimum_count = forms.IntegerField(
        label=gettext_lazy("Effectif minimal d’une case publiée"),
        help_text=gettext_lazy("En personnes. La pratique du SNDS est 11."),
        min_value=1,
        max_value=1000,
    )
    environment = forms.CharField(
        label=gettext_lazy("Environnement et outils"),
        help_text=gettext_lazy("Caractéristiques techniques (art. 68(10)(f))."),
        max_length=1000,
        widget=_lines(3),
    )
    linkages = LinkagesField()
    conditions = forms.CharField(
        label=gettext_lazy("Conditions particulières"),
        help_text=gettext_lazy("Une par ligne (art. 68(10)(h))."),
        required=False,
        max_length=4000,
        widget=_lines(4),
    )
    stops_when_late = forms.BooleanField(
        label=gettext_lazy("Plus de commande tant qu’une condition datée est en retard"),
        required=False,
    )
    fees = forms.CharField(
        label=gettext_lazy("Redevances"),
        help_text=gettext_lazy("Une par ligne : libellé ; montant hors taxe en euros (art. 62)."),
        required=False,
        max_length=2000,
        widget=_lines(3),
    )

    use_required_attribute = False

    def __init__(
        self,
        application: Application,
        notice: SnapshotNotice,
        data: Mapping[str, Any] | None = None,
        *,
        today: date,
    ) -> None:
        self.application, self.answers = application, application.answers
        super().__init__(data, initial=_initial(application, today=today))
        if self.answers.get("opt_out_exception") is True:
            self._offer_exception()
        asked = offered_and_asked(application, notice)
        self.fields.update(
            precise_table_fields(
                TABLES,
                asked,
                notice,
                chosen=proposed(after_review(application, asked), precisions_of(notice)),
                language=get_language() or "fr",
            )
        )
        self.fields.update(together_fields(asked))

    def _offer_exception(self) -> None:
        self.fields["applies_opt_out_exception"] = forms.BooleanField(
            label=_("Appliquer l’exception au droit d’opposition (art. 71(4))"), required=False
        )
        self.fields["opt_out_exception_reason"] = forms.CharField(
            label=_("Motif de l’exception (art. 68(10)(c))"),
            required=False,
            max_length=2000,
            widget=_lines(3),
            initial=answer_text(self.answers, "opt_out_exception_reason"),
        )

    def tables(self) -> list[TableGroup]:
        """Return the tables asked, each column with the precision proposed."""
        return table_groups(self, TABLES)

    def alone(self) -> list[BoundField]:
        """Return the controls before the tables."""
        return [self[name] for name in self.fields if not name.startswith((TABLES, TOGETHER))]

    def authorisation(self) -> list[BoundField]:
        """Return the controls that authorise facts together; none where one at most is asked."""
        return [self[name] for name in (TOGETHER, REASON) if name in self.fields]

    def clean_fees(self) -> tuple[FeeLine, ...]:
        """Return the fees in cents."""
        lines = [line for line in self.cleaned_data["fees"].splitlines() if line.strip()]
        return tuple(_fee(line) for line in lines)

    def clean_conditions(self) -> tuple[str, ...]:
        """Return the conditions, one per line."""
        lines = (line.strip() for line in self.cleaned_data["conditions"].splitlines())
        return tuple(line for line in lines if line)

    def clean(self) -> dict[str, Any]:
        """Check what several answers say together, in words."""
        cleaned = super().clean() or {}
        self._check_days("care_from", "care_to")
        self._check_days("valid_from", "valid_until")
        first, last = cleaned.get("valid_from"), cleaned.get("valid_until")
        if first and last and last > add_months(first, PERMIT_MAXIMUM_YEARS.value * 12):
            self.add_error("valid_until", _("Une autorisation dure dix ans au plus (art. 68(12))."))
        self._check_tables(cleaned)
        if cleaned.get("applies_opt_out_exception") and not cleaned.get("opt_out_exception_reason"):
            self.add_error("opt_out_exception_reason", _("Dites pourquoi l’exception s’applique."))
        return cleaned

    def _check_tables(self, cleaned: Mapping[str, Any]) -> None:
        """Say which columns clash, before a rule refuses the whole permit."""
        given = read_scopes(TABLES, cleaned)
        together = cleaned.get(TOGETHER) or []
        if not given:
            self.add_error(None, _("L’autorisation ne donne aucune table : cochez des colonnes."))
        if together and not cleaned.get(REASON):
            self.add_error(REASON, _("Dites pourquoi ces informations sont données ensemble."))
        if any(name.startswith(f"{TABLES}_") for name in self.errors):
            return  # a column without a precision would read as given whole
        whole = DatasetScope(self.application.dataset.slug, given, date.min, date.max)
        tell_clash(self, TABLES, clashing(whole, authorised=together))

    def _check_days(self, first: str, last: str) -> None:
        begins, ends = self.cleaned_data.get(first), self.cleaned_data.get(last)
        if begins and ends and ends < begins:
            self.add_error(last, _("Ce jour précède le premier jour : corrigez l’un des deux."))

    def terms(self) -> Terms:
        """Return the terms that the decider gives."""
        data = self.cleaned_data
        given = DatasetScope(
            self.application.dataset.slug,
            read_scopes(TABLES, data),
            data["care_from"],
            data["care_to"],
        )
        applies = data.get("applies_opt_out_exception") is True
        together = tuple(data.get(TOGETHER) or ())
        return Terms(
            title=data["title"],
            organisation=answer_text(self.answers, "organisation"),
            persons=persons_of(self.application),
            purposes=tuple(self.answers.get("purposes", [])),
            purpose_text=data["purpose_text"],
            datasets=(given,),
            data_format=DataFormat(data["data_format"]),
            applies_opt_out_exception=applies,
            opt_out_exception_reason=data["opt_out_exception_reason"] if applies else None,
            valid_from=data["valid_from"],
            valid_until=data["valid_until"],
            environment=data["environment"],
            fees=data["fees"],
            conditions=data["conditions"],
            minimum_count=data["minimum_count"],
            linkages=data["linkages"],
            stops_when_late=data["stops_when_late"],
            together=together,
            together_reason=data[REASON] if together else None,
        )


def persons_of(application: Application) -> tuple[AuthorisedPerson, ...]:
    """Return the persons of the file, the principal investigator first."""
    rows = application.persons.order_by("-is_principal_investigator", "subject")
    return tuple(AuthorisedPerson(p.subject, p.name, p.is_principal_investigator) for p in rows)


def offered_and_asked(application: Application, notice: SnapshotNotice) -> tuple[TableScope, ...]:
    """Return the tables and columns asked that the latest snapshot still has."""
    offered = {table.table: frozenset(table.columns) for table in scope.offered(notice)}
    asked = scope.read_tables(application.answers.get("tables"))
    scopes = (scope.narrowed(table, to=offered.get(table.table, frozenset())) for table in asked)
    return tuple(table for table in scopes if table.columns)


def _initial(application: Application, *, today: date) -> dict[str, object]:
    answers = application.answers
    months = answers.get("access_months")
    length = months if isinstance(months, int) else DEFAULT_MONTHS
    return {
        "title": application.title,
        "purpose_text": answer_text(answers, "intended_use"),
        "data_format": answer_text(answers, "data_format"),
        "care_from": read_day(answers.get("care_from")),
        "care_to": read_day(answers.get("care_to")),
        "valid_from": today,
        "valid_until": add_months(today, length) - timedelta(days=1),
        "minimum_count": MINIMUM_COUNT.value,
        "environment": _("Environnement sécurisé du hub : analyses isolées, sans réseau."),
        "fees": "\n".join(_fee_line(one) for one in accepted_fees(application)),
        "conditions": "\n".join(
            (
                _("Publier les résultats dans les dix-huit mois, sous forme anonyme (art. 61(4))."),
                _("Ne jamais tenter de réidentifier une personne (art. 61(3))."),
            )
        ),
    }


def accepted_fees(application: Application) -> tuple[FeeLine, ...]:
    """Return what the applicant accepted to pay: the app that knows comes after this one."""
    found: tuple[FeeLine, ...] = import_string(settings.ECLUSE_ACCEPTED_FEES)(application.unit())
    return found


def _fee_line(fee: FeeLine) -> str:
    return f"{fee.label} ; {fee.amount_cents // CENTS},{fee.amount_cents % CENTS:02}"


def _fee(line: str) -> FeeLine:
    label, separator, amount = line.rpartition(";")
    try:
        euros = Decimal(amount.strip().replace(",", ".").replace("€", "").replace(" ", ""))
    except InvalidOperation:
        euros = Decimal(-1)
    is_amount = euros.is_finite() and 0 <= euros <= LARGEST_FEE
    if not separator or not label.strip() or not is_amount:
        raise ValidationError(
            _("« %(line)s » : écrivez un libellé, un point-virgule, un montant en euros."),
            params={"line": line.strip()},
        )
    return FeeLine(label.strip(), int((euros * CENTS).to_integral_value()))


class RevocationForm(forms.Form):
    """Why a permit is taken back."""

    reason = forms.CharField(
        label=gettext_lazy("Motifs de la révocation"),
        help_text=gettext_lazy("Ils sont communiqués aux personnes concernées (art. 63(5))."),
        max_length=4000,
        widget=_lines(5),
    )
