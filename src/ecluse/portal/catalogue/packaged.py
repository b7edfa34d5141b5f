"""Descriptions that the product brings: that of the main base of the SNDS, with every variable."""

import csv
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from ecluse.domain.metadata import DatasetDescription, Table, TableGroup, Text, Variable
from ecluse.domain.metadata.storing import from_json
from ecluse.portal.catalogue import completing

NOT_TABLES: Final = frozenset({"model", "sources"})
"""The files of a model that describe no table."""
SNDS: Final = "snds"


def packaged(name: str) -> DatasetDescription:
    """Return a description of the package, its variables those of the model of that name."""
    file = files("ecluse") / "schemas" / "catalogue" / f"{name}.toml"
    said = from_json(tomllib.loads(file.read_text(encoding="utf-8")), DatasetDescription)
    return replace(said, variables=tuple(_groups(files("ecluse") / "schemas" / "tables" / name)))


def _groups(folder: Traversable) -> Iterator[TableGroup]:
    """Yield one group for each product of the model: DCIR, PMSI_MCO."""
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        product, _, suffix = file.name.partition(".")
        if suffix == "toml" and product not in NOT_TABLES:
            heads = tomllib.loads(file.read_text(encoding="utf-8"))["tables"]
            columns = _columns(folder / f"{product}.csv")
            tables = tuple(
                Table(
                    titles=(
                        Text(head["name"]),
                        *completing.both(head["title_fr"], head["title_en"]),
                    ),
                    variables=columns[head["name"]],
                )
                for head in heads
                if head["name"] in columns
            )
            yield TableGroup(titles=(Text(product),), tables=tables)


def _columns(file: Traversable) -> dict[str, tuple[Variable, ...]]:
    by_table: dict[str, tuple[Variable, ...]] = {}
    lines = csv.DictReader(file.read_text(encoding="utf-8").splitlines(), delimiter=";")
    for line in lines:
        own = completing.variable(
            line["name"], line["title_fr"], line["title_en"], type_=line["type"]
        )
        by_table[line["table"]] = (*by_table.get(line["table"], ()), own)
    return by_table
