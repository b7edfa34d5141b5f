"""The rule tables and the list of fields, read from the package."""

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Final

from django.utils.translation import get_language

from ecluse.domain.aisystems.fields import Field, fields_from
from ecluse.domain.aisystems.reading import rule_sets_from
from ecluse.domain.aisystems.rules import Rulebook, RuleSet, rulebook_on

TABLES: Final = ("mdr-2021", "ivdr-2022", "ai-act-2024", "ai-act-2026", "national-2021")
"""The tables in the order they are read: an amending one after what it amends."""


@cache
def rule_sets() -> tuple[RuleSet, ...]:
    """Return every rule set that this version of the software holds."""
    return rule_sets_from(_table(name) for name in TABLES)


def rulebook(day: date) -> Rulebook:
    """Return the rules used on a day."""
    return rulebook_on(day, rule_sets())


@cache
def fields() -> tuple[Field, ...]:
    """Return the fields of a record, in their order."""
    return fields_from(_table("fields"))


def words(told: Mapping[str, str]) -> str:
    """Return a text of a table in the language of the page."""
    return told["en" if (get_language() or "fr").startswith("en") else "fr"]


def _table(name: str) -> dict[str, Any]:
    file = files("ecluse") / "schemas" / "aisystems" / f"{name}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))
