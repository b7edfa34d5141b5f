"""What a form must be before anybody fills it: each question once, hanging on earlier ones."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ecluse.domain.forms.conditions import Comparison, Operator, comparisons
from ecluse.domain.forms.model import (
    NO,
    YES,
    Field,
    FormVersion,
    Kind,
    Rule,
    RuleKind,
)

IDENTIFIER = re.compile(r"[a-z][a-z0-9]*(_[a-z][a-z0-9]*)*")
"""No part of a name is a number: `persons_1_name` is the control of a line, never a field."""

LONGEST_IDENTIFIER = 60
SECTION = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
LISTS = frozenset({Kind.CHOICES, Kind.CODES, Kind.PERSONS, Kind.ATTACHMENT, Kind.GROUP})
TEXTS = frozenset({Kind.TEXT, Kind.LONG_TEXT, Kind.EMAIL})
DATED = frozenset({Kind.DATE, Kind.PERIOD})
ORDERED = frozenset({Kind.NUMBER, Kind.MONEY, Kind.DATE})
NEVER_REPEATED = frozenset({Kind.GROUP, Kind.PERSONS, Kind.TABLES, Kind.ATTACHMENT})

MEMBERS: Mapping[str, frozenset[Kind]] = {
    "minimum_length": TEXTS,
    "maximum_length": TEXTS,
    "minimum": LISTS | {Kind.NUMBER, Kind.MONEY},
    "maximum": LISTS | {Kind.NUMBER, Kind.MONEY},
    "not_before": DATED,
    "must_be": frozenset({Kind.YES_NO}),
    "choices": frozenset({Kind.CHOICE, Kind.CHOICES}),
    "nomenclature": frozenset({Kind.CODES}),
    "types": frozenset({Kind.ATTACHMENT}),
    "maximum_bytes": frozenset({Kind.ATTACHMENT}),
    "fields": frozenset({Kind.GROUP}),
}
"""Members that mean something for some kinds alone."""

NEEDED = ("choices", "fields", "types", "nomenclature")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a form, and the field, section or rule where it stands."""

    where: str
    message: str


@dataclass(slots=True)
class _Seen:
    """What was asked so far; `inside` holds the parts of the group being read."""

    fields: dict[str, Field] = field(default_factory=dict)
    inside: dict[str, Field] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)

    def find(self, name: str) -> Field | None:
        return self.inside.get(name) or self.fields.get(name)


def faults(form: FormVersion) -> Iterator[Fault]:
    """Yield what is wrong, in the order of the form; nothing for a form that can be filled."""
    seen = _Seen()
    sections: set[str] = set()
    for section in form.sections:
        if not SECTION.fullmatch(section.id) or section.id in sections:
            yield Fault(section.id, "a section has a name of its own, in small letters")
        sections.add(section.id)
        for each in section.fields:
            yield from _field_faults(each, seen)
            seen.fields[each.id] = each
    for number, rule in enumerate(form.rules):
        yield from _rule_faults(f"rule {number + 1}", rule, seen)


def _field_faults(field_: Field, seen: _Seen) -> Iterator[Fault]:
    messages = [*_name_faults(field_, seen), *_member_faults(field_)]
    messages += _reference_faults(field_, seen)
    yield from (Fault(field_.id, message) for message in messages)
    seen.names.add(field_.id)
    for part in field_.fields:
        if part.kind in NEVER_REPEATED:
            yield Fault(part.id, f"a group cannot hold {part.kind}: ask it beside the group")
        yield from _field_faults(part, seen)
        seen.inside[part.id] = part
    if field_.fields:
        seen.inside.clear()


def _name_faults(field_: Field, seen: _Seen) -> Iterator[str]:
    if not IDENTIFIER.fullmatch(field_.id) or len(field_.id) > LONGEST_IDENTIFIER:
        yield "a name is words of small letters joined by _, sixty characters at most"
    if field_.id in seen.names:
        yield "it stands twice in the form"
    texts = [field_.label, *(choice.label for choice in field_.choices)]
    texts += [field_.help] if field_.help else []
    if not all(text.fr.strip() and text.en.strip() for text in texts):
        yield "every text is written in both languages"


def _member_faults(field_: Field) -> Iterator[str]:
    for member, kinds in MEMBERS.items():
        is_given = getattr(field_, member) not in (None, ())
        if is_given and field_.kind not in kinds:
            yield f"{member} belongs to {', '.join(sorted(kinds))}, and only"
        if not is_given and member in NEEDED and field_.kind in kinds:
            yield f"a field of kind {field_.kind} needs {member}"
    values = [choice.value for choice in field_.choices]
    if len(values) != len(set(values)):
        yield "two choices have the same value"
    if field_.must_be not in {None, YES, NO}:
        yield "must_be is yes or no"
    if (field_.minimum or 0) > (field_.maximum if field_.maximum is not None else 10**15):
        yield "minimum is above maximum"


def _reference_faults(field_: Field, seen: _Seen) -> Iterator[str]:
    conditions = [field_.condition, field_.required_if, *(c.condition for c in field_.choices)]
    for condition in conditions:
        for comparison in comparisons(condition):
            yield from _comparison_faults(comparison, seen.find(comparison.field))
    if field_.not_before:
        first = seen.find(field_.not_before)
        if first is None or first.kind not in DATED:
            yield f"it depends on {field_.not_before!r}, not yet asked as a date"


def _comparison_faults(comparison: Comparison, target: Field | None) -> Iterator[str]:
    if target is None:
        yield f"it depends on {comparison.field!r}, not yet asked"
        return
    allowed = _values_of(target)
    wrong = [value for value in comparison.values if allowed and value not in allowed]
    if comparison.operator is Operator.IS and wrong:
        yield f"it compares {target.id!r} with {', '.join(wrong)}, which is never its answer"
    beyond = comparison.operator in {Operator.AT_LEAST, Operator.AT_MOST}
    if beyond and target.kind not in ORDERED:
        yield f"it orders {target.id!r}, which is no number, amount or date"


def _values_of(field_: Field) -> frozenset[str]:
    """The answers that a comparison may name; empty when any text may be one."""
    if field_.kind is Kind.YES_NO:
        return frozenset({YES, NO})
    return frozenset(choice.value for choice in field_.choices)


def _rule_faults(where: str, rule: Rule, seen: _Seen) -> Iterator[Fault]:
    named: Iterable[str] = (*rule.fields, *((rule.total,) if rule.total else ()))
    for name in named:
        found = seen.fields.get(name)
        if found is None:
            yield Fault(where, f"it names {name!r}, which no section asks")
        elif rule.rule in _SUMS and found.kind not in {Kind.NUMBER, Kind.MONEY}:
            yield Fault(where, f"it adds {name!r}, which is no number")
    if (rule.rule in _SUMS) != ((rule.value is None) != (rule.total is None)):
        yield Fault(where, "a sum, and only a sum, is compared with one value or one total")
    if len(rule.fields) < 2:  # noqa: PLR2004 - a rule is across fields
        yield Fault(where, "a rule compares two fields at least")


_SUMS = frozenset({RuleKind.SUM_IS, RuleKind.SUM_AT_MOST})
