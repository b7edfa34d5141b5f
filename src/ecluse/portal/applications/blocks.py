"""A step as its page draws it: which questions, their files and items, and what was kept."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django.forms.boundfield import BoundField
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from ecluse.domain.codec import JSON
from ecluse.domain.forms import Field, Kind, Section, comparisons, is_empty

EHDS_ARTICLE = re.compile(r"art\. \d+(\(\w+\))*(, \d+(\(\w+\))*)*")
MOST_ITEMS = 50
"""How many times a group is repeated at most, when its form does not say."""


class Drawn(Protocol):
    """What a block reads of the form of its step."""

    fields: dict[str, Any]
    groups: dict[str, int]
    controls: dict[str, list[str]]
    stored: dict[str, Any]

    @property
    def language(self) -> str:
        """The language of the page."""

    def __getitem__(self, name: str) -> BoundField:
        """The control of that name."""


@dataclass(frozen=True)
class Block:
    """One question of a page: `kind` tells how it is drawn.

    `field` has its controls in `controls`; `files` the files attached already; `group` one list of
    controls per item.
    """

    kind: str
    id: str
    title: str
    help: str
    controls: list[BoundField]
    items: list[list[BoundField]]
    files: list[dict[str, JSON]]
    may_add: bool
    may_remove: bool


def block(form: Drawn, field: Field) -> Block:
    """Return one question of the page, with the controls that the form made for it."""
    count = form.groups.get(field.id, 0)
    items = [list(_parts(form, field, number)) for number in range(1, count + 1)]
    is_file = field.kind is Kind.ATTACHMENT
    return Block(
        kind="group" if field.kind is Kind.GROUP else "files" if is_file else "field",
        id=field.id,
        title=field.label.in_language(form.language),
        help=field.help.in_language(form.language) if field.help else "",
        controls=[form[name] for name in form.controls.get(field.id, ())],
        items=items,
        files=attached(form.stored[field.id]) if is_file else [],
        may_add=count < (field.maximum or MOST_ITEMS),
        may_remove=count > (field.minimum or 0),
    )


def _parts(form: Drawn, group: Field, number: int) -> Iterator[BoundField]:
    for part in group.fields:
        for name in form.controls[f"{group.id}_{number}_{part.id}"]:
            yield form[name]


def shown(section: Section, around: Mapping[str, object]) -> Iterator[Field]:
    """Yield the questions of the step; one that hangs on this very step is always shown."""
    here = {field.id for field in section.fields}
    for field in section.fields:
        hangs_here = any(each.field in here for each in comparisons(field.condition))
        if hangs_here or field.id in around:
            yield field


def bounds(field: Field) -> list[str]:
    """Return what limits an answer and is not seen on its control, in words."""
    told = []
    if field.kind is Kind.LONG_TEXT and field.maximum_length:
        told.append(_("%(number)d caractères au plus.") % {"number": field.maximum_length})
    if field.kind is Kind.MONEY:
        told.append(_("En %(currency)s.") % {"currency": field.currency})
    if field.kind is Kind.CODES:
        told.append(_("Codes de %(name)s, un par ligne.") % {"name": field.nomenclature})
    if field.kind is Kind.ATTACHMENT:
        told.append(_("Types acceptés : %(types)s.") % {"types": ", ".join(field.types).upper()})
        if field.maximum_bytes:
            told.append(
                _("%(size)s au plus par fichier.") % {"size": filesizeformat(field.maximum_bytes)}
            )
        if field.maximum:
            told.append(_("%(number)d fichiers au plus.") % {"number": field.maximum})
    return told


def law(article: str) -> str:
    """Return the article that asks a question, with its law where it is the usual one."""
    if EHDS_ARTICLE.fullmatch(article):
        return _("(Règlement EEDS, %(article)s)") % {"article": article}
    return f"({article})"


def attached(answer: object) -> list[dict[str, JSON]]:
    """Return the files of an answer, whatever it holds."""
    items = answer if isinstance(answer, list) else []
    return [item for item in items if isinstance(item, dict) and "digest" in item]


def same(first: object, second: object) -> bool:
    """Whether two answers say the same; nothing typed is nothing kept."""
    return first == second or (is_empty(first) and is_empty(second))


def digest_of(answers: Mapping[str, object]) -> str:
    """Return what tells these answers from others, short enough to stand in a page."""
    text = json.dumps(answers, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
