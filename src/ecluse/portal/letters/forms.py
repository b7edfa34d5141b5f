"""The form in which anybody types the code of a letter."""

from django import forms
from django.utils.translation import gettext_lazy as _

LONGEST = 60


class CheckForm(forms.Form):
    """A code, as printed: groups of four, capital or small letters."""

    code = forms.CharField(
        label=_("Code du courrier"),
        help_text=_(
            "26 lettres et chiffres, imprimés au bas du courrier. Les espaces sont libres."
        ),
        max_length=LONGEST,
    )
