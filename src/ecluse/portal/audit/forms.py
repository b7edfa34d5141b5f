"""The filter of the journal."""

from django import forms
from django.utils.translation import gettext_lazy as _

from ecluse.portal.audit.labels import action_label
from ecluse.portal.audit.models import JournalEntry


class JournalFilter(forms.Form):
    """Which entries the auditor wants to see."""

    action = forms.ChoiceField(label=_("Action"), required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # Django's own parameters
        known = JournalEntry.objects.order_by("action").values_list("action", flat=True).distinct()
        choices = [("", _("Toutes les actions")), *((name, action_label(name)) for name in known)]
        self.fields["action"].choices = choices  # type: ignore[attr-defined]
