"""A real browser, and what every page it opens is judged by: accessibility, console, width."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright

HERE = Path(__file__).parent
AXE = Path(str(files("axe_playwright_python"))) / "axe.min.js"
IMAGES = HERE.parents[1] / "docs" / "images"
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
ARGUMENTS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-sync",
    "--force-color-profile=srgb",
    "--lang=fr-FR",
    "--no-first-run",
)
CHROMIUM = os.environ.get("ECLUSE_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"


@dataclass(frozen=True, kw_only=True)
class Look:
    """How a visitor sees a page: which theme, language, width, and light or dark."""

    theme: str = "neutral"
    lang: str = "fr"
    width: int = 1280
    scheme: str = "light"

    def __str__(self) -> str:
        """Name the look: `neutral-fr-390`, with `-dark` if dark."""
        dark = "-dark" if self.scheme == "dark" else ""
        return f"{self.theme}-{self.lang}-{self.width}{dark}"


@dataclass
class Visit:
    """A page open in the browser, and what its console complained of since it was opened."""

    page: Page
    look: Look
    complaints: list[str] = field(default_factory=list)

    def violations(self) -> list[str]:
        """Return the broken rules of accessibility, each with the first elements that break it."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate(
            "rules => axe.run({runOnly: {type: 'tag', values: rules}})", list(RULES)
        )
        return [
            f"{rule['id']} ({rule['help']}): "
            + " | ".join(_told(node) for node in rule["nodes"][:4])
            for rule in found["violations"]
        ]

    def overflow(self) -> int:
        """Return by how many pixels the page is wider than the window."""
        return int(
            self.page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
        )

    def photograph(self, name: str) -> Path:
        """Write the whole page as an image: in the documentation if ECLUSE_SCREENSHOTS is 1."""
        kept = os.environ.get("ECLUSE_SCREENSHOTS") == "1"
        folder = IMAGES if kept else Path(tempfile.gettempdir()) / "ecluse-images"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{name}-{self.look}.png"
        self.page.screenshot(path=path, full_page=True)
        return path


def launch(playwright: Playwright) -> Browser:
    """Return Debian's Chromium, without a window."""
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return playwright.chromium.launch(
        executable_path=CHROMIUM,
        args=[*ARGUMENTS, *sandbox],
        env={**os.environ, "LANGUAGE": "fr"},
    )


@contextmanager
def visiting(browser: Browser, look: Look) -> Iterator[Visit]:
    """Give a visitor of their own, without cookies of another, closed at the end."""
    context = browser.new_context(
        viewport={"width": look.width, "height": 900},
        color_scheme="dark" if look.scheme == "dark" else "light",
        locale="fr-FR" if look.lang == "fr" else "en-GB",
        timezone_id="Europe/Paris",
        reduced_motion="reduce",
    )
    try:
        yield _visit(context, look)
    finally:
        context.close()


def _visit(context: BrowserContext, look: Look) -> Visit:
    visit = Visit(context.new_page(), look)

    def note(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            visit.complaints.append(f"{message.type}: {message.text}")

    visit.page.on("console", note)
    visit.page.on("pageerror", lambda error: visit.complaints.append(f"exception: {error}"))
    return visit


def _told(node: dict[str, object]) -> str:
    return f"{node['target']} {str(node['html'])[:160]}"
