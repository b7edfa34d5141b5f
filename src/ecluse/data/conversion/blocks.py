"""Blocks of persons: what is converted at once, so that memory does not depend on the dataset."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace

from duckdb import ColumnExpression, ConstantExpression

from ecluse.data.conversion.workshop import HERE, Workshop
from ecluse.data.filters import Cleaning
from ecluse.data.lake import LakeTable, Snapshot, read_persons


@dataclass(frozen=True, slots=True)
class Block:
    """The persons whose keys lie from `first` to `last`, both included."""

    first: int
    last: int

    @contextmanager
    def workshop(self, whole: Workshop) -> Iterator[Workshop]:
        """Give the workshop of this block, its persons in `here`, over its parts alone."""
        persons = read_persons(whole.connection, whole.snapshot)
        key = ColumnExpression("person_key")
        first, last = ConstantExpression(self.first), ConstantExpression(self.last)
        here = persons.filter((key >= first) & (key <= last))
        whole.keep(here.project("person_key, opt_out_id"), HERE)
        snapshot = self.parts_of(whole.snapshot)
        among = whole.connection.table(HERE)
        switches = whole.choices.switches
        cleaning = Cleaning(whole.connection, snapshot, switches=switches, among=among)
        with closing(cleaning):
            yield replace(whole, snapshot=snapshot, cleaning=cleaning)

    def parts_of(self, snapshot: Snapshot) -> Snapshot:
        """Return the snapshot without the parts that hold nobody of this block.

        The manifest says which keys a part holds: no file is opened to know.
        """
        tables = {name: self._parts(table) for name, table in snapshot.tables.items()}
        return replace(snapshot, tables=tables)

    def _parts(self, table: LakeTable) -> LakeTable:
        if all(part.first_key is None for part in table.parts):
            return table  # A reference, about nobody.
        kept = tuple(
            part
            for part in table.parts
            if part.first_key is not None
            and part.last_key is not None
            and part.first_key <= self.last
            and part.last_key >= self.first
        )
        return replace(table, parts=kept or table.parts[:1])


def blocks(workshop: Workshop) -> Iterator[Block]:
    """Yield blocks of about as many source rows each, at least one."""
    persons = read_persons(workshop.connection, workshop.snapshot)
    ((lowest, highest, count),) = persons.aggregate(
        "min(person_key), max(person_key), count(*)"
    ).fetchall()
    if not count:
        yield Block(0, 0)
        return
    rows = sum(table.rows for table in workshop.snapshot.tables.values())
    pieces = max(1, -(-rows // workshop.choices.rows_a_block))
    width = max(1, -(-(highest - lowest + 1) // pieces))
    for first in range(lowest, highest + 1, width):
        yield Block(first, min(first + width - 1, highest))
