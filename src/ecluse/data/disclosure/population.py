"""Who the persons of an extract are to the memory of releases: only the zone can say so."""

from dataclasses import dataclass, field
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from duckdb import DuckDBPyConnection

from ecluse.data.disclosure.predicates import DatasetReleases, Released
from ecluse.data.lake import Snapshot, read_persons
from ecluse.data.pseudonyms import Label, ProjectKeys
from ecluse.data.results.requests import Persons
from ecluse.data.tabulation.holdings import PersonKeys
from ecluse.domain.errors import InvalidInput

DOMAIN: Final = "released-results"
"""The domain of pseudonyms that no project has: what the memory calls a person by."""
_DIGITS: Final = 16


@dataclass(frozen=True, slots=True)
class Population:
    """The persons of an extract: first 64 bits of their pseudonym, rising, with their ordinals.

    Projects have pseudonyms that do not join: ordinals do, inside the zone alone.
    """

    persons: Persons
    ordinals: PersonKeys
    secret: bytes = field(default=b"", repr=False)
    """What keys of cells are drawn with: that of the dataset, which no analysis sees."""

    @classmethod
    def of(cls, pseudonyms: Persons, ordinals: PersonKeys, *, secret: bytes = b"") -> Self:
        """Return the population of pseudonyms and ordinals of one order.

        Raises:
            InvalidInput: two persons that 64 bits do not tell apart.
        """
        found, first = np.unique(pseudonyms, return_index=True)
        if found.size < pseudonyms.size:
            twins = pseudonyms.size - found.size
            raise InvalidInput(f"{twins} persons share 64 bits of a pseudonym.")
        return cls(found, ordinals[first].astype(np.int32), secret)

    def know(self, persons: Persons) -> "Known":
        """Return the ordinals of persons of a request, by rank.

        Raises:
            InvalidInput: some are not of the extract: they were invented.
        """
        is_stranger = ~np.isin(persons, self.persons)
        if is_stranger.any():
            strangers = int(is_stranger.sum())
            raise InvalidInput(f"{strangers} persons are not of the extract: count its persons.")
        return Known(self.ordinals[np.searchsorted(self.persons, persons)], self.secret)


@dataclass(frozen=True, slots=True)
class Known:
    """The ordinals of the distinct persons of a request, by rank."""

    ordinals: PersonKeys
    secret: bytes = field(default=b"", repr=False)

    def keys(self, ranks: npt.NDArray[np.int64]) -> PersonKeys:
        """Return the ordinals of persons by rank, rising."""
        return np.sort(self.ordinals[ranks])


def alone(persons: Persons) -> Known:
    """Return ordinals for persons of no known extract, as on made-up data: their ranks."""
    return Known(np.arange(persons.size, dtype=np.int32))


def bits_of(pseudonyms: pa.StringArray) -> Persons:
    """Return the first 64 bits of pseudonyms."""
    return np.array([int(one[:_DIGITS], 16) for one in pseudonyms.to_pylist()], np.uint64)


def population_of(
    connection: DuckDBPyConnection,
    snapshot: Snapshot,
    keys: ProjectKeys,
    *,
    project: str,
    releases: DatasetReleases,
) -> tuple[Population, tuple[Released, ...]]:
    """Return all persons of a snapshot under the pseudonyms of a project, and what was answered.

    Raises:
        InvalidInput: two persons that 64 bits do not tell apart.
    """
    persons = read_persons(connection, snapshot).select("person_key", "person_id")
    told = persons.to_arrow_table().combine_chunks()
    identities = told["person_id"].combine_chunks()
    ordinals = releases.ordinals(bits_of(keys.project(DOMAIN).of(Label.PERSON, identities)))
    lake_keys = told["person_key"].to_numpy()
    named = bits_of(keys.project(project).of(Label.PERSON, identities))
    population = Population.of(named, ordinals, secret=releases.secret)
    return population, releases.answered(snapshot.snapshot_id, lake_keys, ordinals)
