"""How much of a machine a load may take."""

from dataclasses import dataclass
from typing import Final

ROW_GROUP: Final = 122_880


@dataclass(frozen=True, slots=True)
class Limits:
    """`memory`: of the engine; what does not fit spills to the disk.

    `part_rows`: the most rows of a part, in groups of `group_rows`. `checkpoint_seconds`: how much
    work a killed load may have to do again. `held_bytes`: the most bytes of a delivered file whose
    rows may wait in the engine, rather than in a file, until their slices are known.
    """

    memory: str = "2GiB"
    threads: int = 2
    group_rows: int = ROW_GROUP
    part_rows: int = 8 * ROW_GROUP
    checkpoint_seconds: float = 1.0
    held_bytes: int = 1 << 26
