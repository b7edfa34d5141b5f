"""What a cohort reads: its sources, columns, periods and facts about persons."""

import dataclasses
from collections.abc import Iterator
from datetime import date
from enum import StrEnum

from ecluse.domain.cohorts.conditions import Aged, HasSex, LivesIn
from ecluse.domain.cohorts.events import (
    BirthDay,
    DeathDay,
    During,
    Events,
    EveryEvent,
    LinkedEvents,
)


class Fact(StrEnum):
    """What a cohort may ask of the register of persons."""

    BIRTH = "birth"
    DEATH = "death"
    SEX = "sex"
    DEPARTMENT = "department"


def children(node: object) -> Iterator[object]:
    """Yield the nodes directly below, in the order of their fields."""
    if not dataclasses.is_dataclass(node):
        return
    for field in dataclasses.fields(node):
        value = getattr(node, field.name)
        for item in value if isinstance(value, tuple) else (value,):
            if dataclasses.is_dataclass(item):
                yield item


def nodes(tree: object) -> Iterator[object]:
    """Yield the node and all those below, each before its children, from left to right."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(list(children(node))))


def depth(tree: object) -> int:
    """Return the number of levels; a node without children has one."""
    level, below = 1, list(children(tree))
    while below:
        level, below = level + 1, [child for node in below for child in children(node)]
    return level


def leaves(tree: object) -> Iterator[Events | EveryEvent]:
    """Yield the events read from a source, from left to right."""
    return (node for node in nodes(tree) if isinstance(node, Events | EveryEvent))


def sources(tree: object) -> frozenset[str]:
    """Return the event sources that are read."""
    return frozenset(leaf.source for leaf in leaves(tree))


def links(tree: object) -> frozenset[str]:
    """Return the links between persons that are followed."""
    return frozenset(node.link for node in nodes(tree) if isinstance(node, LinkedEvents))


def columns(tree: object) -> frozenset[tuple[str, str]]:
    """Return each source with the columns of its table that are read beside its code.

    A `Total` or `ColumnAt` reads its column in every source below it.
    """
    found = {(leaf.source, where.column) for leaf in leaves(tree) for where in leaf.where}
    for node in nodes(tree):
        column = getattr(node, "column", None)
        if column is not None:
            found.update((leaf.source, column) for leaf in leaves(node))
    return frozenset(found)


def periods(tree: object) -> Iterator[tuple[date | None, date | None]]:
    """Yield the calendar periods that are asked for."""
    return (
        (node.on_or_after, node.on_or_before) for node in nodes(tree) if isinstance(node, During)
    )


def facts(tree: object) -> frozenset[Fact]:
    """Return what is asked of the register of persons."""
    return frozenset(fact for node in nodes(tree) for fact in _facts(node))


def _facts(node: object) -> tuple[Fact, ...]:
    if isinstance(node, BirthDay | Aged):
        return (Fact.BIRTH,)
    if isinstance(node, DeathDay):
        return (Fact.DEATH,)
    if isinstance(node, HasSex):
        return (Fact.SEX,)
    if isinstance(node, LivesIn):
        return (Fact.DEPARTMENT,)
    return _FACTS_BY_NAME.get(type(node).__name__, ())


# By name: these nodes are of a module that imports this one.
_FACTS_BY_NAME = {
    "AgeOn": (Fact.BIRTH,),
    "SexIs": (Fact.SEX,),
    "DepartmentIs": (Fact.DEPARTMENT,),
    "Matching": (Fact.BIRTH, Fact.DEATH, Fact.SEX, Fact.DEPARTMENT),
}
