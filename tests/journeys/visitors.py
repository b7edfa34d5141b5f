"""Somebody who visits this process's site in a real browser, by keyboard, on a telephone or not."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from ecluse.portal.accounts.models import User
from tests.journeys.browser import Look, Visit, visiting

TELEPHONE = Look(width=390)
LOOKS = (TELEPHONE, Look(theme="dsfr", lang="en", width=390))
TABS = 60


@dataclass
class Journey:
    """Somebody in front of the site, who uses the keyboard alone."""

    visit: Visit
    url: str

    @property
    def page(self) -> Page:
        """What the browser shows."""
        return self.visit.page

    def go(self, address: str) -> None:
        """Open an address of the site."""
        self.page.goto(f"{self.url}{address}")

    def follow(self, name: str) -> None:
        """Go through the page with the Tab key until this link or button, then press Enter."""
        wanted = self.page.get_by_role("main").get_by_text(name, exact=True).last
        for _ in range(TABS):
            self.page.keyboard.press("Tab")
            if wanted.evaluate("one => one === document.activeElement"):
                break
        self.page.keyboard.press("Enter")

    def write(self, name: str, words: str) -> None:
        """Type an answer in the field of this name."""
        self.page.locator(f"#id_{name}").focus()
        self.page.keyboard.type(words)

    def choose(self, control: str) -> None:
        """Choose with the space bar."""
        self.page.locator(f"#id_{control}").focus()
        self.page.keyboard.press("Space")

    def judged(self) -> list[str]:
        """What is wrong with the page: broken rules, complaints, or too wide."""
        wide = ["too wide"] if self.visit.overflow() > 0 else []
        return [*self.visit.violations(), *self.visit.complaints, *wide]


@dataclass(frozen=True)
class Site:
    """This process's site, and the browser that visits it."""

    server: LiveServer
    browser: Browser
    settings: Settings

    def open(self, client: Client, look: Look = TELEPHONE) -> Iterator[Journey]:
        """Yield the journey of whoever is signed in with `client`."""
        self.settings.ECLUSE_THEME = look.theme
        name = self.settings.SESSION_COOKIE_NAME
        cookies = [{"name": name, "value": client.cookies[name].value, "url": self.server.url}]
        cookies.append({"name": "ecluse_language", "value": look.lang, "url": self.server.url})
        with visiting(self.browser, look) as visit:
            visit.page.context.add_cookies(cookies)  # type: ignore[arg-type]
            yield Journey(visit, self.server.url)


@pytest.fixture
def site(live_server: LiveServer, browser: Browser, settings: Settings) -> Site:
    """The public site at an address of this machine."""
    settings.ECLUSE_URL = live_server.url
    return Site(live_server, browser, settings)


def signed_in(user: User) -> Client:
    """A session of an account."""
    client = Client()
    client.force_login(user)
    return client
