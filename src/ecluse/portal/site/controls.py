"""The controls of a Django form, named and drawn so that every theme can dress them."""

from django import forms
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString

_KINDS: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.HiddenInput, "hidden"),
    (forms.CheckboxSelectMultiple, "checkboxes"),
    (forms.RadioSelect, "radio"),
    (forms.CheckboxInput, "checkbox"),
    (forms.Select, "select"),
    (forms.Textarea, "textarea"),
    (forms.FileInput, "file"),
    (forms.PasswordInput, "password"),
    (forms.DateInput, "date"),
)
"""From the narrowest class of widgets to the widest: the first that fits gives its name."""


def kind(field: BoundField) -> str:
    """Return what the field is on the page: text, date, select, radio, checkboxes or file."""
    return next((name for widget, name in _KINDS if isinstance(field.field.widget, widget)), "text")


def control(field: BoundField, css_class: str) -> SafeString:
    """Return the control of a field with the class of the theme, tied to its help and error."""
    attributes: dict[str, str | bool] = {"class": css_class}
    if field.errors:
        attributes["aria-invalid"] = "true"
    if described := _described_by(field):
        attributes["aria-describedby"] = described
    if kind(field) == "date":
        return _day(field, attributes)
    return field.as_widget(attrs=attributes)


def is_optional(field: BoundField) -> bool:
    """Whether the page must say that the field may stay empty.

    A box left unticked is an answer, and a field that another answer makes needed is not optional.
    """
    if kind(field) in {"checkbox", "checkboxes"}:
        return False
    return not field.field.required and "data-needed-if" not in field.field.widget.attrs


def first_control_id(field: BoundField) -> str:
    """Return the identifier a link to the field leads to: of several choices, the first."""
    return f"{field.auto_id}_0" if kind(field) in {"radio", "checkboxes"} else str(field.auto_id)


def help_id(field: BoundField) -> str:
    """Return the identifier of the help text of a field."""
    return f"{field.auto_id}_helptext"


def error_id(field: BoundField) -> str:
    """Return the identifier of the error of a field."""
    return f"{field.auto_id}_error"


def _described_by(field: BoundField) -> str:
    identifiers = []
    if field.help_text:
        identifiers.append(help_id(field))
    if field.errors:
        identifiers.append(error_id(field))
    return " ".join(identifiers)


def _day(field: BoundField, attributes: dict[str, str | bool]) -> SafeString:
    """Draw a calendar: a browser reads and sends ISO dates whatever the language of the page."""
    own = {**field.field.widget.attrs, "type": "date"}
    return field.as_widget(forms.DateInput(attrs=own, format="%Y-%m-%d"), attrs=attributes)
