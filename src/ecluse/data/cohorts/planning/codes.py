"""Which codes of the data each list of a cohort takes: asked once for each code, not for each row.

Lists never become text of a query: what they take is a small table that rows are joined to.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

import pyarrow as pa

from ecluse.domain.cohorts import Events, EveryEvent, Match

Leaf = Events | EveryEvent
STORED = "stored"
DIGITS = 18
"""Digits that a 64-bit number always holds."""


class CodeLists:
    """The lists of several leaves of one source, each named by a number."""

    def __init__(self, leaves: Mapping[Leaf, int]) -> None:
        self._everything = frozenset(
            number for leaf, number in leaves.items() if isinstance(leaf, EveryEvent)
        )
        self._listed = _Items()
        self._excepted = _Items()
        for leaf, number in leaves.items():
            if isinstance(leaf, Events):
                self._listed.add(leaf.codes, leaf.match, number)
                self._excepted.add(leaf.but_not, leaf.match, number)

    def holding(self, code: str) -> frozenset[int]:
        """Return the numbers of the leaves that take this code, given without dots or spaces."""
        return self._everything | (self._listed.holding(code) - self._excepted.holding(code))


class _Items:
    """The items of several lists, found by the code or by its first characters."""

    def __init__(self) -> None:
        self._exact: dict[str, set[int]] = defaultdict(set)
        self._prefix: dict[str, set[int]] = defaultdict(set)
        self._lengths: set[int] = set()

    def add(self, items: Iterable[str], match: Match, number: int) -> None:
        """Add the items of one list."""
        for item in items:
            plain = item.replace(".", "")
            (self._exact if match is Match.EXACT else self._prefix)[plain].add(number)
            if match is Match.PREFIX:
                self._lengths.add(len(plain))

    def holding(self, code: str) -> set[int]:
        """Return the lists with an item that meets the code."""
        found = set(self._exact.get(code, ()))
        for length in self._lengths:
            if length <= len(code):
                found |= self._prefix.get(code[:length], set())
        return found


def taken(pairs: pa.Table, leaves: Mapping[Leaf, int]) -> pa.Table:
    """Return which stored values each leaf takes, one row for each that a leaf takes.

    `pairs`: each `stored` value with a `code` that it means. The columns given are `stored`, then
    for each leaf whether it takes the value (`leaf_3`) and the smallest code for which (`code_3`).
    """
    lists = CodeLists(leaves)
    found: dict[object, dict[int, str]] = {}
    for stored, code in zip(pairs[STORED].to_pylist(), pairs["code"].to_pylist(), strict=True):
        for number in lists.holding(code):
            codes = found.setdefault(stored, {})
            codes[number] = min(code, codes.get(number, code))
    columns = {STORED: pa.array(found, pairs.schema.field(STORED).type)}
    for number in leaves.values():
        codes_taken = [codes.get(number) for codes in found.values()]
        columns[f"leaf_{number}"] = pa.array([code is not None for code in codes_taken], pa.bool_())
        columns[f"code_{number}"] = pa.array(codes_taken, pa.string())
    return pa.table(columns)


def exact_numbers(leaves: Mapping[Leaf, int]) -> pa.Table | None:
    """Return the pairs of a column of whole numbers where all lists are exact, else None.

    The values need not be read in the data: only one number is written as each code.
    """
    codes: set[str] = set()
    for leaf in leaves:
        if not isinstance(leaf, Events) or leaf.match is not Match.EXACT:
            return None
        codes.update(code.replace(".", "") for code in leaf.codes)
    numbers = sorted(int(code) for code in codes if code.isdecimal() and len(code) <= DIGITS)
    written = [number for number in numbers if str(number) in codes]
    return pa.table(
        {STORED: pa.array(written, pa.int64()), "code": pa.array(map(str, written), pa.string())}
    )
