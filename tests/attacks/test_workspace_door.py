"""Somebody tries the door of the workspaces: routes, cookies, headers, passes, sockets.

Numbers A03, A49, A60 are those of the project's list of attacks.
"""

import json
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from ecluse.data.workspaces.sessions import COOKIE
from ecluse.domain.documents import Signer
from ecluse.trust.passes import make_pass
from ecluse.trust.tokens import make_token
from tests.unit.data.studies import NOW
from tests.unit.data.workspaces.halls import (
    LAB,
    NUMBER,
    PERSON,
    Running,
    granted,
    needs_notebook,
    running,
    websocket,
)

pytestmark = needs_notebook


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(granted(tmp_path_factory.mktemp("world"))) as hall:
        yield hall


def raw(live: Running, text: str) -> bytes:
    """What the door answers to these very bytes."""
    with socket.create_connection(("127.0.0.1", live.port), timeout=10) as connection:
        connection.sendall(text.encode("latin-1"))
        connection.shutdown(socket.SHUT_WR)
        pieces = iter(lambda: connection.recv(65536), b"")
        return b"".join(pieces)


def written(live: Running, key: str, name: str = "secret.txt") -> None:
    told = {"type": "file", "format": "text", "content": "person;value\n"}
    live.json("PUT", f"api/contents/{name}", key=key, told=told)


@pytest.mark.parametrize(
    "path",
    [
        "files/secret.txt",
        "files/secret.txt?download=1",
        "nbconvert/html/secret.ipynb?download=true",
        "api/nbconvert/html",
        "view/secret.txt",
        "terminals/1",
        "api/terminals",
        "terminals/websocket/1",
        "lab/api/extensions",
        "api/shutdown",
        "login",
        "edit/secret.txt",
        "tree",
        "doc/tree/secret.txt",
        "proxy/8888/",
    ],
)
def test_a_way_to_save_a_file_is_refused_at_the_door(live: Running, path: str) -> None:
    key = live.enter()
    written(live, key)

    status, _, body = live.ask("GET", f"{LAB}{path}", key=key)

    assert status == 403
    assert b"person;value" not in body


@pytest.mark.parametrize(
    "path",
    [
        "lab/../files/secret.txt",
        "lab/%2e%2e/files/secret.txt",
        "lab/%252e%252e/files/secret.txt",
        "static/..%2ffiles/secret.txt",
        "static/%2e%2e%2ffiles%2fsecret.txt",
        "lab//files/secret.txt",
        "lab/tree/..;/files/secret.txt",
        "lab\\..\\files\\secret.txt",
        "%66iles/secret.txt",
        "FILES/secret.txt",
        "files%00/secret.txt",
        "lab/tree/%0d%0aX:1",
        "./files/secret.txt",
    ],
)
def test_a_path_that_can_be_read_in_two_ways_saves_nothing(live: Running, path: str) -> None:
    key = live.enter()
    written(live, key)

    answer = raw(
        live,
        f"GET {LAB}{path} HTTP/1.1\r\nHost: 127.0.0.1:{live.port}\r\n"
        f"Cookie: {COOKIE}={key}\r\nConnection: close\r\n\r\n",
    )

    assert b" 200 " not in answer.partition(b"\r\n")[0]
    assert b"person;value" not in answer


def test_a_binary_file_is_neither_shown_nor_put_by_the_browser(live: Running) -> None:
    key = live.enter()
    kernel = live.kernel(key)
    kernel.run("open('rows.bin', 'wb').write(bytes(range(256))); print('ok')")
    told = json.dumps({"type": "file", "format": "base64", "content": "AAEC"}).encode()

    shown = live.ask("GET", f"{LAB}api/contents/rows.bin?content=1", key=key)
    put = live.ask("PUT", f"{LAB}api/contents/tool.bin", key=key, body=told)
    piece = json.dumps({"type": "file", "format": "text", "content": "a", "chunk": 1}).encode()
    chunk = live.ask("PUT", f"{LAB}api/contents/big.csv", key=key, body=piece)

    assert [shown[0], put[0], chunk[0]] == [403, 403, 403]


