"""Which tables and columns may be asked for: those of the snapshot, less what names persons."""

from collections.abc import Collection, Iterable, Mapping
from typing import cast

from ecluse.domain import codec
from ecluse.domain.codec import JSON
from ecluse.domain.documents import Coarsening, SnapshotNotice, TableScope
from ecluse.domain.errors import InvalidInput, Malformed
from ecluse.portal.catalogue.models import Dataset

NEVER_ASKED = frozenset({"identifier", "person"})
"""Roles of the columns that stay in the lake: an extract carries `person_pseudonym` instead."""


def latest_notice(dataset: Dataset) -> SnapshotNotice:
    """Return what the secure zone last announced of the dataset. Raises InvalidInput before."""
    snapshot = dataset.latest_snapshot()
    if snapshot is None:
        raise InvalidInput(f"Dataset {dataset.slug} has no snapshot yet: come back once it has.")
    return snapshot.notice()


def offered(notice: SnapshotNotice) -> tuple[TableScope, ...]:
    """Return every table that may be asked for, with its columns; identities never leave."""
    scopes = (
        TableScope(table.name, tuple(c.name for c in table.columns if c.role not in NEVER_ASKED))
        for table in notice.tables
    )
    return tuple(scope for scope in scopes if scope.columns)


def read_tables(answer: object) -> tuple[TableScope, ...]:
    """Return the tables of an answer already judged by the form.

    The precision asked of a column counts only where it can be read: a draft keeps whatever came.
    """
    tables = answer if isinstance(answer, list) else []
    return tuple(_scope(table) for table in tables)


def write_tables(scopes: Iterable[TableScope]) -> list[JSON]:
    """Return the answer that `read_tables` reads."""
    return [_written(scope) for scope in scopes]


def _scope(table: Mapping[str, object]) -> TableScope:
    columns = tuple(map(str, cast(Iterable[object], table["columns"])))
    found = table.get("coarsened")
    asked = [_coarsening(one) for one in (found if isinstance(found, list) else ())]
    kept = {one.column: one for one in asked if one is not None and one.column in columns}
    return TableScope(str(table["table"]), columns, tuple(kept.values()))


def _coarsening(written: JSON) -> Coarsening | None:
    try:
        return cast(Coarsening, codec.decode(written, Coarsening))
    except Malformed:
        return None


def _written(scope: TableScope) -> JSON:
    answer: dict[str, JSON] = {"table": scope.table, "columns": list(scope.columns)}
    if scope.coarsened:
        answer["coarsened"] = [codec.encode(one) for one in scope.coarsened]
    return answer


def narrowed(scope: TableScope, *, to: Collection[str]) -> TableScope:
    """Return a table with those of its columns that are among `to`, each as precisely."""
    columns = tuple(column for column in scope.columns if column in to)
    kept = tuple(one for one in scope.coarsened if one.column in columns)
    return TableScope(scope.table, columns, kept)


def check_within(asked: Iterable[TableScope], given: Iterable[TableScope], *, what: str) -> None:
    """Pass if every column asked is among those given. Raises InvalidInput naming the first."""
    columns = {scope.table: frozenset(scope.columns) for scope in given}
    for scope in asked:
        beyond = sorted(set(scope.columns) - columns.get(scope.table, frozenset()))
        if beyond:
            raise InvalidInput(
                f"{scope.table} {', '.join(beyond[:5])}: not {what}. Take them away, then retry."
            )
