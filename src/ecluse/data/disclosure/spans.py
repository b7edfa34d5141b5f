"""Which small groups of persons the equations of shown numbers give exactly.

Each number is an equation over groups. Columns of small groups come last, so that the reduced rows
with nothing before them are a basis of all that the equations tell of small groups alone: without
such rows, no small group is given, whatever equations are added to each other. Exact arithmetic
modulo a prime.
"""

from collections.abc import Iterator
from itertools import combinations
from typing import Final

import numpy as np

from ecluse.data.tabulation.systems import Integers

PRIME: Final = 2_147_483_647
MOST_ADDED: Final = 3
FEW_ROWS: Final = 60


def known_groups(matrix: Integers, sizes: Integers, *, least: int) -> Iterator[tuple[int, ...]]:
    """Yield unions of groups, by rank, of 1 to `least` - 1 persons, whose number is given.

    `matrix`: one row a number, one column a group, 1 where the number counts the group.
    """
    order = np.argsort(-sizes, kind="stable")
    first_small = int((sizes >= least).sum())
    seen = set()
    for row in _unions(_tail(matrix[:, order], first_small)):
        ranks = order[first_small:][row == 1]
        group = tuple(sorted(ranks.tolist()))
        if group not in seen and 0 < int(sizes[ranks].sum()) < least:
            seen.add(group)
            yield group


def _tail(matrix: Integers, first: int) -> Integers:
    """Return the reduced rows that are null before column `first`, without these columns."""
    rows, pivot = np.unique(matrix % PRIME, axis=0), 0
    for column in range(rows.shape[1]):
        found = np.flatnonzero(rows[pivot:, column])
        if not found.size:
            continue
        rows[[pivot, pivot + found[0]]] = rows[[pivot + found[0], pivot]]
        rows[pivot] = rows[pivot] * pow(int(rows[pivot, column]), -1, PRIME) % PRIME
        others = np.flatnonzero(rows[:, column])
        others = others[others != pivot]
        # Rows above matter among small groups alone: elsewhere they are never read.
        others = others[others > pivot] if column < first else others
        factors = rows[others, column][:, None]
        rows[others] = (rows[others] - factors * rows[pivot]) % PRIME
        pivot += 1
        if pivot == rows.shape[0]:
            break
    is_tail = ~rows[:, :first].any(axis=1) & rows.any(axis=1)
    return np.asarray(rows[is_tail][:, first:], np.int64)


def _unions(rows: Integers) -> Iterator[Integers]:
    """Yield the sums of a few rows that are 0 and 1 alone: unions of groups."""
    most = MOST_ADDED if rows.shape[0] <= FEW_ROWS else 1
    for count in range(1, most + 1):
        for chosen in combinations(range(rows.shape[0]), count):
            added = rows[list(chosen)].sum(axis=0) % PRIME
            if added.max(initial=0) == 1:
                yield added
