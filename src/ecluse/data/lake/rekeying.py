"""A dataset under another key: encrypted, encrypted anew, or in clear again."""

from collections.abc import Sequence
from datetime import datetime

import duckdb

from ecluse.data.engines import OnProgress, connect
from ecluse.data.lake.manifests import LakeTable, Part, Snapshot
from ecluse.data.lake.reading import read_table
from ecluse.data.lake.rewriting import amended, checksum
from ecluse.data.lake.snapshots import Lake
from ecluse.data.lake.staging import Staging
from ecluse.domain.errors import SnapshotDamaged
from ecluse.trust.zone.lake_keys import LakeKey


def change_key(
    lake: Lake,
    dataset: str,
    *,
    to: LakeKey | None,
    now: datetime,
    on_progress: OnProgress | None = None,
) -> Snapshot:
    """Publish the same rows under the key `to`, or in clear when it is None; return the snapshot.

    Former snapshots stay under their own key, or in clear, until they are dropped and swept.

    Raises:
        NotFound: no such dataset, or the key that it has now was not given.
        LoadFailed: a load of this dataset is under way.
        SnapshotDamaged: rows written are not the rows read; nothing was published.
    """
    former = lake.snapshot(dataset)
    if former.encryption == (to.key_id if to else None):
        return former
    new = Lake(lake.path, key=to)
    with new.staging(dataset, load="encryption", changes_key=True) as staging:
        former = lake.snapshot(dataset)
        changed = {}
        tables = former.every_table()
        with connect(readable=[former.folder], writable=[staging.path]) as connection:
            for done, table in enumerate(tables):
                if on_progress:
                    on_progress(table.name, done, len(tables))
                changed[table.name] = _sealed_again(connection, staging, former, table)
        report = {"key_before": former.encryption, "key_after": to.key_id if to else None}
        draft = amended(former, changed, report=dict(report), act="encryption")
        return new.publish(staging, draft, now=now)


def _sealed_again(
    connection: duckdb.DuckDBPyConnection, staging: Staging, former: Snapshot, table: LakeTable
) -> Sequence[Part]:
    before = read_table(connection, former, table)
    parts = [
        staging.seal_again(former.folder / part.file, part, opens=former.cipher)
        for part in table.parts
    ]
    after = staging.rows(connection, parts)
    if checksum(before, before.columns) != checksum(after, before.columns):
        raise SnapshotDamaged(
            f"{table.name}: the rows written are not the rows read: nothing was published. "
            "Verify the snapshot, then report this as a defect."
        )
    return parts
