"""HTML and SVG written from values: every text is escaped, unless it is markup already."""

from collections.abc import Iterable, Sequence
from html import escape


class Markup(str):
    """Text that is markup already, made by the functions of this module alone."""

    __slots__ = ()


VOID = frozenset({"meta"})


def tag(name: str, /, *children: str, **attributes: str | int | float) -> Markup:
    """Return one element. `class_` gives `class`, `aria_label` gives `aria-label`."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_text(value))}"'
        for key, value in attributes.items()
    )
    inside = joined(children)
    return Markup(f"<{name}{written}>" if name in VOID else f"<{name}{written}>{inside}</{name}>")


def joined(children: Iterable[str]) -> Markup:
    """Return children one after the other, texts escaped."""
    return Markup(
        "".join(
            child if isinstance(child, Markup) else escape(child, quote=False) for child in children
        )
    )


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Markup:
    """Return a table that scrolls sideways by itself, by keyboard too; the first cell is a head.

    Cells that are numbers, all but the first, stand to the right.
    """
    head = tag("tr", *(tag("th", text, scope="col") for text in heads))
    body = [
        tag("tr", tag("th", first, scope="row"), *(tag("td", cell) for cell in others))
        for first, *others in rows
    ]
    drawn = tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *body))
    return tag("div", drawn, class_="scroll", tabindex=0, role="group", aria_label=caption)


def folded(summary: str, *children: str) -> Markup:
    """Return content that opens when asked, by keyboard too."""
    return tag("details", tag("summary", summary), *children)


def _text(value: str | float) -> str:
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return str(value)
