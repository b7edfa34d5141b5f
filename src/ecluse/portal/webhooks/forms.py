"""A webhook as a form: its address, and the events it is told."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ecluse.portal.webhooks import labels
from ecluse.portal.webhooks.models import URL


class WebhookForm(forms.Form):
    """An address, and some events; none for all."""

    url = forms.CharField(
        label=_("Adresse à appeler"),
        help_text=_("Elle commence par https:// et répond depuis l’internet public."),
        max_length=URL,
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
    )
    events = forms.MultipleChoiceField(
        label=_("Événements"),
        help_text=_("Cochez ceux que vous voulez ; aucun pour les recevoir tous."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    use_required_attribute = False

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        events = self.fields["events"]
        if isinstance(events, forms.MultipleChoiceField):
            events.choices = labels.choices()
