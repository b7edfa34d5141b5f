"""Tables for tests, made from the numbers of their smallest cells."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np

from ecluse.data.tabulation.counting import Counts
from ecluse.data.tabulation.holdings import Asked
from ecluse.data.tabulation.systems import Builder, Guard, System
from ecluse.domain.tabulation import (
    Cell,
    CellContent,
    CodeGroup,
    CodeGroups,
    Measure,
    MeasureKind,
    Suppression,
    TableOrder,
    TabulationPlan,
    TabulationPolicy,
    tree,
)
from ecluse.domain.tabulation.rules import needs

PERSONS = (Measure(MeasureKind.PERSONS),)
POLICY = TabulationPolicy()
FRAME = "now"


def groups(
    name: str, *codes: str, parents: Mapping[str, Sequence[str]] | None = None
) -> CodeGroups:
    """Return a variable of the person whose codes are its groups; `parents` gather some."""
    listed: list[CodeGroup] = []
    gathered = {code for children in (parents or {}).values() for code in children}
    for parent, children in (parents or {}).items():
        listed.append(CodeGroup(parent, parent))
        listed += [CodeGroup(code, code, (code,), parent) for code in children]
    listed += [CodeGroup(code, code, (code,)) for code in codes if code not in gathered]
    return CodeGroups(name, name, "IR_BEN_R", f"COL_{name}", tuple(listed), is_exact=True)


def plan(variables: Sequence[CodeGroups], *by: tuple[str, ...]) -> TabulationPlan:
    """Return a plan that counts persons in one table for each tuple of variables."""
    tables = tuple(
        TableOrder(f"table_{rank}", "A table", names, PERSONS) for rank, names in enumerate(by)
    )
    return TabulationPlan("D-2026-001", "A request", "all", tuple(variables), tables, Suppression())


def counted(asked: Asked, persons: Mapping[Any, int]) -> Counts:
    """Return the counts of all cells, from persons by leaf codes in the order of the variables."""
    cells: dict[Cell, int] = {}
    trees = [tree(variable.categories()) for variable in asked.variables]
    names = [variable.name for variable in asked.variables]
    for leaf, number in persons.items():
        paths = [one.paths[one.codes.index(code)] for one, code in zip(trees, leaf, strict=True)]
        for place in product(*paths):
            cell = tuple(
                (name, one.codes[rank])
                for name, one, rank in zip(names, trees, place, strict=True)
                if rank
            )
            cells[cell] = cells.get(cell, 0) + number
    return Counts({cell: CellContent(number) for cell, number in cells.items()})


def system_of(
    asked: Asked, counts: Counts, policy: TabulationPolicy = POLICY
) -> tuple[Builder, System, list[Guard]]:
    """Return the system of some tables, and what must be guarded in it."""
    builder = Builder()
    builder.add(FRAME, asked, counts)
    system = builder.made(zeros_disclose=policy.zeros_disclose)
    guards = [
        guard
        for frame, cell in builder.spots
        for guard in builder.guards(
            frame,
            cell,
            needs(counts.cells.get(cell, CellContent(0)), policy, measures=asked.measures),
            system.scales,
        )
        if not system.opened[guard.variable]
    ]
    return builder, system, guards


def nothing_hidden(system: System) -> "np.typing.NDArray[np.bool_]":
    """Return that no cell is hidden."""
    return np.zeros(system.spot_count, np.bool_)
