"""The slow engine: says what a cohort means in the plainest Python, for the fast ones to agree.

Rows are mappings, as they stand in the lake. Nothing is optimised here, on purpose.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ecluse.data.cohorts.reading import FLOW_DATE, Reading
from ecluse.data.schemas import EventSource
from ecluse.domain.cohorts import (
    AllOf,
    AnyOf,
    AtLeast,
    Cohort,
    Condition,
    During,
    Events,
    Match,
    Not,
)

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset in memory: its persons, the rows of each table, the sources of events."""

    persons: Collection[int]
    tables: Mapping[str, Sequence[Row]]
    sources: Mapping[str, EventSource]


def select(cohort: Cohort, dataset: Dataset, reading: Reading) -> frozenset[int]:
    """Return the keys of the persons of `dataset` who are in `cohort`."""
    return _met(AllOf(tuple(step.keep for step in cohort.steps)), dataset, reading)


def _met(cohort: Condition, dataset: Dataset, reading: Reading) -> frozenset[int]:
    everyone = frozenset(dataset.persons)
    if isinstance(cohort, AtLeast):
        return everyone & _counted(cohort, dataset, reading)
    if isinstance(cohort, AllOf):
        return everyone.intersection(*(_met(part, dataset, reading) for part in cohort.parts))
    if isinstance(cohort, AnyOf):
        return frozenset().union(*(_met(part, dataset, reading) for part in cohort.parts))
    assert isinstance(cohort, Not)
    return everyone - _met(cohort.part, dataset, reading)


def _counted(count: AtLeast, dataset: Dataset, reading: Reading) -> frozenset[int]:
    period = count.events if isinstance(count.events, During) else None
    events = period.events if period else count.events
    assert isinstance(events, Events)
    first, last = reading.window(period)
    days: dict[int, set[date]] = {}
    for person, day in _events(events, dataset, reading):
        if first <= day <= last:
            days.setdefault(person, set()).add(day)
    return frozenset(key for key, found in days.items() if len(found) >= count.distinct_dates)


def _events(events: Events, dataset: Dataset, reading: Reading) -> Iterator[tuple[int, date]]:
    source = dataset.sources[events.source]
    for row in dataset.tables[source.table]:
        person, day = row["person_key"], row["event_date"]
        has_code = any(_meets(code, events) for code in _codes(row, source, dataset))
        if isinstance(person, int) and isinstance(day, date) and has_code and _flowed(row, reading):
            yield person, day


def _codes(row: Row, source: EventSource, dataset: Dataset) -> Iterator[object]:
    """Yield the codes of a row: its own, or those that the reference table gives for it."""
    own, reference = row[source.code_column], source.reference
    if reference is None:
        yield own
        return
    for line in dataset.tables[reference.table]:
        if own is not None and line[reference.key_column] == own:
            yield line[reference.code_column]


def _meets(code: object, events: Events) -> bool:
    """Whether a code of the data meets the list. `E11.9` and `E119` are one code."""
    if code is None:
        return False
    text = str(code).strip(" ").replace(".", "")
    wanted = [item.replace(".", "") for item in events.codes]
    if events.match is Match.EXACT:
        return text in wanted
    return any(text.startswith(item) for item in wanted)


def _flowed(row: Row, reading: Reading) -> bool:
    """Whether the row had arrived by the cut-off; tables without flow are read whole."""
    if FLOW_DATE not in row:
        return True
    flow = row[FLOW_DATE]
    return isinstance(flow, date) and flow <= reading.flux_until
