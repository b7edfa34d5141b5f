"""The look of the page being answered: which folder of components, chosen once per request."""

from contextvars import ContextVar
from pathlib import Path

from django.conf import settings

NAMES = ("neutral", "dsfr")
"""The themes that exist. The State design system (`dsfr`) is for French State sites alone."""

FOLDER = Path(__file__).parent / "themes"
COOKIE = "ecluse_theme"
TEMPLATES = frozenset({"layout.html", "components.html"})
"""What every theme provides: the frame of a page, and the components that pages are made of."""

_active: ContextVar[str | None] = ContextVar("ecluse_theme", default=None)


def active() -> str:
    """Return the name of the theme of this request, else the one that the site is set to."""
    return _active.get() or str(settings.ECLUSE_THEME)


def activate(name: str | None) -> None:
    """Use this theme from now on in this request; an unknown name or None is the site's own."""
    _active.set(name if name in NAMES else None)
