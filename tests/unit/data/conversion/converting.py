"""Small datasets of the SNDS converted, and their OMOP rows read back."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from ecluse.data.conversion import Choices, Converted, Flow, convert
from ecluse.data.engines import connect
from ecluse.data.lake import Lake, Snapshot, read
from tests.unit.data.lakes import Row, publish

CONVERTED_AT = datetime(2026, 1, 6, 8, tzinfo=UTC)
YEAR_2022 = Choices(first_day=date(2022, 1, 1), last_day=date(2022, 12, 31))
PERSONS = ((1, "person-1", "opt-1"), (2, "person-2", "opt-2"))


def registered(person: int, **more: object) -> Row:
    """One line of IR_BEN_R: a woman born in March 1960, of Paris."""
    return {
        "person_key": person,
        "BEN_NAI_ANN": 1960,
        "BEN_NAI_MOI": "03",
        "BEN_SEX_COD": 2,
        "BEN_RES_DPT": "075",
        "BEN_CDI_NIR": "00",
        "BEN_DCD_DTE": None,
        **more,
    }


def claim(key: int, day: date | None, act: int = 1111, **more: object) -> Row:
    """One line of ER_PRS_F of person 1: a consultation of Dr DOC1."""
    return {
        "person_key": 1,
        "event_date": day,
        "event_key": key,
        "FLX_DIS_DTD": date(2022, 6, 1),
        "PRS_NAT_REF": act,
        "PRS_ACT_QTE": 1.0,
        "PFS_EXE_NUM": "DOC1",
        "PSE_SPE_COD": 1,
        **more,
    }


def detail(key: int, day: date | None, **more: object) -> Row:
    """One line that details the claim `key` of person 1."""
    return {
        "person_key": 1,
        "event_date": day,
        "event_key": key,
        "FLX_DIS_DTD": date(2022, 6, 1),
        **more,
    }


def stay(key: int, first: date, last: date, **more: object) -> dict[str, list[Row]]:
    """One stay of person 1 at hospital 750000001: its line of T_MCOaaC and of T_MCOaaB."""
    both = {"person_key": 1, "event_date": first, "event_key": key, "TABLE_YEAR": last.year}
    return {
        "T_MCOaaC": [
            {**both, "ETA_NUM": "750000001", "EXE_SOI_DTD": first, "EXE_SOI_DTF": last},
        ],
        "T_MCOaaB": [{**both, "DGN_PAL": "E119", "DGN_REL": None, "ENT_PRV": None, **more}],
    }


def of_stay(key: int, first: date, **more: object) -> Row:
    """One line of a table that details the stay `key` of person 1."""
    return {
        "person_key": 1,
        "event_date": first,
        "event_key": key,
        "TABLE_YEAR": first.year,
        **more,
    }


def snds(
    folder: Path,
    tables: Mapping[str, Sequence[Row]],
    *,
    persons: Sequence[tuple[int, str, str | None]] = PERSONS,
) -> Snapshot:
    """Publish a dataset of the SNDS; its persons are in the register unless it is given."""
    register = [registered(key) for key, _, _ in persons]
    return publish(folder, "snds", {"IR_BEN_R": register, **tables}, persons)


def converted(
    folder: Path,
    tables: Mapping[str, Sequence[Row]],
    *,
    persons: Sequence[tuple[int, str, str | None]] = PERSONS,
    choices: Choices = YEAR_2022,
) -> Converted:
    """Publish `tables` as a dataset of the SNDS and convert it, for the care of 2022."""
    source = snds(folder, tables, persons=persons)
    lake = Lake(folder)
    return convert(source, lake=lake, dataset="omop", now=CONVERTED_AT, choices=choices)


def rows(made: Converted, table: str, columns: str) -> list[tuple[object, ...]]:
    """Return columns of an OMOP table, sorted."""
    with connect(readable=[made.snapshot.folder]) as connection:
        return sorted(read(connection, made.snapshot, table).project(columns).fetchall(), key=str)


def flow(made: Converted, source: str, target: str) -> Flow:
    """Return the account of one source and one target."""
    (found,) = (f for f in made.told.flows if (f.source, f.target) == (source, target))
    return found
