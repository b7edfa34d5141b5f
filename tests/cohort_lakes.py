"""A dataset of the reference engine, published as a lake: what the fast engines read."""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from ecluse.data.cohorts.reference import Dataset, PersonFacts, Row
from ecluse.data.filters import State, Switch, Switches, filters
from ecluse.data.lake import Snapshot
from tests.unit.data.lakes import publish

EVERY_FILTER_OFF = Switches(tuple(Switch(found.name, State.OFF) for found in filters("snds")))
"""The reference engine reads rows that count: nothing is left to clean in them."""

SEX = {"male": 1, "female": 2}


def publish_dataset(folder: Path, dataset: Dataset) -> Snapshot:
    """Publish a dataset of the SNDS model, facts as lines of IR_BEN_R; stays, if only none."""
    register = [_line(person, facts) for person, facts in dataset.facts.items()]
    tables: Mapping[str, list[Row]] = {
        **{name: [] for name in ("T_MCOaaC", "T_MCOaaB")},
        **{name: list(rows) for name, rows in dataset.tables.items()},
        "IR_BEN_R": register,
    }
    persons = [(key, f"person-{key}", None) for key in sorted(dataset.persons)]
    return publish(folder, "snds", dict(_complete(tables)), persons)


def _complete(tables: Mapping[str, list[Row]]) -> Iterator[tuple[str, list[Row]]]:
    """Yield the tables, each row with every column that some row of its table has."""
    for name, rows in tables.items():
        columns = set().union(*rows) if rows else set()
        yield name, [{column: row.get(column) for column in columns} for row in rows]


def _line(person: int, facts: PersonFacts) -> Row:
    born = facts.born_on
    return {
        "person_key": person,
        "event_date": None,
        "BEN_SEX_COD": SEX.get(facts.sex or ""),
        "BEN_NAI_ANN": born.year if born else None,
        "BEN_NAI_MOI": f"{born.month:02}" if born else None,
        "BEN_DCD_DTE": facts.died_on,
        "BEN_RES_DPT": f"{facts.department:0>3}" if facts.department else None,
        "MAX_TRT_DTD": date(2022, 1, 1),
    }
