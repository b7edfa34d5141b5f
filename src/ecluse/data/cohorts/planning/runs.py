"""A cohort from its first step to its last variable, on any engine."""

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

import pyarrow as pa

from ecluse.data.cohorts.algebra import Frame, Lakeside, Term
from ecluse.data.cohorts.people import KINDS, LINKED_TO, PERSON, facts_of
from ecluse.data.cohorts.planning.answers import met, value_of
from ecluse.data.cohorts.planning.bases import Reads
from ecluse.data.cohorts.planning.plans import Asked, Plan
from ecluse.data.cohorts.planning.sets import day_of
from ecluse.data.cohorts.reading import Reading
from ecluse.data.cohorts.selected import EVERYONE, INDEX_STEP, Selected, schema_of
from ecluse.data.engines import OnProgress
from ecluse.domain.cohorts import Cohort, LinkedEvents, Matching, facts, nodes
from ecluse.domain.cohorts.matching import Candidate, draw

INDEX_DAY = "index_day"


def run(cohort: Cohort, lakeside: Lakeside, reading: Reading, on_progress: OnProgress) -> Selected:
    """Return who of the snapshot is in the cohort. Raises NotFound."""
    at_work = _Run(cohort, lakeside, Reads(lakeside, reading))
    on_progress("steps", 0, 3)
    judged = at_work.judged()
    attrition = at_work.attrition(judged)
    on_progress("members", 1, 3)
    members = at_work.members(judged)
    on_progress("variables", 2, 3)
    rows = at_work.rows(members)
    on_progress("variables", 3, 3)
    return Selected(attrition, rows)


