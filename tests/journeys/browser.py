"""A real browser, and what every page it opens is judged by: accessibility, console, width."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    FilePayload,
    Locator,
    Page,
    Playwright,
    StorageState,
)

from ecluse.cli.studies import Attachment

HERE = Path(__file__).parent
AXE = Path(str(files("axe_playwright_python"))) / "axe.min.js"
IMAGES = HERE.parents[1] / "docs" / "images"
TEMPORARY_IMAGES = Path(tempfile.gettempdir()) / "ecluse-images"
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
            # The elements that break nothing need no description: a third of the time.
            "rules => axe.run({runOnly: {type: 'tag', values: rules},"
            " resultTypes: ['violations']})",
            list(RULES),
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

    def words(self) -> str:
        """Return the text of the page, but for what it says is in French whatever its language."""
        return str(
            self.page.evaluate(
                """() => {
                    const copy = document.body.cloneNode(true);
                    copy.querySelectorAll('[lang="fr"]').forEach(part => part.remove());
                    return copy.textContent.replace(/\\s+/g, " ");
                }"""
            )
        )

    def photograph(self, name: str) -> Path:
        """Write the whole page as an image among the temporary files, for whoever looks."""
        path = _image_folder(TEMPORARY_IMAGES) / f"{name}-{self.look}.png"
        _shoot(self.page, path, full_page=True)
        return path

    def picture(self, name: str, *, of: Locator | None = None) -> Path:
        """Write what the window shows, from `of` downward, for the documentation.

        Only `ECLUSE_SCREENSHOTS=1` writes into it: a test run changes no tracked file.
        """
        folder = IMAGES if os.environ.get("ECLUSE_SCREENSHOTS") == "1" else TEMPORARY_IMAGES
        path = _image_folder(folder) / f"{name}.png"
        if of is not None:
            of.evaluate("one => one.scrollIntoView({block: 'start', behavior: 'instant'})")
        _shoot(self.page, path)
        return path

    def choose_look(self, site_url: str) -> None:
        """Ask the site of a demonstration for the theme and the language of this visit."""
        self.page.goto(f"{site_url}/theme/{self.look.theme}/")
        self.page.goto(f"{site_url}/language/{self.look.lang}/")

    def sign_in(self, site_url: str, email: str, password: str) -> None:
        """Sign in by keyboard, as somebody without a mouse does."""
        self.page.goto(f"{site_url}/accounts/sign-in/")
        self.page.locator("#id_email").focus()
        self.page.keyboard.type(email)
        self.page.keyboard.press("Tab")
        self.page.keyboard.type(password)
        self.page.keyboard.press("Enter")
        self.page.locator("form.account").wait_for()

    def fill(self, values: Mapping[str, str | tuple[str, ...]]) -> None:
        """Fill in the controls of the page: text typed, choices made, boxes ticked."""
        for name, value in values.items():
            for one in (value,) if isinstance(value, str) else value:
                self._fill(name, one)

    def attach(self, files: Mapping[str, Attachment]) -> None:
        """Choose a file for each of these questions."""
        for name, (file_name, content, mime_type) in files.items():
            chosen = FilePayload(name=file_name, mimeType=mime_type, buffer=content)
            self.page.locator(f'main [name="{name}"]').set_input_files(chosen)

    def _fill(self, name: str, value: str) -> None:
        controls = self.page.locator(f'main [name="{name}"]')
        match controls.first.evaluate("one => one.type"):
            case "radio" | "checkbox":  # the label may lie over the control: it is clicked then
                wanted = "" if value == "on" else f'[value="{value}"]'
                self.page.locator(f'main [name="{name}"]{wanted}').check(force=True)
            case "select-one":
                controls.select_option(value)
            case _:
                controls.fill(value)


def launch(playwright: Playwright) -> Browser:
    """Return Debian's Chromium, without a window."""
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return playwright.chromium.launch(
        executable_path=CHROMIUM,
        args=[*ARGUMENTS, *sandbox],
        env={**os.environ, "LANGUAGE": "fr"},
    )


@contextmanager
def visiting(browser: Browser, look: Look, *, state: StorageState | None = None) -> Iterator[Visit]:
    """Give a visitor of their own, signed in as `state` says or not at all, closed at the end."""
    context = browser.new_context(
        viewport={"width": look.width, "height": 900},
        color_scheme="dark" if look.scheme == "dark" else "light",
        locale="fr-FR" if look.lang == "fr" else "en-GB",
        timezone_id="Europe/Paris",
        reduced_motion="reduce",
        storage_state=state,
    )
    try:
        yield _visit(context, look)
    finally:
        context.close()


def _visit(context: BrowserContext, look: Look) -> Visit:
    visit = Visit(context.new_page(), look)

    def note(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not _tells_status_of_page(message):
            visit.complaints.append(f"{message.type}: {message.text}")

    visit.page.on("console", note)
    visit.page.on("pageerror", lambda error: visit.complaints.append(f"exception: {error}"))
    return visit


def _tells_status_of_page(message: ConsoleMessage) -> bool:
    """Whether the console only repeats that the page itself is one of an error, such as a 404."""
    loaded = message.location["url"].rpartition("/")[2]
    return message.text.startswith("Failed to load resource") and not loaded


def _shoot(page: Page, path: Path, *, full_page: bool = False) -> None:
    """Write the picture; a browser short of memory may refuse once what it does a second later."""
    for tries_left in (2, 1, 0):
        try:
            page.screenshot(path=path, full_page=full_page)
        except Error as error:
            if not tries_left or "Unable to capture screenshot" not in error.message:
                raise
            page.wait_for_timeout(1_000)
        else:
            return


def _image_folder(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _told(node: dict[str, object]) -> str:
    return f"{node['target']} {str(node['html'])[:160]}"
