"""The checks of the product and what each data model expects, read from data files."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Final

from ecluse.data.quality.reports import Dimension, Status

FOLDER: Final = files("ecluse") / "schemas" / "quality"


@dataclass(frozen=True, slots=True)
class Check:
    """A kind of check. `threshold`: the percentage of violations up to which it passes."""

    id: str
    dimension: Dimension
    threshold: str
    severity: Status
    title_fr: str
    title_en: str


@dataclass(frozen=True, slots=True)
class RegisterRules:
    """Where the register says birth, sex and death; `men` and `women` are the codes of sex."""

    table: str
    birth_year: str
    sex: str
    men: tuple[str, ...]
    women: tuple[str, ...]
    birth_month: str | None = None
    death_table: str | None = None
    death_date: str | None = None


@dataclass(frozen=True, slots=True)
class Range:
    """Bounds of the numbers of a column, both allowed."""

    column: str
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class TableRules:
    """What a sound table keeps.

    `order`: pairs of columns, the first never after the second. `same_day`: a date and its instant.
    `together`: where the first has a value, the second has one too. `references`: columns that name
    a row of another table by its own column of that name. `concepts`: columns of concepts and their
    domain. `sources`: columns of source codes and the concept each was turned into. `is_unique`:
    no two rows have the same key. `is_observed`: rows lie within observation periods.
    """

    required: tuple[str, ...] = ()
    order: tuple[tuple[str, str], ...] = ()
    same_day: tuple[tuple[str, str], ...] = ()
    together: tuple[tuple[str, str], ...] = ()
    ranges: tuple[Range, ...] = ()
    allowed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    references: Mapping[str, str] = field(default_factory=dict)
    concepts: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    quantities: tuple[str, ...] = ()
    amounts: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    is_unique: bool = False
    is_observed: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """What one model expects. `tables_required`: tables without which the dataset is unusable."""

    register: RegisterRules | None = None
    tables: Mapping[str, TableRules] = field(default_factory=dict)
    tables_required: tuple[str, ...] = ()
    thresholds: Mapping[tuple[str, str, str], str] = field(default_factory=dict)

    def table(self, name: str) -> TableRules:
        """Return the rules of a table, none by default."""
        return self.tables.get(name, TableRules())


@cache
def checks() -> Mapping[str, Check]:
    """Return every kind of check by its id, in the order of their file."""
    return {
        item["id"]: Check(
            **{
                **item,
                "dimension": Dimension(item["dimension"]),
                "severity": Status(item["severity"]),
            }
        )
        for item in _toml("checks")["checks"]
    }


@cache
def rules(model: str) -> Rules:
    """Return what the model expects; a holder's own model expects nothing beyond its tables."""
    if not (FOLDER / f"{model}.toml").is_file():
        return Rules()
    found = _toml(model)
    register = found.get("register")
    return Rules(
        register=None if register is None else RegisterRules(**_frozen(register)),
        tables={name: _table(fields) for name, fields in found.get("tables", {}).items()},
        tables_required=tuple(found.get("tables_required", ())),
        thresholds={
            (item["check"], item["table"], item["column"]): item["percent"]
            for item in found.get("thresholds", ())
        },
    )


def _table(fields: Mapping[str, Any]) -> TableRules:
    values = _frozen(fields)
    values["is_unique"] = values.pop("unique", False)
    values["is_observed"] = values.pop("observed", False)
    values["ranges"] = tuple(Range(**item) for item in values.get("ranges", ()))
    values["allowed"] = _frozen(values.get("allowed", {}))
    return TableRules(**values)


def _frozen(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: tuple(tuple(item) if isinstance(item, list) else item for item in value)
        if isinstance(value, list)
        else value
        for name, value in fields.items()
    }


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
