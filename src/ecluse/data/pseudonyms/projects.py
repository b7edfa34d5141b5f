"""One person, one pseudonym per project, and nothing in common between two projects.

The pseudonym of a value is HMAC-SHA-256 twice: under a key of the first custodian, then under a
key of the second (the two levels of FOIN, with a primitive of today). Both keys are those of one
project and of one kind of value, each made by a custodian's key with HMAC-SHA-256, so that they
say nothing of it nor of each other. Keys are never in a query, a log, a file or a message.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NoReturn, Protocol, overload

import pyarrow as pa

from ecluse.data.pseudonyms.columns import pseudonymise
from ecluse.data.pseudonyms.labels import Label
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.trust.custody.secrets import Secret
from ecluse.trust.pseudonyms.keys import FIRST, SECOND, LevelKey


class ProjectKeys(Protocol):
    """What gives each project its pseudonyms: a pair of keys, or the versions that a zone keeps."""

    def project(self, domain: str) -> "ProjectPseudonyms":
        """Return the pseudonyms of one project; `domain` is the permit's number."""


@dataclass(frozen=True, slots=True)
class PseudonymKeys:
    """The keys of both levels, side by side while pseudonyms are made and no longer.

    Raises:
        InvalidInput: not one key of each level.
    """

    first: LevelKey
    second: LevelKey

    def __post_init__(self) -> None:
        if (self.first.level, self.second.level) != (FIRST, SECOND):
            raise InvalidInput("Give the key of the first level, then that of the second.")

    @property
    def key_ids(self) -> tuple[str, str]:
        """The names of both keys, which tell the version of a pseudonym."""
        return self.first.key_id, self.second.key_id

    def project(self, domain: str) -> "ProjectPseudonyms":
        """Return the pseudonyms of one project; `domain` is the permit's number."""
        return ProjectPseudonyms(domain, self)


@dataclass(frozen=True, slots=True)
class ProjectPseudonyms:
    """Makes the pseudonyms of one project."""

    domain: str
    keys: PseudonymKeys = field(repr=False)
    _derived: dict[tuple[int, Label], Secret] = field(
        default_factory=dict, repr=False, compare=False
    )

    @overload
    def of(self, label: Label, values: list[str] | tuple[str, ...]) -> list[str]: ...

    @overload
    def of(self, label: Label, values: Iterable[str] | pa.Array) -> pa.StringArray: ...

    def of(self, label: Label, values: Iterable[str] | pa.Array | pa.ChunkedArray) -> object:
        """Return the pseudonym of each value, in the order given; nulls stay null.

        An Arrow array gives an Arrow array, any other iterable of texts a list. Each value is
        hashed, so give distinct ones.

        Raises:
            InvalidInput: values that are not text, or over 33 million of them.
        """
        keys = self._key(self.keys.first, label), self._key(self.keys.second, label)
        if isinstance(values, pa.ChunkedArray):
            return pseudonymise(_whole(values), keys)
        if isinstance(values, pa.Array):
            return pseudonymise(values, keys)
        return pseudonymise(pa.array(values, pa.string()), keys).to_pylist()

    def _key(self, key: LevelKey, label: Label) -> Secret:
        # Kept: a token takes as long for one key as this process for thousands of pseudonyms.
        if (key.level, label) not in self._derived:
            # The domain comes last: no label and domain can be read as another pair.
            purpose = f"ecluse pseudonym\0{label.value}\0{self.domain}"
            self._derived[key.level, label] = key.derive(purpose)
        return self._derived[key.level, label]

    def __reduce__(self) -> NoReturn:
        raise NotAllowed("What makes pseudonyms is never copied out of its process.")


def _whole(values: pa.ChunkedArray) -> pa.Array:
    """Return the one array that the chunks make."""
    combined = values.combine_chunks()
    return pa.concat_arrays(combined.chunks) if hasattr(combined, "chunks") else combined
