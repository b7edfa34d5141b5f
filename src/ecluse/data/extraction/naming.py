"""Pseudonyms in place of values while rows are written: each hashed once, in this process.

Values never meet a key inside the engine: rows leave it with the raw value, or with the rank of
the person, and the pseudonym is put in its place here, batch by batch.
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ecluse.data.pseudonyms import Label, ProjectPseudonyms

MOST_KNOWN: Final = 200_000
"""Values whose pseudonyms are remembered from one batch to the next: 26 MB of each kind."""
REPEATED: Final = frozenset({Label.PROFESSIONAL, Label.FACILITY})
"""Kinds of which the same values come back; a claim is met once, in neighbouring rows."""


@dataclass(slots=True)
class Namer:
    """Gives the pseudonyms of one project to columns of raw values."""

    project: ProjectPseudonyms
    _known: dict[Label, tuple[pa.Array, pa.Array]] = field(default_factory=dict)

    def of(self, label: Label, values: pa.Array) -> pa.DictionaryArray:
        """Return the pseudonyms of text values, as codes into those that differ; nulls stay."""
        encoded = values.dictionary_encode()
        return pa.DictionaryArray.from_arrays(
            encoded.indices, self._named(label, encoded.dictionary)
        )

    def _named(self, label: Label, distinct: pa.Array) -> pa.Array:
        if label not in REPEATED:
            return self.project.of(label, distinct)
        empty = pa.array([], pa.string())
        raw, made = self._known.get(label, (empty, empty))
        places = pc.index_in(distinct, value_set=raw)
        unknown = distinct.filter(places.is_null())
        if len(unknown) and len(raw) + len(unknown) <= MOST_KNOWN:
            raw = pa.concat_arrays([raw, unknown])
            made = pa.concat_arrays([made, self.project.of(label, unknown)])
            self._known[label] = raw, made
            return made.take(pc.index_in(distinct, value_set=raw))
        return self.project.of(label, distinct) if len(unknown) else made.take(places)


@dataclass(frozen=True, slots=True)
class Kept:
    """The persons of an extract: their keys, in the order of their pseudonyms.

    A person's rank is the place in both arrays. Rows leave in that order, which tells nothing of
    the order of the lake, nor of that of another project.
    """

    keys: npt.NDArray[np.int32]
    pseudonyms: pa.StringArray

    def __len__(self) -> int:
        return len(self.keys)

    def table(self, ranks: npt.NDArray[np.int32] | None = None) -> pa.Table:
        """Return `kept_key` and `kept_rank` of everyone, or of those ranks."""
        chosen = np.arange(len(self.keys), dtype=np.int32) if ranks is None else ranks
        return pa.table({"kept_key": self.keys[chosen], "kept_rank": chosen})

    def only(self, is_kept: npt.NDArray[np.bool_]) -> "Kept":
        """Return those of whom this is true, by rank."""
        return Kept(self.keys[is_kept], self.pseudonyms.filter(pa.array(is_kept)))

    def named(self, ranks: pa.Array) -> pa.DictionaryArray:
        """Return the pseudonyms of some ranks, as codes into those that occur."""
        occurring, codes = np.unique(ranks.to_numpy(), return_inverse=True)
        return pa.DictionaryArray.from_arrays(
            pa.array(codes, pa.int32()), self.pseudonyms.take(pa.array(occurring))
        )


def kept_of(keys: pa.Array, person_ids: pa.Array, project: ProjectPseudonyms) -> Kept:
    """Return the persons of these keys and identities, named for `project`."""
    pseudonyms = project.of(Label.PERSON, person_ids)
    order = pc.array_sort_indices(pseudonyms)
    return Kept(keys.take(order).to_numpy().astype(np.int32), pseudonyms.take(order))
