"""When a question is asked: comparisons of earlier answers, put together with all, any and not."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Operator(StrEnum):
    """How an answer is compared."""

    IS = "is"  # it is, or contains, one of the values ("yes" or "no" for yes-no)
    AT_LEAST = "at_least"  # a number, an amount or a day, not below the value
    AT_MOST = "at_most"  # the same, not above
    ANSWERED = "answered"  # "yes": there is an answer; "no": there is none


@dataclass(frozen=True, slots=True)
class Comparison:
    """Compares the answer to one field. Inside a group, a part of the same item comes first."""

    field: str
    operator: Operator
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class All:
    """Holds when every one holds."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Holds when at least one holds."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Holds when the other does not."""

    condition: "Condition"


Condition = Comparison | All | AnyOf | Not


def comparisons(condition: Condition | None) -> Iterator[Comparison]:
    """Yield every comparison of a condition, in the order written."""
    if isinstance(condition, Comparison):
        yield condition
    elif isinstance(condition, Not):
        yield from comparisons(condition.condition)
    elif condition is not None:
        for each in condition.conditions:
            yield from comparisons(each)


def holds(condition: Condition | None, answers: object) -> bool:
    """Whether the answers meet the condition; no condition always holds. Never raises."""
    if condition is None:
        return True
    if isinstance(condition, Comparison):
        return _compares(condition, answer_to(answers, condition.field))
    if isinstance(condition, Not):
        return not holds(condition.condition, answers)
    verdicts = (holds(each, answers) for each in condition.conditions)
    return all(verdicts) if isinstance(condition, All) else any(verdicts)


def _compares(comparison: Comparison, answer: object) -> bool:
    if comparison.operator is Operator.IS:
        return any(_is(answer, value) for value in comparison.values)
    if comparison.operator is Operator.ANSWERED:
        return is_empty(answer) is (comparison.values != ("yes",))
    return _is_beyond(comparison, answer)


def _is(answer: object, value: str) -> bool:
    if isinstance(answer, bool):
        return value == ("yes" if answer else "no")
    if isinstance(answer, list):
        return value in answer
    return answer == value or (isinstance(answer, int) and str(answer) == value)


def _is_beyond(comparison: Comparison, answer: object) -> bool:
    """Compare numbers as numbers, and days, written 2026-01-31, as text."""
    (bound,) = comparison.values
    is_floor = comparison.operator is Operator.AT_LEAST
    if isinstance(answer, bool) or not isinstance(answer, int | str):
        return False
    try:
        left, right = float(answer), float(bound)
    except (ValueError, OverflowError):
        text = str(answer)
        return text >= bound if is_floor else text <= bound
    return left >= right if is_floor else left <= right


def is_empty(answer: object) -> bool:
    """Whether nothing was answered; an item of a group in which all is empty is nothing either."""
    if isinstance(answer, str):
        return not answer.strip()
    if isinstance(answer, list):
        return all(is_empty(item) for item in answer)
    if isinstance(answer, Mapping):
        return all(is_empty(value) for value in answer.values())
    return answer is None


def answer_to(answers: object, field_id: str) -> object:
    """The answer to a field, or None, whatever `answers` holds."""
    return answers.get(field_id) if isinstance(answers, Mapping) else None
