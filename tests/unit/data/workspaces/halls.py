"""A hall that runs in a thread, over a real zone and real notebooks, and a plain browser."""

import asyncio
import http.client
import json
import shutil
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import pytest

from ecluse.data.agent.standing import SignedStanding
from ecluse.data.agent.workshops import Workshop
from ecluse.data.workspaces.hall import Hall
from ecluse.data.workspaces.rooms import Plan
from ecluse.data.workspaces.serving import Address, serve
from ecluse.data.workspaces.sessions import COOKIE
from ecluse.domain.documents import Signer
from ecluse.trust.keys import Keyring
from ecluse.trust.passes import make_pass
from tests.unit.data.agent.worlds import World
from tests.unit.data.studies import NOW, PERMIT

NUMBER = PERMIT.permit_number
PERSON = PERMIT.persons[0].subject
LAB = f"/w/{NUMBER}/"

needs_notebook = pytest.mark.skipif(
    shutil.which("bwrap") is None or find_spec("jupyterlab") is None,
    reason="bubblewrap or JupyterLab is not installed on this machine",
)

websocket = pytest.importorskip("websocket", reason="JupyterLab is not installed here")

Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Clock:
    """The clock of the hall, which a test may set."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta) -> None:
        self.now += by


@dataclass
class Running:
    """The hall of a world, its address, its clock and what it wrote."""

    world: World
    hall: Hall
    port: int
    clock: Clock
    loop: asyncio.AbstractEventLoop
    told: list[dict[str, Any]] = field(default_factory=list)
    kernels: list["Kernel"] = field(default_factory=list)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def pass_for(self, subject: str = PERSON, number: str = NUMBER) -> str:
        """A pass of the checking room of this world."""
        key = self.world.keys[Signer.CHECKING_ROOM]
        return make_pass(key, subject=subject, permit_number=number, now=self.clock())

    def enter(self, subject: str = PERSON, number: str = NUMBER) -> str:
        """Enter and return the key of the session."""
        status, headers, body = self.ask("GET", f"/enter?pass={self.pass_for(subject, number)}")
        assert status == 200, body
        return headers["set-cookie"].partition(";")[0].partition("=")[2]

    def ask(
        self, method: str, path: str, *, key: str = "", body: bytes | None = None, **more: str
    ) -> Answer:
        """Ask as a page of the workspace does; `more` are headers, `_` for `-`, "" for none."""
        told = {"Origin": self.origin if method != "GET" else "", "Cookie": f"{COOKIE}={key}"}
        told |= {name.replace("_", "-"): value for name, value in more.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, body, {name: v for name, v in told.items() if v})
        response = connection.getresponse()
        answer = response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()
        connection.close()
        return answer

    def json(self, method: str, path: str, *, key: str, told: object = None) -> Any:
        """Ask the notebook's own interface and read what it answers."""
        body = None if told is None else json.dumps(told).encode()
        status, _, answer = self.ask(method, f"{LAB}{path}", key=key, body=body)
        assert status < 300, answer
        return json.loads(answer) if answer else None

    def kernel(self, key: str) -> "Kernel":
        """Start a kernel and open its channel through the door."""
        number = self.json("POST", "api/kernels", key=key, told={"name": "python3"})["id"]
        self.kernels.append(Kernel.open(self, number, key))
        return self.kernels[-1]

    def do(self, act: Callable[[], Any]) -> Any:
        """Run something of the hall in its own loop."""
        return asyncio.run_coroutine_threadsafe(act(), self.loop).result(60)


@dataclass
class Kernel:
    """The channel of one kernel."""

    socket: Any

    @classmethod
    def open(cls, running: Running, number: str, key: str) -> "Kernel":
        address = f"ws://127.0.0.1:{running.port}{LAB}api/kernels/{number}/channels"
        cookie, origin = f"{COOKIE}={key}", running.origin
        return cls(websocket.create_connection(address, cookie=cookie, origin=origin, timeout=40))

    def run(self, code: str) -> str:
        """Run a cell and return what it printed, or the name of its error."""
        asked, said = self.send(code), ""
        while True:
            message = json.loads(self.socket.recv())
            if message["parent_header"].get("msg_id") != asked:
                continue  # of an earlier cell, or of the kernel's start
            content = message["content"]
            if message["msg_type"] == "stream":
                said += content["text"]
            if message["msg_type"] == "error":
                said += content["ename"]
            if message["msg_type"] == "status" and content["execution_state"] == "idle":
                return said.strip()

    def send(self, code: str) -> str:
        """Send a cell; return the number by which its answers are known."""
        content = {"code": code, "silent": False, "store_history": False, "allow_stdin": False}
        header = {
            "msg_id": uuid.uuid4().hex,
            "msg_type": "execute_request",
            "username": "",
            "session": "1",
            "version": "5.3",
        }
        told = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
        self.socket.send(json.dumps({**told, "channel": "shell", "buffers": []}))
        return header["msg_id"]


def plan_of(world: World, **changes: Any) -> Callable[[str], Plan]:
    """With what the workspaces of this world are opened."""
    return lambda number: replace(Workshop(world.zone, number).plan(now=NOW), **changes)


@contextmanager
def running(world: World, **changes: Any) -> Iterator[Running]:
    """Run the hall of a world until the block ends."""
    clock, port, told = Clock(), _free_port(), cast(list[dict[str, Any]], [])

    def record(action: str, *, actor: str, subject: str, **details: str | int) -> None:
        told.append({"action": action, "actor": actor, "subject": subject, **details})

    hall = Hall(
        standing=SignedStanding(world.zone.state),
        plan=plan_of(world, **changes),
        keyring=lambda: Keyring.load(world.zone.keyring),
        record=record,
        clock=clock,
    )
    loop = asyncio.new_event_loop()
    stop, ready = asyncio.Event(), threading.Event()
    address = Address("127.0.0.1", port, f"http://127.0.0.1:{port}")
    work = serve(hall, address, stop, on_ready=ready.set)
    thread = threading.Thread(target=loop.run_until_complete, args=(work,))
    thread.start()
    assert ready.wait(20)
    try:
        made = Running(world, hall, port, clock, loop, told)
        yield made
    finally:
        for kernel in made.kernels:
            kernel.socket.shutdown()
        loop.call_soon_threadsafe(stop.set)
        thread.join(60)
        loop.close()


def granted(folder: Path) -> World:
    """A world whose permit is in force, with one extract of it."""
    world = World(folder)
    order = world.grant()
    world.step()
    world.send(order)
    world.step()
    return world


def eventually(test: Callable[[], bool], *, seconds: float) -> float:
    """Wait until something is true, and return how long that took."""
    began = time.monotonic()
    while not test():
        assert time.monotonic() - began < seconds, "it never came"
        time.sleep(0.05)
    return time.monotonic() - began


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return cast(int, server.getsockname()[1])
