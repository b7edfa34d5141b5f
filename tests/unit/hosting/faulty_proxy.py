"""A network between us and a store that fails in one way, as often as a seed says."""

import http.client
import random
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

LATE_SECONDS = 0.05
SLOW_PIECES = 8
RST = struct.pack("ii", 1, 0)


class Failure(StrEnum):
    """One way to fail."""

    LATE = "late"
    UNAVAILABLE = "answers 503"
    INTERNAL = "answers 500"
    RESET_BEFORE = "reset before the request arrives"
    RESET_AFTER = "reset after the request was obeyed"
    CUT = "body cut short"
    WRONG = "one bit of the body changed"
    SLOW = "body in drops"
    STALE = "head of before"


NO_BODY_CHANGE = frozenset({Failure.LATE, Failure.SLOW})


@dataclass
class Network:
    """What happened: requests, and those that failed. `store` is the endpoint behind."""

    store: str
    failure: Failure
    share: float
    seed: int
    requests: int = 0
    failures: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    draws: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.draws = random.Random(self.seed)  # noqa: S311 — which request fails, not a secret

    def fails(self) -> bool:
        with self.lock:
            self.requests += 1
            struck = self.draws.random() < self.share
            self.failures += struck
            return struck

    def place(self, size: int) -> int:
        with self.lock:
            return self.draws.randrange(size)


@contextmanager
def proxied(network: Network) -> Iterator[str]:
    """Give the endpoint of a proxy to `network.store`."""

    class Bound(_Passing):
        net = network

    server = ThreadingHTTPServer(("127.0.0.1", 0), Bound)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Passing(BaseHTTPRequestHandler):
    net: Network
    protocol_version = "HTTP/1.1"

    def _pass(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        failure = self.net.failure if self.net.fails() else None
        if failure is Failure.RESET_BEFORE:
            self._reset()
        elif failure in (Failure.UNAVAILABLE, Failure.INTERNAL):
            self._answer(503 if failure is Failure.UNAVAILABLE else 500, {}, b"")
        elif failure is Failure.STALE and self._asks_what_is_there():
            self._answer(404, {}, b"")
        else:
            status, headers, data = self._forward(body)
            self._give_back(failure, status, headers, data)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _pass  # noqa: N815 — the server's names

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _asks_what_is_there(self) -> bool:
        return self.command == "HEAD"

    def _forward(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        to = http.client.HTTPConnection(urlsplit(self.net.store).netloc, timeout=60)
        to.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            to.putheader(name, value)
        to.endheaders(body)
        answer = to.getresponse()
        data = answer.read()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        to.close()
        return answer.status, headers, data

    def _give_back(
        self, failure: Failure | None, status: int, headers: dict[str, str], data: bytes
    ) -> None:
        if failure is Failure.RESET_AFTER:
            self._reset()
            return
        if failure is Failure.LATE:
            time.sleep(LATE_SECONDS)
        is_object = self.command == "GET" and "?" not in self.path and bool(data)
        if failure is Failure.WRONG and is_object:
            place = self.net.place(len(data))
            data = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        cut = len(data) // 2 if failure is Failure.CUT and data else None
        self._answer(status, headers, data, cut=cut, is_slow=failure is Failure.SLOW)

    def _answer(
        self,
        status: int,
        headers: dict[str, str],
        data: bytes,
        *,
        cut: int | None = None,
        is_slow: bool = False,
    ) -> None:
        self.send_response_only(status)
        kept = {"etag", "content-type", "last-modified", "content-range", "accept-ranges"}
        for name, value in headers.items():
            if name in kept or name.startswith("x-amz"):
                self.send_header(name, value)
        length = headers.get("content-length", "0") if self.command == "HEAD" else str(len(data))
        self.send_header("content-length", length)
        self.end_headers()
        if self.command == "HEAD":
            return
        if cut is not None:
            self.wfile.write(data[:cut])
            self._reset()
            return
        step = max(1, len(data) // SLOW_PIECES) if is_slow else max(1, len(data))
        for start in range(0, len(data), step):
            self.wfile.write(data[start : start + step])
            time.sleep(LATE_SECONDS * is_slow)

    def _reset(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RST)
        self.connection.close()
