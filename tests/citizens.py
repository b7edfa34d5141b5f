"""Citizens in tests: the State's provider answers over HTTP, the third party's directory too."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.identity_provider import CLIENT_ID, CLIENT_SECRET, IdentityProvider, as_number, serving

if TYPE_CHECKING:
    from django.test import Client
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer
    from pytest_django import Settings

    from tests.sites import Signers

SITE = "http://testserver"


def back_from(location: str) -> str:
    """The address, on this site, to which the provider sends whoever signs in at `location`."""
    parts = urlsplit(httpx.get(location).headers["Location"])
    return f"{parts.path}?{parts.query}"


@dataclass
class Visit:
    """Somebody before a browser: signs in with the State's provider, gives a number."""

    client: "Client"
    state: IdentityProvider

    def sign_in(self, number: str, sub: str | None = None) -> "Answer":
        """Sign in as the person whose civil data agree with a number."""
        self.state.person = as_number(number, sub or f"sub-of-{number}")
        begun = self.client.get("/identities/start/?next=/citizens/")
        return self.client.get(back_from(begun["Location"]))

    def give(self, number: str) -> "Answer":
        """Give a number and follow where it leads."""
        return self.client.post("/identities/number/", {"number": number}, follow=True)

    def enter(self, number: str) -> "Answer":
        """Do both: the page of one's rights."""
        self.sign_in(number)
        return self.give(number)


@pytest.fixture
def state(signers: "Signers", settings: "Settings") -> Iterator[IdentityProvider]:
    """The State's identity provider, where this site is registered."""
    from ecluse.portal.identities import sessions  # noqa: PLC0415 - Django is not up yet when plugins load

    # Another test's provider may have had the same port: what it published is not believed here.
    sessions._provider.cache_clear()
    with serving() as provider:
        settings.ECLUSE_FRANCECONNECT = provider.issuer
        settings.ECLUSE_FRANCECONNECT_ID = CLIENT_ID
        settings.ECLUSE_FRANCECONNECT_SECRET = CLIENT_SECRET
        settings.ECLUSE_PUBLIC_URL = SITE
        yield provider


@pytest.fixture
def jeanne(client: "Client", state: IdentityProvider) -> Visit:
    """A browser in which nobody has signed in yet."""
    return Visit(client, state)


@dataclass
class ThirdParty:
    """The directory: which person of the State bears, or represents, which number."""

    address: str = ""
    agrees: set[tuple[str, str]] = field(default_factory=set)
    asked: list[dict[str, str]] = field(default_factory=list)

    def know(self, capacity: str, number: str) -> None:
        """Agree to that capacity for that number from now on."""
        self.agrees.add((capacity, number))


@contextmanager
def listening() -> Iterator[ThirdParty]:
    """A directory that listens on this machine."""
    known = ThirdParty()

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            told = {name: one for name, (one,) in parse_qs(body).items()}
            known.asked.append({**told, "token": self.headers.get("Authorization", "")})
            answer = (told["capacity"], told["number"]) in known.agrees
            content = json.dumps({"agrees": answer}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    known.address = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield known
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def third_party(settings: "Settings") -> Iterator[ThirdParty]:
    """The trusted third party's directory, which this site asks."""
    with listening() as known:
        settings.ECLUSE_DIRECTORY = known.address
        settings.ECLUSE_DIRECTORY_TOKEN = "of the third party"
        yield known
