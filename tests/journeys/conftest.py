"""One browser and one demonstration for the session; a visitor of one's own for each test."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.journeys.browser import AXE, CHROMIUM, Look, Visit, launch, visiting
from tests.journeys.demonstration import Demonstration, Walk, running

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; the test is skipped, aloud, where it or axe-core is not installed."""
    if not Path(CHROMIUM).exists():
        pytest.skip(f"No browser at {CHROMIUM}: apt-get install chromium, then run again.")
    if not AXE.exists():
        pytest.skip("axe-core is missing: run make setup, then again.")
    # Playwright keeps a loop in this thread; Django would refuse the database to the same thread.
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with sync_playwright() as playwright:
        chromium = launch(playwright)
        yield chromium
        chromium.close()
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[[Look], Visit]]:
    """A function that opens the browser for one visitor; at the end no console may complain."""
    with ExitStack() as open_visits:
        visits: list[Visit] = []

        def open_visit(look: Look) -> Visit:
            visits.append(open_visits.enter_context(visiting(browser, look)))
            return visits[-1]

        yield open_visit
        complaints = [complaint for one in visits for complaint in one.complaints]
        assert complaints == []


@pytest.fixture(scope="session")
def gallery() -> Iterator[str]:
    """The address of the gallery of components, served by a process of its own."""
    command = [sys.executable, "-m", "tests.journeys.gallery"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
        server.terminate()


@pytest.fixture(scope="session")
def demo() -> Iterator[Demonstration]:
    """The demonstration, started once for all journeys and stopped at the end."""
    with running() as demonstration:
        yield demonstration


@pytest.fixture(scope="session")
def walk(demo: Demonstration) -> Walk:
    """The first study, which the tests of the road bring from the opt-out to its result."""
    return demo.walk()
