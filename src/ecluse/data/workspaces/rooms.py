"""A workspace that runs, as the server that opened it holds it: by one socket to its stage."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from ecluse.data.enclave import interpreter
from ecluse.data.enclave.limits import Limits
from ecluse.data.enclave.orders import SandboxOrder, SealedData
from ecluse.data.enclave.sandbox import uid_for
from ecluse.data.workspaces import programs, stage
from ecluse.data.workspaces.orders import HOME, LIMITS, SEAL_SECONDS, StageOrder
from ecluse.domain.errors import JobFailed, NotFound, SandboxUnavailable

READY_SECONDS: Final = 60.0
ANSWER_SECONDS: Final = 60.0
POLL_SECONDS: Final = 0.05
MESSAGE_BYTES: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Plan:
    """What a workspace is opened with: its project, its sealed home, what it reads, its walls.

    `reads` are (sealed folder, where it is seen); `packages` a folder of the project's own. `work`
    is a new folder, for the logs and what is proposed; it stays inside the zone.
    """

    permit_number: str
    number: int
    home: SealedData
    work: Path
    reads: tuple[tuple[SealedData, str], ...] = ()
    packages: Path | None = None
    limits: Limits = LIMITS
    seal_seconds: float = SEAL_SECONDS

    @property
    def base(self) -> str:
        """The path under which browsers see it."""
        return base_of(self.permit_number)


def base_of(permit_number: str) -> str:
    """Return the path under which browsers see the workspace of a permit."""
    return f"/w/{permit_number}/"


@dataclass(slots=True)
class Workspace:
    """One workspace that runs. Use `open`, then `stop`; one caller at a time."""

    plan: Plan
    token: str = field(repr=False)
    stage: subprocess.Popen[bytes]
    control: socket.socket

    @classmethod
    def open(cls, plan: Plan) -> Self:
        """Start the workspace; its notebook answers a few seconds later.

        Raises:
            SandboxUnavailable: this machine cannot build the sandbox. Nothing was run.
            JobFailed: a sealed folder cannot be opened.
            SetupIncomplete: the notebook is not installed here.
        """
        plan.work.mkdir(mode=0o700, parents=True, exist_ok=True)
        (plan.work / "code").mkdir(mode=0o755, exist_ok=True)
        token = secrets.token_urlsafe(32)
        order = _order(plan, token)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            command = [sys.executable, "-I", "-m", "ecluse.data.workspaces.stage"]
            process = subprocess.Popen(  # noqa: S603 - our own program
                command, stdin=theirs.fileno(), env={}, start_new_session=True
            )
        ours.settimeout(ANSWER_SECONDS)
        opened = cls(plan, token, process, ours)
        ours.send(order.to_text().encode())
        try:
            opened._ask(None)
        except BaseException:
            opened.kill()
            raise
        return opened

    @property
    def is_running(self) -> bool:
        """Whether its stage still runs."""
        return self.stage.poll() is None

    def connect(self) -> socket.socket:
        """Return a connection to the notebook's server. Raises NotFound: it does not listen."""
        self.control.send(b"connect")
        data, descriptors, _flags, _address = socket.recv_fds(self.control, MESSAGE_BYTES, 1)
        if not descriptors:
            raise NotFound(f"The notebook of {self.plan.permit_number} does not listen: {data!r}.")
        return socket.socket(fileno=descriptors[0])

    def wait_ready(self, seconds: float = READY_SECONDS) -> None:
        """Wait until the notebook listens. Raises JobFailed: it ended, or never did."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.is_running:
            try:
                self.connect().close()
            except NotFound:
                time.sleep(POLL_SECONDS)
            except OSError:
                break
            else:
                return
        raise JobFailed(
            f"The notebook of {self.plan.permit_number} did not start: see its log in the zone."
        )

    def seal(self) -> Mapping[str, int]:
        """Seal what changed in the home; return the counts. Raises JobFailed."""
        return _counts(self._ask("seal"), "sealed")

    def propose(self) -> tuple[Path, int]:
        """Collect the outputs folder; return where it lies and how many entries were refused."""
        told = self._ask("propose")
        refused = told.get("refused")
        count = len(refused) if isinstance(refused, list) else 0
        return self.plan.work / str(told["proposed"]), count

    def memory_bytes(self) -> int:
        """Return what its processes hold in memory, pages shared by several counted once each."""
        return sum(_resident(number) for number in _descendants(self.stage.pid))

    def stop(self) -> None:
        """End the sandbox, seal the home, and wait for both."""
        try:
            self.control.send(b"stop")
            self.stage.wait(ANSWER_SECONDS)
        except (OSError, subprocess.TimeoutExpired):
            self.kill()
        self._clean()

    def kill(self) -> None:
        """End it at once; what was not sealed is lost."""
        self.stage.kill()
        self.stage.wait()
        self._clean()

    def _clean(self) -> None:
        self.control.close()
        shutil.rmtree(self.plan.work / "code", ignore_errors=True)

    def _ask(self, what: str | None) -> dict[str, object]:
        """Ask the stage and return its answer; None only waits for the first one."""
        try:
            if what is not None:
                self.control.send(what.encode())
            data = self.control.recv(MESSAGE_BYTES)
        except OSError as error:
            raise JobFailed(
                f"The workspace {self.plan.permit_number} does not answer: {error.strerror}."
            ) from None
        answer: dict[str, object] = json.loads(data) if data else {"failed": "it ended"}
        if "refused" in answer and "proposed" not in answer:
            raise JobFailed(f"The workspace cannot be opened: {answer['refused']}")
        if "failed" in answer:
            raise SandboxUnavailable(f"The workspace cannot be built here: {answer['failed']}.")
        return answer


def _order(plan: Plan, token: str) -> StageOrder:
    sandbox = SandboxOrder(
        bubblewrap=shutil.which("bwrap") or _no_bubblewrap(),
        command=("/opt/python/bin/python3", programs.LAB),
        binds=_binds(plan),
        covers=(),
        environment=_environment(plan),
        limits=plan.limits,
        uid=uid_for(plan.number),
        work=str(plan.work.resolve()),
    )
    return StageOrder(
        sandbox=sandbox,
        home=plan.home,
        token=token,
        reads=plan.reads,
        seal_seconds=plan.seal_seconds,
    )


def _no_bubblewrap() -> str:
    raise SandboxUnavailable(
        "bubblewrap is missing: install the package `bubblewrap`, then run `ecluse enclave check`."
    )


def _binds(plan: Plan) -> tuple[tuple[str, str], ...]:
    code = (str(plan.work / "code"), "/code")
    own = () if plan.packages is None else ((str(plan.packages), programs.PACKAGES),)
    return (code, *own, *programs.binds())


def _environment(plan: Plan) -> dict[str, str]:
    threads = str(plan.limits.threads)
    temporary = "/tmp"  # noqa: S108 - the sandbox's own
    return {
        "HOME": HOME,
        "TMPDIR": temporary,
        "PATH": "/opt/python/bin",
        "LD_LIBRARY_PATH": interpreter.library_path(),
        "PYTHONPATH": f"{programs.PACKAGES}:{interpreter.SITE}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONNOUSERSITE": "1",
        "PYTHONUTF8": "1",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "OMP_NUM_THREADS": threads,
        "OPENBLAS_NUM_THREADS": threads,
        "JUPYTER_RUNTIME_DIR": f"{temporary}/runtime",
        "JUPYTER_CONFIG_DIR": f"{temporary}/config",
        "JUPYTER_DATA_DIR": f"{temporary}/data",
        "IPYTHONDIR": f"{temporary}/ipython",
        "MPLCONFIGDIR": f"{temporary}/matplotlib",
        "ECLUSE_BASE": plan.base,
        "ECLUSE_SOCKET": stage.SOCKET,
        "ECLUSE_DATA": "/data",
        "ECLUSE_OUTPUTS": f"{HOME}/{stage.OUTPUTS}",
        "ECLUSE_THREADS": threads,
    }


def _counts(answer: Mapping[str, object], name: str) -> Mapping[str, int]:
    told = answer.get(name)
    return {key: int(value) for key, value in told.items()} if isinstance(told, dict) else {}


def _descendants(parent: int) -> list[int]:
    """Return a process and all that came from it, as the kernel knows them now."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            told = (folder / "stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        children.setdefault(int(told.rpartition(")")[2].split()[1]), []).append(int(folder.name))
    found, waiting = [], [parent]
    while waiting:
        found.append(waiting.pop())
        waiting += children.get(found[-1], [])
    return found


def _resident(number: int) -> int:
    try:
        told = Path(f"/proc/{number}/statm").read_text(encoding="ascii")
    except OSError:
        return 0
    return int(told.split()[1]) * os.sysconf("SC_PAGE_SIZE")
