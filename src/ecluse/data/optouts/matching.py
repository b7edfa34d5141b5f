"""Which persons of a dataset a list names: by any number under which deliveries knew them.

A person may have several identifiers: their own number, a provisional one before it, those of who
insured them. A list may name any; one is enough to be left out. The pseudonym of an insured parent
without a birth rank names every child who shares it: doubt leaves them out (docs/decisions/0007).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from duckdb import (
    ColumnExpression,
    ConstantExpression,
    DuckDBPyConnection,
    DuckDBPyRelation,
    FunctionExpression,
)

from ecluse.data.lake import Snapshot, read_names, read_persons
from ecluse.data.optouts.indexes import are_listed
from ecluse.data.optouts.lists import LISTED, Listing
from ecluse.domain.documents import Basis, RemovedPersons
from ecluse.domain.documents.optouts import BOTH, UNNAMED
from ecluse.domain.optouts import NATIONAL_MODELS

Keys = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Told:
    """What a list says of some persons, sorted by key.

    `is_known`: the register can name them; `is_out`: by basis, among those that bind this use.
    """

    keys: Keys
    is_known: Flags
    is_out: dict[Basis, Flags]
    is_exception: bool

    def opposed(self) -> Flags:
        """Return who is out under any basis that binds."""
        out: Flags = np.zeros(len(self.keys), np.bool_)
        for flags in self.is_out.values():
            out |= flags
        return out

    def left_out(self) -> Flags:
        """Return who may not be used: out, or unknown to the register.

        Under the exception of art. 71(4), who is unknown stays (docs/decisions/0007).
        """
        return self.opposed() if self.is_exception else self.opposed() | ~self.is_known

    def removed(self) -> tuple[RemovedPersons, ...]:
        """Return how many are left out for each reason, each person once."""
        no = np.zeros(len(self.keys), np.bool_)
        first, second = (self.is_out.get(one, no) for one in (Basis.EHDS, Basis.NATIONAL_COPY))
        unnamed = no if self.is_exception else ~self.is_known & ~self.opposed()
        counts = (unnamed, first & ~second, second & ~first, first & second)
        return tuple(
            RemovedPersons(reason, int(flags.sum()))
            for reason, flags in zip((UNNAMED, *Basis, BOTH), counts, strict=True)
        )


def is_national(snapshot: Snapshot) -> bool:
    """Say whether the opposition to the national copy binds this dataset."""
    return snapshot.model.name in NATIONAL_MODELS


def tell(keys: Keys, listing: Listing, snapshot: Snapshot, connection: DuckDBPyConnection) -> Told:
    """Return what the list says of these persons. Raises StaleOptOuts: its file is missing."""
    wanted = np.unique(keys).astype(np.int32)
    names = names_of(snapshot, connection, keys=wanted).to_arrow_table()
    named = connection.from_arrow(names)
    known = names.filter(names["is_own"])["person_key"]
    out = {
        basis: np.isin(wanted, _listed(named, listing, basis, connection))
        for basis in listing.bases(is_national=is_national(snapshot))
    }
    return Told(wanted, np.isin(wanted, known.to_numpy()), out, listing.is_exception)


def names_of(
    snapshot: Snapshot, connection: DuckDBPyConnection, *, keys: Keys | None = None
) -> DuckDBPyRelation:
    """Return every identifier of persons: person_key, identifier, and whether the register has it.

    `is_own`: told by a register as the identifier of that person, by which an opt-out may name them
    (the opt-out identity); the others are those of who insures them, with and without rank.
    """
    names = read_names(connection, snapshot).filter(ColumnExpression("person_key").isnotnull())
    persons = read_persons(connection, snapshot)
    if keys is not None:
        wanted = connection.from_arrow(pa.table({"wanted_key": pa.array(keys, pa.int32())}))
        is_wanted = ColumnExpression("person_key") == ColumnExpression("wanted_key")
        names = names.join(wanted, is_wanted, how="semi")
        persons = persons.join(wanted, is_wanted, how="semi")
    rank = ColumnExpression("birth_rank").cast("VARCHAR")
    pseudonym = FunctionExpression("trim", ColumnExpression("pseudonym"))
    found = _named(persons, "opt_out_id", is_own=True).union(
        _named(names, "opt_out_id", is_own=True)
    )
    for shown in (pseudonym, FunctionExpression("concat", pseudonym, rank)):
        found = found.union(_named(names, shown, is_own=False))
    return found.distinct()


def _named(rows: DuckDBPyRelation, shown: object, *, is_own: bool) -> DuckDBPyRelation:
    value = ColumnExpression(shown) if isinstance(shown, str) else shown
    chosen = rows.select(
        ColumnExpression("person_key"),
        value.alias("identifier"),  # type: ignore[attr-defined]
        ConstantExpression(is_own).alias("is_own"),
    )
    return chosen.filter(ColumnExpression("identifier").isnotnull())


def _listed(
    names: DuckDBPyRelation, listing: Listing, basis: Basis, connection: DuckDBPyConnection
) -> Keys:
    """Return the keys of the persons whom the list of a basis names."""
    index = listing.index(basis)
    if index is not None:
        count = listing.opt_outs.count(basis)
        is_found = are_listed(index, names, "identifier", count=count)
        everybody: Keys = names.select("person_key").to_arrow_table()["person_key"].to_numpy()
        return everybody[is_found]
    is_listed = ColumnExpression("identifier") == ColumnExpression(LISTED)
    found = names.join(listing.relation(connection, basis), is_listed, how="semi")
    chosen = found.select(ColumnExpression("person_key")).distinct()
    keys: Keys = chosen.to_arrow_table()["person_key"].to_numpy()
    return keys
