"""What the steps of a conversion share: the snapshot, cleaned, for one block of persons."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final, Literal

import duckdb
from duckdb import DuckDBPyRelation

from ecluse.data.conversion.accounts import Account
from ecluse.data.conversion.picking import pick
from ecluse.data.filters import DEFAULTS, Cleaning, State, Switches
from ecluse.data.lake import Snapshot, read

DrugStart = Literal["delivery", "prescription"]
ADVISED: Final = DEFAULTS.with_state("private_stays", State.ON)
"""Claims and stays are put together, so private stays, which are in both, come from stays alone."""
HERE: Final = "here"


@dataclass(frozen=True, slots=True)
class Choices:
    """What the operator decides.

    `mappings`: the folder of maps. `first_day`, `last_day`: the days of care that the dataset
    covers, found in the claims when None. `drug_start`: when an exposure begins. `rows_a_block`:
    source rows that are worked on at once, and `memory_limit` what they may take.
    """

    mappings: Path | None = None
    switches: Switches = ADVISED
    first_day: date | None = None
    last_day: date | None = None
    drug_start: DrugStart = "delivery"
    rows_a_block: int = 2_000_000
    memory_limit: str = "2GiB"


@dataclass(frozen=True, slots=True)
class Workshop:
    """The connection whose temporary tables the steps share, the snapshot, and the accounts.

    `cleaning` gives the rows that count, of the persons of the block; everyone's before any block.
    """

    connection: duckdb.DuckDBPyConnection
    snapshot: Snapshot
    choices: Choices
    cleaning: Cleaning
    accounts: dict[tuple[str, str], Account] = field(default_factory=dict)

    def has(self, table: str) -> bool:
        """Whether the dataset has this table."""
        return table in self.snapshot.tables

    def raw(self, table: str) -> DuckDBPyRelation:
        """Return the rows of a table, of all persons, as they are in the lake."""
        return read(self.connection, self.snapshot, table)

    def cleaned(self, table: str) -> DuckDBPyRelation:
        """Return the rows of a table that count, of the persons of the block."""
        return self.cleaning.table(table)

    def take(self, table: str, columns: Mapping[str, tuple[str | None, str]], *, into: str) -> int:
        """Put columns of the cleaned rows of a table in the temporary table `into`; count them.

        Without the table, `into` is made empty.
        """
        if self.has(table):
            self.keep(pick(self.cleaned(table), columns), into)
        else:
            nothing = self.connection.sql("SELECT 1 WHERE false")
            self.keep(
                pick(nothing, {name: (None, kind) for name, (_, kind) in columns.items()}), into
            )
        return self.count(into)

    def keep(self, rows: DuckDBPyRelation, into: str) -> None:
        """Put rows in the temporary table `into`, in place of what it held."""
        self.connection.execute(f"DROP TABLE IF EXISTS {into}")
        rows.create(into)

    def count(self, table: str) -> int:
        """Return how many rows a temporary table has."""
        ((rows,),) = self.connection.table(table).aggregate("count(*)").fetchall()
        return int(rows)

    def account(self, source: str, target: str) -> Account:
        """Return the account of the rows of `source` that become rows of `target`."""
        return self.accounts.setdefault((source, target), Account())

    def tell(self, source: str, target: str, question: str, **values: str) -> None:
        """Add to an account what `question` counts by reason; `written` is not one."""
        account = self.account(source, target)
        for reason, count in self.connection.execute(question, values or None).fetchall():
            if reason == "written":
                account.rows_written += count
            else:
                account.left_out[reason] += count
