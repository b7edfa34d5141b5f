"""One run of bubblewrap, from its fork to its end, with a time limit and capped logs."""

import json
import os
import resource
import select
import signal
import time
from pathlib import Path
from typing import NamedTuple, NoReturn

from ecluse.data.enclave import gvisor, kernel, layout, seccomp
from ecluse.data.enclave.cgroups import ControlGroup
from ecluse.data.enclave.limits import Limits
from ecluse.data.enclave.logs import CappedLog
from ecluse.data.enclave.orders import SandboxOrder
from ecluse.domain.errors import EcluseError

GRACE_SECONDS = 5.0
SIGNALLED = 128  # a shell's way: 128 + the number of the signal that ended the program
_READ_BYTES = 1 << 16


class Ending(NamedTuple):
    """How the job ended; `exit_code` is None when bubblewrap never started it."""

    exit_code: int | None
    duration_ms: int
    timed_out: bool


class _Reports:
    """What bubblewrap says of the job it started: a few lines of JSON."""

    def __init__(self) -> None:
        self._data = b""

    def write(self, data: bytes) -> None:
        self._data += data

    def exit_code(self) -> int | None:
        lines = [json.loads(line) for line in self._data.splitlines() if line.strip()]
        return next((int(line["exit-code"]) for line in lines if "exit-code" in line), None)


def launch(
    order: SandboxOrder,
    arguments: list[str],
    *,
    identity: tuple[int, int],
    group: ControlGroup,
    logs: Path,
) -> Ending:
    """Run the job to its end, its output in `logs`/stdout and `logs`/stderr."""
    prepared = (
        gvisor.prepare(order, arguments, identity) if order.gvisor else layout.gathered(arguments)
    )
    readers, writers = zip(*(os.pipe() for _ in range(3)), strict=True)
    started = time.monotonic()
    child = os.fork()
    if child == 0:
        _become(order, prepared, identity=identity, group=group, writers=writers)
    for writer in writers:
        os.close(writer)
    cap = order.limits.log_bytes
    out, err = CappedLog(logs / "stdout", cap), CappedLog(logs / "stderr", cap)
    reports = _Reports()
    sinks = dict(zip(readers, (out, err, reports), strict=True))
    deadline = started + order.limits.wall_seconds
    timed_out = _copy_until_over(sinks, child, deadline=deadline, group=group)
    _, status = os.waitpid(child, 0)
    group.kill()
    _wait_for_all()
    out.close()
    err.close()
    duration_ms = round((time.monotonic() - started) * 1000)
    return Ending(_exit_code(order, reports, status), duration_ms, timed_out)


def _exit_code(order: SandboxOrder, reports: _Reports, status: int) -> int | None:
    told = reports.exit_code()
    if told is None and os.WIFSIGNALED(status):
        return SIGNALLED + os.WTERMSIG(status)
    if told is None and order.gvisor and os.WEXITSTATUS(status) != gvisor.BROKEN:
        return os.WEXITSTATUS(status)
    return told


def _copy_until_over(
    sinks: dict[int, CappedLog | _Reports], child: int, *, deadline: float, group: ControlGroup
) -> bool:
    """Copy each pipe to its sink until all are closed; return whether the time ran out."""
    poll = select.poll()
    for descriptor in sinks:
        poll.register(descriptor, select.POLLIN)
    waiting, timed_out = set(sinks), False
    while waiting:
        ready = poll.poll(max(0.0, deadline - time.monotonic()) * 1000)
        if not ready or (not timed_out and time.monotonic() >= deadline):
            timed_out, deadline = True, time.monotonic() + GRACE_SECONDS
            os.kill(child, signal.SIGKILL)
            group.kill()
        for descriptor, _ in ready:
            data = os.read(descriptor, _READ_BYTES)
            sinks[descriptor].write(data)
            if not data:
                poll.unregister(descriptor)
                os.close(descriptor)
                waiting.discard(descriptor)
    return timed_out


def _wait_for_all() -> None:
    """Wait for the last descendant: bwrap may end before what it started, all of it killed."""
    while True:
        try:
            os.wait()
        except ChildProcessError:
            return


def _become(
    order: SandboxOrder,
    arguments: list[str],
    *,
    identity: tuple[int, int],
    group: ControlGroup,
    writers: tuple[int, ...],
) -> NoReturn:
    """Turn this forked process into bubblewrap, as the job's uid, with an empty environment."""
    try:
        kernel.die_with_parent()
        group.join()
        os.setsid()
        out, err, reports = writers
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(out, 1)
        os.dup2(err, 2)
        os.set_inheritable(reports, True)  # noqa: FBT003 - positional only
        if order.gvisor:
            _drop(*identity)
            os.execve(order.gvisor, arguments, {})  # noqa: S606 - no shell is wanted
        _apply(order.limits)
        _drop(*identity)
        options = [
            "--json-status-fd",
            str(reports),
            "--seccomp",
            str(_filter(loopback=order.loopback)),
        ]
        command = ["bwrap", *arguments, *options, "--", *order.command]
        os.execve(order.bubblewrap, command, {})  # noqa: S606 - no shell is wanted
    except (EcluseError, OSError, ValueError) as error:
        os.write(2, f"{error}".encode())
    finally:
        # The copy of the stage must never go on as if it were the stage.
        os._exit(126)


def _filter(*, loopback: bool) -> int:
    reader, writer = os.pipe()
    os.write(writer, seccomp.program(loopback=loopback))
    os.close(writer)
    os.set_inheritable(reader, True)  # noqa: FBT003 - positional only
    return reader


def _drop(uid: int, gid: int) -> None:
    if os.getuid() == 0:
        os.setgroups([])
        os.setresgid(gid, gid, gid)
        os.setresuid(uid, uid, uid)
        # Changing identity cleared the wish to die with the parent.
        kernel.die_with_parent()
    kernel.renounce_privileges()


def _apply(limits: Limits) -> None:
    ceilings = {
        resource.RLIMIT_AS: limits.memory_bytes,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: limits.cpu_seconds,
        resource.RLIMIT_FSIZE: max(limits.output_bytes, limits.scratch_bytes),
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_NOFILE: limits.open_files,
        resource.RLIMIT_NPROC: limits.processes,
    }
    for name, value in ceilings.items():
        _, highest = resource.getrlimit(name)
        ceiling = value if highest == resource.RLIM_INFINITY else min(value, highest)
        resource.setrlimit(name, (ceiling, ceiling))
