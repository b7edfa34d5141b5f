"""The manifest of a snapshot: which parts it is made of, with the digest of every file."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal, cast, get_args

from ecluse.data.lake.encryption import Cipher
from ecluse.data.schemas import Model
from ecluse.domain.codec import JSON
from ecluse.domain.errors import InvalidInput, Malformed, NotFound, SnapshotDamaged
from ecluse.trust import canonical
from ecluse.trust.zone.lake_keys import KEY_ID

Act = Literal["load", "compaction", "retirement", "erasure", "encryption", "conversion"]
"""What made a snapshot."""

MANIFEST: Final = "manifest.json"
MODEL: Final = "model.json"
REPORT: Final = "report.json"
QUARANTINE: Final = "quarantine.csv"
BESIDE: Final = (MODEL, REPORT, QUARANTINE)
"""What a snapshot's folder holds beside its manifest."""

PARTS: Final = "parts"
PERSONS: Final = "_persons"
NAMES: Final = "_names"
"""Our own two tables: who is in the dataset, and the names that deliveries give them."""
VERSION: Final = 2

DATASET_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
SNAPSHOT_ID: Final = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}")
TABLE_NAME: Final = re.compile(r"_?[A-Za-z][A-Za-z0-9_]{0,62}")
SLICE: Final = re.compile(r"all|\d{4}(-\d\d)?")
DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
DIGITS_IN_NAME: Final = 16


@dataclass(frozen=True, slots=True)
class Part:
    """One Parquet file of one slice of a table, never changed afterwards.

    `slice` is a month of claims flow (`2023-02`), a year of stays (`2021`) or `all`; `first_key`
    and `last_key` are the least and greatest person keys, None where nobody is named. Size in
    bytes.
    """

    table: str
    slice: str
    rows: int
    size: int
    digest: str
    first_key: int | None
    last_key: int | None

    @property
    def file(self) -> Path:
        """Where the file is, from the folder of the dataset."""
        digits = self.digest.partition(":")[2][:DIGITS_IN_NAME]
        return Path(PARTS) / self.table / f"{self.slice}-{digits}.parquet"


@dataclass(frozen=True, slots=True)
class LakeTable:
    """One table of a snapshot: its parts, and the columns that at least one of them has.

    `uniform`: all parts have the same columns of the same types, so one footer tells them all.
    """

    name: str
    columns: tuple[str, ...]
    parts: tuple[Part, ...]
    uniform: bool = False

    @property
    def rows(self) -> int:
        """How many rows the parts hold together."""
        return sum(part.rows for part in self.parts)

    @property
    def size(self) -> int:
        """How many bytes the parts take."""
        return sum(part.size for part in self.parts)

    @property
    def slices(self) -> tuple[str, ...]:
        """The slices present, sorted."""
        return tuple(sorted({part.slice for part in self.parts}))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A dataset as it was published, never changed afterwards.

    `folder` is the dataset's; `former` names the snapshot that this one was made from; `beside`
    gives the digest of each file of the snapshot's own folder. `encryption` names the key that
    the parts need, None when they are in clear; `cipher` has it, where it was given.
    """

    dataset: str
    snapshot_id: str
    model: Model
    folder: Path
    tables: Mapping[str, LakeTable]
    persons: LakeTable
    names: LakeTable
    beside: Mapping[str, str]
    published_at: datetime
    former: str | None
    act: Act = "load"
    encryption: str | None = None
    cipher: Cipher | None = field(default=None, repr=False, compare=False)

    @property
    def path(self) -> Path:
        """The snapshot's own folder: manifest, model, report, quarantine."""
        return self.folder / self.snapshot_id

    @property
    def person_count(self) -> int:
        """How many persons the dataset knows."""
        return self.persons.rows

    @property
    def quarantine_path(self) -> Path:
        """The lines that the load refused: file, line, column, reason."""
        return self.path / QUARANTINE

    def table(self, name: str) -> LakeTable:
        """Return the table called `name`. Raises NotFound."""
        if name not in self.tables:
            raise NotFound(
                f"Snapshot {self.snapshot_id} of {self.dataset} has no table {name}: "
                f"use one of {', '.join(self.tables)}."
            )
        return self.tables[name]

    def every_table(self) -> tuple[LakeTable, ...]:
        """Return all tables, ours included."""
        return (self.persons, self.names, *self.tables.values())

    def every_part(self) -> tuple[Part, ...]:
        """Return the parts of all tables, ours included."""
        return tuple(part for table in self.every_table() for part in table.parts)

    def paths(self, table: LakeTable) -> list[Path]:
        """Return the files of a table of this snapshot."""
        return [self.folder / part.file for part in table.parts]


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
            f"{snapshot_id[:80]!r} is not a snapshot: they look like 20260105T100000Z-0a1b2c3d."
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
            "published_at": snapshot.published_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "former": snapshot.former,
            "act": snapshot.act,
            "encryption": snapshot.encryption,
            "beside": dict(snapshot.beside),
            "persons": _table_json(snapshot.persons),
            "names": _table_json(snapshot.names),
            "tables": [_table_json(table) for table in snapshot.tables.values()],
        }
    )


