"""Small snapshots measured, and their checks found by name."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from ecluse.data.engines import connect
from ecluse.data.lake import Snapshot
from ecluse.data.quality import QualityReport, Status, report
from tests.unit.data.lakes import Row, publish

ON = date(2026, 1, 4)
FLOW = date(2022, 6, 1)
PERSONS = ((1, "person-1", "opt-1"), (2, "person-2", "opt-2"))
Found = tuple[int | None, int | None, Status]


def measured(
    folder: Path,
    tables: Mapping[str, Sequence[Row]],
    *,
    persons: Sequence[tuple[int, str, str | None]] = PERSONS,
    model_name: str = "snds",
) -> QualityReport:
    """Publish the tables and return their report, small counts shown."""
    return exact(publish(folder, "data", tables, persons, model_name=model_name))


def exact(snapshot: Snapshot, *, former: QualityReport | None = None) -> QualityReport:
    """Return the report of a snapshot, small counts shown."""
    with connect(readable=[snapshot.folder]) as connection:
        return report(snapshot, connection=connection, on=ON, former=former, minimum_count=1)


def found(made: QualityReport, check: str, table: str = "", column: str = "") -> Found:
    """Return the only result of a check: violations, examined, status."""
    (result,) = (
        result
        for result in made.checks
        if (result.check, result.table, result.column) == (check, table, column)
    )
    return result.violations, result.examined, result.status


def act(person: int | None, day: date | None, key: int, **more: object) -> Row:
    """One line of ER_PRS_F of the flow of June 2022, whose nine columns are hashed to `key`."""
    return {
        "person_key": person,
        "event_date": day,
        "event_key": key,
        "EXE_SOI_DTD": day,
        "FLX_DIS_DTD": FLOW,
        "PRS_NAT_REF": 1111,
        **more,
    }


def registered(person: int, **more: object) -> Row:
    """One line of IR_BEN_R: a woman born in 1960."""
    return {"person_key": person, "BEN_NAI_ANN": 1960, "BEN_SEX_COD": 2, **more}
