"""A receiver that really listens: what it was sent, and what it answers."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from pytest_django import Settings


@dataclass
class Receiver:
    """Calls received, in order; `answers` are given one after the other, then 204."""

    url: str = ""
    calls: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    location: str = ""

    def said(self) -> list[dict[str, Any]]:
        """The bodies received, read."""
        return [json.loads(body) for _headers, body in self.calls]

    def events(self) -> list[str]:
        """The events received."""
        return [str(one["type"]) for one in self.said()]


def listen(receiver: Receiver) -> ThreadingHTTPServer:
    """A server that writes in `receiver` what it gets."""

    class Calls(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.calls.append((headers, self.rfile.read(length)))
            self.send_response(receiver.answers.pop(0) if receiver.answers else 204)
            self.send_header("Location", receiver.location)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Calls)
    receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
    return server


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    """A receiver on this machine, which the site trusts by name."""
    settings.ECLUSE_WEBHOOK_HOSTS = frozenset({"127.0.0.1"})
    made = Receiver()
    server = listen(made)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()