class _Run:
    """One cohort, one snapshot. Variables are planned first, to be read with the steps."""

    def __init__(self, cohort: Cohort, lakeside: Lakeside, reads: Reads) -> None:
        self.cohort = cohort
        self.lakeside = lakeside
        self.reads = reads
        self._facts: Frame | None = None
        self._later = Plan(lakeside, reads)
        self._values = {item.name: value_of(item.value, self._later) for item in cohort.variables}

    def judged(self) -> Frame:
        """Return all persons with the number of steps they `passed`, and their `index_day`."""
        terms, steps = self.lakeside.terms, self.cohort.steps
        plan = Plan(self.lakeside, self.reads)
        kept = [met(step.keep, plan) for step in steps]
        asked = list(kept)
        chosen: dict[str, Term] = {PERSON: terms.column(PERSON), "passed": _passed(kept, terms)}
        if self.cohort.index is not None:
            asked.append(day_of(self.cohort.index, plan))
            chosen[INDEX_DAY] = terms.typed(asked[-1].term, "date")
        if self.cohort.matching is not None:
            asked.append(met(self.cohort.matching.controls, plan))
            chosen["may_be_control"] = asked[-1].term
        plan.foresee(self._later)
        answered = plan.answered(self._known(self.lakeside.persons()), _last_round(asked))
        return answered.select(chosen).held()

    def attrition(self, judged: Frame) -> tuple[tuple[str, int], ...]:
        """Return how many were left after each step."""
        terms, cohort = self.lakeside.terms, self.cohort
        day = terms.value(value=True) if cohort.index is None else terms.column(INDEX_DAY)
        has_day = ~terms.is_null(day)
        counted = judged.select({"passed": terms.column("passed"), "has_day": has_day}).grouped(
            ("passed", "has_day"), {"persons": terms.rows()}
        )
        found = [(row["passed"], row["has_day"], row["persons"]) for row in _rows(counted)]
        last = len(cohort.steps)
        left = [
            (label, sum(persons for passed, _, persons in found if passed >= number))
            for number, label in enumerate((EVERYONE, *(step.label for step in cohort.steps)))
        ]
        if cohort.index is not None:
            indexed = sum(persons for passed, day, persons in found if passed == last and day)
            left.append((INDEX_STEP, indexed))
        return tuple(left)

    def members(self, judged: Frame) -> Frame:
        """Return `person_key` of those in the cohort, with the columns that rule and match them."""
        terms = self.lakeside.terms
        through = judged.where(terms.column("passed") == terms.value(len(self.cohort.steps)))
        if self.cohort.index is None:
            return through.select({PERSON: terms.column(PERSON)})
        day = terms.column(INDEX_DAY)
        indexed = through.where(~terms.is_null(day))
        cases = indexed.select({PERSON: terms.column(PERSON), INDEX_DAY: day})
        if self.cohort.matching is None:
            return cases
        return self.lakeside.known(self._matched(self.cohort.matching, judged, cases))

    def rows(self, members: Frame) -> pa.Table:
        """Return the rows of the cohort, sorted, with its variables."""
        cohort, terms = self.cohort, self.lakeside.terms
        schema = schema_of(cohort)
        own = {name: terms.column(name) for name in members.columns}
        if not cohort.variables:
            return _ordered(members, schema)
        members = members.held()
        self.reads.among, values = self._scope(members), self._values
        persons = self.reads.among.left(members, (PERSON,)) if self._links() else members
        answered = self._later.answered(self._known(persons), _last_round(list(values.values())))
        if self._links():
            answered = answered.among(members, (PERSON,))
        terms_of = {name: asked.term for name, asked in values.items()}
        return _ordered(answered.select({**own, **terms_of}), schema)

    def _links(self) -> bool:
        return any(isinstance(node, LinkedEvents) for node in self._variable_nodes())

    def _variable_nodes(self) -> Any:
        return (node for variable in self.cohort.variables for node in nodes(variable))

    def _scope(self, members: Frame) -> Frame:
        """Return the members, and those whom links join to them, however far."""
        terms = self.lakeside.terms
        scope = members.select({PERSON: terms.column(PERSON)})
        links = [node.link for node in self._variable_nodes() if isinstance(node, LinkedEvents)]
        for _ in links:
            for link in sorted(set(links)):
                mine = scope.select({LINKED_TO: terms.column(PERSON)})
                others = self.lakeside.linked(link).among(mine, (LINKED_TO,))
                found = others.select({PERSON: terms.column(PERSON)})
                scope = scope.stacked(found).distinct().held()
        return scope

    def _known(self, persons: Frame) -> Frame:
        """Return persons with the facts of the register, if the cohort asks for one."""
        if not facts(self.cohort):
            return persons
        if self._facts is None:
            self._facts = facts_of(self.lakeside).held()
        return persons.left(self._facts, (PERSON,))

    def _matched(self, rule: Matching, judged: Frame, cases: Frame) -> pa.Table:
        """Return cases and the controls drawn for them, with the index day of the case."""
        terms, columns = self.lakeside.terms, (PERSON, *KINDS)
        days = {row[PERSON]: row[INDEX_DAY] for row in _rows(cases)}
        allowed = judged.where(terms.column("may_be_control"))
        keys = allowed.select({PERSON: terms.column(PERSON)}).table()[PERSON].to_pylist()
        told = self._known(self._drawn_from(judged)).select(
            {name: terms.column(name) for name in columns}
        )
        sets = draw(days, (Candidate(*_candidate(row)) for row in _rows(told)), keys, rule)
        rows = [
            (key, days[found.case], number, key == found.case)
            for number, found in enumerate(sets, 1)
            for key in (found.case, *found.controls)
        ]
        fields = schema_of(self.cohort).names[:4]
        schema = pa.schema([schema_of(self.cohort).field(name) for name in fields])
        return pa.Table.from_pylist(
            [dict(zip(fields, row, strict=True)) for row in rows], schema=schema
        )

    def _drawn_from(self, judged: Frame) -> Frame:
        """Return the persons whom matching looks at: cases and those who may be controls."""
        terms = self.lakeside.terms
        is_through = terms.column("passed") == terms.value(len(self.cohort.steps))
        asked = judged.where(terms.column("may_be_control") | is_through)
        return asked.select({PERSON: terms.column(PERSON)})


def _candidate(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in (PERSON, "born_on", "died_on", "sex", "department"))


def _passed(kept: Sequence[Asked], terms: Any) -> Term:
    """Return how many steps were met, one after the other."""
    return reduce(
        lambda after, entry: terms.choose(entry[1].term, after, terms.value(entry[0])),
        reversed(list(enumerate(kept))),
        terms.value(len(kept)),
    )


def _last_round(asked: Sequence[Asked]) -> int:
    return max(item.round for item in asked)


def _rows(frame: Frame) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = frame.table().to_pylist()
    return rows


def _ordered(frame: Frame, schema: pa.Schema) -> pa.Table:
    """Return the rows in memory, sorted by person, in the types of the schema."""
    return frame.table().select(schema.names).cast(schema).sort_by(PERSON)
