"""The attrition of a cohort drawn as SVG: a box for each step, beside it those who left.

Lines and text take the colour of the page (`currentColor`), so that the drawing is read on light
and on dark; text is text, and the description says the whole drawing in words.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from textwrap import wrap
from typing import Final

from ecluse.domain.cohorts.studies import Cohort

Counts = Sequence[int | None]
"""Persons of the dataset, then those left after each step and after the index day; None: masked."""

WIDTH: Final = 720
BOX_WIDTH, SIDE_WIDTH, SIDE_LEFT = 420, 230, 480
LETTERS, SIDE_LETTERS = 52, 27
"""Letters of a line of a box; wide ones still fit."""
LINE, PADDING, GAP, MARGIN = 20, 12, 44, 10

_FRENCH: Final = {
    "title": "Diagramme de flux de la cohorte",
    "everyone": "Personnes du jeu de données",
    "index": "Personnes qui ont un jour index",
    "left": "Exclues : {count}",
    "count": "n = {count}",
    "masked": "effectif masqué",
    "controls": "Jusqu’à {count} témoins par cas",
    "sentence": "{label} : {count}.",
}
_ENGLISH: Final = {
    "title": "Flowchart of the cohort",
    "everyone": "Persons of the dataset",
    "index": "Persons with an index day",
    "left": "Excluded: {count}",
    "count": "n = {count}",
    "masked": "masked count",
    "controls": "Up to {count} controls for each case",
    "sentence": "{label}: {count}.",
}


@dataclass(frozen=True, slots=True)
class _Box:
    lines: tuple[str, ...]
    side: tuple[str, ...]
    top: int

    @property
    def height(self) -> int:
        return 2 * PADDING + LINE * max(len(self.lines), len(self.side))


def draw(cohort: Cohort, counts: Counts | None = None, language: str = "fr") -> str:
    """Return the flowchart of a cohort, in French, or in English for "en".

    Without `counts` it shows the plan alone. The caller masks the counts that may not be shown, and
    those from which they could be worked out: a count beside a masked one is not subtracted.

    Raises:
        ValueError: not one count for each box.
    """
    words = _ENGLISH if language.startswith("en") else _FRENCH
    labels = [words["everyone"], *(step.label for step in cohort.steps)]
    labels += [words["index"]] if cohort.index is not None else []
    if counts is not None and len(counts) != len(labels):
        raise ValueError(f"A flowchart of {len(labels)} boxes has as many counts: {len(counts)}.")
    boxes = list(_boxes(labels, counts, words))
    if cohort.matching is not None:
        text = words["controls"].format(count=cohort.matching.per_case)
        boxes.append(_Box((text,), (), _below(boxes[-1])))
    return _svg(boxes, words["title"], _described(labels, counts, words))


def _boxes(labels: list[str], counts: Counts | None, words: dict[str, str]) -> Iterator[_Box]:
    top = MARGIN
    for number, label in enumerate(labels):
        lines, side = wrap(label, LETTERS), []
        if counts is not None:
            lines.append(words["count"].format(count=_written(counts[number], words)))
        if counts is not None and number:
            before, after = counts[number - 1], counts[number]
            left = None if before is None or after is None else before - after
            side = wrap(words["left"].format(count=_written(left, words)), SIDE_LETTERS)
        box = _Box(tuple(lines), tuple(side), top)
        yield box
        top = _below(box)


def _below(box: _Box) -> int:
    return box.top + box.height + GAP


def _written(count: int | None, words: dict[str, str]) -> str:
    """Return a count with its thousands apart, by a narrow space in French."""
    if count is None:
        return words["masked"]
    text = f"{count:,}"
    return text if words is _ENGLISH else text.replace(",", "\u202f")


def _described(labels: list[str], counts: Counts | None, words: dict[str, str]) -> str:
    if counts is None:
        return "; ".join(labels)
    return " ".join(
        words["sentence"].format(label=label, count=_written(count, words))
        for label, count in zip(labels, counts, strict=True)
    )


def _svg(boxes: list[_Box], title: str, description: str) -> str:
    height = boxes[-1].top + boxes[-1].height + MARGIN
    arrows = [_arrow(upper, lower) for upper, lower in pairwise(boxes)]
    parts = [part for box in boxes for part in _drawn(box)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"'
            f' width="{WIDTH}" height="{height}"'
            ' font-family="system-ui, sans-serif" font-size="15" fill="none"'
            ' stroke="currentColor" stroke-width="1.5">',
            f"<title>{escape(title)}</title>",
            f"<desc>{escape(description)}</desc>",
            *arrows,
            *parts,
            "</svg>",
        ]
    )


def _drawn(box: _Box) -> Iterator[str]:
    yield _frame(MARGIN, BOX_WIDTH, box)
    yield from _text(MARGIN + BOX_WIDTH // 2, box.lines, box)
    if box.side:
        middle = box.top + box.height // 2
        yield f'<path d="M{MARGIN + BOX_WIDTH} {middle}H{SIDE_LEFT}" stroke-dasharray="4 3"/>'
        yield _frame(SIDE_LEFT, SIDE_WIDTH, box)
        yield from _text(SIDE_LEFT + SIDE_WIDTH // 2, box.side, box)


def _frame(left: int, width: int, box: _Box) -> str:
    return f'<rect x="{left}" y="{box.top}" width="{width}" height="{box.height}" rx="4"/>'


def _text(middle: int, lines: Sequence[str], box: _Box) -> Iterator[str]:
    first = box.top + (box.height - LINE * len(lines)) // 2 + LINE - 5
    for number, line in enumerate(lines):
        yield (
            f'<text x="{middle}" y="{first + number * LINE}" text-anchor="middle"'
            f' fill="currentColor" stroke="none">{escape(line)}</text>'
        )


def _arrow(upper: _Box, lower: _Box) -> str:
    middle, tip = MARGIN + BOX_WIDTH // 2, lower.top - 2
    path = f"M{middle} {upper.top + upper.height}V{tip}M{middle - 5} {tip - 7}L{middle} {tip}"
    return f'<path d="{path}L{middle + 5} {tip - 7}"/>'
