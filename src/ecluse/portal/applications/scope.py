"""Which tables and columns may be asked for: those of the snapshot, less what names persons."""

from collections.abc import Iterable

from ecluse.domain.documents import SnapshotNotice, TableScope
from ecluse.domain.errors import InvalidInput
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
    """Return the tables of an answer already judged by the form."""
    tables = answer if isinstance(answer, list) else []
    return tuple(TableScope(table["table"], tuple(table["columns"])) for table in tables)


def check_within(asked: Iterable[TableScope], given: Iterable[TableScope], *, what: str) -> None:
    """Pass if every column asked is among those given. Raises InvalidInput naming the first."""
    columns = {scope.table: frozenset(scope.columns) for scope in given}
    for scope in asked:
        beyond = sorted(set(scope.columns) - columns.get(scope.table, frozenset()))
        if beyond:
            raise InvalidInput(
                f"{scope.table} {', '.join(beyond[:5])}: not {what}. Take them away, then retry."
            )
