"""Versioned forms as data: what is asked, in plain words, with the article that asks it.

    conditions → model → checks → asking, reading, writing → changes

A form is a list of sections, each a list of fields. A file stays pinned to the version it began
with: answers are kept by field id and judged by that version for ever (see `answers`).
"""

from ecluse.domain.forms.asking import asked, asked_in, is_asked, is_required
from ecluse.domain.forms.conditions import (
    All,
    AnyOf,
    Comparison,
    Condition,
    Not,
    Operator,
    answer_to,
    comparisons,
    holds,
    is_empty,
)
from ecluse.domain.forms.model import (
    NO,
    YES,
    Choice,
    Field,
    FileType,
    FormVersion,
    Kind,
    Prefill,
    Rule,
    RuleKind,
    Section,
    Text,
    Visibility,
    with_parts,
)
from ecluse.domain.forms.reading import parse, read
from ecluse.domain.forms.writing import write

__all__ = [
    "NO",
    "YES",
    "All",
    "AnyOf",
    "Choice",
    "Comparison",
    "Condition",
    "Field",
    "FileType",
    "FormVersion",
    "Kind",
    "Not",
    "Operator",
    "Prefill",
    "Rule",
    "RuleKind",
    "Section",
    "Text",
    "Visibility",
    "answer_to",
    "asked",
    "asked_in",
    "comparisons",
    "holds",
    "is_asked",
    "is_empty",
    "is_required",
    "parse",
    "read",
    "with_parts",
    "write",
]
