"""Tries, from inside a sandbox, everything a job must not be able to do.

Runs as a program of its own, with the standard library alone: its only argument is a JSON object of
facts (addresses, paths, secrets that exist outside), its output a JSON object: for each control,
what the attempt obtained, or null when it was refused.
"""

import contextlib
import ctypes
import errno
import json
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

Facts = dict[str, object]

_DESCRIPTORS = 256
_NEW_USERS = 0x10000000
_REFUSALS = {errno.EPERM, errno.ENOSYS, errno.EAFNOSUPPORT}
_CAPABILITY_VERSION = 0x20080522
_NOTHING = (ctypes.c_long(-1),) * 6  # means nothing to any call: none takes effect
_libc = ctypes.CDLL(None, use_errno=True)


def _connect(family: int, address: tuple[str, int] | str) -> str | None:
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_STREAM) as attempt:
        attempt.settimeout(2)
        attempt.connect(address)
        return f"connected to {address}"
    return None


def _port(facts: Facts, name: str) -> int:
    return int(str(facts[name]))


def network_ipv4(facts: Facts) -> str | None:
    """Connect to a port that listens on this machine."""
    return _connect(socket.AF_INET, ("127.0.0.1", _port(facts, "port")))


def network_ipv6(facts: Facts) -> str | None:
    """Connect to a port that listens on this machine, by IPv6."""
    port = _port(facts, "port6")
    return _connect(socket.AF_INET6, ("::1", port)) if port else None


def network_abstract(facts: Facts) -> str | None:
    """Connect to an abstract Unix socket of this machine."""
    return _connect(socket.AF_UNIX, f"\0{facts['abstract']}")


def network_families(_facts: Facts) -> str | None:
    """Create sockets that talk to the kernel or to a hypervisor."""
    got = []
    for name in ("AF_INET", "AF_NETLINK", "AF_PACKET", "AF_VSOCK", "AF_ALG"):
        kind = socket.SOCK_SEQPACKET if name == "AF_ALG" else socket.SOCK_DGRAM
        with contextlib.suppress(OSError):
            socket.socket(getattr(socket, name), kind).close()
            got.append(name)
    return f"sockets made: {', '.join(got)}" if got else None


def name_resolution(_facts: Facts) -> str | None:
    """Resolve a name: a way out by itself."""
    with contextlib.suppress(OSError):
        return f"resolved: {len(socket.getaddrinfo('example.org', 443))} addresses"
    return None


def _read(path: str) -> str | None:
    with contextlib.suppress(OSError):
        Path(path).read_bytes()
        return f"read {path}"
    return None


def files_of_the_machine(facts: Facts) -> str | None:
    """Read files of this machine."""
    paths = [str(facts["secret_path"]), "/etc/shadow", "/etc/machine-id"]
    paths += [] if facts["own_kernel"] else ["/proc/mounts"]
    return next((got for got in map(_read, paths) if got), None)


def data_of_another_job(facts: Facts) -> str | None:
    """Read the data prepared for another project."""
    return _read(str(facts["other_data"]))


def environment_of_the_agent(facts: Facts) -> str | None:
    """Find a secret of the agent's environment."""
    secret = str(facts["secret"])
    if secret in os.environ.values():
        return "found in the environment"
    with contextlib.suppress(OSError):
        for path in Path("/proc").glob("[0-9]*/environ"):
            if secret.encode() in path.read_bytes():
                return f"found in {path}"
    return None


def _write(folder: str) -> str | None:
    path = Path(folder) / "written-by-the-probe"
    with contextlib.suppress(OSError):
        path.write_bytes(b"x")
        path.unlink()
        return f"wrote in {folder}"
    return None


def landlock(facts: Facts) -> str | None:
    """Read a file that is mounted for all, and that Landlock alone keeps away."""
    return _read("/etc/walled") if facts["landlock"] else None


def read_only_data(facts: Facts) -> str | None:
    """Write among the data, or change them."""
    path = str(facts["data_path"])
    with contextlib.suppress(OSError):
        Path(path).open("r+b").close()
        return f"opened {path} for writing"
    return _write(str(Path(path).parent))


def read_only_system(facts: Facts) -> str | None:
    """Write in the system or in the code."""
    folders = ["/", "/usr/lib", "/etc", "/opt", "/code"]
    folders += [] if facts["own_kernel"] else ["/dev"]
    return next((got for got in map(_write, folders) if got), None)


def kernel_settings(_facts: Facts) -> str | None:
    """Open a setting of the kernel for writing (nothing is written)."""
    for path in ("/proc/sys/kernel/core_pattern", "/proc/sys/vm/drop_caches"):
        with contextlib.suppress(OSError):
            os.close(os.open(path, os.O_WRONLY))
            return f"opened {path}"
    return None


def user_namespaces(_facts: Facts) -> str | None:
    """Become root of a namespace of one's own."""
    return "entered a user namespace" if _libc.unshare(_NEW_USERS) == 0 else None


def system_calls(facts: Facts) -> str | None:
    """Call what the filter refuses, with senseless arguments: any answer but a refusal is red."""
    calls = facts["calls"]
    reached = []
    for name, number in calls.items() if isinstance(calls, dict) else ():
        ctypes.set_errno(0)
        outcome = _libc.syscall(ctypes.c_long(number), *_NOTHING)
        if outcome != -1 or ctypes.get_errno() not in _REFUSALS:
            reached.append(name)
    return f"reached: {', '.join(reached)}" if reached else None


def capabilities(facts: Facts) -> str | None:
    """Hold any right of root."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    sets = (ctypes.c_uint32 * 6)()
    if _libc.syscall(ctypes.c_long(int(str(facts["capget"]))), header, sets) != 0:
        return "could not be read"
    return f"held: {list(sets)}" if any(sets) else None


def identity(facts: Facts) -> str | None:
    """Be root, but of a kernel of one's own where it is the job's own uid outside."""
    if facts["own_kernel"]:
        return None
    return "uid 0" if 0 in (os.getuid(), os.geteuid(), os.getgid()) else None


def inherited_descriptors(_facts: Facts) -> str | None:
    """Use a file that the agent had open."""
    extra = []
    for number in range(3, _DESCRIPTORS):
        with contextlib.suppress(OSError):
            os.fstat(number)
            extra.append(number)
    return f"open: {extra}" if extra else None


def other_processes(_facts: Facts) -> str | None:
    """Signal a process that is not one's own."""
    for number in (1, os.getppid()):
        with contextlib.suppress(OSError):
            if number > 1:
                os.kill(number, 0)
                return f"process {number} can be signalled"
    return None


CONTROLS: tuple[Callable[[Facts], str | None], ...] = (
    network_ipv4,
    network_ipv6,
    network_abstract,
    network_families,
    name_resolution,
    files_of_the_machine,
    data_of_another_job,
    environment_of_the_agent,
    landlock,
    read_only_data,
    read_only_system,
    kernel_settings,
    identity,
    capabilities,
    user_namespaces,
    system_calls,
    inherited_descriptors,
    other_processes,
)


def main() -> None:
    """Try every control and write what each attempt obtained."""
    facts = json.loads(sys.argv[1])
    outcome = {control.__name__: control(facts) for control in CONTROLS}
    sys.stdout.write(json.dumps(outcome))


if __name__ == "__main__":
    main()
