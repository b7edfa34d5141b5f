"""When a question is asked, in words: « À remplir si … »."""

from django.utils.translation import gettext as _

from ecluse.domain.codec import JSON
from ecluse.domain.forms import (
    NO,
    YES,
    All,
    Comparison,
    Condition,
    FormVersion,
    Kind,
    Not,
    Operator,
)
from ecluse.portal.applications.wording import answer_text


def sentence(form: FormVersion, condition: Condition, language: str) -> str:
    """Return the condition as a page tells it, in the reader's language."""
    return _("À remplir si %(condition)s.") % {"condition": _words(form, condition, language)}


def _words(form: FormVersion, condition: Condition, language: str) -> str:
    if isinstance(condition, Comparison):
        return _comparison(form, condition, language)
    if isinstance(condition, Not):
        return _("il n’est pas vrai que %(condition)s") % {
            "condition": _words(form, condition.condition, language)
        }
    word = _(" et ") if isinstance(condition, All) else _(" ou ")
    return word.join(_words(form, each, language) for each in condition.conditions)


def _comparison(form: FormVersion, comparison: Comparison, language: str) -> str:
    field = form.field(comparison.field)
    question = field.label.in_language(language).rstrip(" ?")
    if comparison.operator is Operator.ANSWERED:
        is_given = comparison.values == (YES,)
        template = _("« %(question)s » est rempli") if is_given else _("« %(question)s » est vide")
        return template % {"question": question}
    values = (_value(field.kind, value) for value in comparison.values)
    answers = [answer_text(field, value, language) for value in values]
    told = {"question": question, "answer": _(" ou ").join(answers)}
    return _TEMPLATES[comparison.operator]() % told


def _value(kind: Kind, value: str) -> JSON:
    return {YES: True, NO: False}.get(value, value) if kind is Kind.YES_NO else value


_TEMPLATES = {
    Operator.IS: lambda: _("« %(question)s » : %(answer)s"),
    Operator.AT_LEAST: lambda: _("« %(question)s » : %(answer)s ou plus"),
    Operator.AT_MOST: lambda: _("« %(question)s » : %(answer)s ou moins"),
}
