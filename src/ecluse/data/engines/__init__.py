"""Engines: the locked-down DuckDB connection that every stage of the data plane works with."""

from ecluse.data.engines.connections import OnProgress, connect
from ecluse.data.engines.failures import engine_failures, is_full, storage_failures
from ecluse.data.engines.identifiers import quoted
from ecluse.data.engines.paths import literal_path

__all__ = [
    "OnProgress",
    "connect",
    "engine_failures",
    "is_full",
    "literal_path",
    "quoted",
    "storage_failures",
]
