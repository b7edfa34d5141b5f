"""What a cohort reads, held against the permit: choosing by a value is reading it.

A variable delivers what it reads; a step only chooses by it. So a step may use a column that the
permit gives as `choice-only`, and a variable may not. No variable gives a day, an age or a value
more exactly than the permit does. Source: EHDS art. 66(1), 68(10)(a).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from ecluse.data.cohorts.reading import ORDERABLE_DATE
from ecluse.data.lake import Snapshot
from ecluse.data.schemas import EventSource, TableSchema
from ecluse.domain import cohorts
from ecluse.domain.cohorts import AgeOn, Cohort, Events, Fact, Match
from ecluse.domain.documents import Coarsening, DatasetScope, Precision
from ecluse.domain.errors import OutOfScope

NAMING: Final = frozenset({"person", "identifier", "link", "professional", "facility"})
"""Roles of columns whose values never leave the lake as they are."""
MOST_AGES: Final = 2
"""Ages on a third day would begin to tell the month of birth that the permit withholds."""


@dataclass(frozen=True, slots=True)
class Readings:
    """The cohort of an order against what the permit gives of the dataset."""

    cohort: Cohort
    scope: DatasetScope
    snapshot: Snapshot

    def check(self) -> None:
        """Pass if the cohort reads and tells only what the permit gives. Raises OutOfScope."""
        for leaf in cohorts.leaves(self.cohort):
            self._check_leaf(leaf)
        for source, column in sorted(cohorts.columns(self.cohort)):
            self._check_column(self._source(source).table, column)
        for link in sorted(cohorts.links(self.cohort)):
            self._check_link(link)
        for fact in sorted(self._facts_read()):
            self._check_fact(fact)
        self._check_told()
        self._check_days()

    def _check_leaf(self, leaf: Events | cohorts.EveryEvent) -> None:
        source = self._source(leaf.source)
        if not isinstance(leaf, Events):
            self._check_present(source.table, source.code_column)
            self._check_given(source.table, {source.code_column} & self._columns(source.table))
            return
        given = self._given(source.table, source.code_column)
        self._check_present(source.table, source.code_column)
        if source.reference is not None:
            self._check_present(source.reference.table, source.reference.code_column)
        if given is not None and not _is_coarse_enough(leaf, given):
            raise OutOfScope(
                f"The permit gives less of {source.table}.{source.code_column} ({source.name}) "
                "than the codes of the cohort ask: shorten them, as beginnings."
            )
        if source.end_column is not None:
            self._check_column(source.table, source.end_column)

    def _check_column(self, table: str, column: str) -> None:
        """Pass if persons may be chosen by the values of a column as they are."""
        self._check_present(table, column)
        is_for_choice = self._check_given_whole(table, column)
        if self._role(table, column) in NAMING and not is_for_choice:
            raise OutOfScope(
                f"{table}.{column} names somebody or something: no one is chosen by it, unless "
                "the permit gives it for choosing."
            )

    def _check_given_whole(self, table: str, column: str) -> bool:
        """Pass if the permit gives the values as they are; return whether for choosing alone."""
        given = self._given(table, column)
        is_for_choice = given is not None and given.to is Precision.CHOICE_ONLY
        if given is not None and not is_for_choice:
            raise OutOfScope(f"The permit gives less of {table}.{column} than the cohort reads.")
        return is_for_choice

    def _check_link(self, name: str) -> None:
        link = self.snapshot.model.links.get(name)
        if link is None:
            raise OutOfScope(f"Dataset {self.snapshot.dataset} has no link {name!r}.")
        for table, column in link.columns:
            self._check_present(table, column)
            self._check_given_whole(table, column)
        self._check_present(link.table, link.day)
        if not any(self._is_delivered(*place) for place in self._day_columns(link.table)):
            self._check_given_whole(link.table, link.day)

    def _facts_read(self) -> frozenset[Fact]:
        """Return the facts read; a matching reads those that it matches on."""
        matching = self.cohort.matching
        found = set(cohorts.facts(replace(self.cohort, matching=None)))
        if matching is not None:
            found |= {Fact.BIRTH, Fact.DEATH} | cohorts.facts(matching.controls)
            found |= {Fact.SEX} if matching.same_sex else set()
            found |= {Fact.DEPARTMENT} if matching.same_department else set()
        return frozenset(found)

    def _check_fact(self, fact: Fact) -> None:
        for table, column in self._columns_of(fact):
            self._check_column(table, column)

    def _columns_of(self, fact: Fact) -> list[tuple[str, str]]:
        """Return the columns of the dataset that tell a fact. Raises OutOfScope."""
        register = self.snapshot.model.register
        facts = register.facts
        if facts is None:
            raise OutOfScope(f"Dataset {self.snapshot.dataset} has no {fact.value} of persons.")
        named: dict[Fact, tuple[str | None, ...]] = {
            Fact.BIRTH: facts.birth,
            Fact.DEATH: (facts.death,),
            Fact.SEX: (facts.sex,),
            Fact.DEPARTMENT: (facts.department,),
        }
        table = (facts.death_table if fact is Fact.DEATH else None) or register.table
        columns = [(table, name) for name in named[fact] if name in self._columns(table)]
        if not columns:
            raise OutOfScope(f"Dataset {self.snapshot.dataset} has no {fact.value} of persons.")
        return columns

    def _check_told(self) -> None:
        """Pass if what variables and the index day deliver may be delivered as it is."""
        told = [variable.value for variable in self.cohort.variables]
        for node in told:
            column = getattr(node, "column", None)
            for leaf in cohorts.leaves(node) if column else ():
                self._check_delivered(self._source(leaf.source).table, str(column))
            if isinstance(node, cohorts.CodeAt):
                for leaf in cohorts.leaves(node):
                    source = self._source(leaf.source)
                    self._check_delivered(source.table, source.code_column)
        self._check_facts_told([*told, *([self.cohort.index] if self.cohort.index else [])])

    def _check_facts_told(self, told: list[object]) -> None:
        ages = {node for node in told if isinstance(node, AgeOn)}
        exact = [node for node in told if not isinstance(node, AgeOn | cohorts.IsMet)]
        for fact in sorted({fact for node in exact for fact in _facts_in(node)}):
            for table, column in self._columns_of(fact):
                self._check_delivered(table, column)
        births = self._columns_of(Fact.BIRTH) if ages else []
        is_whole = all(self._is_delivered(table, column) for table, column in births)
        if len(ages) > MOST_AGES and not is_whole:
            raise OutOfScope(
                f"Ages on {len(ages)} days would tell the month of birth, which the permit does "
                f"not deliver: ask for {MOST_AGES} at most."
            )

    def _check_delivered(self, table: str, column: str) -> None:
        if not self._is_delivered(table, column):
            raise OutOfScope(
                f"A variable would deliver {table}.{column} as it is, which the permit does not."
            )

    def _is_delivered(self, table: str, column: str) -> bool:
        for scope in self.scope.tables:
            if scope.table == table and column in scope.columns:
                is_named = self._role(table, column) in NAMING
                return scope.coarsening(column) is None and not is_named
        return False

    def _check_days(self) -> None:
        """Pass if no day is told, or can be searched for, more exactly than the permit gives it."""
        told: list[object] = [variable.value for variable in self.cohort.variables]
        index = self.cohort.index
        for node in [*told, *([index] if index is not None else [])]:
            if _tells_days(node) or (node is index):
                self._check_exact_days(node)
        coarse = {
            leaf.source: precision
            for leaf in cohorts.leaves(self.cohort)
            if (precision := self._coarse_days(self._source(leaf.source).table)) is not None
        }
        for node in cohorts.nodes(self.cohort):
            read = {leaf.source for leaf in cohorts.leaves(node)} & coarse.keys()
            if read and isinstance(node, cohorts.During | cohorts.Around):
                _check_aligned(node, {coarse[name] for name in read})

    def _check_exact_days(self, node: object) -> None:
        for leaf in cohorts.leaves(node):
            table = self._source(leaf.source).table
            if not any(self._is_delivered(*place) for place in self._day_columns(table)):
                raise OutOfScope(
                    f"The cohort would deliver days of {table} ({leaf.source}), which the permit "
                    "does not give to the day."
                )

    def _coarse_days(self, table: str) -> Precision | None:
        """Return the precision of the days of a table where the permit coarsens them."""
        places = self._day_columns(table)
        if any(self._is_delivered(*place) for place in places):
            return None
        found = [scope for scope in self.scope.tables for name, _ in places if scope.table == name]
        given = [scope.coarsening(name) for scope in found for _, name in places]
        precisions = {one.to for one in given if one is not None}
        if Precision.MONTH in precisions:
            return Precision.MONTH
        return Precision.YEAR if precisions else None

    def _day_columns(self, table: str) -> list[tuple[str, str]]:
        """Return the columns that tell the day of a table's events, its parents' included."""
        places: list[tuple[str, str]] = []
        schema: TableSchema | None = self.snapshot.model.tables.get(table)
        while schema is not None:
            places += [(schema.name, name) for name in (ORDERABLE_DATE, *schema.event_date)]
            parent = schema.parent
            schema = self.snapshot.model.tables.get(parent.table) if parent else None
        return places

    def _source(self, name: str) -> EventSource:
        source = self.snapshot.model.sources.get(name)
        if source is None:
            raise OutOfScope(f"Dataset {self.snapshot.dataset} has no event source {name!r}.")
        return source

    def _given(self, table: str, column: str) -> Coarsening | None:
        """Return what the permit gives of a column. Raises OutOfScope when it gives nothing."""
        for scope in self.scope.tables:
            if scope.table == table and column in scope.columns:
                return scope.coarsening(column)
        raise OutOfScope(
            f"The cohort chooses persons by {table}.{column}, which the permit does not give."
        )

    def _check_given(self, table: str, columns: Iterable[str]) -> None:
        for column in columns:
            self._given(table, column)

    def _check_present(self, table: str, column: str) -> None:
        if column not in self._columns(table):
            raise OutOfScope(
                f"Snapshot {self.snapshot.snapshot_id} has no {table}.{column}: choose another "
                "snapshot or another cohort."
            )

    def _columns(self, table: str) -> set[str]:
        tables = self.snapshot.tables
        return set(tables[table].columns) if table in tables else set()

    def _role(self, table: str, column: str) -> str:
        schema = self.snapshot.model.tables.get(table)
        found = schema.column(column) if schema else None
        return found.role if found else "date" if column == ORDERABLE_DATE else "identifier"


def _is_coarse_enough(leaf: Events, given: Coarsening) -> bool:
    """Whether a list of codes asks no more than beginnings of so many characters."""
    if given.to is Precision.CHOICE_ONLY:
        return True
    if given.to is not Precision.FIRST_CHARACTERS or leaf.match is not Match.PREFIX:
        return False
    codes = (code.replace(".", "") for code in (*leaf.codes, *leaf.but_not))
    return max(map(len, codes)) <= (given.step or 0)


def _facts_in(node: object) -> Iterator[Fact]:
    """Yield the facts that a value tells; conditions inside it only choose."""
    if not isinstance(node, cohorts.IsMet):
        yield from cohorts.facts(node)


def _tells_days(node: object) -> bool:
    return isinstance(node, cohorts.DayIs | cohorts.DaysBetween | cohorts.ExposedDays)


def _check_aligned(node: cohorts.During | cohorts.Around, precisions: set[Precision]) -> None:
    """Pass if a period begins and ends with the months, or years, that the permit gives."""
    unit = Precision.YEAR if Precision.YEAR in precisions else Precision.MONTH
    if isinstance(node, cohorts.Around):
        raise OutOfScope(
            f"The permit gives days by {unit.value}: no event can be sought around a day."
        )
    first, last = node.on_or_after, node.on_or_before
    ends = [first, last + timedelta(days=1) if last else None]
    if not all(day is None or _begins(day, unit) for day in ends):
        raise OutOfScope(
            f"The permit gives days by {unit.value}: periods begin and end with a {unit.value}."
        )


def _begins(day: date, unit: Precision) -> bool:
    return day.day == 1 and (unit is Precision.MONTH or day.month == 1)
