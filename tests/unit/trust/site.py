"""A small site that follows the mailbox protocol over real HTTP, for tests of its client."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from ecluse.domain.errors import NotAllowed
from ecluse.trust import canonical
from ecluse.trust.tokens import verify_token
from tests.unit.trust.build import KEYRING, NOW


@dataclass
class Site:
    """What the site holds, what it received, and the failures it is told to play first."""

    url: str = ""
    documents: list[dict[str, object]] = field(default_factory=list)
    received: list[bytes] = field(default_factory=list)
    blobs: dict[str, bytes] = field(default_factory=dict)
    checkpoint: str = "their note"
    shown: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    failures: list[int | str] = field(default_factory=list)
    refusal: tuple[int, dict[str, str]] | None = None


@contextmanager
def running() -> Iterator[Site]:
    """A site that answers on a free port of this machine until the end of the block."""
    site = Site()
    handler = type("Handler", (_Handler,), {"site": site})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    site.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    site: Site
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self._body())

    def do_PUT(self) -> None:
        self._answer(self._body())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Stay silent."""

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers["Content-Length"]))

    def _answer(self, body: bytes) -> None:
        failure = self.site.failures.pop(0) if self.site.failures else None
        if failure == "lose the answer":
            self._route(body)
            self.close_connection = True
            return
        if failure == "cut the answer":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"short")
            self.close_connection = True
            return
        if isinstance(failure, int):
            self._send(failure, b"")
            return
        self._send(*self._route(body))

    def _route(self, body: bytes) -> tuple[int, bytes]:
        try:
            token = self.headers["Authorization"].removeprefix("Bearer ")
            caller = verify_token(token, KEYRING, audience=self.site.url, now=NOW)
        except NotAllowed as error:
            return _json(401, {"code": error.code, "reason": str(error)})
        if caller.jti in self.site.tokens:
            return _json(401, {"code": "not-allowed", "reason": "token used twice"})
        self.site.tokens.append(caller.jti)
        if self.site.refusal is not None:
            return _json(*self.site.refusal)
        name = f"_{self.command.lower()}_{self.path.split('/')[2].partition('?')[0]}"
        return getattr(self, name)(body)

    def _get_documents(self, _: bytes) -> tuple[int, bytes]:
        after = int(self.path.partition("after=")[2])
        later = [item for item in self.site.documents if item["sequence"] > after]
        return _json(200, {"documents": later[:100]})

    def _post_documents(self, body: bytes) -> tuple[int, bytes]:
        if body in self.site.received:
            return _json(409, {"code": "replayed", "reason": "already here"})
        self.site.received.append(body)
        return _json(201, {"digest": canonical.digest(body)})

    def _get_blobs(self, _: bytes) -> tuple[int, bytes]:
        blob = self.site.blobs.get(self.path.rsplit("/", 1)[1])
        return (200, blob) if blob is not None else _json(404, {"reason": "no such file"})

    def _put_blobs(self, body: bytes) -> tuple[int, bytes]:
        self.site.blobs[self.path.rsplit("/", 1)[1]] = body
        return 201, b""

    def _post_checkpoints(self, body: bytes) -> tuple[int, bytes]:
        self.site.shown.append(json.loads(body)["checkpoint"])
        return _json(200, {"checkpoint": self.site.checkpoint})

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _json(status: int, content: dict[str, object]) -> tuple[int, bytes]:
    return status, json.dumps(content).encode()
