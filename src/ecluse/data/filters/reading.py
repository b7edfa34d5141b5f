"""Filters read from the product's data files: one folder a model, lists of values beside."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Final

from ecluse.data.filters.definitions import (
    Condition,
    Episodes,
    Filter,
    Group,
    Netting,
    Repair,
    Rule,
)
from ecluse.data.filters.switches import State
from ecluse.domain.errors import NotFound

FILES: Final = ("claims.toml", "stays.toml", "persons.toml")
"""In the order of application: what leaves rows out comes before what merges them."""


@cache
def filters(model: str) -> tuple[Filter, ...]:
    """Return the filters of a data model, in the order of their files; none for most models."""
    folder = files("ecluse") / "schemas" / "filters" / model
    return tuple(
        _filter(fields, folder)
        for name in FILES
        if (folder / name).is_file()
        for fields in _toml(folder / name)["filters"]
    )


def find(model: str, name: str) -> Filter:
    """Return one filter of a data model. Raises NotFound."""
    for found in filters(model):
        if found.name == name:
            return found
    raise NotFound(
        f"The model {model} has no filter {name!r}: `ecluse lake filters list --model {model}` "
        f"lists its {len(filters(model))}."
    )


def late_regimes(model: str, *, first_year: int) -> tuple[Group, ...]:
    """Return the insurance regimes that are not in the claims of `first_year`.

    A national trend that begins in that year would count their arrival as a rise.
    """
    folder = files("ecluse") / "schemas" / "filters" / model
    if not (folder / "regimes.toml").is_file():
        return ()
    return tuple(
        group
        for group in _groups(folder, "regimes")
        if group.last_year is not None and first_year <= group.last_year
    )


def _filter(fields: Mapping[str, Any], folder: Traversable) -> Filter:
    return Filter(
        name=fields["name"],
        title_fr=fields["title_fr"],
        title_en=fields["title_en"],
        advice_fr=fields["advice_fr"],
        advice_en=fields["advice_en"],
        source=fields["source"],
        default=State(fields["default"]),
        rules=tuple(_rule(rule, folder) for rule in fields.get("rules", ())),
        nettings=tuple(Netting(**_frozen(item)) for item in fields.get("nettings", ())),
        episodes=tuple(Episodes(**_frozen(item)) for item in fields.get("episodes", ())),
        repairs=tuple(Repair(**item) for item in fields.get("repairs", ())),
    )


def _rule(fields: Mapping[str, Any], folder: Traversable) -> Rule:
    return Rule(
        tables=tuple(fields["tables"]),
        drop=tuple(
            tuple(_condition(condition, folder) for condition in alternative)
            for alternative in fields["drop"]
        ),
        scope=fields.get("scope", "event"),
    )


def _condition(fields: Mapping[str, Any], folder: Traversable) -> Condition:
    values = {name: value for name, value in fields.items() if name != "list"}
    groups = _groups(folder, fields["list"]) if "list" in fields else ()
    return Condition(**_frozen(values), groups=groups)


def _groups(folder: Traversable, name: str) -> tuple[Group, ...]:
    return tuple(Group(**_frozen(group)) for group in _toml(folder / f"{name}.toml")["groups"])


def _frozen(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(v) if isinstance(v, list) else v for name, v in fields.items()}


def _toml(file: Traversable) -> Mapping[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))
