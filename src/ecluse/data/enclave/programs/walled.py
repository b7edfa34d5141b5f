"""Landlock: what a job may open, refused by the kernel itself, whatever is mounted around it.

Run as `walled.py [--loopback] COMMAND…` inside the sandbox, where mounts can no more be changed:
this process gives up all but the places below, for good, then becomes the command. The standard
library alone.
Network and other processes are given up too, where the kernel has the words for it.

Source: https://docs.kernel.org/userspace-api/landlock.html (ABI 1 to 7).
"""

import ctypes
import os
import struct
import sys
from collections.abc import Iterable, Iterator

READ = (
    *("/usr", "/lib", "/lib64", "/opt", "/data", "/code", "/inputs"),
    *("/etc/passwd", "/etc/group", "/etc/hosts", "/etc/nsswitch.conf", "/etc/localtime"),
)
WRITE = ("/outputs", "/tmp", "/dev/shm")  # noqa: S108 - the sandbox's own
DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")

LOOPBACK = "--loopback"
"""Leaves the network to the namespace, which holds this job alone."""

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446
_ASK_VERSION = 1
_PATH_BENEATH = 1
_NO_NEW_PRIVILEGES = 38

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_MAKE_CHARACTER, _MAKE_BLOCK = 1 << 6, 1 << 11
_TRUNCATE, _IOCTL = 1 << 14, 1 << 15
_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL
_READING = _EXECUTE | _READ_FILE | _READ_DIR
_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
"""The rights over files that a version of the interface knows, from the version named."""
_NETWORK_FROM, _NETWORK = 4, 0b11
_SCOPES_FROM, _SCOPES = 6, 0b11

_libc = ctypes.CDLL(None, use_errno=True)


def abi() -> int:
    """Return the version of Landlock that this kernel has; 0 for none."""
    found = _libc.syscall(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(_ASK_VERSION))
    return max(0, int(found))


def restrict(
    version: int,
    *,
    read: Iterable[str],
    write: Iterable[str],
    devices: Iterable[str] = (),
    loopback: bool = False,
) -> None:
    """Give up, in this thread and all it will start, every file but those under some places.

    Places that are not there are passed over. The network is given up too, but for `loopback`.

    Raises:
        OSError: the kernel refuses.
    """
    handled = next(rights for since, rights in reversed(_RIGHTS.items()) if since <= version)
    told = struct.pack("=Q", handled)
    told += struct.pack("=Q", 0 if loopback else _NETWORK) if version >= _NETWORK_FROM else b""
    told += struct.pack("=Q", _SCOPES) if version >= _SCOPES_FROM else b""
    ruleset = _call(_CREATE, told, ctypes.c_size_t(len(told)), ctypes.c_uint32(0))
    try:
        writing = handled & ~(_EXECUTE | _MAKE_CHARACTER | _MAKE_BLOCK)
        for place, rights in (
            *((one, handled & _READING) for one in read),
            *((one, writing) for one in write),
            *((one, handled & (_READ_FILE | _WRITE_FILE)) for one in devices),
        ):
            _allow(ruleset, place, rights)
        _libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        _call(_RESTRICT, ctypes.c_int(ruleset), ctypes.c_uint32(0))
    finally:
        os.close(ruleset)


def _allow(ruleset: int, place: str, rights: int) -> None:
    for descriptor in _opened(place):
        allowed = rights if os.path.isdir(place) else rights & _FILES  # noqa: PTH112 - loads nothing more
        rule = struct.pack("=Qi", allowed, descriptor)
        _call(_ADD_RULE, ctypes.c_int(ruleset), ctypes.c_int(_PATH_BENEATH), rule, 0)


def _opened(place: str) -> Iterator[int]:
    try:
        descriptor = os.open(place, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _call(number: int, *arguments: object) -> int:
    answer = int(_libc.syscall(ctypes.c_long(number), *arguments))
    if answer < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"Landlock: {os.strerror(error)}")
    return answer


def main() -> None:
    """Give up what a job does not need, then become the command."""
    loopback = sys.argv[1] == LOOPBACK
    command = sys.argv[2:] if loopback else sys.argv[1:]
    version = abi()
    if version:
        restrict(version, read=READ, write=WRITE, devices=DEVICES, loopback=loopback)
    os.execv(command[0], command)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main()