def decode(data: bytes, *, folder: Path, snapshot_id: str, model: Model) -> Snapshot:
    """Return the snapshot `snapshot_id` of the dataset in `folder` that `data` describe.

    Raises:
        SnapshotDamaged: not a manifest, or not the manifest that gave `snapshot_id`.
    """
    try:
        snapshot = _read(_object(canonical.decode(data)), folder, snapshot_id, model)
    except (KeyError, TypeError, ValueError, Malformed, InvalidInput):
        raise SnapshotDamaged(f"The manifest of {snapshot_id} cannot be read: reload it.") from None
    if snapshot_id_of(data, published_at=snapshot.published_at) != snapshot_id:
        raise SnapshotDamaged(f"The manifest of {snapshot_id} was changed after publication.")
    return snapshot


def _table_json(table: LakeTable) -> JSON:
    return {
        "name": table.name,
        "columns": list(table.columns),
        "uniform": table.uniform,
        "parts": [
            {
                "slice": part.slice,
                "rows": part.rows,
                "size": part.size,
                "digest": part.digest,
                "keys": [part.first_key, part.last_key],
            }
            for part in table.parts
        ],
    }


def _read(fields: dict[str, JSON], folder: Path, snapshot_id: str, model: Model) -> Snapshot:
    if fields["version"] != VERSION:
        raise ValueError("unknown version")
    tables = [_table(item) for item in cast("list[JSON]", fields["tables"])]
    persons, names = _table(fields["persons"]), _table(fields["names"])
    told = [table.name for table in tables]
    if (persons.name, names.name) != (PERSONS, NAMES) or len(told) != len({*told}):
        raise ValueError("a table in the place of another")
    former, encryption = fields["former"], fields["encryption"]
    return Snapshot(
        dataset=check_dataset_name(str(fields["dataset"])),
        snapshot_id=snapshot_id,
        model=model,
        folder=folder,
        tables={table.name: table for table in tables},
        persons=persons,
        names=names,
        beside={name: _digest(_object(fields["beside"])[name]) for name in BESIDE},
        published_at=datetime.fromisoformat(str(fields["published_at"])).astimezone(UTC),
        former=None if former is None else check_snapshot_id(str(former)),
        act=_act(fields["act"]),
        encryption=None if encryption is None else _matching(KEY_ID, encryption),
    )


def _table(value: JSON) -> LakeTable:
    fields = _object(value)
    name = _matching(TABLE_NAME, fields["name"])
    if not fields["parts"]:
        raise ValueError("a table without a part")
    return LakeTable(
        name=name,
        columns=tuple(str(column) for column in cast("list[JSON]", fields["columns"])),
        uniform=fields["uniform"] is True,
        parts=tuple(_part(name, _object(part)) for part in cast("list[JSON]", fields["parts"])),
    )


def _part(table: str, fields: dict[str, JSON]) -> Part:
    first, last = cast("list[int | None]", fields["keys"])
    return Part(
        table=table,
        slice=_matching(SLICE, fields["slice"]),
        rows=_integer(fields["rows"]),
        size=_integer(fields["size"]),
        digest=_digest(fields["digest"]),
        first_key=None if first is None else _integer(first),
        last_key=None if last is None else _integer(last),
    )


def _object(value: JSON) -> dict[str, JSON]:
    if not isinstance(value, dict):
        raise TypeError("not an object")
    return value


def _act(value: JSON) -> Act:
    if value not in get_args(Act):
        raise ValueError("unknown act")
    return cast("Act", value)


def _integer(value: JSON) -> int:
    if type(value) is not int:
        raise TypeError("not an integer")
    return value


def _digest(value: JSON) -> str:
    return _matching(DIGEST, value)


def _matching(pattern: re.Pattern[str], value: JSON) -> str:
    """Return the text if it has the shape: names of a manifest become paths."""
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise ValueError("a name that cannot name a file")
    return value