def test_nobody_enters_without_a_pass_or_with_one_used_or_old_or_of_another_signer(
    live: Running,
) -> None:
    used = live.pass_for()
    live.ask("GET", f"/enter?pass={used}")
    old = make_pass(
        live.world.keys[Signer.CHECKING_ROOM],
        subject=PERSON,
        permit_number=NUMBER,
        now=NOW - timedelta(minutes=2),
    )
    agents = make_token(live.world.keys[Signer.AGENT], audience="ecluse-workspaces", now=NOW)
    portal = make_pass(
        live.world.keys[Signer.PORTAL], subject=PERSON, permit_number=NUMBER, now=NOW
    )
    altered = live.pass_for()[:-4] + "AAAA"

    tried = ["", used, old, agents, portal, altered]

    assert [live.ask("GET", f"/enter?pass={one}")[0] for one in tried] == [403] * 6


def test_a_person_whom_the_permit_does_not_name_stays_outside(live: Running) -> None:
    stranger = live.pass_for("someone@else.example")
    unknown = live.pass_for(PERSON, "FR-2026-9999")

    assert live.ask("GET", f"/enter?pass={stranger}")[0] == 403
    assert live.ask("GET", f"/enter?pass={unknown}")[0] == 403


def test_another_project_s_address_is_not_opened_by_this_one_s_cookie(live: Running) -> None:
    key = live.enter()

    assert live.ask("GET", "/w/FR-2026-0002/lab", key=key)[0] == 403
    assert live.ask("GET", "/", key=key)[0] == 403


def test_two_cookies_or_a_foreign_one_open_nothing(live: Running) -> None:
    key = live.enter()
    twice = f"{COOKIE}=wrong; {COOKIE}={key}"

    assert live.ask("GET", f"{LAB}api/status", Cookie=twice)[0] == 403
    assert live.ask("GET", f"{LAB}api/status", Cookie=f"x{COOKIE}={key}")[0] == 403
    assert live.ask("GET", f"{LAB}api/status", key=key[:-1])[0] == 403


def test_a49_a_cookie_sent_by_another_site_s_page_asks_nothing(live: Running) -> None:
    """A49: the request of a hostile page, which the browser marks."""
    key = live.enter()
    evil = "https://evil.example"

    assert live.ask("POST", f"{LAB}api/kernels", key=key, body=b"{}", Origin=evil)[0] == 403
    assert live.ask("POST", f"{LAB}api/kernels", key=key, body=b"{}", Origin="")[0] == 403
    assert live.ask("GET", f"{LAB}api/status", key=key, Sec_Fetch_Site="cross-site")[0] == 403
    assert live.ask("GET", f"{LAB}api/status", key=key, Host="evil.example")[0] == 403


def test_a_channel_opened_from_another_site_or_without_a_cookie_is_refused(live: Running) -> None:
    key = live.enter()
    kernel = live.json("POST", "api/kernels", key=key, told={"name": "python3"})["id"]
    address = f"ws://127.0.0.1:{live.port}{LAB}api/kernels/{kernel}/channels"
    cookie = f"{COOKIE}={key}"

    with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
        websocket.create_connection(address, cookie=cookie, origin="https://evil.example")
    with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
        websocket.create_connection(address, origin=live.origin)


@pytest.mark.parametrize(
    "framing",
    [
        "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}",
        "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "Content-Length: +2\r\n\r\n{}",
        " X: folded\r\nContent-Length: 2\r\n\r\n{}",
    ],
)
def test_a_request_with_two_ends_hides_no_other_request(live: Running, framing: str) -> None:
    key = live.enter()
    hidden = f"GET {LAB}files/secret.txt HTTP/1.1\r\nHost: localhost\r\n\r\n"

    answer = raw(
        live,
        f"POST {LAB}api/kernels HTTP/1.1\r\nHost: 127.0.0.1:{live.port}\r\n"
        f"Origin: {live.origin}\r\nCookie: {COOKIE}={key}\r\n{framing}{hidden}",
    )

    assert answer.count(b"HTTP/1.1 200") == 0
    assert b"person;value" not in answer


