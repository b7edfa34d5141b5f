"""Every code of a list judged against a nomenclature: known, retired, mistyped or unknown."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

from ecluse.data.nomenclatures.spelling import MOST_SUGGESTIONS, Reason, Spelling
from ecluse.data.nomenclatures.versions import Nomenclature, On, Version
from ecluse.domain.cohorts import Match

FAR_SEARCHES: Final = 200
"""How many codes of one list are searched two edits away: a list of another system has none."""

Status = Literal["known", "retired", "mistyped", "unknown"]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A code that may have been meant."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class CodeCheck:
    """What a nomenclature says of one code.

    `children`: codes that begin with it. Taken as a prefix it stands for them too; taken exactly
    it misses them: diagnoses of hospital stays have up to six characters. `valid_from` and
    `valid_until`: first day of the first version that has it, and first day of the version that no
    longer has it (None: still there). `reason`: the slip of a mistyped code.
    """

    code: str
    status: Status
    label: str = ""
    children: int = 0
    valid_from: date | None = None
    valid_until: date | None = None
    reason: Reason | None = None
    suggestions: tuple[Suggestion, ...] = ()


def check(
    codes: Iterable[str],
    nomenclature: Nomenclature,
    *,
    on: On = None,
    match: Match = Match.EXACT,
) -> tuple[CodeCheck, ...]:
    """Judge each code, in the order given, by the versions that held `on` that day or those years.

    With `Match.PREFIX` a code is known as soon as codes begin with it.

    Raises:
        NotFound: no version held then.
    """
    during = nomenclature.during(on)
    book = _Book.of(nomenclature.versions, during, match)
    return tuple(book.judge(code) for code in codes)


@dataclass(frozen=True)
class _Book:
    """A nomenclature opened at some versions; `labels` are those of the latest of them."""

    versions: Sequence[Version]
    match: Match
    labels: dict[str, str]
    sorted_codes: list[str]
    spelling: Spelling
    judged: dict[str, CodeCheck] = field(default_factory=dict)

    @classmethod
    def of(cls, versions: Sequence[Version], during: Sequence[Version], match: Match) -> "_Book":
        labels: dict[str, str] = {}
        for version in during:
            labels |= version.labels
        return cls(versions, match, labels, sorted(labels), Spelling.of(labels.keys()))

    def judge(self, code: str) -> CodeCheck:
        if code not in self.judged:
            self.judged[code] = self._judge(code)
        return self.judged[code]

    def _judge(self, code: str) -> CodeCheck:
        if self._is_known(code):
            first, until = self._validity(code)
            return CodeCheck(
                code, "known", self.labels.get(code, ""), self._children(code), first, until
            )
        if any(code in version.labels for version in self.versions):
            return self._retired(code)
        slip = self.spelling.slip(code, is_known=self._is_known)
        if slip:
            reason, meant = slip
            return CodeCheck(code, "mistyped", reason=reason, suggestions=self._suggest((meant,)))
        near = self._suggest((*self._longest_known(code), *self._nearest(code)))
        if self.spelling.has_shape(code, as_prefix=self.match is Match.PREFIX):
            return CodeCheck(code, "unknown", suggestions=near)
        return CodeCheck(code, "mistyped", reason="shape", suggestions=near)

    def _is_known(self, code: str) -> bool:
        if code in self.labels:
            return True
        return bool(code) and self.match is Match.PREFIX and self._children(code) > 0

    def _retired(self, code: str) -> CodeCheck:
        first, until = self._validity(code)
        label = next(v.labels[code] for v in reversed(self.versions) if code in v.labels)
        near = self._suggest(self._nearest(code))
        return CodeCheck(code, "retired", label, 0, first, until, suggestions=near)

    def _children(self, code: str) -> int:
        start = bisect_left(self.sorted_codes, code)
        end = bisect_left(self.sorted_codes, code + chr(0x10FFFF))
        return end - start - (code in self.labels)

    def _validity(self, code: str) -> tuple[date | None, date | None]:
        having = [version for version in self.versions if code in version.labels]
        if not having:
            return None, None
        return having[0].valid_from, having[-1].valid_until

    def _nearest(self, code: str) -> tuple[str, ...]:
        return self.spelling.nearest(code, goes_far=len(self.judged) < FAR_SEARCHES)

    def _longest_known(self, code: str) -> tuple[str, ...]:
        """Return the longest beginning of `code` that is a code itself: a list less precise."""
        ends = range(len(code) - 1, 1, -1)
        return next(((code[:end],) for end in ends if code[:end] in self.labels), ())

    def _suggest(self, codes: Iterable[str]) -> tuple[Suggestion, ...]:
        kept = list(dict.fromkeys(codes))[:MOST_SUGGESTIONS]
        return tuple(Suggestion(code, self.labels.get(code, "")) for code in kept)
