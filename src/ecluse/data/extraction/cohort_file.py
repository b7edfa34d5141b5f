"""The file of the cohort: one row a person, with index day, matched set and variables."""

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ecluse.data.extraction.files import ExtractFiles
from ecluse.data.extraction.naming import Kept
from ecluse.data.extraction.writing import ROWS_PER_GROUP
from ecluse.data.pseudonyms import PERSON_PSEUDONYM
from ecluse.domain.cohorts import Cohort

COHORT_FILE: Final = "study-cohort.parquet"
"""No table of a model has a hyphen in its name: OMOP has a table `cohort` of its own."""


def has_file(cohort: Cohort) -> bool:
    """Whether the cohort says something of its persons beside who they are."""
    return cohort.index is not None or bool(cohort.variables)


def write_cohort(
    rows: pa.Table, kept: Kept, seen: npt.NDArray[np.bool_], files: ExtractFiles
) -> tuple[str, ...]:
    """Write the rows of the persons seen, in the order of the pseudonyms; return the columns.

    Sets are numbered again in that order: their number in the engine follows the keys of the lake,
    which two projects with one cohort would have in common.
    """
    keys = pa.array(kept.keys, pa.int32())
    ordered = rows.take(pc.index_in(keys, value_set=rows["person_key"].combine_chunks()))
    if "set_number" in ordered.column_names:
        ordered = _renumbered(ordered)
    ranks = pa.array(np.flatnonzero(seen))
    ordered, pseudonyms = ordered.take(ranks), kept.pseudonyms.take(ranks)
    delivered = ordered.drop_columns(["person_key"]).add_column(0, PERSON_PSEUDONYM, pseudonyms)
    with files.replacing(COHORT_FILE) as file:
        pq.write_table(delivered, file, compression="zstd", row_group_size=ROWS_PER_GROUP)
    return tuple(delivered.column_names)


def _renumbered(rows: pa.Table) -> pa.Table:
    """Return the rows with sets numbered in the order of their cases."""
    cases = rows.filter(rows["is_case"])["set_number"].combine_chunks()
    numbers = pc.add(pc.index_in(rows["set_number"].combine_chunks(), value_set=cases), 1)
    place = rows.column_names.index("set_number")
    return rows.set_column(place, "set_number", numbers.cast(pa.int32()))
