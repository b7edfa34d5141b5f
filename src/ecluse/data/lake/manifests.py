"""The manifest of a snapshot: what was published, with the digest of every file."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, cast

from ecluse.domain.codec import JSON
from ecluse.domain.errors import InvalidInput, Malformed, SnapshotDamaged
from ecluse.trust import canonical

MANIFEST: Final = "manifest.json"
PERSONS: Final = "persons.parquet"
QUARANTINE: Final = "quarantine.csv"
VERSION: Final = 1

DATASET_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
SNAPSHOT_ID: Final = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}")
TABLE_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}")


@dataclass(frozen=True, slots=True)
class LakeTable:
    """One table of a snapshot: a Parquet file, `person_key` and `event_date` first."""

    name: str
    rows: int
    columns: tuple[str, ...]
    digest: str
    path: Path


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A dataset as it was published, never changed afterwards."""

    dataset: str
    snapshot_id: str
    model: str
    path: Path
    tables: dict[str, LakeTable]
    persons_path: Path
    persons_digest: str
    person_count: int
    quarantine_path: Path
    quarantine_digest: str
    published_at: datetime

    def files(self) -> dict[str, str]:
        """Return the digest of every published file by file name, the manifest excepted."""
        digests = {table.path.name: table.digest for table in self.tables.values()}
        digests[self.persons_path.name] = self.persons_digest
        digests[self.quarantine_path.name] = self.quarantine_digest
        return digests


def check_dataset_name(name: str) -> str:
    """Return `name` if it can name a folder of the lake. Raises InvalidInput."""
    if not DATASET_NAME.fullmatch(name):
        raise InvalidInput(
            f"{name!r} cannot name a dataset: use 1 to 63 lower-case letters, digits and hyphens."
        )
    return name


def check_snapshot_id(snapshot_id: str) -> str:
    """Return `snapshot_id` if it has the shape of one. Raises InvalidInput."""
    if not SNAPSHOT_ID.fullmatch(snapshot_id):
        raise InvalidInput(
            f"{snapshot_id!r} is not a snapshot: they look like 20260105T100000Z-0a1b2c3d."
        )
    return snapshot_id


def snapshot_id_of(manifest: bytes, *, published_at: datetime) -> str:
    """Return the name that these manifest bytes give to their snapshot."""
    return f"{published_at:%Y%m%dT%H%M%SZ}-{canonical.digest(manifest).partition(':')[2][:8]}"


def encode(snapshot: Snapshot) -> bytes:
    """Return the manifest bytes of `snapshot`; its `snapshot_id` is made from them."""
    return canonical.encode(
        {
            "version": VERSION,
            "dataset": snapshot.dataset,
            "model": snapshot.model,
            "published_at": snapshot.published_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "persons": {"digest": snapshot.persons_digest, "rows": snapshot.person_count},
            "quarantine": {"digest": snapshot.quarantine_digest},
            "tables": [
                {
                    "name": table.name,
                    "rows": table.rows,
                    "columns": list(table.columns),
                    "digest": table.digest,
                }
                for table in snapshot.tables.values()
            ],
        }
    )


def decode(data: bytes, *, folder: Path, snapshot_id: str) -> Snapshot:
    """Return the snapshot in `folder` that the manifest bytes `data` describe.

    Raises:
        SnapshotDamaged: not a manifest, or not the manifest that gave `snapshot_id`.
    """
    try:
        snapshot = _read(_object(canonical.decode(data)), folder, snapshot_id)
    except (KeyError, TypeError, ValueError, Malformed):
        raise SnapshotDamaged(f"The manifest of {snapshot_id} cannot be read: reload it.") from None
    if snapshot_id_of(data, published_at=snapshot.published_at) != snapshot_id:
        raise SnapshotDamaged(f"The manifest of {snapshot_id} was changed after publication.")
    return snapshot


def _read(fields: dict[str, JSON], folder: Path, snapshot_id: str) -> Snapshot:
    if fields["version"] != VERSION:
        raise ValueError("unknown version")
    persons, quarantine = _object(fields["persons"]), _object(fields["quarantine"])
    tables = [_table(_object(item), folder) for item in cast("list[JSON]", fields["tables"])]
    return Snapshot(
        dataset=check_dataset_name(str(fields["dataset"])),
        snapshot_id=snapshot_id,
        model=str(fields["model"]),
        path=folder,
        tables={table.name: table for table in tables},
        persons_path=folder / PERSONS,
        persons_digest=str(persons["digest"]),
        person_count=_integer(persons["rows"]),
        quarantine_path=folder / QUARANTINE,
        quarantine_digest=str(quarantine["digest"]),
        published_at=datetime.fromisoformat(str(fields["published_at"])).astimezone(UTC),
    )


def _table(fields: dict[str, JSON], folder: Path) -> LakeTable:
    name = str(fields["name"])
    if not TABLE_NAME.fullmatch(name):
        raise ValueError("a table name that cannot name a file")
    return LakeTable(
        name=name,
        rows=_integer(fields["rows"]),
        columns=tuple(str(column) for column in cast("list[JSON]", fields["columns"])),
        digest=str(fields["digest"]),
        path=folder / f"{name}.parquet",
    )


def _object(value: JSON) -> dict[str, JSON]:
    if not isinstance(value, dict):
        raise TypeError("not an object")
    return value


def _integer(value: JSON) -> int:
    if type(value) is not int:
        raise TypeError("not an integer")
    return value
