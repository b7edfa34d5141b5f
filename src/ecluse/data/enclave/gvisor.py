"""A second wall around a job: gVisor, a kernel in user space, in place of bubblewrap.

What bubblewrap would be told is told to `runsc` as an OCI bundle: the same places, the same
environment, the same refused calls. The machine's own kernel then sees the calls of gVisor alone.
Landlock is not in it. Measured on one busy machine of two cores: 0.3 s more to start a job.
"""

import json
import os
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from ecluse.data.enclave import layout, seccomp
from ecluse.data.enclave.limits import MIB, Limits
from ecluse.data.enclave.orders import SandboxOrder

FOLDER: Final = layout.STAGE / "gvisor"
OWN_THREADS: Final = 512
OWN_BYTES: Final = 512 * MIB
BROKEN: Final = 128
"""The exit code of runsc when it could not start the job."""
_PAIRS: Final = {"--ro-bind": "ro", "--bind": "rw"}
_AF_UNIX: Final = 1
_NEW_NAMESPACES: Final = tuple(1 << bit for bit in (17, 25, 26, 27, 28, 29, 30))


def find() -> str | None:
    """Return where runsc is on this machine; None where it is not."""
    return shutil.which("runsc")


def ceilings(limits: Limits) -> Limits:
    """Return the ceilings of a job with those of gVisor around it: its threads, its own memory."""
    return replace(
        limits,
        processes=limits.processes + OWN_THREADS,
        memory_bytes=limits.memory_bytes + OWN_BYTES,
    )


def prepare(order: SandboxOrder, arguments: Sequence[str], owner: tuple[int, int]) -> list[str]:
    """Write the bundle of a job on the stage; return the command that runs it.

    `arguments` are those of bubblewrap, whose places exist on the stage.
    """
    told = list(layout.told(arguments))
    root = FOLDER / "root"
    for place in (FOLDER, root, FOLDER / "state"):
        place.mkdir(mode=0o755)
    os.chown(FOLDER / "state", *owner)
    for option, values in told:
        if option == "--symlink":
            (root / values[1].lstrip("/")).symlink_to(values[0])
        elif option in _PAIRS:
            _make_room(root, Path(values[0]), values[1])
    (FOLDER / "config.json").write_text(json.dumps(_bundle(order, told)), encoding="utf-8")
    return [
        "runsc",
        *("--rootless", "--network=none", "--ignore-cgroups", "--oci-seccomp"),
        f"--root={FOLDER / 'state'}",
        # Jobs side by side share the names of runsc's own sockets: each has one of its own.
        *("run", f"--bundle={FOLDER}", f"job-{secrets.token_hex(8)}"),
    ]


def _make_room(root: Path, source: Path, target: str) -> None:
    place = root / target.lstrip("/")
    place.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        place.mkdir(exist_ok=True)
    else:
        place.touch()


def _bundle(order: SandboxOrder, told: list[tuple[str, list[str]]]) -> dict[str, Any]:
    mounts = [
        {
            "destination": values[1],
            "type": "bind",
            "source": values[0],
            "options": ["rbind", _PAIRS[option], "nosuid", "nodev", *_no_programs(values[1])],
        }
        for option, values in told
        if option in _PAIRS
    ]
    limits = order.limits
    ceilings = {
        "RLIMIT_AS": limits.memory_bytes,
        "RLIMIT_CPU": limits.cpu_seconds,
        "RLIMIT_NOFILE": limits.open_files,
        "RLIMIT_FSIZE": max(limits.output_bytes, limits.scratch_bytes),
    }
    return {
        "ociVersion": "1.0.0",
        "process": {
            "terminal": False,
            # The one identity that runsc knows without root's help: outside, the job's own uid.
            "user": {"uid": 0, "gid": 0},
            "args": list(order.command),
            "env": [f"{name}={value}" for name, value in order.environment.items()],
            "cwd": "/code",
            "noNewPrivileges": True,
            "capabilities": {},
            "rlimits": [
                {"type": name, "soft": value, "hard": value} for name, value in ceilings.items()
            ],
        },
        # Its owner is not the user inside: nothing is written there, without mounting it again,
        # which the kernel refuses of a place whose flags are locked.
        "root": {"path": str(FOLDER / "root"), "readonly": False},
        "hostname": "enclave",
        "mounts": mounts,
        "linux": {
            "namespaces": [{"type": name} for name in ("pid", "network", "ipc", "uts", "mount")],
            "seccomp": _filter(),
        },
    }


def _no_programs(target: str) -> list[str]:
    """What the stage holds in memory is without programs, and must be shown so."""
    return [] if target.startswith(("/usr", "/lib", "/opt")) else ["noexec"]


def _filter() -> dict[str, Any]:
    """Say in the words of OCI what `seccomp` says in those of the kernel.

    But for `clone3`: runsc answers EPERM whatever is asked (measured), where libraries wait for
    ENOSYS to fall back on `clone`; a namespace made by it is one of gVisor's own kernel.
    """
    refused = [name for name, number in seccomp.refused_numbers().items() if number is not None]
    families = {"index": 0, "value": _AF_UNIX, "op": "SCMP_CMP_NE"}
    rules: list[dict[str, Any]] = [
        {"names": refused, "action": "SCMP_ACT_ERRNO", "errnoRet": 1},
    ]
    rules += [
        {"names": [name], "action": "SCMP_ACT_ERRNO", "errnoRet": 97, "args": [families]}
        for name in ("socket", "socketpair")
    ]
    rules += [
        {
            "names": ["clone"],
            "action": "SCMP_ACT_ERRNO",
            "errnoRet": 1,
            "args": [{"index": 0, "value": flag, "valueTwo": flag, "op": "SCMP_CMP_MASKED_EQ"}],
        }
        for flag in _NEW_NAMESPACES
    ]
    return {
        "defaultAction": "SCMP_ACT_ALLOW",
        "architectures": ["SCMP_ARCH_X86_64"],
        "syscalls": rules,
    }
