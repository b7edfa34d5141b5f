"""Small plots, drawn as SVG: bars here against marks published, and lines."""

from collections.abc import Sequence
from html import escape
from typing import Final

WIDTH: Final = 480
BAR_HEIGHT: Final = 18
LABEL_WIDTH: Final = 112
PLOT_HEIGHT: Final = 180
HERE, PUBLISHED = "#4a7fb8", "#d1812c"

Shares = Sequence[tuple[str, float, float]]
"""Category, share published, share here."""


def bars(shares: Shares, *, title: str, most: int = 30) -> str:
    """Return horizontal bars, one a category: a bar for here, a mark for the published share."""
    shown = shares[:most]
    largest = max((max(p, h) for _, p, h in shown), default=1.0) or 1.0
    scale = (WIDTH - LABEL_WIDTH - 60) / largest
    rows = []
    for rank, (name, published, here) in enumerate(shown):
        top = rank * BAR_HEIGHT
        mark = LABEL_WIDTH + published * scale
        rows.append(
            f'<text x="{LABEL_WIDTH - 6}" y="{top + 13}" text-anchor="end">{escape(name)}</text>'
            f'<rect x="{LABEL_WIDTH}" y="{top + 3}" width="{here * scale:.1f}" height="12" '
            f'fill="{HERE}"/>'
            f'<rect x="{mark - 1:.1f}" y="{top + 1}" width="3" height="16" fill="{PUBLISHED}"/>'
            f'<text x="{LABEL_WIDTH + max(published, here) * scale + 6:.1f}" y="{top + 13}">'
            f"{here:.1%}</text>"
        )
    return _svg("".join(rows), height=len(shown) * BAR_HEIGHT, title=title)


def lines(points: Sequence[tuple[str, float]], *, title: str) -> str:
    """Return one line over the labels, from 0 to the largest value."""
    if not points:
        return ""
    largest = max(value for _, value in points) or 1.0
    step = (WIDTH - 40) / max(len(points) - 1, 1)
    base = PLOT_HEIGHT - 20
    path = " ".join(
        f"{20 + rank * step:.1f},{base - value / largest * (base - 10):.1f}"
        for rank, (_, value) in enumerate(points)
    )
    every = max(len(points) // 6, 1)
    labels = "".join(
        f'<text x="{20 + rank * step if rank else 0:.1f}" y="{PLOT_HEIGHT - 4}" '
        f'text-anchor="{"middle" if rank else "start"}">'
        f"{escape(label)}</text>"
        for rank, (label, _) in enumerate(points)
        if rank % every == 0
    )
    drawn = f'<polyline points="{path}" fill="none" stroke="{HERE}" stroke-width="2"/>'
    return _svg(drawn + labels, height=PLOT_HEIGHT, title=title)


def _svg(content: str, *, height: int, title: str) -> str:
    return (
        f'<figure><figcaption>{escape(title)}</figcaption><svg viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" role="img" aria-label="{escape(title)}">'
        f"{content}</svg></figure>"
    )
