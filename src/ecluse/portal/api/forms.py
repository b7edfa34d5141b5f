"""A token as a form."""

from django import forms
from django.utils.translation import gettext_lazy as _

from ecluse.portal.api.actions import Wanted
from ecluse.portal.api.models import NAME
from ecluse.portal.api.scopes import LABELS, Scope

DAYS = ((30, _("30 jours")), (90, _("90 jours")), (365, _("Un an")))


class TokenForm(forms.Form):
    """What a token is called, what it opens, and for how long."""

    name = forms.CharField(
        label=_("Nom"),
        help_text=_("Le programme qui s’en servira, par exemple : tableau de bord du laboratoire."),
        max_length=NAME,
    )
    scopes = forms.MultipleChoiceField(
        label=_("Ce qu’il ouvre"),
        choices=[(scope.value, text) for scope, text in LABELS.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.TypedChoiceField(
        label=_("Durée"), choices=DAYS, coerce=int, initial=90, widget=forms.RadioSelect
    )

    use_required_attribute = False

    def wanted(self) -> Wanted:
        """Return what is asked for."""
        cleaned = self.cleaned_data
        scopes = [Scope(name) for name in cleaned["scopes"]]
        return Wanted(cleaned["name"], scopes, cleaned["days"])
