"""From the old pseudonyms of a project to the new: a table made in memory, kept nowhere.

It takes the keys of both custodians, old and new, and the values that the lake holds. It never
goes back to an identity: the lake's values are pseudonyms of the national register already.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from ecluse.data.pseudonyms.labels import Label
from ecluse.data.pseudonyms.projects import ProjectPseudonyms
from ecluse.domain.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Renewed:
    """Old pseudonyms, and the new one of each at the same place. Never printed."""

    old: pa.StringArray
    new: pa.StringArray

    def __repr__(self) -> str:
        return f"<{len(self.old)} pseudonyms>"

    def replace(self, column: pa.Array) -> pa.StringArray:
        """Return the new pseudonym of each old one; nulls stay null. Raises InvalidInput."""
        places = pc.index_in(column.cast(pa.string()), value_set=self.old)
        if places.null_count > column.null_count:
            raise InvalidInput(_unknown(places.null_count - column.null_count))
        return pc.take(self.new, places)


@dataclass(frozen=True, slots=True)
class Versions:
    """The pseudonyms of one project under its old keys, and under the new."""

    old: ProjectPseudonyms
    new: ProjectPseudonyms

    def __post_init__(self) -> None:
        if self.old.domain != self.new.domain:
            raise InvalidInput("Both versions must be of one project: its domain never changes.")

    def correspond(
        self, label: Label, wanted: pa.StringArray, blocks: Iterable[pa.Array]
    ) -> Renewed:
        """Return what the pseudonyms `wanted` become, found among the values of `blocks`.

        Raises:
            InvalidInput: some are pseudonyms of none of these values.
        """
        found: dict[str, list[pa.Array]] = {"old": [], "new": []}
        for values in blocks:
            old = self.old.of(label, values)
            is_wanted = pc.is_in(old, value_set=wanted)
            found["old"].append(old.filter(is_wanted))
            found["new"].append(self.new.of(label, values.filter(is_wanted)))
        pairs = pa.table(
            {name: pa.chunked_array(arrays, pa.string()) for name, arrays in found.items()}
        )
        once = pairs.group_by("old").aggregate([("new", "min")]).combine_chunks()
        if len(once) < len(wanted):
            raise InvalidInput(_unknown(len(wanted) - len(once)))
        return Renewed(_whole(once.column("old")), _whole(once.column("new_min")))


def correspond_all(
    versions: Versions,
    wanted: Mapping[Label, pa.StringArray],
    values: Mapping[Label, Iterable[pa.Array]],
) -> dict[Label, Renewed]:
    """Return what all pseudonyms of a project become. Raises InvalidInput."""
    return {
        label: versions.correspond(label, pseudonyms, values[label])
        for label, pseudonyms in wanted.items()
    }


def _whole(column: pa.ChunkedArray) -> pa.StringArray:
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], pa.string())


def _unknown(count: int) -> str:
    return (
        f"{count} values of identifier columns are no pseudonyms of this project and of the "
        "dataset given: name its dataset, or remove what was added to these columns."
    )
