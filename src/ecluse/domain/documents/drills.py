"""What a migration drill showed: that a dataset can leave a host, and come back."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DrillStep(StrEnum):
    """One part of a drill, in the order of the road."""

    PLANNED = "planned"
    COPIED = "copied"
    VERIFIED = "verified"
    STRUCK = "struck"
    """Objects of the new host were altered, and each must be found and named."""
    MENDED = "mended"
    CUT_OVER = "cut-over"
    ROLLED_BACK = "rolled-back"
    TAKEN = "taken"
    """Everything that a host holds was searched for what was put there to be found."""
    ERASED = "erased"


@dataclass(frozen=True)
class DrillPart:
    """When a step began and ended, in milliseconds from the beginning; what was done, of what.

    Done and asked count objects, but canaries not read for `taken`.
    """

    step: DrillStep
    begun_ms: int
    ended_ms: int
    done: int
    asked: int


@dataclass(frozen=True)
class DrillReport:
    """A drill from one host to another, on objects made for it: no person is in it.

    `kills_ms` are the instants when the copier was killed. `struck` objects were altered one way
    each, `found` of them were named with the right fault and nothing else was. Of the `canaries`
    `read_by_thief` were read by who has everything that both hosts hold, `read_with_key` by who
    has the key. Sizes in bytes. Drawn again from `seed`.
    """

    drill_number: str
    software: str
    source: str
    target: str
    seed: int
    begun_at: datetime
    objects: int
    size: int
    sent_size: int
    root_before: str
    root_after: str
    kills_ms: tuple[int, ...]
    struck: int
    found: int
    canaries: int
    read_by_thief: int
    read_with_key: int
    parts: tuple[DrillPart, ...]
