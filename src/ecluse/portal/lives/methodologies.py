"""The reference methodologies of this hub, read from their file: every version, or the newest."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import ecluse
from ecluse.domain.errors import NotFound
from ecluse.domain.methodologies import Methodology, Rule

PATH = Path(ecluse.__file__).parent / "schemas" / "methodologies" / "methodologies.toml"
RULE = "rule_"
"""How the answer to a rule begins among the answers of a declaration."""


@cache
def methodologies() -> Mapping[str, Methodology]:
    """Every version of every methodology, by its key."""
    rows = tomllib.loads(PATH.read_text(encoding="utf-8"))["methodologies"]
    return {one.key: one for one in map(_methodology, rows)}


def newest() -> tuple[Methodology, ...]:
    """The last version of each methodology, by its name."""
    last: dict[str, Methodology] = {}
    for one in sorted(methodologies().values(), key=lambda each: each.version):
        last[one.methodology_id] = one
    return tuple(last[name] for name in sorted(last))


def methodology(key: str) -> Methodology:
    """The version of that key. Raises NotFound."""
    found = methodologies().get(key)
    if found is None:
        raise NotFound(f"No reference methodology {key!r} is known here: choose one of the list.")
    return found


def rule_answers(answers: Mapping[str, object]) -> dict[str, bool]:
    """What a declaration answers to the rules, by rule; what is not yes or no is left out."""
    return {
        name.removeprefix(RULE): value
        for name, value in answers.items()
        if name.startswith(RULE) and isinstance(value, bool)
    }


def _methodology(row: Mapping[str, Any]) -> Methodology:
    rules = tuple(
        Rule(one["id"], one["question"], one["expected"], one["why"]) for one in row["rules"]
    )
    return Methodology(
        row["id"], row["version"], row["title"], row["asks_committee"], row["source"], rules
    )
