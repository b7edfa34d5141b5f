"""States, turns, criteria and answers in words, as pages say them."""

from collections.abc import Mapping
from typing import Final

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ecluse.domain.answers import read_day
from ecluse.domain.applications import Criterion, Purpose
from ecluse.domain.forms import Field, Kind
from ecluse.portal.applications import precisions, scope

MAX_PERSONS: Final = 40

CRITERIA: Final[Mapping[Criterion, Promise]] = {
    Criterion.PURPOSE: gettext_lazy("La finalité est l’une de celles que la loi permet (art. 53)"),
    Criterion.NECESSITY: gettext_lazy(
        "Les données demandées sont nécessaires, adéquates et proportionnées"
    ),
    Criterion.LAWFULNESS: gettext_lazy(
        "Le traitement est licite (RGPD art. 6(1)), et des données anonymisées ne suffiraient pas"
    ),
    Criterion.QUALIFICATION: gettext_lazy("Le demandeur a les compétences pour ce projet"),
    Criterion.SAFEGUARDS: gettext_lazy(
        "Les mesures techniques et d’organisation empêchent le mésusage"
    ),
    Criterion.ETHICS: gettext_lazy("L’évaluation éthique répond au droit national"),
    Criterion.OPT_OUT_EXCEPTION: gettext_lazy(
        "L’exception au droit d’opposition, si elle est demandée, est justifiée"
    ),
    Criterion.OTHER_REQUIREMENTS: gettext_lazy("Les autres exigences du chapitre IV sont remplies"),
}

PURPOSES: Final[Mapping[str, Promise]] = {
    Purpose.PUBLIC_HEALTH: gettext_lazy("Santé publique ou au travail"),
    Purpose.POLICY: gettext_lazy("Politiques publiques et régulation"),
    Purpose.STATISTICS: gettext_lazy("Statistiques officielles"),
    Purpose.EDUCATION: gettext_lazy("Enseignement"),
    Purpose.RESEARCH: gettext_lazy("Recherche scientifique"),
    Purpose.CARE_IMPROVEMENT: gettext_lazy("Amélioration des soins"),
}


def answer_text(field: Field, answer: object, language: str) -> str:
    """Return an answer as a person reads it; an answer of another shape as it was typed."""
    if answer is None or answer in ("", []):
        return "—"
    if isinstance(answer, bool):
        return _("Oui") if answer else _("Non")
    if isinstance(answer, list):
        return _list_text(field, answer, language)
    day = read_day(answer) if field.kind is Kind.DATE else None
    return date_format(day, "j F Y") if day else _choice_text(field, str(answer), language)


def _choice_text(field: Field, value: str, language: str) -> str:
    for choice in field.choices:
        if choice.value == value:
            return choice.label.in_language(language)
    return value


def _list_text(field: Field, items: list[object], language: str) -> str:
    if field.kind is Kind.PERSONS:
        return " ; ".join(_person_text(item) for item in items if isinstance(item, dict))
    if field.kind is Kind.TABLES:
        return " ; ".join(_table_text(item) for item in items if isinstance(item, dict))
    return " ; ".join(_choice_text(field, str(item), language) for item in items)


def _person_text(person: dict[str, object]) -> str:
    text = f"{person.get('name', '')} ({person.get('subject', '')})"
    if person.get("is_principal_investigator") is True:
        return _("%(person)s, investigateur principal") % {"person": text}
    return text


def _table_text(table: dict[str, object]) -> str:
    if not isinstance(table.get("columns"), list):
        return f"{table.get('table', '')} ()"
    (asked,) = scope.read_tables([{"table": "", **table}])
    return f"{asked.table} ({precisions.columns(asked)})"
