"""What is typed about a finding; what names somebody is refused before it is kept."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ecluse.domain.findings import (
    LEAST_WORDS,
    MOST_WORDS,
    Certainty,
    Judgement,
    Way,
    names_somebody,
)
from ecluse.portal.catalogue.models import Dataset
from ecluse.portal.findings import labels
from ecluse.portal.findings.actions import TEXTS, Outcome, Report, holders_of
from ecluse.portal.findings.models import FindingFile
from ecluse.portal.holders.models import Holder

YES, NO = "yes", "no"
YES_NO = ((YES, _("Oui")), (NO, _("Non")))
MOST_TOLD = 1_000_000


def check_nobody(text: str) -> None:
    """Refuse what could say who somebody is."""
    if names_somebody(text):
        raise ValidationError(
            _(
                "Un numéro, une adresse ou une date de ce texte pourrait dire qui est une "
                "personne : écrivez ce qui a été trouvé, et laissez les personnes dans la zone."
            )
        )


def _words(label: Any, help_text: Any = "", rows: int = 4) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        min_length=LEAST_WORDS,
        max_length=MOST_WORDS,
        widget=forms.Textarea(attrs={"rows": rows}),
        validators=[check_nobody],
    )


def _certainty(label: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=lambda: [(one.value, labels.CERTAINTIES[one]) for one in Certainty],
        widget=forms.RadioSelect,
    )


class ReportForm(forms.Form):
    """What a project says of a finding."""

    what = _words(
        labels.TEXTS["what"], _("Sans nom, sans numéro, sans date de soin : rien d’une personne.")
    )
    relevance = _words(labels.TEXTS["relevance"])
    action = _words(labels.TEXTS["action"], _("Un traitement, un examen, un arrêt, un suivi."))
    basis = _words(labels.TEXTS["basis"], _("La méthode, ses erreurs connues, qui a vérifié."))
    certainty = _certainty(_("À quel point est-elle sûre ?"))
    is_urgent = forms.BooleanField(
        label=_("Attendre mettrait ces personnes en danger"), required=False
    )

    @staticmethod
    def written(finding: FindingFile) -> dict[str, object]:
        """Return what is written already."""
        texts: dict[str, object] = {name: getattr(finding, name) for name in TEXTS}
        return {**texts, "certainty": finding.certainty, "is_urgent": finding.is_urgent}

    def report(self) -> Report:
        """Return what was typed."""
        data = self.cleaned_data
        texts = {name: data[name] for name in TEXTS}
        return Report(**texts, certainty=Certainty(data["certainty"]), is_urgent=data["is_urgent"])


class PlainForm(forms.Form):
    """Nothing to say: the act is enough."""


class ReasonForm(forms.Form):
    """Why, in words that the project reads."""

    reason = _words(_("Motif, tel que le projet le lira"))


class JudgementForm(forms.Form):
    """The three questions of the hub, and why."""

    is_relevant = forms.ChoiceField(
        label=_("Importe-t-elle à la santé de ces personnes ?"),
        choices=YES_NO,
        widget=forms.RadioSelect,
    )
    is_actionable = forms.ChoiceField(
        label=_("Quelque chose peut-il être fait pour elles ?"),
        choices=YES_NO,
        widget=forms.RadioSelect,
    )
    certainty = _certainty(_("À quel point est-elle sûre, d’après ce qui est écrit ?"))
    reason = _words(
        _("Motifs, tels que le projet et les dépositaires des pseudonymes les liront"),
        _("Le hub regarde la forme : il ne rend pas d’avis médical."),
    )

    def judgement(self) -> Judgement:
        """Return what was answered."""
        data = self.cleaned_data
        return Judgement(
            data["is_relevant"] == YES, data["is_actionable"] == YES, Certainty(data["certainty"])
        )


class QualifyForm(JudgementForm):
    """The same, where the answers must make the finding significant."""

    def clean(self) -> dict[str, Any]:
        """Refuse answers that do not."""
        data = super().clean() or self.cleaned_data
        if not self.errors and not self.judgement().is_significant:
            raise ValidationError(
                _(
                    "Ces réponses n’en font pas une constatation significative : demandez des "
                    "précisions, ou ne la retenez pas."
                )
            )
        return data


class SetAsideForm(JudgementForm):
    """The same, where the answers must not."""

    def clean(self) -> dict[str, Any]:
        """Refuse answers that make the finding significant."""
        data = super().clean() or self.cleaned_data
        if not self.errors and self.judgement().is_significant:
            raise ValidationError(
                _("Ces réponses en font une constatation significative : retenez-la.")
            )
        return data


class SendForm(forms.Form):
    """To which holders of the data of the permit."""

    recipients = forms.MultipleChoiceField(
        label=_("Détenteurs concernés, et le jeu de données où chercher"),
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, finding: FindingFile, data: Any = None) -> None:
        super().__init__(data)
        self._known = {f"{h.pk}-{d.pk}": (h, d) for h, d in holders_of(finding)}
        self.fields["recipients"] = forms.MultipleChoiceField(
            label=_("Détenteurs concernés, et le jeu de données où chercher"),
            choices=[(key, f"{h.name} – {d.title_fr}") for key, (h, d) in self._known.items()],
            widget=forms.CheckboxSelectMultiple,
        )

    def chosen(self) -> list[tuple[Holder, Dataset]]:
        """Return the holders chosen."""
        return [self._known[key] for key in self.cleaned_data["recipients"]]


def _count(label: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        min_value=0,
        max_value=MOST_TOLD,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )


class OutcomeForm(forms.Form):
    """What a holder did."""

    way = forms.ChoiceField(
        label=_("Qui avez-vous informé ?"),
        choices=lambda: [(one.value, labels.WAYS[one]) for one in Way],
        widget=forms.RadioSelect,
    )
    told = _count(_("Personnes informées, ou dont le professionnel l’est"))
    refused = _count(_("Personnes qui n’ont pas voulu l’être"))
    not_found = _count(_("Personnes introuvables, ou décédées"))

    def outcome(self) -> Outcome:
        """Return what was typed."""
        data = self.cleaned_data
        return Outcome(Way(data["way"]), data["told"], data["refused"], data["not_found"])
