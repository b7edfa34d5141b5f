"""Plots of a report as SVG: drawn from stored counts and figures, with a title and a description.

No script, no font, no colour alone: lines differ by their dashes too, and a table stands beside.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

SIZE: Final = (440, 340)
LEFT, TOP, RIGHT, BOTTOM = 56, 12, 16, 48
INK, MAIN, SECOND = "#1e1e1e", "#0b5394", "#b45309"
ROW: Final = 26
LABELS: Final = 150

Points = Sequence[tuple[float, float]]
Place = Callable[[tuple[float, float]], tuple[float, float]]
Scale = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis: its words, its two ends, how many decimals its ticks have."""

    label: str
    low: float
    high: float
    digits: int = 1


@dataclass(frozen=True, slots=True)
class Bar:
    """A value with its interval, beside its label; both ends None where there is no interval."""

    label: str
    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Legend:
    """What a plot is called, what it shows in words, and its identifier on the page."""

    name: str
    title: str
    description: str


def lines(legend: Legend, axes: tuple[Axis, Axis], full: Points, dashed: Points) -> str:
    """Return a full line with its points, against a dashed one."""
    across, upward = axes
    width, height = SIZE

    def place(point: tuple[float, float]) -> tuple[float, float]:
        x = LEFT + _share(point[0], across) * (width - LEFT - RIGHT)
        return x, height - BOTTOM - _share(point[1], upward) * (height - TOP - BOTTOM)

    drawn = [_frame(axes, place)]
    drawn.append(_path([place(point) for point in dashed], SECOND, "6 4"))
    drawn.append(_path([place(point) for point in full], MAIN, ""))
    drawn += [
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{MAIN}"/>'
        for x, y in (place(point) for point in full)
    ]
    return _svg(legend, "".join(drawn), SIZE)


def intervals(legend: Legend, axis: Axis, bars: Sequence[Bar], *, mark: float | None) -> str:
    """Return one row a bar: its interval as a line, its value as a dot; `mark` is drawn across."""
    width, height = SIZE[0], TOP + ROW * len(bars) + BOTTOM

    def at(value: float) -> float:
        return LABELS + _share(value, axis) * (width - LABELS - RIGHT)

    drawn = [_scale(axis, at, height)]
    if mark is not None:
        drawn.append(
            f'<line x1="{at(mark):.1f}" x2="{at(mark):.1f}" y1="{TOP}" y2="{height - BOTTOM}" '
            f'stroke="{SECOND}" stroke-width="2" stroke-dasharray="6 4"/>'
        )
    for rank, bar in enumerate(bars):
        drawn.append(_row(bar, at, TOP + ROW * rank + ROW / 2))
    return _svg(legend, "".join(drawn), (width, height))


def _row(bar: Bar, at: Scale, y: float) -> str:
    drawn = (
        f'<text x="{LABELS - 8}" y="{y + 4:.1f}" text-anchor="end">{escape(bar.label[:24])}</text>'
    )
    if bar.low is not None and bar.high is not None:
        drawn += (
            f'<line x1="{at(bar.low):.1f}" x2="{at(bar.high):.1f}" y1="{y:.1f}" y2="{y:.1f}" '
            f'stroke="{MAIN}" stroke-width="2"/>'
        )
    return drawn + f'<circle cx="{at(bar.value):.1f}" cy="{y:.1f}" r="4" fill="{MAIN}"/>'


def span(bars: Iterable[Bar], *, around: float, digits: int = 2, label: str = "") -> Axis:
    """Return an axis that shows every bar and the value `around`, with a little air."""
    values = [around]
    for bar in bars:
        values += [value for value in (bar.value, bar.low, bar.high) if value is not None]
    air = max((max(values) - min(values)) * 0.05, 0.01)
    return Axis(label, min(values) - air, max(values) + air, digits)


def _frame(axes: tuple[Axis, Axis], place: Place) -> str:
    across, upward = axes
    width, height = SIZE
    drawn = (
        f'<path d="M{LEFT} {TOP}V{height - BOTTOM}H{width - RIGHT}" fill="none" stroke="{INK}"/>'
    )
    for rank in range(6):
        x_value = across.low + (across.high - across.low) * rank / 5
        y_value = upward.low + (upward.high - upward.low) * rank / 5
        x, _ = place((x_value, upward.low))
        _, y = place((across.low, y_value))
        drawn += (
            f'<text x="{x:.1f}" y="{height - BOTTOM + 16}" text-anchor="middle">'
            f"{x_value:.{across.digits}f}</text>"
            f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">'
            f"{y_value:.{upward.digits}f}</text>"
        )
    return (
        f'{drawn}<text x="{(LEFT + width) / 2:.0f}" y="{height - 10}" text-anchor="middle">'
        f"{escape(across.label)}</text>"
        f'<text transform="translate(14 {height / 2:.0f}) rotate(-90)" text-anchor="middle">'
        f"{escape(upward.label)}</text>"
    )


def _scale(axis: Axis, at: Scale, height: int) -> str:
    base = height - BOTTOM
    drawn = f'<path d="M{LABELS} {base}H{SIZE[0] - RIGHT}" stroke="{INK}"/>'
    for rank in range(5):
        value = axis.low + (axis.high - axis.low) * rank / 4
        drawn += (
            f'<text x="{at(value):.1f}" y="{base + 16}" text-anchor="middle">'
            f"{value:.{axis.digits}f}</text>"
        )
    middle = (LABELS + SIZE[0]) / 2
    label = escape(axis.label)
    return f'{drawn}<text x="{middle:.0f}" y="{height - 10}" text-anchor="middle">{label}</text>'


def _path(points: Points, colour: str, dashes: str) -> str:
    drawn = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    style = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<polyline points="{drawn}" fill="none" stroke="{colour}" stroke-width="2"{style}/>'


def _share(value: float, axis: Axis) -> float:
    return (value - axis.low) / (axis.high - axis.low or 1.0)


def _svg(legend: Legend, content: str, size: tuple[int, int]) -> str:
    name = escape(legend.name)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size[0]} {size[1]}" '
        f'width="{size[0]}" height="{size[1]}" role="img" '
        f'aria-labelledby="{name}-title {name}-desc" font-family="sans-serif" font-size="12" '
        f'fill="{INK}"><title id="{name}-title">{escape(legend.title)}</title>'
        f'<desc id="{name}-desc">{escape(legend.description)}</desc>{content}</svg>'
    )
