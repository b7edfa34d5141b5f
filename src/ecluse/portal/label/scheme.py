"""The scheme of the label, read from the package."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, Final

from django.utils.translation import get_language

from ecluse.domain.metadata.label import Element, Grade, Scheme, Section

NAME: Final = "quantum"


@cache
def scheme() -> Scheme:
    """Return the scheme that labels are asked under today."""
    file = files("ecluse") / "schemas" / "label" / f"{NAME}.toml"
    said = tomllib.loads(file.read_text(encoding="utf-8"))
    return Scheme(
        name=said["name"],
        version=said["version"],
        title_fr=said["title_fr"],
        title_en=said["title_en"],
        valid_months=said["valid_months"],
        steps=tuple(said["measured"]["steps"]),
        grades=tuple(Grade(**one) for one in said["grades"]),
        sections=tuple(Section(**one) for one in said["sections"]),
        elements=tuple(_element(one) for one in said["elements"]),
    )


def _element(said: dict[str, Any]) -> Element:
    return Element(
        code=said["code"],
        section=said["section"],
        title_fr=said["title_fr"],
        title_en=said["title_en"],
        levels=tuple((french, english) for french, english in said["levels"]),
        measured=tuple(said.get("measured", ())),
        is_always_due=said.get("applicable", True),
    )


def key() -> str:
    """Return the name of the scheme with its version, as a label keeps it."""
    return f"{scheme().name}@{scheme().version}"


def title(named: Element | Section | Scheme) -> str:
    """Return a title in the language of the page."""
    return named.title_en if _is_english() else named.title_fr


def words(element: Element, level: int) -> str:
    """Return what a rank means, in the language of the page."""
    return element.levels[level][1 if _is_english() else 0]


def _is_english() -> bool:
    return (get_language() or "fr").startswith("en")
