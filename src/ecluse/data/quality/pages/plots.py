"""Plots drawn as inline SVG, each with a title, a description and its numbers in a table beside.

Drawings are 360 units wide, so that their words can be read on a telephone.
"""

from collections.abc import Sequence
from typing import Final

from ecluse.data.quality.pages.markup import Markup, joined, tag

WIDTH: Final = 360
LEFT: Final = 44
RIGHT: Final = 8
TOP: Final = 10
HEIGHT: Final = 130
FOOT: Final = 18
LABELS: Final = 4
STRIP_CELLS: Final = 48
STRIP_WIDTH: Final = 96
ROW_HEIGHT: Final = 11


def figure(name: str, title: str, description: str, drawing: Markup, *, height: int) -> Markup:
    """Return a drawing with its title and its description; `name` is its own in the page."""
    drawn = tag(
        "svg",
        tag("title", title, id=f"{name}-title"),
        tag("desc", description, id=f"{name}-desc"),
        drawing,
        viewBox=f"0 0 {WIDTH} {height}",
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
    )
    return tag("figure", drawn, tag("figcaption", title))


def bars(points: Sequence[tuple[str, int | None]], *, top_label: str) -> Markup:
    """Return bars from 0 to the largest value; a value that is not shown has no bar."""
    largest = max((value or 0 for _, value in points), default=0) or 1
    step = (WIDTH - LEFT - RIGHT) / max(1, len(points))
    drawn = [
        tag(
            "rect",
            x=LEFT + rank * step,
            y=TOP + HEIGHT - HEIGHT * (value or 0) / largest,
            width=max(0.4, step * 0.85),
            height=HEIGHT * (value or 0) / largest,
            class_="bar",
        )
        for rank, (_, value) in enumerate(points)
    ]
    labels = [name for name, _ in points]
    return joined((*_axis(top_label, "0"), *drawn, *_below(labels, step)))


def curve(
    shares: Sequence[float], *, line: float, mark: int, line_label: str, mark_label: str
) -> Markup:
    """Return a curve of percentages by delay, with the line to reach at the delay `mark`."""
    step = (WIDTH - LEFT - RIGHT) / max(1, len(shares) - 1)
    points = " ".join(
        f"{LEFT + rank * step:.1f},{_height(share):.1f}" for rank, share in enumerate(shares)
    )
    target = tag(
        "line", x1=LEFT, x2=WIDTH - RIGHT, y1=_height(line), y2=_height(line), class_="target"
    )
    drawn = [
        target,
        tag("text", line_label, x=WIDTH - RIGHT, y=_height(line) + 12, class_="end"),
        tag("polyline", points=points, class_="curve"),
    ]
    if mark < len(shares):
        x = LEFT + mark * step
        drawn.append(tag("line", x1=x, x2=x, y1=TOP, y2=TOP + HEIGHT, class_="target"))
        drawn.append(tag("circle", cx=x, cy=_height(shares[mark]), r=3, class_="point"))
        drawn.append(tag("text", mark_label, x=x + 4, y=TOP + HEIGHT - 6))
    labels = [str(rank) for rank in range(len(shares))]
    return joined((*_axis("100 %", "0 %"), *drawn, *_below(labels, step, centred=True)))


def pyramid(
    bands: Sequence[tuple[str, int | None, int | None]], *, left: str, right: str
) -> Markup:
    """Return an age pyramid: the first number of each band to the left, the second to the right.

    Bands are drawn upward, the youngest at the foot.
    """
    largest = max((max(a or 0, b or 0) for _, a, b in bands), default=0) or 1
    middle, half = WIDTH / 2, WIDTH / 2 - 34
    drawn = [
        tag("text", left, x=middle - 40, y=10, class_="end"),
        tag("text", right, x=middle + 40, y=10),
    ]
    for rank, (name, first, second) in enumerate(reversed(bands)):
        y = 16 + rank * ROW_HEIGHT
        one, other = (half * (value or 0) / largest for value in (first, second))
        bar = {"y": y, "height": ROW_HEIGHT - 2}
        drawn.append(tag("rect", x=middle - 20 - one, width=one, class_="bar", **bar))
        drawn.append(tag("rect", x=middle + 20, width=other, class_="bar other", **bar))
        drawn.append(tag("text", name, x=middle, y=y + 8, class_="middle"))
    return joined(drawn)


def pyramid_height(bands: int) -> int:
    """Return the height of a pyramid of so many bands."""
    return 20 + bands * ROW_HEIGHT


def strip(shares: Sequence[float | None]) -> Markup:
    """Return a strip of shares from 0 to 1, the higher the darker, for the eye alone.

    Neighbours are put together, the highest kept, where there are over 48.
    """
    size = -(-len(shares) // STRIP_CELLS) or 1
    groups = [shares[start : start + size] for start in range(0, len(shares), size)]
    step = STRIP_WIDTH / max(1, len(groups))
    cells = [
        tag(
            "rect",
            x=rank * step,
            y=0,
            width=step,
            height=10,
            class_="cell",
            fill_opacity=max((share or 0.0 for share in group), default=0.0),
        )
        for rank, group in enumerate(groups)
    ]
    frame = tag("rect", x=0, y=0, width=STRIP_WIDTH, height=10, class_="frame")
    return tag(
        "svg",
        *cells,
        frame,
        viewBox=f"0 0 {STRIP_WIDTH} 10",
        class_="strip",
        aria_hidden="true",
        focusable="false",
    )


def _axis(top: str, foot: str) -> list[Markup]:
    return [
        tag("line", x1=LEFT, x2=LEFT, y1=TOP, y2=TOP + HEIGHT, class_="axis"),
        tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=TOP + HEIGHT, y2=TOP + HEIGHT, class_="axis"),
        tag("text", top, x=LEFT - 4, y=TOP + 7, class_="end"),
        tag("text", foot, x=LEFT - 4, y=TOP + HEIGHT, class_="end"),
    ]


def _below(labels: Sequence[str], step: float, *, centred: bool = False) -> list[Markup]:
    """Return about four labels under the axis, first and last among them."""
    if not labels:
        return []
    last = len(labels) - 1
    ranks = sorted({round(rank * last / (LABELS - 1)) for rank in range(LABELS)})
    shift = 0.0 if centred else step / 2
    return [
        tag(
            "text",
            labels[rank],
            x=LEFT + rank * step + shift,
            y=TOP + HEIGHT + FOOT - 5,
            class_="end" if rank == last and last else "middle" if rank else "start",
        )
        for rank in ranks
    ]


def _height(percent: float) -> float:
    return TOP + HEIGHT - HEIGHT * percent / 100
