"""Figures drawn by the engine from tables that it has protected, as pictures of nothing else (R14).

No point is a person: bars and lines are cells, steps are steps of survival. Vectors are never
written: they carry data.
"""

import io
from collections.abc import Sequence
from importlib import import_module
from typing import Any, Final

from ecluse.data.disclosure.making import HIDDEN, TOTAL, Made
from ecluse.data.results import Figure
from ecluse.domain.errors import SetupIncomplete

INCHES: Final = (8.0, 5.0)
DOTS: Final = 100
MOST_MARKS: Final = 60


def draw(made: Made, *, figure: Figure, axes: int) -> bytes:
    """Return the PNG of a table: the last number of each row, by its first `axes` labels.

    Raises:
        SetupIncomplete: matplotlib is not installed in the zone.
    """
    try:
        matplotlib: Any = import_module("matplotlib.figure")
        canvas: Any = import_module("matplotlib.backends.backend_agg")
    except ImportError:
        raise SetupIncomplete(
            "Figures need matplotlib: install Écluse with the extra `analysis` in the zone."
        ) from None
    page = matplotlib.Figure(figsize=INCHES, dpi=DOTS)
    canvas.FigureCanvasAgg(page)
    plane = page.add_subplot()
    if figure is Figure.STEPS:
        _steps(plane, made)
    else:
        _cells(plane, made, figure=figure, axes=axes)
    written = io.BytesIO()
    # Nothing beside the picture: no program's name, no date.
    page.savefig(written, format="png", metadata={"Software": None})
    return written.getvalue()


def _cells(plane: Any, made: Made, *, figure: Figure, axes: int) -> None:
    """Draw one mark a category of the first variable, one series a category of the second."""
    rank = len(made.headers) - 1
    shown = [row for row in made.rows if TOTAL not in row[:axes] and HIDDEN not in row]
    categories = list(dict.fromkeys(row[0] for row in made.rows if row[0] != TOTAL))[:MOST_MARKS]
    series = list(dict.fromkeys(row[1:axes] for row in shown)) or [()]
    for place, names in enumerate(series):
        found = {row[0]: float(row[rank] or 0) for row in shown if row[1:axes] == names}
        values = [found.get(category, float("nan")) for category in categories]
        _draw(plane, values, figure=figure, place=(place, len(series)), label=", ".join(names))
    plane.set_xticks(range(len(categories)), categories, rotation=45, ha="right")
    plane.set_xlabel(made.headers[0])
    plane.set_ylabel(made.headers[rank])
    if axes > 1:
        plane.legend()
    plane.figure.tight_layout()


def _draw(
    plane: Any,
    values: Sequence[float],
    *,
    figure: Figure,
    place: tuple[int, int],
    label: str,
) -> None:
    if figure is Figure.LINES:
        plane.plot(range(len(values)), values, marker="o", label=label)
        return
    rank, count = place
    width = 0.8 / count
    positions = [mark - 0.4 + width * (rank + 0.5) for mark in range(len(values))]
    plane.bar(positions, values, width=width, label=label)


def _steps(plane: Any, made: Made) -> None:
    groups = dict.fromkeys(row[0] for row in made.rows if HIDDEN not in row)
    for group in groups:
        mine = [row for row in made.rows if row[0] == group and HIDDEN not in row]
        times = [0.0, *(float(row[1]) for row in mine)]
        plane.step(times, [1.0, *(float(row[-1]) for row in mine)], where="post", label=group)
    plane.set_xlabel("time")
    plane.set_ylabel("survival")
    plane.set_ylim(0, 1.02)
    plane.legend()
