"""Answers of every kind in words, as pages say them."""

from collections.abc import Callable, Mapping, Sequence

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ecluse.domain.answers import read_day
from ecluse.domain.codec import JSON
from ecluse.domain.forms import Field, Kind, answer_to, is_empty
from ecluse.domain.forms.countries import COUNTRIES
from ecluse.portal.applications import labels
from ecluse.portal.drafts.models import Attachment, Scan


def answer_text(field: Field, answer: object, language: str) -> str:
    """Return an answer as a person reads it; an answer of another shape as it was typed."""
    teller = _TELLERS.get(field.kind)
    if teller is None or is_empty(answer):
        return labels.answer_text(field, None if is_empty(answer) else answer, language)
    return teller(field, answer, language)


def _period(_field: Field, answer: object, _language: str) -> str:
    days = {member: read_day(answer_to(answer, member)) for member in ("from", "to")}
    told = {
        member: date_format(day, "j F Y") if day else str(answer_to(answer, member) or "—")
        for member, day in days.items()
    }
    return _("du %(from)s au %(to)s") % told


def _country(_field: Field, answer: object, language: str) -> str:
    name = COUNTRIES.get(str(answer))
    return name.in_language(language) if name else str(answer)


def _money(field: Field, answer: object, _language: str) -> str:
    return f"{answer} {field.currency}"


def _codes(_field: Field, answer: object, _language: str) -> str:
    return ", ".join(map(str, answer)) if isinstance(answer, list) else str(answer)


def _files(_field: Field, answer: object, _language: str) -> str:
    items = answer if isinstance(answer, list) else []
    return " ; ".join(str(answer_to(item, "name") or "—") for item in items)


def _group(field: Field, answer: object, language: str) -> str:
    items = answer if isinstance(answer, list) else []
    return " ; ".join(
        f"{number}) {_item(field, item, language)}" for number, item in enumerate(items, start=1)
    )


def _item(group: Field, item: object, language: str) -> str:
    given = ((part, answer_to(item, part.id)) for part in group.fields)
    return ", ".join(
        _("%(question)s : %(answer)s")
        % {
            "question": part.label.in_language(language),
            "answer": answer_text(part, answer, language),
        }
        for part, answer in given
        if not is_empty(answer)
    )


_TELLERS: Mapping[Kind, Callable[[Field, object, str], str]] = {
    Kind.PERIOD: _period,
    Kind.COUNTRY: _country,
    Kind.MONEY: _money,
    Kind.CODES: _codes,
    Kind.ATTACHMENT: _files,
    Kind.GROUP: _group,
}


def links(namespace: str, number: str, items: Sequence[Mapping[str, JSON]]) -> SafeString:
    """Return the files of an answer as links, each with what the search for viruses said."""
    found = Attachment.objects.filter(file=number).values_list("digest", "scan")
    said = {digest: Scan(scan) for digest, scan in found}
    return format_html_join(
        " ; ",
        '<a href="{}">{}</a>{}',
        (
            (
                reverse(
                    f"{namespace}:attachment", args=[number, str(item["digest"])[len(PREFIX) :]]
                ),
                item["name"],
                SCANS[said.get(str(item["digest"]), Scan.PENDING)],
            )
            for item in items
        ),
    )


PREFIX = "sha256:"
SCANS: Mapping[Scan, str | Promise] = {
    Scan.CLEAN: "",
    Scan.PENDING: gettext_lazy(" (en attente de l’antivirus)"),
    Scan.INFECTED: gettext_lazy(" (infecté, détruit)"),
    Scan.OFF: gettext_lazy(" (non analysé par un antivirus)"),
}
"""What a reader is told of a file before they open it."""
