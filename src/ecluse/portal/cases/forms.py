"""The common page of an action, the work list's choices, and what is done to several files."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ecluse.domain.actors import Actor
from ecluse.domain.clocks.rules import Shape
from ecluse.domain.machines.machine import Action, Verb
from ecluse.portal.accounts.models import User
from ecluse.portal.cases import labels, storage
from ecluse.portal.cases.reasons import Reason

LONGEST_REASON = 4000


class ActForm(forms.Form):
    """The words of an action: a reason from the library, one's own, and a last day if law asks."""

    def __init__(
        self, row: Action, reasons: tuple[Reason, ...], data: Any = None, *, language: str
    ) -> None:
        super().__init__(data)
        self.reasons = {reason.reason_id: reason for reason in reasons}
        self.language = language
        self.is_needed = row.needs_reason
        if reasons:
            choices = [(one.reason_id, one.title(language)) for one in reasons]
            self.fields["standard"] = forms.ChoiceField(
                label=_("Motif de la bibliothèque"), choices=[("", "—"), *choices], required=False
            )
        if self.is_needed or reasons:
            self.fields["reason"] = forms.CharField(
                label=_("Motif"),
                help_text=_("Il est notifié, et reste au dossier."),
                required=self.is_needed and not reasons,
                max_length=LONGEST_REASON,
                widget=forms.Textarea(attrs={"rows": 5}),
            )
        if asks_day(row):
            self.fields["until_on"] = forms.DateField(
                label=_("Jusqu’au (ce jour compris)"),
                input_formats=["%Y-%m-%d"],
                widget=forms.DateInput,
            )

    def clean(self) -> dict[str, Any]:
        """Ask a reason, chosen or written."""
        cleaned = super().clean() or {}
        if self.is_needed and not self.reason():
            self.add_error("reason", _("Écrivez le motif, ou choisissez-en un."))
        return cleaned

    def reason(self) -> str:
        """The reason chosen, then the one written."""
        chosen = self.reasons.get(self.cleaned_data.get("standard", ""))
        texts = [chosen.text(self.language)] if chosen else []
        texts += [self.cleaned_data.get("reason", "").strip()]
        return "\n\n".join(text for text in texts if text)


def asks_day(row: Action) -> bool:
    """Whether law leaves the last day to whoever does the action."""
    for effect in row.clocks:
        if effect.verb is not Verb.EXTEND or effect.rule_id == "decision":
            continue
        rule = storage.law_of(effect.rule_id).rule(effect.rule_id)
        if rule.extension is not None and rule.extension.limit is None:
            return rule.shape is Shape.WITHIN
    return False


class DeskForm(forms.Form):
    """What the work list shows."""

    TURNS = (Actor.ASSESSOR, Actor.DECIDER, Actor.DATA_USER)

    turn = forms.ChoiceField(label=_("Au tour de"), required=False)
    late = forms.BooleanField(label=_("En retard seulement"), required=False)
    mine = forms.BooleanField(label=_("Attribués à moi"), required=False)
    words = forms.CharField(label=_("Numéro ou titre"), required=False, max_length=100)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        turns = [(actor.value, labels.actor_label(actor.value)) for actor in self.TURNS]
        self.fields["turn"].choices = [("", _("mon rôle")), *turns, ("all", _("tout le monde"))]  # type: ignore[attr-defined]


class KeepFilterForm(forms.Form):
    """The name under which a view of the work list is kept."""

    name = forms.CharField(label=_("Nom de cette vue"), max_length=60)


class BulkForm(forms.Form):
    """Files chosen in the work list, and who takes them."""

    cases = forms.MultipleChoiceField()
    assignee = forms.ModelChoiceField(queryset=User.objects.none())

    def __init__(self, numbers: list[str], data: Any = None) -> None:
        super().__init__(data)
        self.fields["cases"].choices = [(number, number) for number in numbers]  # type: ignore[attr-defined]
        offices = [Actor.ASSESSOR.value, Actor.DECIDER.value]
        found = User.objects.filter(role_rows__role__in=offices, is_active=True)
        self.fields["assignee"].queryset = found.distinct().order_by("full_name")  # type: ignore[attr-defined]