def test_what_the_browser_says_of_itself_never_reaches_the_notebook(live: Running) -> None:
    """The notebook server is the enemy here: a kernel listens in its place."""
    key = live.enter()
    kernel = live.kernel(key)
    kernel.run(
        "import os, socket, threading\n"
        "os.rename('/run/lab/lab.sock', '/run/lab/old.sock')\n"
        "server = socket.socket(socket.AF_UNIX)\n"
        "server.bind('/run/lab/lab.sock'); server.listen()\n"
        "heard = []\n"
        "def hear():\n"
        "    connection, _ = server.accept()\n"
        "    heard.append(connection.recv(65536).decode())\n"
        "    page = 'HTTP/1.1 200 OK\\r\\nContent-Type: text/html\\r\\nSet-Cookie: a=b\\r\\n'\n"
        "    connection.sendall((page + 'Content-Length: 2\\r\\n\\r\\nhi').encode())\n"
        "thread = threading.Thread(target=hear); thread.start()\n"
        "print('ok')"
    )

    _, told, _ = live.ask(
        "GET",
        f"{LAB}lab",
        Cookie=f"{COOKIE}={key}; ecluse_checking_session=of-the-site",
        X_Forwarded_For="1.2.3.4",
        Authorization="Bearer mine",
    )
    heard = kernel.run("thread.join(); print(heard[0])").lower()
    kernel.run("server.close(); os.rename('/run/lab/old.sock', '/run/lab/lab.sock'); print('ok')")

    assert "cookie" not in heard
    assert "bearer mine" not in heard
    assert "x-forwarded-for" not in heard
    assert "set-cookie" not in told


@pytest.mark.parametrize(
    "headers",
    [
        "Content-Type: application/octet-stream",
        "Content-Type: text/plain\\r\\nContent-Disposition: attachment; filename=rows.csv",
        "Content-Type: text/html\\r\\nLocation: https://evil.example/?rows",
        "Content-Type: application/zip",
    ],
)
def test_a_notebook_server_of_the_enemy_s_own_saves_nothing_through_the_door(
    live: Running, headers: str
) -> None:
    key = live.enter()
    kernel = live.kernel(key)
    kernel.run(
        "import os, socket, threading\n"
        "os.rename('/run/lab/lab.sock', '/run/lab/old.sock')\n"
        "server = socket.socket(socket.AF_UNIX)\n"
        "server.bind('/run/lab/lab.sock'); server.listen()\n"
        "def hear():\n"
        "    connection, _ = server.accept()\n"
        "    connection.recv(65536)\n"
        f"    connection.sendall(b'HTTP/1.1 200 OK\\r\\n{headers}\\r\\n\\r\\nperson;value')\n"
        "    connection.close()\n"
        "thread = threading.Thread(target=hear); thread.start()\n"
        "print('ok')"
    )

    status, _, body = live.ask("GET", f"{LAB}lab", key=key)
    kernel.run("server.close(); os.rename('/run/lab/old.sock', '/run/lab/lab.sock'); print('ok')")

    assert status == 403
    assert b"person;value" not in body


def test_a03_a_link_in_place_of_the_socket_leads_nowhere(live: Running, tmp_path: Path) -> None:
    """A03: the stage, which has more rights, must not be led to a socket of the machine."""
    key = live.enter()
    kernel = live.kernel(key)
    with socket.socket(socket.AF_UNIX) as other:
        place = str(tmp_path / "other.sock")
        other.bind(place)
        other.listen()
        kernel.run(
            "import os\n"
            "os.rename('/run/lab/lab.sock', '/run/lab/old.sock')\n"
            f"os.symlink({place!r}, '/run/lab/lab.sock'); print('ok')"
        )
        status, _, _ = live.ask("GET", f"{LAB}lab", key=key)
        other.setblocking(False)
        kernel.run(
            "os.unlink('/run/lab/lab.sock')\n"
            "os.rename('/run/lab/old.sock', '/run/lab/lab.sock'); print('ok')"
        )
        with pytest.raises(BlockingIOError):
            other.accept()

    assert status == 404


def test_a60_a_permit_that_ends_ends_the_live_session_and_its_open_channel(live: Running) -> None:
    """A60."""
    key = live.enter()
    kernel = live.kernel(key)
    live.clock.advance(timedelta(days=3650))

    status = live.ask("GET", f"{LAB}api/status", key=key)[0]
    with pytest.raises((websocket.WebSocketException, OSError)):
        kernel.run("print('still here')")
    live.clock.now = NOW

    assert status == 403


def test_the_page_tells_the_browser_to_save_nothing_and_to_keep_the_clipboard(
    live: Running,
) -> None:
    _, told, _ = live.ask("GET", f"{LAB}lab", key=live.enter())

    assert "allow-downloads" not in told["content-security-policy"]
    assert "allow-modals" not in told["content-security-policy"]
    assert "sandbox allow-scripts" in told["content-security-policy"]
    assert "connect-src 'self'" in told["content-security-policy"]
    assert "clipboard-write=()" in told["permissions-policy"]
