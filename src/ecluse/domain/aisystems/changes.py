"""What changed between two classifications of one system, and which rules made it change."""

from dataclasses import dataclass

from ecluse.domain.aisystems.rules import FOUND, Classification, Reason


@dataclass(frozen=True, slots=True)
class Change:
    """A name whose values are no longer the same.

    `gained`: the reasons that speak now and did not, or spoke otherwise; `lost`: those that spoke
    before and do not any more.
    """

    name: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    gained: tuple[Reason, ...]
    lost: tuple[Reason, ...]


def changes_of(before: Classification, after: Classification) -> tuple[Change, ...]:
    """Each name whose values changed, with why; none where the same answers stand."""
    return tuple(
        Change(
            name,
            before.of(name),
            after.of(name),
            _only_in(after, before, name),
            _only_in(before, after, name),
        )
        for name in FOUND
        if before.of(name) != after.of(name)
    )


def _only_in(one: Classification, other: Classification, name: str) -> tuple[Reason, ...]:
    """The reasons for a name that the other classification has not, or has with other values."""
    told = {(reason.rule_id, reason.gives.get(name)) for reason in other.reasons}
    return tuple(
        reason
        for reason in one.reasons
        if name in reason.gives and (reason.rule_id, reason.gives[name]) not in told
    )
