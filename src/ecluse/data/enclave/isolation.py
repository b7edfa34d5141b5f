"""The self-test of the sandbox: no job runs on a machine where one wall is missing."""

import functools
import json
import os
import secrets
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from ecluse.data.enclave import interpreter, probe, seccomp
from ecluse.data.enclave.limits import Limits
from ecluse.data.enclave.programs import walled
from ecluse.data.enclave.sandbox import LAST_UID, run
from ecluse.domain.errors import EcluseError, SandboxUnavailable

ENVIRONMENT_SECRET = "ECLUSE_PROBE_SECRET"  # noqa: S105 - the name of a variable
DAY_SECONDS = 24 * 3600
PROBE_LIMITS = Limits(processes=16, wall_seconds=60, cpu_seconds=30)
PROBING = 256
"""Programs that may test at the same time: the kernel counts processes by uid."""

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Control:
    """One wall: whether it held, and if not what came through."""

    name: str
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class IsolationReport:
    """What the self-test found, wall by wall; `landlock` is its version here, 0 for none."""

    controls: tuple[Control, ...]
    ceilings: str
    duration_ms: int
    landlock: int = 0

    @property
    def ok(self) -> bool:
        """Every wall held."""
        return bool(self.controls) and all(control.ok for control in self.controls)

    def broken(self) -> tuple[Control, ...]:
        """The walls that did not hold."""
        return tuple(control for control in self.controls if not control.ok)


def isolation_report(*, in_gvisor: bool = False) -> IsolationReport:
    """Run the probe in a sandbox, with real secrets and open ports outside, and say what held.

    With `in_gvisor`, in a kernel of its own: there it is root of nothing and reads its own tables.
    """
    with tempfile.TemporaryDirectory(prefix="ecluse-probe-") as name:
        try:
            return _probe(Path(name), in_gvisor=in_gvisor)
        except EcluseError as error:
            return IsolationReport((Control("sandbox", ok=False, detail=str(error)),), "none", 0)


def require_isolation(*, in_gvisor: bool = False) -> IsolationReport:
    """Pass if every wall holds; tested at the first job of a process, and again each day.

    A wall that is missing is not remembered: the next job tries again.

    Raises:
        SandboxUnavailable: a wall is missing; its name and what came through are in the message.
    """
    day = int(time.monotonic() // DAY_SECONDS)
    return _required(_BOOT_ID.read_text(encoding="ascii").strip(), day, in_gvisor)


def forget() -> None:
    """Have the next job test the walls again: the machine was changed."""
    _required.cache_clear()


@functools.lru_cache(maxsize=2)
def _required(boot_id: str, day: int, in_gvisor: bool) -> IsolationReport:  # noqa: ARG001, FBT001 - the key of the cache
    report = isolation_report(in_gvisor=in_gvisor)
    if not report.ok:
        faults = "; ".join(f"{control.name}: {control.detail}" for control in report.broken())
        raise SandboxUnavailable(
            f"Isolation cannot be proved here, so no job runs. {faults}. Mend this, then run "
            "`ecluse enclave check`."
        )
    return report


def _probe(folder: Path, *, in_gvisor: bool) -> IsolationReport:
    landlock = 0 if in_gvisor else walled.abi()
    with ExitStack() as stack:
        facts = stack.enter_context(_outside(folder))
        facts |= {"landlock": landlock, "own_kernel": in_gvisor}
        result = run(
            [interpreter.PYTHON, "/code/probe.py", json.dumps(facts)],
            data=folder / "data",
            code=folder / "code",
            limits=PROBE_LIMITS,
            uid=LAST_UID - os.getpid() % PROBING,
            work=folder / "work",
            in_gvisor=in_gvisor,
        )
    if result.exit_code != 0:
        raise SandboxUnavailable(f"The probe ended with code {result.exit_code}.")
    return IsolationReport(
        _controls(result.stdout_path.read_bytes(), landlock=landlock),
        result.ceilings,
        result.duration_ms,
        landlock,
    )


def _controls(words: bytes, *, landlock: int) -> tuple[Control, ...]:
    found: dict[str, str | None] = json.loads(words)
    expected = [control.__name__ for control in probe.CONTROLS]
    return tuple(
        Control(name.replace("_", "-"), ok=got is None, detail=got or _held(name, landlock))
        for name in expected
        for got in (found.get(name, "not tried"),)
    )


def _held(name: str, landlock: int) -> str:
    """Say of a wall that it held; of one that is not here, that the others stand alone."""
    is_absent = name == probe.landlock.__name__ and not landlock
    return "this kernel has none: the other walls stand alone" if is_absent else "refused"


@contextmanager
def _outside(folder: Path) -> Iterator[dict[str, object]]:
    """Set up, outside, everything that the probe will try to reach; yield where it is."""
    for name in ("data", "code", "other"):
        (folder / name).mkdir()
    (folder / "data" / "table.csv").write_text("person,value\n", encoding="utf-8")
    (folder / "other" / "table.csv").write_text("other project", encoding="utf-8")
    (folder / "secret").write_text("secret", encoding="utf-8")
    shutil.copyfile(probe.__file__, folder / "code" / "probe.py")
    secret, abstract = secrets.token_hex(8), f"ecluse-{secrets.token_hex(8)}"
    with ExitStack() as stack:
        port = stack.enter_context(_listening(socket.AF_INET, ("127.0.0.1", 0)))
        port6 = stack.enter_context(_listening(socket.AF_INET6, ("::1", 0)))
        stack.enter_context(_listening(socket.AF_UNIX, f"\0{abstract}"))
        stack.enter_context(_environment(ENVIRONMENT_SECRET, secret))
        stack.enter_context(_inheritable(folder / "secret"))
        yield {
            "port": port,
            "port6": port6,
            "abstract": abstract,
            "secret": secret,
            "secret_path": str(folder / "secret"),
            "other_data": str(folder / "other" / "table.csv"),
            "data_path": "/data/table.csv",
            "calls": seccomp.refused_numbers(),
            "capget": seccomp.capget_number(),
        }


@contextmanager
def _listening(family: int, address: tuple[str, int] | str) -> Iterator[int]:
    """Listen; yield the port, 0 where this machine has no such family."""
    try:
        server = socket.socket(family, socket.SOCK_STREAM)
        server.bind(address)
    except OSError:
        yield 0
        return
    with server:
        server.listen()
        yield server.getsockname()[1] if isinstance(address, tuple) else 0


@contextmanager
def _environment(name: str, value: str) -> Iterator[None]:
    os.environ[name] = value
    try:
        yield
    finally:
        del os.environ[name]


@contextmanager
def _inheritable(path: Path) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDONLY)
    os.set_inheritable(descriptor, True)  # noqa: FBT003 - positional only
    try:
        yield
    finally:
        os.close(descriptor)
