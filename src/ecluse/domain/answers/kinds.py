"""Whether an answer is one that its field takes, kind by kind: a code for what is wrong, or None.

`scope` holds the answers in sight of the field: those of its item, then those of the form.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from ecluse.domain.forms import NO, YES, Field, FileType, Kind, answer_to, holds
from ecluse.domain.forms.countries import COUNTRIES

EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s.]{2,}")
NAME = re.compile(r"[A-Za-z0-9_]{1,64}")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{2})?")
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+*/_-]{0,31}")
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
MOST_ITEMS = 500

Scope = Mapping[str, object]


def wrong(field: Field, answer: object, scope: Scope) -> str | None:
    """The code of what is wrong with an answer that is not empty, or None."""
    return _CHECKS[field.kind](field, answer, scope)


def _text(field: Field, answer: object, _scope: Scope) -> str | None:
    if not isinstance(answer, str):
        return "not-text"
    if field.maximum_length is not None and len(answer) > field.maximum_length:
        return "too-long"
    if field.minimum_length is not None and len(answer.strip()) < field.minimum_length:
        return "too-short"
    if field.kind is Kind.EMAIL and not EMAIL.fullmatch(answer):
        return "not-email"
    return None


def _choice(field: Field, answer: object, scope: Scope) -> str | None:
    return _each_choice(field, [answer], scope)


def _choices(field: Field, answer: object, scope: Scope) -> str | None:
    if not isinstance(answer, list):
        return "not-a-choice"
    return _each_choice(field, answer, scope) or _count(field, answer)


def _each_choice(field: Field, values: list[object], scope: Scope) -> str | None:
    known = {choice.value: choice for choice in field.choices}
    for value in values:
        if not isinstance(value, str) or value not in known:
            return "not-a-choice"
        if not holds(known[value].condition, scope):
            return "choice-not-open"
    return None


def _yes_no(field: Field, answer: object, _scope: Scope) -> str | None:
    if not isinstance(answer, bool):
        return "not-yes-no"
    if field.must_be is not None and (YES if answer else NO) != field.must_be:
        return "must-be-yes" if field.must_be == YES else "must-be-no"
    return None


def read_day(answer: object) -> date | None:
    """The day written as 2026-01-31, or None for anything else."""
    if not isinstance(answer, str) or not DAY.fullmatch(answer):
        return None
    try:
        return date.fromisoformat(answer)
    except ValueError:
        return None


def _date(field: Field, answer: object, scope: Scope) -> str | None:
    day = read_day(answer)
    if day is None:
        return "not-a-date"
    return "too-early" if _is_early(field, day, scope) else None


def _is_early(field: Field, day: date, scope: Scope) -> bool:
    earlier = answer_to(scope, field.not_before or "")
    first = read_day(answer_to(earlier, "from") if isinstance(earlier, Mapping) else earlier)
    return first is not None and day < first


def _period(field: Field, answer: object, scope: Scope) -> str | None:
    first, last = read_day(answer_to(answer, "from")), read_day(answer_to(answer, "to"))
    if first is None or last is None:
        return "not-a-period"
    if last < first:
        return "period-backwards"
    return "too-early" if _is_early(field, first, scope) else None


def _number(field: Field, answer: object, _scope: Scope) -> str | None:
    if isinstance(answer, bool) or not isinstance(answer, int):
        return "not-a-number"
    return "out-of-range" if _is_outside(field, answer) else None


def _is_outside(field: Field, value: int | Decimal) -> bool:
    below = field.minimum is not None and value < field.minimum
    above = field.maximum is not None and value > field.maximum
    return below or above


def read_amount(answer: object) -> Decimal | None:
    """The amount written as 1500 or 1500.50, or None for anything else."""
    if not isinstance(answer, str) or not AMOUNT.fullmatch(answer):
        return None
    return Decimal(answer)


def _money(field: Field, answer: object, _scope: Scope) -> str | None:
    amount = read_amount(answer)
    if amount is None:
        return "not-an-amount"
    return "out-of-range" if _is_outside(field, amount) else None


def _country(_field: Field, answer: object, _scope: Scope) -> str | None:
    return None if isinstance(answer, str) and answer in COUNTRIES else "not-a-country"


def _codes(field: Field, answer: object, _scope: Scope) -> str | None:
    if not isinstance(answer, list) or len(answer) > MOST_ITEMS:
        return "not-codes"
    if not all(isinstance(code, str) and CODE.fullmatch(code) for code in answer):
        return "not-codes"
    return "code-twice" if len(answer) != len(set(answer)) else _count(field, answer)


def _count(field: Field, items: list[object]) -> str | None:
    if field.minimum is not None and len(items) < field.minimum:
        return "too-few"
    return "too-many" if field.maximum is not None and len(items) > field.maximum else None


def _persons(field: Field, answer: object, _scope: Scope) -> str | None:
    persons = [_person(item) for item in answer] if isinstance(answer, list) else [None]
    known = [person for person in persons if person is not None]
    if len(known) < len(persons):
        return "not-persons"
    if len({subject.lower() for subject, _ in known}) < len(known):
        return "person-twice"
    if sum(investigates for _, investigates in known) != 1:
        return "one-investigator"
    return _count(field, list(known))


def _person(item: object) -> tuple[str, bool] | None:
    """The address of a person and whether they lead, or None if this is no person."""
    subject, name = answer_to(item, "subject"), answer_to(item, "name")
    investigates = answer_to(item, "is_principal_investigator")
    if not (isinstance(subject, str) and EMAIL.fullmatch(subject)):
        return None
    if not (isinstance(name, str) and name.strip() and isinstance(investigates, bool)):
        return None
    return subject, investigates


def _tables(_field: Field, answer: object, _scope: Scope) -> str | None:
    names = [_table_name(item) for item in answer] if isinstance(answer, list) else [None]
    return "not-tables" if None in names or len(names) != len(set(names)) else None


def _table_name(item: object) -> str | None:
    """The name of a table with its columns, or None if this is no such thing."""
    name, columns = answer_to(item, "table"), answer_to(item, "columns")
    if not (isinstance(name, str) and NAME.fullmatch(name) and isinstance(columns, list)):
        return None
    if not all(isinstance(column, str) and NAME.fullmatch(column) for column in columns):
        return None
    return name if columns and len(columns) == len(set(columns)) else None


def _attachment(field: Field, answer: object, _scope: Scope) -> str | None:
    if not isinstance(answer, list) or not all(_is_file(field, item) for item in answer):
        return "not-files"
    return _count(field, answer)


def _is_file(field: Field, item: object) -> bool:
    name, digest, size = (answer_to(item, each) for each in ("name", "digest", "size"))
    if not (
        isinstance(name, str) and name and isinstance(digest, str) and DIGEST.fullmatch(digest)
    ):
        return False
    if isinstance(size, bool) or not isinstance(size, int) or size > (field.maximum_bytes or size):
        return False
    return answer_to(item, "type") in {FileType(each).value for each in field.types}


def _group(field: Field, answer: object, _scope: Scope) -> str | None:
    is_list = isinstance(answer, list) and len(answer) <= MOST_ITEMS
    if not is_list or not all(isinstance(item, Mapping) for item in answer):  # type: ignore[attr-defined]
        return "not-items"
    return _count(field, answer)  # type: ignore[arg-type]


_CHECKS: Mapping[Kind, Callable[[Field, object, Scope], str | None]] = {
    Kind.TEXT: _text,
    Kind.LONG_TEXT: _text,
    Kind.EMAIL: _text,
    Kind.CHOICE: _choice,
    Kind.CHOICES: _choices,
    Kind.YES_NO: _yes_no,
    Kind.DATE: _date,
    Kind.PERIOD: _period,
    Kind.NUMBER: _number,
    Kind.MONEY: _money,
    Kind.COUNTRY: _country,
    Kind.CODES: _codes,
    Kind.PERSONS: _persons,
    Kind.TABLES: _tables,
    Kind.ATTACHMENT: _attachment,
    Kind.GROUP: _group,
}
