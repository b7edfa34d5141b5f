"""From candidate pairs with scores to pairs, each record once: doubt is left out and counted."""

from collections import defaultdict
from collections.abc import Iterable

from ecluse.data.linkage.records import Matches

Candidate = tuple[str, str, float]


def assign(candidates: Iterable[Candidate], *, margin: float) -> Matches:
    """Return the pairs in which each record is the other's best, by more than `margin`.

    A record whose two best candidates are within `margin` is ambiguous, and so is one whose best
    candidate is at least as near to another record.
    """
    firsts: dict[str, list[tuple[float, str]]] = defaultdict(list)
    seconds: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for first, second, score in candidates:
        firsts[first].append((score, second))
        seconds[second].append((score, first))
    best_of_seconds = {second: _best(found, margin) for second, found in seconds.items()}
    pairs, ambiguous = {}, set()
    for first, found in firsts.items():
        best = _best(found, margin)
        if best is not None and best_of_seconds[best] == first:
            pairs[first] = best
        else:
            ambiguous.add(first)
    return Matches(pairs, frozenset(ambiguous))


def _best(found: list[tuple[float, str]], margin: float) -> str | None:
    """Return the candidate that is better than all others by more than `margin`, or None."""
    (score, name), *others = sorted(found, reverse=True)
    return None if others and score - others[0][0] <= margin else name
