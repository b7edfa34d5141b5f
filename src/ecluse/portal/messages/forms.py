"""The form by which somebody says how they want their mails."""

from django import forms
from django.utils.translation import gettext_lazy as _


class PreferenceForm(forms.Form):
    """The language of mails, and whether only those that ask for something are wanted."""

    language = forms.ChoiceField(
        label=_("Langue des courriels"),
        choices=[("fr", "Français"), ("en", "English")],
        widget=forms.RadioSelect,
    )
    only_to_act = forms.BooleanField(
        label=_("Ne m’écrire que si quelque chose est attendu de moi"),
        help_text=_("Les autres messages restent lisibles ici."),
        required=False,
    )
