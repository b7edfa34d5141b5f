"""The problems of a whole file, field by field, item by item, then across fields."""

from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from ecluse.domain.answers.kinds import Scope, read_amount, read_day, wrong
from ecluse.domain.answers.messages import MESSAGES
from ecluse.domain.forms import (
    Field,
    FormVersion,
    Kind,
    Rule,
    RuleKind,
    Text,
    asked,
    asked_in,
    is_empty,
    is_required,
)


@dataclass(frozen=True)
class Problem:
    """What is wrong with one answer: a code for machines, a sentence for the applicant.

    `item` is the place, from 0, in its group of the item that holds the field, if one does.
    """

    field: str
    code: str
    message: Text
    item: int | None = None


def problems(form: FormVersion, answers: object) -> tuple[Problem, ...]:
    """What keeps these answers from being submitted, in the order of the form.

    Never raises, whatever `answers` holds. Answers to questions not asked are not looked at.
    """
    scope = asked(form, answers)
    among = list(_rule_problems(form, scope))
    found: list[Problem] = []
    for field in form.fields():
        if field.id in scope:
            alone = list(_field_problems(field, scope[field.id], scope))
            found += alone or [problem for problem in among if problem.field == field.id]
    return tuple(found)


def _field_problems(field: Field, answer: object, scope: Scope) -> Iterator[Problem]:
    if is_empty(answer) and not (field.kind is Kind.GROUP and answer):
        if is_required(field, scope):
            yield _problem(field, "required")
        return
    code = wrong(field, answer, scope)
    if code:
        yield _problem(field, code)
    elif isinstance(answer, list) and field.kind is Kind.GROUP:
        for index, item in enumerate(answer):
            yield from _item_problems(field, index, item, scope)


def _item_problems(group: Field, index: int, item: object, around: Scope) -> Iterator[Problem]:
    inside = asked_in(group, item, around)
    scope: ChainMap[str, object] = ChainMap(inside, dict(around))
    for part in group.fields:
        if part.id in inside:
            for problem in _field_problems(part, inside[part.id], scope):
                yield Problem(problem.field, problem.code, problem.message, index)


def _rule_problems(form: FormVersion, scope: Scope) -> Iterator[Problem]:
    """Yield the problem of each broken rule, beside the last of its fields that is asked."""
    for rule in form.rules:
        named = [name for name in rule.fields if name in scope]
        if named and not _RULES[rule.rule](rule, scope, named):
            yield Problem(named[-1], rule.rule.value, rule.message)


def _number_of(answer: object) -> Decimal | None:
    if isinstance(answer, int) and not isinstance(answer, bool):
        return Decimal(answer)
    return read_amount(answer)


def _sum_is(rule: Rule, scope: Scope, named: list[str]) -> bool:
    added, whole = _sum_and_whole(rule, scope, named)
    return added is None or whole is None or added == whole


def _sum_at_most(rule: Rule, scope: Scope, named: list[str]) -> bool:
    added, whole = _sum_and_whole(rule, scope, named)
    return added is None or whole is None or added <= whole


def _sum_and_whole(
    rule: Rule, scope: Scope, named: list[str]
) -> tuple[Decimal | None, Decimal | None]:
    """The sum, None until every part is a number, and what it is compared with."""
    parts = [_number_of(scope[name]) for name in named]
    known = [part for part in parts if part is not None]
    added = sum(known, Decimal(0)) if len(known) == len(parts) else None
    whole = (
        Decimal(rule.value) if rule.value is not None else _number_of(scope.get(rule.total or ""))
    )
    return added, whole


def _at_least_one(_rule: Rule, scope: Scope, named: list[str]) -> bool:
    return any(not is_empty(scope[name]) for name in named)


def _all_different(_rule: Rule, scope: Scope, named: list[str]) -> bool:
    given = [repr(scope[name]) for name in named if not is_empty(scope[name])]
    return len(given) == len(set(given))


def _not_before(_rule: Rule, scope: Scope, named: list[str]) -> bool:
    days = [day for name in named if (day := read_day(scope[name])) is not None]
    numbers = [n for name in named if (n := _number_of(scope[name])) is not None]
    return days == sorted(days) and numbers == sorted(numbers)


_RULES: Mapping[RuleKind, Callable[[Rule, Scope, list[str]], bool]] = {
    RuleKind.SUM_IS: _sum_is,
    RuleKind.SUM_AT_MOST: _sum_at_most,
    RuleKind.AT_LEAST_ONE: _at_least_one,
    RuleKind.ALL_DIFFERENT: _all_different,
    RuleKind.NOT_BEFORE: _not_before,
}


def _problem(field: Field, code: str) -> Problem:
    message = MESSAGES[code]
    values = {
        "minimum_length": field.minimum_length,
        "maximum_length": field.maximum_length,
        "minimum": field.minimum if field.minimum is not None else "…",
        "maximum": field.maximum if field.maximum is not None else "…",
        "nomenclature": field.nomenclature,
        "types": ", ".join(each.upper() for each in field.types),
    }
    return Problem(field.id, code, Text(message.fr.format(**values), message.en.format(**values)))
