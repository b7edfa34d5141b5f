"""A site that was taken over answers the agent with anything: the agent says so and goes on."""

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ecluse.data.agent import Agent
from ecluse.domain.documents import Signer
from ecluse.domain.errors import Malformed
from ecluse.trust.answers import MAX_ANSWER_BYTES
from ecluse.trust.journal import files
from ecluse.trust.journal.checkpoints import sign_checkpoint
from ecluse.trust.mailbox import HttpMailbox
from tests.unit.data.agent.worlds import World
from tests.unit.data.studies import NOW, PERMIT

DEEP = b'{"documents":' + b"[" * 200_000
BOMB = gzip.compress(bytes(MAX_ANSWER_BYTES + 1), compresslevel=1)
FARTHER_THAN_ANY_NUMBER = b'{"documents":[{"data":"x","sequence":9223372036854775808}]}'


class HostileSite(BaseHTTPRequestHandler):
    """Answers the same bytes to every request, and notes where it was asked."""

    status, body, encoding, location = 200, b"", "", ""
    asked: list[str]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(self.body)))
        self.send_header("Content-Encoding", self.encoding)
        self.send_header("Location", self.location)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Stay silent."""


@pytest.fixture
def site() -> Iterator[tuple[str, type[HostileSite]]]:
    """A site on a free port of this machine, and what it answers."""
    answers = type("Answers", (HostileSite,), {"asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), answers)
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", answers
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("body", "encoding", "said"),
    [
        (DEEP, "", "JSON"),
        (BOMB, "gzip", "answered more than"),
        (FARTHER_THAN_ANY_NUMBER, "", "without a number"),
        (b"<html>502 Bad Gateway</html>", "", "JSON"),
        (b'{"documents":[{"data":"\\ud800","sequence":-1}]}', "", "without a number"),
        (b"\xff\xfe", "", "JSON"),
    ],
    ids=["deep", "a bomb", "a number too far", "HTML", "half a character", "not text"],
)
def test_an_agent_survives_any_answer_and_hears_the_other_site(
    tmp_path: Path,
    site: tuple[str, type[HostileSite]],
    body: bytes,
    encoding: str,
    said: str,
) -> None:
    url, answers = site
    answers.body, answers.encoding = body, encoding
    world = World(tmp_path)
    key = world.keys[Signer.AGENT]
    world.post(world.sign(PERMIT), world.checking)

    with (
        HttpMailbox(url, key, clock=lambda: NOW, pause=lambda _: None) as hostile,
        Agent(
            world.zone, {"public": hostile, "checking": world.checking}, clock=lambda: NOW
        ) as agent,
    ):
        report = agent.step(NOW)

    assert report.done == 1
    assert report.unreachable is not None
    assert list(report.unreachable) == ["public"]
    assert said in report.unreachable["public"]


@pytest.mark.parametrize("status", [301, 401, 403, 404, 409, 418, 422, 429, 502])
def test_an_agent_survives_any_status_and_hears_the_other_site(
    tmp_path: Path, site: tuple[str, type[HostileSite]], status: int
) -> None:
    url, answers = site
    answers.status, answers.body = status, b"<html>Go away</html>"
    world = World(tmp_path)
    key = world.keys[Signer.AGENT]
    world.post(world.sign(PERMIT), world.checking)
    checkpoint = sign_checkpoint("ecluse/checking", 1, bytes(32), world.keys[Signer.CHECKING_ROOM])
    (world.checking.path / "in" / "checkpoint").write_text(checkpoint)

    with (
        HttpMailbox(url, key, clock=lambda: NOW, pause=lambda _: None) as hostile,
        Agent(
            world.zone, {"public": hostile, "checking": world.checking}, clock=lambda: NOW
        ) as agent,
    ):
        report = agent.step(NOW)

    assert (report.done, list(report.unreachable or {})) == (1, ["public"])
    journal = (world.zone.journal / files.ENTRIES).read_bytes()
    assert journal.count(b"checkpoint.witnessed") == 1


def test_a_redirection_is_not_followed_with_our_token(
    tmp_path: Path, site: tuple[str, type[HostileSite]]
) -> None:
    url, answers = site
    answers.status, answers.location = 307, f"{url}/elsewhere"
    world = World(tmp_path)

    with (
        HttpMailbox(url, world.keys[Signer.AGENT], clock=lambda: NOW) as hostile,
        pytest.raises(Malformed, match="307"),
    ):
        hostile.pull(0)

    assert answers.asked == ["/mailbox/documents?after=0"]
