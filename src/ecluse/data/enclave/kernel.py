"""The few Linux calls that Python 3.11 does not offer: namespaces, mounts, process attributes."""

import ctypes
import os
from pathlib import Path

NEW_MOUNTS = 0x00020000
NEW_USERS = 0x10000000

READ_ONLY = 0x1
NO_SETUID = 0x2
NO_DEVICES = 0x4
NO_EXECUTION = 0x8
REMOUNT = 0x20
BIND = 0x1000
RECURSIVE = 0x4000
PRIVATE = 0x40000

_MOUNT_SETATTR = 442
_AT_FDCWD = -100
_AT_RECURSIVE = 0x8000
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38

_libc = ctypes.CDLL(None, use_errno=True)
_libc.mount.argtypes = [
    ctypes.c_char_p,
    ctypes.c_char_p,
    ctypes.c_char_p,
    ctypes.c_ulong,
    ctypes.c_char_p,
]


def _check(outcome: int, call: str) -> None:
    if outcome != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{call}: {os.strerror(number)}")


def unshare(flags: int) -> None:
    """Leave the namespaces in `flags` for fresh ones."""
    _check(_libc.unshare(flags), "unshare")


def map_own_user(uid: int, gid: int) -> None:
    """Keep one's own identity, and nobody else's, in the user namespace just entered."""
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1", encoding="ascii")


def make_mounts_private() -> None:
    """Let no mount made from here on be seen by the rest of the machine."""
    _check(_libc.mount(b"none", b"/", None, PRIVATE | RECURSIVE, None), "mount private")


def mount_tmpfs(target: Path, *, size: int, files: int, owner: tuple[int, int], mode: int) -> None:
    """Mount a memory file system that holds at most `size` bytes and `files` entries."""
    uid, gid = owner
    options = f"size={size},nr_inodes={files + 1},mode={mode:o},uid={uid},gid={gid}"
    # Rows must not be written to a swap: Linux 6.4 and root can ask for it, others cannot.
    if _mount_memory(target, f"noswap,{options}") != 0:
        _check(_mount_memory(target, options), f"mount tmpfs on {target}")


def _mount_memory(target: Path, options: str) -> int:
    flags = NO_SETUID | NO_DEVICES | NO_EXECUTION
    return int(_libc.mount(b"tmpfs", os.fsencode(target), b"tmpfs", flags, options.encode()))


def bind(source: str, target: Path) -> None:
    """Show `source` at `target` too."""
    outcome = _libc.mount(source.encode(), os.fsencode(target), None, BIND | RECURSIVE, None)
    _check(outcome, f"bind on {target}")


def protect(place: Path, *, read_only: bool, devices: bool) -> None:
    """Refuse setuid programs at `place` and in all mounted under it; writing and devices if asked.

    `place` is where something is mounted. One call for the whole tree: Linux 5.12 and later.
    """
    wanted = NO_SETUID | (READ_ONLY if read_only else 0) | (0 if devices else NO_DEVICES)
    attributes = (ctypes.c_uint64 * 4)(wanted, 0, 0, 0)
    outcome = _libc.syscall(
        ctypes.c_long(_MOUNT_SETATTR),
        ctypes.c_int(_AT_FDCWD),
        os.fsencode(place),
        ctypes.c_uint(_AT_RECURSIVE),
        attributes,
        ctypes.c_size_t(ctypes.sizeof(attributes)),
    )
    _check(outcome, f"mount_setattr on {place}")


def die_with_parent() -> None:
    """Ask the kernel to kill this process when its parent ends."""
    _check(_libc.prctl(_PR_SET_PDEATHSIG, 9, 0, 0, 0), "prctl")


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends, so as to see it end."""
    _check(_libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "prctl")


def renounce_privileges() -> None:
    """Make sure that no program started from here gains rights by being setuid."""
    _check(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl")
