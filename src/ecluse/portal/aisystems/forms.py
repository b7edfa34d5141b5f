"""What is typed about a system: its record, what is added to it, a search, a file, a survey."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ecluse.domain.aisystems.entries import (
    Basis,
    Certificate,
    Claim,
    Deployment,
    Design,
    Evaluation,
    Evidence,
    Incident,
    Reading,
    Severity,
)
from ecluse.domain.aisystems.rules import CLASSES
from ecluse.domain.aisystems.systems import Status
from ecluse.portal.aisystems import labels
from ecluse.portal.aisystems.actions import Content
from ecluse.portal.aisystems.reading import AXES
from ecluse.portal.aisystems.rulebook import fields, words
from ecluse.portal.search.pictures import NAMES

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

LONGEST: Final = 8_000
NAME_LONGEST: Final = 200
YES, NO = "yes", "no"
SHORT: Final = frozenset({"trade_name", "provider_entry_url", "member_states", "reimbursement"})
"""The declared fields that take one line."""
Choices = list[tuple[str, str | Promise]]


class DeclareForm(forms.Form):
    """A record: its answers, then its texts. Nothing but its name is required before it is sent."""

    status = forms.ChoiceField(label=_("Statut"), choices=list(labels.STATUSES.items()))
    uses = forms.MultipleChoiceField(
        label=_("Usages que le règlement IA nomme"),
        choices=list(labels.USES.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, content: Mapping[str, Any] | None, data: Any = None) -> None:
        super().__init__(data)
        told = content or {"texts": {}, "facts": {}, "status": Status.DEVELOPMENT.value}
        facts = told["facts"]
        for name, label in labels.YES_NO.items():
            self.fields[name] = _choice(str(label), {YES: _("Oui"), NO: _("Non")})
            self.initial[name] = {True: YES, False: NO}.get(facts.get(name), "")
        for name, (label, choices) in labels.CHOICES.items():
            self.fields[name] = _choice(str(label), choices)
            self.initial[name] = facts.get(name, "")
        for name, label in labels.NUMBERS.items():
            self.fields[name] = forms.FloatField(label=str(label), min_value=0, required=False)
            self.initial[name] = facts.get(name)
        for field in declared():
            self.fields[field.key] = _text(field.key, words(field.title), words(field.hint))
            self.initial[field.key] = told["texts"].get(field.key, "")
        self.initial["status"] = told["status"]
        self.initial["uses"] = facts.get("uses", [])

    def groups(self) -> list[tuple[str | Promise, list[forms.BoundField]]]:
        """Return the fields as the page groups them."""
        texts = [self[field.key] for field in declared()]
        first = ("status", "specialty", "care_step", "ai", "medical_purpose")
        rules = (*labels.YES_NO, *labels.CHOICES, *labels.NUMBERS)
        asked = [self[name] for name in rules if name not in first]
        return [
            (_("Ce qu’il est"), [texts[0], texts[1], *(self[name] for name in first)]),
            (_("Ce dont sa classe dépend"), [self["uses"], *asked]),
            (_("Ce qu’en dit la notice"), texts[2:]),
        ]

    def content(self) -> Content:
        """Return what was declared."""
        data = self.cleaned_data
        facts: dict[str, Any] = {name: data[name] == YES for name in labels.YES_NO if data[name]}
        facts |= {name: data[name] for name in labels.CHOICES if data[name]}
        facts |= {name: data[name] for name in labels.NUMBERS if data[name] is not None}
        facts["uses"] = tuple(data["uses"])
        texts = {field.key: data[field.key] for field in declared()}
        return Content(texts, facts, Status(data["status"]))


def declared() -> list[Any]:
    """Return the fields that a provider writes in words."""
    return [field for field in fields() if field.origin == "declared"]


def _choice(label: str, choices: labels.Words) -> forms.ChoiceField:
    every: Choices = [("", _("Pas encore répondu")), *choices.items()]
    return forms.ChoiceField(label=label, choices=every, required=False)


def _text(key: str, label: str, hint: str) -> forms.CharField:
    widget = forms.TextInput() if key in SHORT else forms.Textarea(attrs={"rows": 4})
    return forms.CharField(
        label=label,
        help_text=hint,
        required=key == "trade_name",
        max_length=NAME_LONGEST if key in SHORT else LONGEST,
        widget=widget,
    )


def _day(label: _StrPromise, **more: Any) -> forms.DateField:
    return forms.DateField(
        label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **more
    )


def _line(label: _StrPromise, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=NAME_LONGEST, **more)


DIGEST_HELP = _("L’empreinte de ce qui est en service : sha256: et 64 chiffres hexadécimaux.")


class DeploymentForm(forms.Form):
    """Where it runs."""

    finess = _line(_("Numéro FINESS"))
    establishment = _line(_("Établissement"))
    unit = _line(_("Unité"))
    started_on = _day(_("En service depuis le"))
    ended_on = _day(_("Hors service depuis le"), required=False)
    monthly_volume = forms.IntegerField(label=_("Cas par mois"), min_value=0)
    threshold = _line(_("Seuil local"), required=False)
    artefact = _line(_("Empreinte"), required=False, help_text=DIGEST_HELP)

    def entry(self) -> Deployment:
        """Return the place."""
        return Deployment(**self.cleaned_data)


class EvaluationForm(forms.Form):
    """What a study measured."""

    metric = _line(_("Mesure"), help_text=_("Par exemple : auroc, sensibilité."))
    value = _line(_("Valeur"))
    low = _line(_("Borne basse de l’intervalle à 95 %"))
    high = _line(_("Borne haute de l’intervalle à 95 %"))
    gap = _line(_("Plus grand écart entre sous-groupes"), required=False)
    design = forms.ChoiceField(label=_("Étude"), choices=list(labels.DESIGNS.items()))
    basis = forms.ChoiceField(
        label=_("Ce qui l’établit"),
        choices=list(labels.BASES.items()),
        help_text=_("Un rapport signé d’un hub est ajouté par un agent du hub."),
    )
    is_external = forms.BooleanField(
        label=_("Sur d’autres données que celles de son développement"), required=False
    )
    reference = _line(_("Référence ou empreinte du rapport"))
    measured_on = _day(_("Mesuré le"))
    artefact = _line(_("Empreinte"), required=False, help_text=DIGEST_HELP)

    def entry(self) -> Evaluation:
        """Return the figure."""
        told = dict(self.cleaned_data)
        told |= {"design": Design(told["design"]), "basis": Basis(told["basis"])}
        return Evaluation(**told)


class ClaimForm(forms.Form):
    """An accuracy that the instructions state."""

    metric = _line(_("Mesure"), help_text=_("Par exemple : auroc, sensibilité."))
    value = _line(_("Valeur"))
    stated_in = _line(_("Où elle est annoncée"))

    def entry(self) -> Claim:
        """Return the claim."""
        return Claim(**self.cleaned_data)


class ReadingForm(forms.Form):
    """A value of a post-market indicator."""

    indicator = _line(_("Indicateur"))
    value = _line(_("Valeur"))
    least = _line(_("Limite basse"), required=False)
    most = _line(_("Limite haute"), required=False)
    measured_on = _day(_("Mesuré le"))
    every_days = forms.IntegerField(label=_("Mesuré tous les (jours)"), min_value=1)

    def entry(self) -> Reading:
        """Return the value."""
        return Reading(**self.cleaned_data)


class IncidentForm(forms.Form):
    """An incident."""

    reference = _line(_("Numéro du signalement"))
    happened_on = _day(_("Survenu le"))
    severity = forms.ChoiceField(label=_("Gravité"), choices=list(labels.SEVERITIES.items()))
    summary = forms.CharField(
        label=_("Ce qui s’est passé"),
        help_text=_("Rien qui désigne une personne : ce texte est public."),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    measure = _line(_("Mesure prise"), required=False)

    def entry(self) -> Incident:
        """Return the incident."""
        told = dict(self.cleaned_data)
        return Incident(**told | {"severity": Severity(told["severity"])})


class EvidenceForm(forms.Form):
    """What proves a duty."""

    duty = forms.ChoiceField(label=_("Obligation"))
    reference = _line(_("Référence de la preuve"))
    on = _day(_("Datée du"))
    expires_on = _day(_("Valable jusqu’au"), required=False)

    def __init__(self, duties: list[tuple[str, str]], data: Any = None) -> None:
        super().__init__(data)
        choice = self.fields["duty"]
        if isinstance(choice, forms.ChoiceField):
            choice.choices = duties

    def entry(self) -> Evidence:
        """Return the evidence."""
        return Evidence(**self.cleaned_data)


class CertificateForm(forms.Form):
    """A certificate of a notified body."""

    kind = _line(_("Règlement"), help_text=_("Par exemple : MDR, IVDR."))
    number = _line(_("Numéro du certificat"))
    body = _line(_("Numéro de l’organisme notifié"))
    device_class = forms.ChoiceField(
        label=_("Classe"), choices=[(one, one) for order in CLASSES.values() for one in order]
    )
    expires_on = _day(_("Valable jusqu’au"))

    def entry(self) -> Certificate:
        """Return the certificate."""
        return Certificate(**self.cleaned_data)


FORMS: Final[Mapping[str, type[forms.Form]]] = {
    "deployment": DeploymentForm,
    "evaluation": EvaluationForm,
    "claim": ClaimForm,
    "reading": ReadingForm,
    "incident": IncidentForm,
    "evidence": EvidenceForm,
    "certificate": CertificateForm,
}


class WantedForm(forms.Form):
    """What is looked for in the register; what is not known is asked of nothing."""

    q = forms.CharField(label=_("Mots"), required=False, max_length=NAME_LONGEST)
    specialty = forms.ChoiceField(label=_("Spécialité"), required=False)
    care_step = forms.ChoiceField(label=_("Étape du soin"), required=False)
    category = forms.ChoiceField(label=_("Catégorie du règlement IA"), required=False)
    level = forms.ChoiceField(label=_("Niveau d’évaluation"), required=False)
    region = forms.ChoiceField(label=_("Région"), required=False)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        known: dict[str, Mapping[Any, str | Promise]] = {
            "specialty": labels.SPECIALTY,
            "care_step": labels.CARE_STEP,
            "category": labels.CATEGORIES,
            "level": labels.LEVELS,
            "region": NAMES,
        }
        for name, choices in known.items():
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = [("", _("Toutes")), *choices.items()]

    def query(self) -> str:
        """Return what was asked, as an address carries it."""
        return urlencode(self.wanted())

    def wanted(self) -> dict[str, str]:
        """Return what was asked and can be."""
        self.is_valid()
        told = getattr(self, "cleaned_data", {})
        return {name: told[name] for name in ("q", *AXES, "region") if told.get(name)}


class ReasonForm(forms.Form):
    """An act with its reason."""

    reason = forms.CharField(
        label=_("Motif"),
        help_text=_("Il se lit sur la page du système."),
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class FileForm(forms.Form):
    """A record written elsewhere."""

    file = forms.FileField(
        label=_("Fichier"),
        help_text=_("Une carte CHAI (XML), une fiche ATRS ou une liste de dispositifs (CSV)."),
    )


class SurveyForm(forms.Form):
    """Whom a survey asks, until when."""

    title = _line(_("Titre"))
    closes_on = _day(_("Réponses jusqu’au"))
    asked = forms.CharField(
        label=_("Établissements"),
        help_text=_("Un par ligne : FINESS;nom;adresse électronique de qui répond."),
        widget=forms.Textarea(attrs={"rows": 8}),
    )

    def clean_closes_on(self) -> date:
        """Return the last day."""
        closes_on: date = self.cleaned_data["closes_on"]
        return closes_on


class AnswerForm(forms.Form):
    """Which systems run in an establishment."""

    systems = forms.MultipleChoiceField(
        label=_("Systèmes du registre utilisés ici"),
        help_text=_("Aucune case : aucun d’entre eux n’est utilisé."),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    others = forms.CharField(
        label=_("Autres systèmes utilisés, un par ligne"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    def __init__(self, systems: list[tuple[str, str]], data: Any = None) -> None:
        super().__init__(data)
        choice = self.fields["systems"]
        if isinstance(choice, forms.MultipleChoiceField):
            choice.choices = systems
