"""From a staging folder to the current snapshot, all at once."""

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from ecluse.data import schemas
from ecluse.data.lake import manifests
from ecluse.data.lake.encryption import schema_of
from ecluse.data.lake.manifests import (
    MANIFEST,
    MODEL,
    NAMES,
    PERSONS,
    QUARANTINE,
    REPORT,
    Act,
    LakeTable,
    Part,
    Snapshot,
)
from ecluse.data.lake.staging import Staging
from ecluse.data.schemas import Model
from ecluse.domain.codec import JSON
from ecluse.trust import canonical, durable

CURRENT: Final = "current"
OWN: Final = ("person_key", "event_date", "event_key")
"""Our own columns, first in every table about persons."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be published: every part of every table, also those carried over.

    A table has at least one part, of no row where it is empty. `quarantine` is the file of refused
    lines; `report` says what was done, in counts.
    """

    model: Model
    tables: Mapping[str, Sequence[Part]]
    persons: Sequence[Part]
    names: Sequence[Part]
    quarantine: Path
    report: JSON
    act: Act = "load"


def publish(staging: Staging, draft: Draft, *, now: datetime) -> Snapshot:
    """Make what the draft says the current snapshot. Raises StorageFull.

    Parts are moved first: until the pointer changes, nobody reads them.
    """
    folder = staging.path.parent
    described, beside = _describe(staging, draft, now=now)
    data = manifests.encode(described)
    name = manifests.snapshot_id_of(data, published_at=described.published_at)
    _move(staging, described.every_part())
    prepared = staging.writing(name)
    shutil.rmtree(prepared, ignore_errors=True)  # half of it, when a killed load goes on
    prepared.mkdir(mode=0o700)
    for file, content in {**beside, MANIFEST: data}.items():
        durable.write(prepared / file, content)
    if not (folder / name).exists():  # the same parts, published again by a load that was killed
        prepared.rename(folder / name)
    durable.sync_folder(folder)
    durable.write(folder / CURRENT, name.encode())
    return replace(described, snapshot_id=name)


def _describe(
    staging: Staging, draft: Draft, *, now: datetime
) -> tuple[Snapshot, Mapping[str, bytes]]:
    """Return the snapshot to be, without its name, and the files that go beside its manifest."""
    beside = {
        MODEL: canonical.encode(schemas.encode(draft.model, draft.tables)),
        REPORT: canonical.encode(draft.report),
        QUARANTINE: draft.quarantine.read_bytes(),
    }
    snapshot = Snapshot(
        dataset=staging.dataset,
        snapshot_id="",
        # As a reader will find it: cut to the tables of the snapshot.
        model=schemas.decode(canonical.decode(beside[MODEL])),
        folder=staging.path.parent,
        tables={
            name: _table(staging, name, draft.tables[name], draft.model)
            for name in sorted(draft.tables)
        },
        persons=_table(staging, PERSONS, draft.persons, draft.model),
        names=_table(staging, NAMES, draft.names, draft.model),
        beside={name: canonical.digest(data) for name, data in beside.items()},
        published_at=_instant(staging.former, now),
        former=staging.former.snapshot_id if staging.former else None,
        act=draft.act,
        encryption=staging.cipher.key.key_id if staging.cipher else None,
        cipher=staging.cipher,
    )
    return snapshot, beside


def _instant(former: Snapshot | None, now: datetime) -> datetime:
    """Return `now` to the second, later than the former snapshot: names sort by age."""
    instant = now.astimezone(UTC).replace(microsecond=0)
    return instant if former is None else max(instant, former.published_at + timedelta(seconds=1))


def _table(staging: Staging, name: str, parts: Sequence[Part], model: Model) -> LakeTable:
    """Return a table, its columns in the order of its schema, ours first."""
    found = [schema_of(staging.path_of(part), staging.cipher).remove_metadata() for part in parts]
    names = dict.fromkeys(column for schema in found for column in schema.names)
    known = [column.name for column in model.tables[name].columns] if name in model.tables else []
    rank = {column: position for position, column in enumerate(known)}
    own = [column for column in OWN if column in names]
    others = sorted((c for c in names if c not in own), key=lambda c: (rank.get(c, len(rank)), c))
    ordered = sorted(parts, key=lambda part: (part.slice, part.first_key or 0, part.digest))
    uniform = all(schema.equals(found[0]) for schema in found)
    return LakeTable(name, (*own, *others), tuple(ordered), uniform)


def _move(staging: Staging, parts: Iterable[Part]) -> None:
    """Put what this load sealed beside the parts that are published, on the disk for good."""
    folder = staging.path.parent
    # A set: two parts with the same bytes are one file, which the snapshot names twice.
    staged = {part.file for part in parts if (staging.path / part.file).exists()}
    for target in sorted({folder / file.parent for file in staged}):
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
    for file in sorted(staged):
        (staging.path / file).rename(folder / file)
    for target in sorted({folder / file.parent for file in staged}):
        durable.sync_folder(target)
    if staged:
        durable.sync_folder(folder / manifests.PARTS)
