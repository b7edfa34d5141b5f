"""Loading a delivery, start to end: find, read, number persons, stamp, seal, publish."""

import errno
import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

import duckdb

from ecluse.data import schemas
from ecluse.data.deliveries.finding import Delivery, find
from ecluse.data.deliveries.sources.origins import TableSource
from ecluse.data.engines import OnProgress, connect, engine_failures
from ecluse.data.lake import Lake, Snapshot, Staging
from ecluse.data.lake.manifests import check_dataset_name
from ecluse.data.loading import keys
from ecluse.data.loading.limits import Limits
from ecluse.data.loading.reports import LoadReport, Work, report_json
from ecluse.data.loading.steps import Steps
from ecluse.data.schemas import Model
from ecluse.domain.errors import LoadFailed
from ecluse.trust import canonical

ENGINE: Final = f"duckdb {duckdb.__version__}"
NAME_DIGITS: Final = 16


@dataclass(frozen=True, slots=True)
class Target:
    """Where a delivery goes: a dataset of a lake, under a model, at the instant `now`."""

    lake: Lake
    dataset: str
    model: Model
    now: datetime


def load_delivery(
    source: Path | TableSource,
    *,
    lake: Lake,
    dataset: str,
    model: str | Path,
    now: datetime,
    on_progress: OnProgress | None = None,
) -> LoadReport:
    """Load the files of `source` into the new current snapshot of `dataset`.

    What the former snapshot holds stays, except the slices that are delivered again. All or
    nothing: when anything fails, or the process is killed, the former snapshot stays; after a
    kill, the same call goes on with the files that were not done.

    Raises:
        LoadFailed: the delivery cannot be used, or another load of the dataset is under way.
        NotFound: no such model.
        StorageFull: no space is left.
    """
    target = Target(lake, check_dataset_name(dataset), schemas.model(model), now)
    return load(source, target, limits=Limits(), on_progress=on_progress)


def load(
    source: Path | TableSource,
    target: Target,
    *,
    limits: Limits,
    on_progress: OnProgress | None = None,
    event_key: keys.KeyOf = keys.keyed,
) -> LoadReport:
    """Do what `load_delivery` says, within `limits`."""
    begun = time.monotonic()
    delivery = find(source, model=target.model)
    name = _name_of(delivery, target)
    with _unwritable(target), target.lake.staging(target.dataset, load=name) as staging:
        model = _with_tables_of(staging.former, target.model)
        _check_persons_known(delivery, staging.former, model)
        with _connection(delivery, staging, limits) as connection:
            steps = Steps(connection, delivery, staging, model, limits=limits, event_key=event_key)
            with engine_failures(lambda: f"The load stopped at {steps.now_at}"):
                steps.run(on_progress)
                people = steps.people.counts()
                work = Work(ENGINE, steps.resumed, int((time.monotonic() - begun) * 1000))
                tables, warnings = steps.reports(), steps.warnings()
                draft = steps.draft(report_json(tables, warnings, people, work))
        snapshot = target.lake.publish(staging, draft, now=target.now)
    return LoadReport(snapshot, tables, warnings, people, work)


def _connection(delivery: Delivery, staging: Staging, limits: Limits) -> duckdb.DuckDBPyConnection:
    return connect(
        memory_limit=limits.memory,
        threads=limits.threads,
        readable=[*delivery.readable, staging.path.parent],
        writable=[staging.path],
        keeps_join_sides=True,
    )


@contextmanager
def _unwritable(target: Target) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in {errno.EROFS, errno.EACCES, errno.EPERM}:
            raise
        raise LoadFailed(
            f"The folder of {target.dataset} in the lake cannot be written: mount it for writing, "
            "or give this account the right to. Nothing was loaded."
        ) from None


def _name_of(delivery: Delivery, target: Target) -> str:
    """Return what names this load: the same again only for the same files on the same snapshot."""
    known = target.dataset in target.lake.datasets()
    former = target.lake.snapshot(target.dataset).snapshot_id if known else ""
    model = canonical.encode(schemas.encode(target.model, delivery.tables()))
    told = [ENGINE, former, *sorted(file.identity for file in delivery.files)]
    digest = hashlib.sha256(model + "\0".join(told).encode())
    return digest.hexdigest()[:NAME_DIGITS]


def _with_tables_of(former: Snapshot | None, model: Model) -> Model:
    """Return `model` with the tables that the former snapshot alone knows. Raises LoadFailed."""
    if former is None:
        return model
    if former.model.name != model.name:
        raise LoadFailed(
            f"{former.dataset} holds data of the model {former.model.name}, not {model.name}: "
            "load into another dataset. Nothing was loaded."
        )
    return replace(model, tables={**former.model.tables, **model.tables})


def _check_persons_known(delivery: Delivery, former: Snapshot | None, model: Model) -> None:
    register = model.register.table
    if former is None and register not in delivery.tables():
        raise LoadFailed(
            f"The delivery has no {register}, so nobody can be recognised in it: ask for it. "
            "Nothing was loaded."
        )
