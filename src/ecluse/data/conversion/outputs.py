"""OMOP tables written block after block, as parts that share one folder and one numbering."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from duckdb import DuckDBPyRelation

from ecluse.data.conversion.picking import shaped
from ecluse.data.lake import Part, Staging
from ecluse.data.lake.manifests import NAMES, PERSONS
from ecluse.data.lake.rewriting import write_sorted
from ecluse.data.schemas import Model


@dataclass(frozen=True, slots=True)
class Outputs:
    """The parts of each table so far, and how many rows they have."""

    staging: Staging
    model: Model
    parts: dict[str, list[Part]] = field(default_factory=lambda: defaultdict(list))
    rows: Counter[str] = field(default_factory=Counter)

    def write(self, name: str, rows: DuckDBPyRelation) -> None:
        """Add the rows of one block to a table; they are read twice."""
        self._seal(name, shaped(rows, self.model.table(name)))

    def carry(self, name: str, rows: DuckDBPyRelation) -> None:
        """Write one of our own two tables as it is."""
        if name not in {PERSONS, NAMES}:
            raise ValueError(name)
        self._seal(name, rows)

    def _seal(self, name: str, rows: DuckDBPyRelation) -> None:
        for part in write_sorted(self.staging, rows, table=name, slice_name="all"):
            # An empty part only keeps the columns: one is enough.
            if part.rows or not self.parts[name]:
                self.parts[name].append(part)
                self.rows[name] += part.rows

    def tables(self) -> dict[str, list[Part]]:
        """Return the parts of the tables of the model, empty ones only where nothing else is."""
        return {
            name: [part for part in parts if part.rows] or parts[:1]
            for name, parts in self.parts.items()
            if name not in {PERSONS, NAMES}
        }
