"""Spans found against spans to find, one to one: the same ends and label first, then overlaps.

Source: MUC-5 and SemEval-2013 task 9 (exact and partial boundaries, type always asked).
"""

from collections import Counter
from collections.abc import Sequence

Span = tuple[int, int, str]
"""Begin, end (not included), label."""
Counts = dict[str, list[int]]
"""By label: right, part, missed, spurious."""


def match(true: Sequence[Span], said: Sequence[Span]) -> Counts:
    """Return what became of each label in one text.

    A span given twice is spurious once. Of overlaps, the longest are paired first, then the
    leftmost: one long answer over three spans pays for one of them.
    """
    wanted, given = Counter(true), Counter(said)
    both = wanted & given
    found: Counts = {}
    _add(found, both, 0)
    wanted, given = wanted - both, given - both
    pairs = _overlapping(list(wanted.elements()), list(given.elements()))
    _add(found, Counter(one for one, _ in pairs), 1)
    _add(found, wanted - Counter(one for one, _ in pairs), 2)
    _add(found, given - Counter(one for _, one in pairs), 3)
    return found


def _overlapping(wanted: list[Span], given: list[Span]) -> list[tuple[Span, Span]]:
    """Return pairs of one label that share a character, each span in one pair at most."""
    shared = [
        (min(one[1], two[1]) - max(one[0], two[0]), one[0], two[0], first, second)
        for first, one in enumerate(wanted)
        for second, two in enumerate(given)
        if one[2] == two[2] and min(one[1], two[1]) > max(one[0], two[0])
    ]
    used: tuple[set[int], set[int]] = (set(), set())
    pairs = []
    for _, _, _, first, second in sorted(shared, key=lambda one: (-one[0], *one[1:])):
        if first in used[0] or second in used[1]:
            continue
        used[0].add(first)
        used[1].add(second)
        pairs.append((wanted[first], given[second]))
    return pairs


def _add(found: Counts, spans: Counter[Span], cell: int) -> None:
    for (_, _, label), count in spans.items():
        found.setdefault(label, [0, 0, 0, 0])[cell] += count
