"""How precisely each column is given: the controls that choose it, and its words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField, BoundWidget
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ecluse.domain.documents import Coarsening, Precision, SnapshotNotice, TableScope
from ecluse.domain.identifying import Fact
from ecluse.domain.minimisation import Place, precisions_of, ways, written
from ecluse.portal.applications.fields import PlainSelect, column_control, table_fields

MOST_OPEN: Final = 24
"""Columns of a form beyond which its tables are folded until one is looked into."""

NAMING: Final = frozenset({"link", "professional", "facility"})
"""Roles of the columns whose values leave the lake as pseudonyms of the project."""

PROTECTING: Final = frozenset(
    {
        Precision.MONTH,
        Precision.YEAR,
        Precision.AGE_BAND,
        Precision.DEPARTMENT,
        Precision.REGION,
    }
)
"""Ways of giving a column that hide most of who a person is, and little of what a study needs."""

_WORDS: Final[Mapping[Precision, Promise]] = {
    Precision.MONTH: gettext_lazy("au mois"),
    Precision.YEAR: gettext_lazy("à l’année"),
    Precision.AGE_BAND: gettext_lazy("par tranche de %(step)d"),
    Precision.ROUNDED: gettext_lazy("arrondie à %(step)d près"),
    Precision.DEPARTMENT: gettext_lazy("au département"),
    Precision.REGION: gettext_lazy("à la région"),
    Precision.CHOICE_ONLY: gettext_lazy("pour choisir seulement, non livrée"),
}

FACTS: Final[Mapping[Fact, Promise]] = {
    Fact.BIRTH_MONTH: gettext_lazy("mois de naissance"),
    Fact.RESIDENCE: gettext_lazy("commune de résidence"),
    Fact.CARE_DAY: gettext_lazy("jour exact des soins"),
    Fact.DEATH_DAY: gettext_lazy("jour exact du décès"),
    Fact.DEATH_PLACE: gettext_lazy("commune de décès"),
}
"""What could identify a person when two of them are given."""


def said(coarsening: Coarsening | None, *, role: str = "") -> str:
    """Return in words how a column is given."""
    if coarsening is None:
        return _("sous pseudonyme") if role in NAMING else _("telle quelle")
    step = coarsening.step or 0
    if coarsening.to is Precision.FIRST_CHARACTERS:
        words = ngettext("premier caractère", "%(step)d premiers caractères", step)
        return words % {"step": step}
    return str(_WORDS[coarsening.to]) % {"step": step}


def columns(scope: TableScope) -> str:
    """Return the columns of a table, each with how precisely it is given where not whole."""
    return ", ".join(
        name if one is None else coarsened([one])
        for name, one in ((name, scope.coarsening(name)) for name in scope.columns)
    )


def coarsened(coarsenings: Iterable[Coarsening]) -> str:
    """Return the columns given with less than their values, in words."""
    return ", ".join(f"{one.column} ({said(one)})" for one in coarsenings)


class PrecisionField(forms.ChoiceField):
    """How precisely one column is given, among the ways offered; without a word, as proposed."""

    def __init__(
        self,
        place: Place,
        offered: Sequence[Coarsening | None],
        *,
        proposed: Coarsening | None,
        role: str,
    ) -> None:
        self.ways = {written(way): way for way in offered}
        super().__init__(
            label=_("Précision de %(column)s") % {"column": ".".join(place)},
            choices=[(word, said(way, role=role)) for word, way in self.ways.items()],
            initial=written(proposed),
            required=False,
            widget=PlainSelect,
        )

    def clean(self, value: object) -> Coarsening | None:
        """Return the way chosen. Raises ValidationError for one that is not offered."""
        word = str(value or self.initial)
        if word not in self.ways:
            raise ValidationError(
                _("Cette précision n’est pas offerte : choisissez dans la liste.")
            )
        return self.ways[word]


class WishedPrecisionField(PrecisionField):
    """How precisely an applicant asks for a column; a draft is never lost for what it says."""

    def clean(self, value: object) -> Coarsening | None:
        """Return the way asked, the value itself for one that is not offered any more."""
        return self.ways.get(str(value or self.initial))


def wished_precision_fields(
    table_control: str, asked: TableScope, notice: SnapshotNotice
) -> dict[str, forms.Field]:
    """Return the controls by which an applicant asks for less of the columns that they ticked.

    Only days, ages and places have one: less of them is what most protects persons.
    """
    known, roles = precisions_of(notice), _roles(notice)
    fields: dict[str, forms.Field] = {}
    for column in asked.columns:
        place = (asked.table, column)
        if not PROTECTING.isdisjoint(known.get(place, ())):
            wish = asked.coarsening(column)
            offered = ways(column, known[place])
            field = WishedPrecisionField(
                place,
                offered if wish in offered else (*offered, wish),
                proposed=wish,
                role=roles[place],
            )
            field.label = _("Précision demandée de %(column)s") % {"column": ".".join(place)}
            field.required = True  # a choice is always made: no page may call it optional
            fields[column_control(table_control, column)] = field
    return fields


def precise_table_fields(
    prefix: str,
    given: Iterable[TableScope],
    notice: SnapshotNotice,
    *,
    chosen: Iterable[TableScope],
    language: str,
) -> dict[str, forms.Field]:
    """Return the columns of each table to tick, and for each one how precisely it is given.

    Nothing beyond `given` is offered; `chosen` is ticked, with its precision.
    """
    limits, picked = tuple(given), {scope.table: scope for scope in chosen}
    fields = table_fields(
        prefix,
        limits,
        notice,
        chosen=picked.values(),
        language=language,
        control=forms.MultipleChoiceField,
    )
    known, roles = precisions_of(notice), _roles(notice)
    for scope in limits:
        wanted = picked.get(scope.table, TableScope(scope.table, ()))
        for column in scope.columns:
            place, limit = (scope.table, column), scope.coarsening(column)
            offered = ways(column, known.get(place, ()), given=limit)
            proposed = wanted.coarsening(column)
            fields[column_control(f"{prefix}_{scope.table}", column)] = PrecisionField(
                place,
                offered,
                proposed=proposed if proposed in offered else limit,
                role=roles.get(place, ""),
            )
    return fields


def _roles(notice: SnapshotNotice) -> dict[Place, str]:
    return {
        (table.name, column.name): column.role
        for table in notice.tables
        for column in table.columns
    }


@dataclass(frozen=True, slots=True)
class TableGroup:
    """One table of a form as its page draws it: each column to tick, with its precision."""

    title: str
    control: BoundField
    rows: tuple[tuple[BoundWidget, BoundField], ...]
    ticked: int
    is_open: bool


def table_groups(form: forms.Form, prefix: str) -> list[TableGroup]:
    """Return the tables of a form, folded where there are many columns, open where one is wrong."""
    names = [name for name in form.fields if name.startswith(f"{prefix}_") and "." not in name]
    are_few = sum(len(form[name]) for name in names) <= MOST_OPEN
    return [_group(form, name, are_few=are_few) for name in names]


def _group(form: forms.Form, name: str, *, are_few: bool) -> TableGroup:
    control = form[name]
    rows = tuple(
        (widget, form[column_control(name, str(widget.data["value"]))]) for widget in control
    )
    return TableGroup(
        str(control.label),
        control,
        rows,
        sum(bool(widget.data["selected"]) for widget in control),
        are_few or bool(control.errors) or any(precision.errors for _widget, precision in rows),
    )
