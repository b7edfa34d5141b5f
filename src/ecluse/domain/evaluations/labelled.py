"""What a report stores of classes and of spans: by label, what was found, missed, and wrongly said.

No case is kept, nor which label was taken for which: those cells are often of a few persons. From
the four counts of each label every share of a report follows.
"""

from dataclasses import dataclass
from typing import Final

OTHERS: Final = "(others)"
"""The line of the labels that are told together: each alone would tell of too few persons."""
ANY: Final = "(any)"
"""The one line of a group of which labels cannot be told apart."""
CELLS: Final = ("right", "part", "missed", "spurious")


@dataclass(frozen=True, slots=True)
class LabelLine:
    """What became of one label.

    Of classes, `right` counts its cases that were called so, `missed` those that were not (called
    otherwise, or left without an answer), `spurious` the cases of others that were; `part` is 0.
    Of spans, `right` counts those found with both ends and the label, `part` those of the label
    that overlap one found, each once, `missed` and `spurious` those without a counterpart.
    """

    label: str
    right: int
    part: int
    missed: int
    spurious: int

    def __post_init__(self) -> None:
        """Refuse a negative count. Raises ValueError."""
        if min(self.counts) < 0:
            raise ValueError(f"{self.label}: a count is negative.")

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """The four counts, in the order of `CELLS`."""
        return self.right, self.part, self.missed, self.spurious

    @property
    def true(self) -> int:
        """How many there were to find."""
        return self.right + self.part + self.missed

    @property
    def said(self) -> int:
        """How many the system gave."""
        return self.right + self.part + self.spurious


@dataclass(frozen=True, slots=True)
class LabelTable:
    """The labels of a group of so many cases; a line `OTHERS` or `ANY` stands for several."""

    group: str
    cases: int
    lines: tuple[LabelLine, ...]

    def __post_init__(self) -> None:
        """Refuse a label told twice, and none. Raises ValueError."""
        names = [line.label for line in self.lines]
        if not names or len(set(names)) != len(names):
            raise ValueError(f"{self.group}: each label has one line, and there is one at least.")

    @property
    def told(self) -> tuple[LabelLine, ...]:
        """The lines of one label each."""
        return tuple(line for line in self.lines if line.label not in (OTHERS, ANY))

    @property
    def is_whole(self) -> bool:
        """Whether each label has its own line."""
        return len(self.told) == len(self.lines)

    @property
    def total(self) -> LabelLine:
        """All labels together."""
        columns = zip(*(line.counts for line in self.lines), strict=True)
        return LabelLine(ANY, *(sum(column) for column in columns))

    @property
    def unanswered(self) -> int:
        """Of classes, the cases without an answer: missed, and spurious nowhere."""
        return self.total.missed - self.total.spurious
