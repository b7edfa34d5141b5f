"""R16: what the numbers of a file tell together with all that was released before on a dataset.

Three looks, on persons. One number within another: those who are in the second alone must be
nobody, or enough. All numbers together: persons fall into groups that no number tells apart; a
reader who solves the equations must not find a group under the minimum, whatever the number of
equations. And, while there are few groups, the bounds that the equations leave.

Earlier releases are named to checkers alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from ecluse.data.disclosure.auditing import closed
from ecluse.data.disclosure.predicates import Released
from ecluse.data.disclosure.relations import TableSystem
from ecluse.data.disclosure.spans import known_groups
from ecluse.data.tabulation.holdings import PersonKeys
from ecluse.data.tabulation.systems import Integers, System
from ecluse.domain.disclosure import DisclosurePolicy, finding, secret
from ecluse.domain.documents import Finding

MOST_WORK: Final = 1e10
FEW_GROUPS: Final = 300


@dataclass(frozen=True, slots=True)
class _Number:
    """A number shown: where, who; `release` is empty in the new file."""

    place: str
    persons: PersonKeys
    release: str = ""


@dataclass(frozen=True, slots=True)
class _Groups:
    """Persons that no number tells apart: how many, and in which numbers (rows) each group is."""

    sizes: Integers
    within: sparse.csr_array


def compare(
    new: Released, earlier: Sequence[Released], policy: DisclosurePolicy
) -> Iterator[Finding]:
    """Yield what a new file would tell of groups under the minimum count.

    What the earlier releases tell among themselves cannot be taken back, and is not found again.
    """
    numbers = _numbers(new, earlier)
    if not any(one.persons.size for one in numbers):
        return
    nested = list(_nested(numbers, policy.minimum_count))
    yield from (_nested_finding(*pair, policy) for pair in nested)
    if not nested:
        yield from _together(numbers, policy)


def _numbers(new: Released, earlier: Sequence[Released]) -> list[_Number]:
    """Return every set of persons once; one that was released before is not new."""
    found: dict[bytes, _Number] = {}
    for released in earlier:
        for one in released.predicates:
            told = f"{released.release}, {released.file}, {one.place}"
            found.setdefault(one.persons.tobytes(), _Number(one.place, one.persons, told))
    for one in new.predicates:
        found.setdefault(one.persons.tobytes(), _Number(one.place, one.persons))
    return [one for one in found.values() if one.persons.size]


def _nested(numbers: Sequence[_Number], least: int) -> Iterator[tuple[_Number, _Number]]:
    """Yield numbers within another that has a few persons more, one of both new at least.

    What contains a set contains its first person: only the numbers of that person are tried.
    """
    sizes = np.array([one.persons.size for one in numbers])
    holders = _holders(numbers)
    for inner, size in zip(numbers, sizes.tolist(), strict=True):
        ranks = holders.of(int(inner.persons[0]))
        near = ranks[(sizes[ranks] > size) & (sizes[ranks] < size + least)]
        for outer in (numbers[rank] for rank in near.tolist()):
            if not (inner.release and outer.release) and _is_within(inner.persons, outer.persons):
                yield inner, outer


@dataclass(frozen=True, slots=True)
class _Holders:
    """By person, rising, the ranks of the numbers that count them."""

    persons: Integers
    ranks: Integers

    def of(self, person: int) -> Integers:
        first, last = np.searchsorted(self.persons, [person, person + 1])
        return self.ranks[first:last]


def _holders(numbers: Sequence[_Number]) -> _Holders:
    persons = np.concatenate([one.persons for one in numbers]).astype(np.int64)
    ranks = np.repeat(np.arange(len(numbers)), [one.persons.size for one in numbers])
    order = np.argsort(persons, kind="stable")
    return _Holders(persons[order], ranks[order])


def _is_within(inner: PersonKeys, outer: PersonKeys) -> bool:
    places = np.searchsorted(outer, inner)
    return bool((places < outer.size).all() and (outer[places] == inner).all())


def _nested_finding(inner: _Number, outer: _Number, policy: DisclosurePolicy) -> Finding:
    place, other = (inner, outer) if not inner.release else (outer, inner)
    rest = outer.persons.size - inner.persons.size
    told = secret(other.release) if other.release else f"{other.place} of this file"
    text = f"{secret(rest)} persons apart from {told} < {policy.minimum_count}"
    return finding("R16", place.place, text, policy)


def _together(numbers: Sequence[_Number], policy: DisclosurePolicy) -> Iterator[Finding]:
    """Yield small groups that the equations of all numbers give, and did not before."""
    groups = _groups(numbers)
    rows, count = groups.within.shape
    if float(rows) * rows * count > MOST_WORK:
        told = f"{rows} numbers over {count} groups of persons: too many to be solved together"
        yield finding("D3", "file", told, policy)
        return
    is_new = np.array([not one.release for one in numbers])
    before = set(_small_known(groups, ~is_new, policy))
    found = [one for one in _small_known(groups, None, policy) if one not in before]
    for group in found:
        told = _told(int(groups.sizes[list(group)].sum()), numbers)
        yield finding("R16", "file", f"{told} < {policy.minimum_count}", policy)
    if not found and count <= FEW_GROUPS:
        yield from _bounded(groups, is_new, (numbers, policy))


def _told(persons: int, numbers: Sequence[_Number]) -> str:
    releases = sorted({one.release.partition(",")[0] for one in numbers if one.release})
    named = f" and {secret(', '.join(releases))}" if releases else ""
    return f"the numbers of this file{named} together tell of {secret(persons)} persons"


def _groups(numbers: Sequence[_Number]) -> _Groups:
    """Return the groups by signature: the sum of a random number for each number they are in."""
    holders = _holders(numbers)
    chance = np.random.default_rng(0)
    draws = chance.integers(0, 2**63, len(numbers), dtype=np.uint64)
    starts = np.flatnonzero(np.diff(holders.persons, prepend=-1))
    signatures = np.add.reduceat(draws[holders.ranks], starts)
    _, first, sizes = np.unique(signatures, return_index=True, return_counts=True)
    ends = np.append(starts, holders.persons.size)
    columns = [holders.ranks[ends[one] : ends[one + 1]] for one in first.tolist()]
    ranks = np.concatenate(columns)
    places = np.repeat(np.arange(first.size), [column.size for column in columns])
    ones = np.ones(ranks.size, np.int64)
    within = sparse.csr_array((ones, (ranks, places)), shape=(len(numbers), first.size))
    return _Groups(sizes.astype(np.int64), within)


def _small_known(
    groups: _Groups, rows: npt.NDArray[np.bool_] | None, policy: DisclosurePolicy
) -> Iterator[tuple[int, ...]]:
    matrix = groups.within if rows is None else groups.within[np.flatnonzero(rows)]
    if matrix.shape[0]:
        yield from known_groups(matrix.toarray(), groups.sizes, least=policy.minimum_count)


def _bounded(
    groups: _Groups,
    is_new: npt.NDArray[np.bool_],
    of: tuple[Sequence[_Number], DisclosurePolicy],
) -> Iterator[Finding]:
    """Yield the small groups that the equations keep under the minimum, and did not before."""
    numbers, policy = of
    least = policy.minimum_count
    old = np.flatnonzero(~is_new)
    before = _tight(groups.within[old], groups.sizes, least) if old.size else set()
    for group in sorted(_tight(groups.within, groups.sizes, least) - before):
        told = _told(int(groups.sizes[group]), numbers)
        text = f"{told}, who can only be fewer than {least}"
        yield finding("R16", "file", text, policy)


def _tight(within: sparse.csr_array, sizes: Integers, least: int) -> set[int]:
    """Return the small groups of which a reader knows that they are under the minimum."""
    rows, count = within.shape
    equal = sparse.hstack([within, -sparse.eye_array(rows)]).tocsr().astype(np.float64)
    total = count + rows
    values = np.concatenate([sizes, within @ sizes]).astype(np.float64)
    system = System(
        values,
        np.zeros(total),
        np.ones(total),
        np.arange(total),
        np.zeros(total, np.int64),
        np.zeros((total, 0), np.int64),
        np.zeros(total, np.bool_),
        equal,
        sparse.csr_array((0, total)),
        (),
        tuple((str(rank), ()) for rank in range(total)),
        np.ones(total),
    )
    hidden = np.arange(total) < count
    cells = tuple((rank, "") for rank in range(total))
    found = closed(TableSystem(system, hidden, cells), least) or []
    small = {int(rank) for rank in np.flatnonzero(sizes < least)}
    return {one.row for one in found if one.row in small and one.high < least}
