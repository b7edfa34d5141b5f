"""A program of a vendor that answers on a socket, started inside the sandbox and ended with it.

It listens on the Unix socket that `ECLUSE_SOCKET` names, or, where its settings say
`listen = "loopback"`, on port `ECLUSE_PORT` of 127.0.0.1; it speaks HTTP: `GET /health` answers 200
once it is ready; `POST /predict` takes {"features": {…}} and answers {"prediction": …}, or
{"spans": [{"begin", "end", "label"}]}, or {"abstained": true}. No network is there: a program that
reaches for one is ended by the kernel, and the run says so.
"""

import contextlib
import functools
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from ecluse.data.enclave.programs import walled
from ecluse.data.evaluation.running import tripwire
from ecluse.data.evaluation.running.models import CaseTimedOut, Found
from ecluse.data.evaluation.running.plans import TEXT_CHARACTERS, AnswerKind, RunPlan
from ecluse.domain.errors import InvalidInput

SETTINGS: Final = "service.toml"
SOCKET: Final = "/tmp/ecluse-service.sock"  # noqa: S108 - the sandbox's own
PORT: Final = 8080
"""Free always: the network of a run holds nothing else."""
MOST_REPLY_BYTES: Final = 65_536
PAUSE_SECONDS: Final = 0.05
DATA: Final = Path("/data")
OUTPUTS: Final = Path("/outputs")
HEALTH: Final = "/health"
PREDICT: Final = "/predict"


class _OnSocket(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: str, *, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


@dataclass(frozen=True, slots=True)
class Settings:
    """What starts a service, and whether it listens on the loopback or on a Unix socket."""

    command: tuple[str, ...]
    loopback: bool = False


class ServiceModel:
    """A program that answers case by case."""

    def __init__(self, folder: Path, plan: RunPlan) -> None:
        """Start the program and wait until it is ready. Raises InvalidInput: it never was."""
        self.plan, self.version = plan, "service"
        self.settings = read_settings(folder)
        self.program = _start(folder, self.settings)
        deadline = time.monotonic() + plan.start_seconds
        while not self._is_ready():
            if self.program.poll() is not None or time.monotonic() > deadline:
                told = self.ended()
                self.close()
                raise InvalidInput(
                    f"The service did not answer {HEALTH} in {plan.start_seconds} s ({told})."
                )
            time.sleep(PAUSE_SECONDS)

    def answer(self, features: pa.Table) -> Found:
        """Return one answer a row, each asked alone; a case that fails is an exception."""
        return [self._ask(row) for row in features.to_pylist()]

    def close(self) -> None:
        """End the program and all that it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.program.pid, signal.SIGKILL)
        self.program.wait()

    @property
    def reached_out(self) -> bool:
        """Whether the program was ended because it reached for a network."""
        return self.program.poll() == -signal.SIGSYS

    def ended(self) -> str:
        """Return how the program is, in words of ours."""
        code = self.program.poll()
        if code is None:
            return "it runs"
        return "it reached for a network" if self.reached_out else f"it ended with code {code}"

    def _is_ready(self) -> bool:
        try:
            return self._call("GET", HEALTH, None)[0] == http.client.OK
        except (OSError, http.client.HTTPException, CaseTimedOut):
            return False

    def _ask(self, row: dict[str, Any]) -> object:
        given = {name: _plain(value) for name, value in row.items()}
        status, body = self._call("POST", PREDICT, json.dumps({"features": given}))
        if status != http.client.OK:
            raise InvalidInput(f"The service answered {status} to a case.")
        return _read(json.loads(body), self.plan)

    def _call(self, method: str, path: str, body: str | None) -> tuple[int, bytes]:
        connection = _connection(self.settings, timeout=self.plan.case_ms / 1000.0)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"})
            reply = connection.getresponse()
            data = reply.read(MOST_REPLY_BYTES + 1)
        except TimeoutError:
            raise CaseTimedOut from None
        finally:
            connection.close()
        if len(data) > MOST_REPLY_BYTES:
            raise InvalidInput(f"The service answered over {MOST_REPLY_BYTES} bytes to a case.")
        return reply.status, data


def _connection(settings: Settings, *, timeout: float) -> http.client.HTTPConnection:
    if settings.loopback:
        return http.client.HTTPConnection("127.0.0.1", PORT, timeout=timeout)
    return _OnSocket(SOCKET, timeout=timeout)


def _start(folder: Path, settings: Settings) -> subprocess.Popen[bytes]:
    program = str(folder / settings.command[0])
    head = [sys.executable, program] if program.endswith(".py") else [program]
    command = [*head, *settings.command[1:]]
    told = {"ECLUSE_SOCKET": SOCKET, "ECLUSE_PORT": str(PORT), "PYTHONPATH": _libraries(folder)}
    environment = {**os.environ, **told}
    return subprocess.Popen(  # noqa: S603 - a stranger's program, behind the walls of the enclave
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=functools.partial(_give_up, loopback=settings.loopback),  # noqa: PLW1509 - no thread was started yet
    )


def _give_up(*, loopback: bool) -> None:
    """Leave the program its own files, a scratch room and its socket: neither inputs nor outputs.

    It then sees of a case only what it is asked, and writes nothing that is taken out.
    """
    version = walled.abi()
    if version:
        seen = [place for place in walled.READ if place != str(DATA)]
        room = [place for place in walled.WRITE if place != str(OUTPUTS)]
        walled.restrict(version, read=seen, write=room, devices=walled.DEVICES, loopback=loopback)
    tripwire.lay(loopback=loopback)


def _libraries(folder: Path) -> str:
    return f"{folder}:{os.environ.get('PYTHONPATH', '')}"


def read_settings(folder: Path) -> Settings:
    """Return what `service.toml` says: the command, of which the first word is in the bundle.

    Raises:
        InvalidInput: there is no such file, or it names no program of the bundle.
    """
    try:
        told = tomllib.loads((folder / SETTINGS).read_text(encoding="utf-8"))
        words = tuple(str(word) for word in told["command"])
    except (OSError, KeyError, TypeError, ValueError):
        raise InvalidInput(f'{SETTINGS} names no command: write command = ["server.py"].') from None
    if not words or not (folder / words[0]).resolve().is_relative_to(folder.resolve()):
        raise InvalidInput(f"The command of {SETTINGS} is not a file of the bundle.")
    return Settings(words, loopback=told.get("listen") == "loopback")


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and value != value else value  # noqa: PLR0124 - NaN


def _read(told: Any, plan: RunPlan) -> object:
    """Return the answer that a reply holds. Raises whatever a reply of another shape makes."""
    if told.get("abstained") is True:
        return None
    if plan.answer.kind is AnswerKind.SPANS:
        ranks = {name: rank for rank, name in enumerate(plan.answer.classes)}
        return [
            (_place(one["begin"]), _place(one["end"]), ranks.get(one["label"], -1))
            for one in told["spans"]
        ]
    if plan.answer.kind is AnswerKind.CLASS:
        return plan.answer.classes.index(told["prediction"])
    return float(told["prediction"])


def _place(told: Any) -> int:
    """Return a place in a text. Raises ValueError: no text is so long."""
    if not 0 <= int(told) <= TEXT_CHARACTERS:
        raise ValueError("a place outside any text")
    return int(told)
