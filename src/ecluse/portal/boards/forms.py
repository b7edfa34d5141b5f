"""What is typed about a board: its opening, a submission, an enrolment."""

from decimal import Decimal
from typing import Any, Final

from django import forms
from django.core.validators import FileExtensionValidator
from django.utils.translation import gettext_lazy as _

from ecluse.domain.aisystems.entries import DIGEST
from ecluse.domain.evaluations.secrecy import (
    LEAST_FINAL_PERCENT,
    MILLION,
    MOST_FINAL_PERCENT,
    MOST_PERIOD_DAYS,
    MOST_SUBMISSIONS,
    BoardMeasure,
    BoardRules,
    Level,
    Purpose,
    StepRule,
)
from ecluse.portal.accounts.models import User
from ecluse.portal.boards import labels
from ecluse.portal.boards.actions import Opened
from ecluse.portal.permits.models import PermitRecord

MOST_BYTES: Final = 64 * 1024 * 1024
DEFAULTS: Final = {
    "threshold": "0.5",
    "final_percent": LEAST_FINAL_PERCENT,
    "submissions": 500,
    "per_entity": 5,
    "failures_per_entity": 5,
    "period_days": 30,
    "explorations": 0,
}


class OpenForm(forms.Form):
    """What opens a board. Figures that cannot work together are refused by the domain."""

    permit = forms.CharField(label=_("Numéro de l’autorisation"), max_length=24)
    title = forms.CharField(label=_("Intitulé"), max_length=200)
    labels_digest = forms.RegexField(
        DIGEST,
        label=_("Empreinte des réponses"),
        help_text=_("Celle que la zone sécurisée a donnée quand les réponses y ont été préparées."),
    )
    protocol_digest = forms.RegexField(
        DIGEST, label=_("Empreinte du protocole d’évaluation"), required=False
    )
    level = forms.ChoiceField(label=_("Secret"), choices=list(labels.LEVELS.items()))
    measure = forms.ChoiceField(label=_("Mesure"), choices=list(labels.MEASURES.items()))
    step_rule = forms.ChoiceField(
        label=_("Quand un score bouge"), choices=list(labels.STEP_RULES.items())
    )
    threshold = forms.DecimalField(
        label=_("Seuil qui sépare les deux classes"), min_value=0, max_value=1, decimal_places=6
    )
    final_percent = forms.IntegerField(
        label=_("Part gardée pour la fin (en pour cent)"),
        min_value=LEAST_FINAL_PERCENT,
        max_value=MOST_FINAL_PERCENT,
        help_text=_("Ces cas ne servent à aucune réponse avant le résultat signé."),
    )
    submissions = forms.IntegerField(
        label=_("Réponses en tout"), min_value=2, max_value=MOST_SUBMISSIONS
    )
    per_entity = forms.IntegerField(label=_("Soumissions par entité et par période"), min_value=1)
    failures_per_entity = forms.IntegerField(
        label=_("Fichiers non conformes par entité et par période"), min_value=1
    )
    period_days = forms.IntegerField(
        label=_("Durée d’une période (jours)"), min_value=1, max_value=MOST_PERIOD_DAYS
    )
    explorations = forms.IntegerField(label=_("Réponses exploratoires"), min_value=0)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, initial=DEFAULTS)

    def clean_permit(self) -> PermitRecord:
        """Return the permit of this number."""
        found = PermitRecord.objects.filter(number=self.cleaned_data["permit"].strip()).first()
        if found is None:
            raise forms.ValidationError(_("Aucune autorisation ne porte ce numéro."))
        return found

    def opened(self) -> Opened:
        """Return what was typed."""
        told = self.cleaned_data
        rules = BoardRules(
            level=Level(told["level"]),
            measure=BoardMeasure(told["measure"]),
            step_rule=StepRule(told["step_rule"]),
            threshold_millionths=_millionths(told["threshold"]),
            step_millionths=0,
            final_percent=told["final_percent"],
            submissions=told["submissions"],
            per_entity=told["per_entity"],
            failures_per_entity=told["failures_per_entity"],
            period_days=told["period_days"],
            explorations=told["explorations"],
        )
        return Opened(told["title"], told["labels_digest"], told["protocol_digest"], rules)


class SubmitForm(forms.Form):
    """A file, what it is for, and for a question the score measured elsewhere."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    purpose = forms.ChoiceField(label=_("But"), choices=list(labels.PURPOSES.items()))
    claimed = forms.DecimalField(
        label=_("Score mesuré ailleurs, pour explorer"),
        min_value=0,
        max_value=1,
        decimal_places=6,
        required=False,
    )
    file = forms.FileField(label=_("Fichier"))

    def __init__(
        self, level: Level, data: Any = None, files: Any = None, *, key: object = None
    ) -> None:
        super().__init__(data, files, initial={"key": key, "purpose": Purpose.COMPETE.value})
        is_model = level is Level.NOTHING_PUBLIC
        self.fields["file"].validators.append(
            FileExtensionValidator(["onnx"] if is_model else ["csv"])
        )
        self.fields["file"].help_text = (
            _("Un modèle ONNX ; il est examiné avant d’être lancé, sans réseau.")
            if is_model
            else _("Un fichier CSV : case,prediction ; une ligne par cas, de 0 à 1.")
        )
        if is_model:
            del self.fields["claimed"]
            purposes = [(Purpose.COMPETE.value, labels.PURPOSES[Purpose.COMPETE])]
            self.fields["purpose"] = forms.ChoiceField(label=_("But"), choices=purposes)

    def clean(self) -> dict[str, Any]:
        """Refuse a question without a score, and a score without a question."""
        told = super().clean() or self.cleaned_data
        asks = told.get("purpose") == Purpose.EXPLORE
        if asks != (told.get("claimed") is not None) and not self.errors:
            self.add_error(
                "claimed" if "claimed" in self.fields else "purpose",
                _("Un score est donné pour explorer, et seulement pour cela."),
            )
        file = told.get("file")
        if file is not None and file.size > MOST_BYTES:
            self.add_error("file", _("Ce fichier dépasse 64 Mio."))
        return told

    def claimed_millionths(self) -> int | None:
        """Return the score measured elsewhere."""
        claimed = self.cleaned_data.get("claimed")
        return None if claimed is None else _millionths(claimed)


class EnrolForm(forms.Form):
    """The account, and the legal entity for which it submits."""

    email = forms.EmailField(label=_("Adresse du compte"))
    number = forms.CharField(
        label=_("Numéro de l’entité"),
        max_length=40,
        help_text=_("Un SIREN, ou un pays et un numéro : DE:HRB12345."),
    )
    name = forms.CharField(label=_("Nom de l’entité"), max_length=200)

    def clean_email(self) -> User:
        """Return the account of this address."""
        found = User.objects.filter(email=self.cleaned_data["email"].strip().lower()).first()
        if found is None or not found.may("board.submit"):
            raise forms.ValidationError(_("Aucun compte qui soumette n’a cette adresse."))
        return found


class CloseForm(forms.Form):
    """Nothing is typed: the page says what closing does."""


def _millionths(share: Decimal) -> int:
    return int((share * MILLION).to_integral_value())
