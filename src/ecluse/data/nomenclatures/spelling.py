"""What a mistyped code was meant to be: usual slips first, then the nearest codes."""

from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from itertools import product
from typing import Final, Literal

Reason = Literal["space", "case", "punctuation", "lookalike", "zero", "shape"]

LOOKALIKES: Final = {"O": "0", "0": "O", "I": "1", "L": "1", "1": "I", "S": "5", "5": "S",
                     "B": "8", "8": "B", "Z": "2", "2": "Z"}  # fmt: skip
PUNCTUATION: Final = str.maketrans("", "", ".-_*%+/")
MOST_LOOKALIKES: Final = 8
MOST_SUGGESTIONS: Final = 5


@dataclass(frozen=True)
class Spelling:
    """The codes of one list, ready to be compared with mistyped ones."""

    codes: Set[str]
    shapes: Set[str] = field(default_factory=frozenset)
    letters: str = ""

    @classmethod
    def of(cls, codes: Set[str]) -> "Spelling":
        """Return the spelling of `codes`."""
        return cls(
            codes,
            frozenset(shape_of(code) for code in codes),
            "".join(sorted({letter for code in codes for letter in code})),
        )

    def has_shape(self, code: str, *, as_prefix: bool) -> bool:
        """Whether some code of the list has the letters and digits of `code` in its places."""
        shape = shape_of(code)
        if as_prefix:
            return any(other.startswith(shape) for other in self.shapes)
        return shape in self.shapes

    def slip(self, code: str, *, is_known: Callable[[str], bool]) -> tuple[Reason, str] | None:
        """Return the usual slip that explains `code`, and the code that was meant; None if none."""
        for reason, variants in _slips(code).items():
            for variant in variants:
                if variant != code and is_known(variant):
                    return reason, variant
        return None

    def nearest(self, code: str, *, goes_far: bool = True) -> tuple[str, ...]:
        """Return the codes one edit away, those with the longest same beginning first.

        An edit is a character added, lost or changed, or two neighbours exchanged. When none is
        that near and `goes_far`, those two edits away: about 0.1 s per code.
        """
        near = {item for item in self._edits(code) if item in self.codes}
        if not near and goes_far:
            near = {
                item
                for edited in self._edits(code)
                for item in self._edits(edited)
                if item in self.codes
            }
        near.discard(code)
        ranked = sorted(near, key=lambda item: (-_same_beginning(code, item), item))
        return tuple(ranked[:MOST_SUGGESTIONS])

    def _edits(self, code: str) -> Iterator[str]:
        for place in range(len(code) + 1):
            before, after = code[:place], code[place:]
            yield from (before + letter + after for letter in self.letters)
            if after:
                yield before + after[1:]
                yield from (before + letter + after[1:] for letter in self.letters)
            if len(after) > 1:
                yield before + after[1] + after[0] + after[2:]


def shape_of(code: str) -> str:
    """Return `code` with A for each letter and 9 for each digit."""
    return "".join("A" if c.isalpha() else "9" if c.isdigit() else c for c in code)


def _slips(code: str) -> Mapping[Reason, Iterator[str]]:
    tidy = "".join(code.split())
    upper = tidy.upper()
    bare = upper.translate(PUNCTUATION)
    return {
        "space": iter([tidy]),
        "case": iter([upper]),
        "punctuation": iter([bare]),
        "lookalike": _lookalikes(bare),
        "zero": iter([f"0{bare}", f"00{bare}", bare.lstrip("0"), f"{bare}0"]),
    }


def _lookalikes(code: str) -> Iterator[str]:
    """Yield `code` with characters changed for those that look like them, fewest changes first."""
    if sum(c in LOOKALIKES for c in code) > MOST_LOOKALIKES:
        return
    choices = [(c, LOOKALIKES[c]) if c in LOOKALIKES else (c,) for c in code]
    variants = ("".join(chosen) for chosen in product(*choices))
    yield from sorted(
        variants, key=lambda item: sum(a != b for a, b in zip(item, code, strict=True))
    )


def _same_beginning(one: str, other: str) -> int:
    length = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        length += 1
    return length
