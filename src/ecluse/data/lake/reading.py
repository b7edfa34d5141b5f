"""The one door to the rows of a snapshot."""

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from ecluse.data.engines import literal_path
from ecluse.data.lake.encryption import Cipher, schema_of
from ecluse.data.lake.manifests import LakeTable, Snapshot
from ecluse.domain.errors import NotFound


def read(
    connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, name: str
) -> duckdb.DuckDBPyRelation:
    """Return the rows of a table; a column that a part lacks is NULL there.

    The connection must be able to read the folder of the dataset.

    Raises:
        NotFound: no such table, or the parts are encrypted with a key that was not given.
    """
    return read_table(connection, snapshot, snapshot.table(name))


def read_table(
    connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, table: LakeTable
) -> duckdb.DuckDBPyRelation:
    """Return the rows of `table`, a table of `snapshot` or some of its parts. Raises NotFound."""
    if snapshot.encryption and snapshot.cipher is None:
        raise NotFound(
            f"{snapshot.dataset} is encrypted with the key {snapshot.encryption}, which was not "
            "given: give its file with --key, or restore it from its copy."
        )
    return read_files(
        connection, snapshot.paths(table), cipher=snapshot.cipher, uniform=table.uniform
    )


def read_files(
    connection: duckdb.DuckDBPyConnection,
    files: Sequence[Path],
    *,
    cipher: Cipher | None,
    uniform: bool = False,
) -> duckdb.DuckDBPyRelation:
    """Return the rows of at least one part; `uniform` spares reading the footer of each."""
    # A list of paths, not a pattern: what another load left beside is not read.
    if cipher is None:
        return connection.read_parquet(
            [literal_path(file) for file in files],
            union_by_name=not uniform,
            hive_partitioning=False,
        )
    schemas = [schema_of(file, cipher) for file in (files[:1] if uniform else files)]
    unified = pa.unify_schemas(schemas, promote_options="permissive")
    return connection.from_arrow(cipher.dataset(files, unified))


def read_persons(
    connection: duckdb.DuckDBPyConnection, snapshot: Snapshot
) -> duckdb.DuckDBPyRelation:
    """Return who is in the dataset, one row a person: person_key, person_id, opt_out_id."""
    return read_table(connection, snapshot, snapshot.persons)


def read_names(
    connection: duckdb.DuckDBPyConnection, snapshot: Snapshot
) -> duckdb.DuckDBPyRelation:
    """Return every way that deliveries name a person: pseudonym, birth_rank, identity, person_key.

    Kept to number the persons of later deliveries and to trace a row back; never extracted.
    """
    return read_table(connection, snapshot, snapshot.names)
