"""What an imported column is: the written rules of `schemas/roles.toml`, first match."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, cast

from ecluse.data.schemas.columns import Role

CONDITIONS = ("name", "title", "table", "type", "nomenclature")


@dataclass(frozen=True, slots=True)
class RoleRule:
    """A role and the expressions that a column must fit to have it; `why` is for the reader."""

    role: Role
    why: str
    conditions: Mapping[str, re.Pattern[str]]

    def fits(self, column: Mapping[str, Any]) -> bool:
        """Whether every condition fits: a title anywhere, the rest whole."""
        return all(
            (pattern.search if name == "title" else pattern.fullmatch)(
                plain(str(column.get(name) or ""))
            )
            for name, pattern in self.conditions.items()
        )


def role_of(column: Mapping[str, Any]) -> Role:
    """Return the role of `column`, which has a table, name, type, title and nomenclature."""
    return next(rule.role for rule in rules() if rule.fits(column))


@cache
def rules() -> tuple[RoleRule, ...]:
    """Return the rules in order. The last one fits every column."""
    text = (files("ecluse") / "schemas" / "roles.toml").read_text(encoding="utf-8")
    return tuple(_rule(fields) for fields in tomllib.loads(text)["rules"])


def plain(text: str) -> str:
    """Return `text` without accents, in lower case."""
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).casefold()


def _rule(fields: Mapping[str, str]) -> RoleRule:
    return RoleRule(
        cast("Role", fields["role"]),
        fields["why"],
        {name: re.compile(fields[name], re.IGNORECASE) for name in CONDITIONS if name in fields},
    )
