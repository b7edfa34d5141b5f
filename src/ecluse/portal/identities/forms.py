"""The form of a national number."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ecluse.trust.pseudonyms.national_numbers import SHAPE


class NationalNumberForm(forms.Form):
    """The national number of the person concerned."""

    number = forms.CharField(
        label=_("Numéro de sécurité sociale"),
        help_text=_("13 caractères, sans la clé de deux chiffres. Exemple : 1 85 05 99 000 042"),
        max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "text"}),
    )

    def clean_number(self) -> str:
        """Return the number without its spaces, if it has the shape of one."""
        compact = "".join(str(self.cleaned_data["number"]).split()).upper()
        if not SHAPE.fullmatch(compact):
            raise ValidationError(
                _("Ce n’est pas un numéro de sécurité sociale : 13 caractères, sans la clé.")
            )
        return compact
