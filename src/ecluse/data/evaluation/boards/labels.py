"""The labels of a board: one outcome a case, checked once, named by their digest."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ecluse.data.evaluation.arrays import Bools
from ecluse.domain.errors import InvalidInput, NotFound
from ecluse.trust import canonical, durable

CASE: Final = "case"
OUTCOME: Final = "outcome"
LEAST_EACH: Final = 10
"""Cases with and without the outcome that each slice needs: the least count that may be told."""
LONGEST_CASE: Final = 64


@dataclass(frozen=True, slots=True)
class Labels:
    """Cases in the order of their names, the outcome of each, and the digest of the file."""

    cases: tuple[str, ...]
    outcomes: Bools
    digest: str

    def rank(self) -> dict[str, int]:
        """Return the place of each case."""
        return {case: place for place, case in enumerate(self.cases)}


def prepare_labels(cases: Sequence[str], outcomes: Sequence[int], folder: Path) -> Labels:
    """Keep labels in `folder` under their digest, and return them: an opening names that digest.

    A case is a person: two rows of one person would make paired errors too small, so that luck
    would pass for progress.

    Raises:
        InvalidInput: a case comes twice or has no short name; an outcome is not 0 or 1; or there
            are too few cases of either.
    """
    _check(cases, outcomes)
    order = sorted(range(len(cases)), key=lambda place: cases[place])
    table = pa.table(
        {
            CASE: pa.array([cases[place] for place in order], pa.string()),
            OUTCOME: pa.array([int(outcomes[place]) for place in order], pa.int8()),
        }
    )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="none", store_schema=False)
    data = sink.getvalue().to_pybytes()
    digest = canonical.digest(data)
    durable.write(folder / labels_file(digest), data)
    return read_labels(folder, digest)


def read_labels(folder: Path, digest: str) -> Labels:
    """Return the labels of this digest. Raises NotFound, InvalidInput where they were altered."""
    path = folder / labels_file(digest)
    if not path.is_file():
        raise NotFound(f"No labels {digest} lie in this zone: prepare them, then open the board.")
    data = path.read_bytes()
    if canonical.digest(data) != digest:
        raise InvalidInput(
            f"The labels {digest} are not the bytes that were prepared: restore them."
        )
    table = pq.read_table(pa.BufferReader(data))
    cases = tuple(str(case) for case in table.column(CASE).to_pylist())
    outcomes = pc.equal(table.column(OUTCOME), 1).to_numpy(zero_copy_only=False)
    return Labels(cases, np.asarray(outcomes, np.bool_), digest)


def _check(cases: Sequence[str], outcomes: Sequence[int]) -> None:
    if len(cases) != len(outcomes):
        raise InvalidInput(f"{len(cases)} cases and {len(outcomes)} outcomes: give one a case.")
    twice = len(cases) - len(set(cases))
    if twice:
        raise InvalidInput(f"{twice} cases come more than once: give one row a person.")
    unnamed = sum(not _is_name(case) for case in cases)
    if unnamed:
        raise InvalidInput(
            f"{unnamed} cases have no name of 1 to {LONGEST_CASE} printable characters without "
            "comma or quote: name them anew."
        )
    if any(outcome not in (0, 1) for outcome in outcomes):
        raise InvalidInput("An outcome is neither 0 nor 1: a board scores two classes.")
    events = sum(int(outcome) for outcome in outcomes)
    if min(events, len(cases) - events) < 2 * LEAST_EACH:
        raise InvalidInput(
            f"{len(cases)} cases with {events} events: a board needs {2 * LEAST_EACH} of each "
            "class at least, to be cut into two slices."
        )


def _is_name(case: str) -> bool:
    is_short = 0 < len(case) <= LONGEST_CASE and case.isprintable() and case == case.strip()
    return is_short and not {",", '"'} & set(case)


def labels_file(digest: str) -> str:
    """Return the name of the file of these labels, and of the inputs that go with them."""
    return f"{digest.removeprefix('sha256:')}.parquet"
