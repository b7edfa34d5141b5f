"""The filter of system calls that every job runs under, as the bytes the kernel reads.

A list of refusals: an analysis may need any ordinary call, never those that reach the kernel's own
machinery. Namespaces, capabilities and read-only mounts already refuse most of them; the filter is
the second wall, and the only one against io_uring, user faults and odd socket families.
"""

import errno
import platform
import struct
from collections.abc import Iterable, Sequence

from ecluse.domain.errors import SandboxUnavailable

# Numbers of (x86_64, aarch64); None where the machine has no such call.
REFUSED: dict[str, tuple[int | None, int | None]] = {
    "acct": (163, 89),
    "add_key": (248, 217),
    "adjtimex": (159, 171),
    "bpf": (321, 280),
    "chroot": (161, 51),
    "clock_adjtime": (305, 266),
    "clock_settime": (227, 112),
    "delete_module": (176, 106),
    "fanotify_init": (300, 262),
    "finit_module": (313, 273),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fsopen": (430, 430),
    "fspick": (433, 433),
    "init_module": (175, 105),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_uring_setup": (425, 425),
    "ioperm": (173, None),
    "iopl": (172, None),
    "kcmp": (312, 272),
    "kexec_file_load": (320, 294),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "lookup_dcookie": (212, 18),
    "mount": (165, 40),
    "mount_setattr": (442, 442),
    "move_mount": (429, 429),
    "name_to_handle_at": (303, 264),
    "nfsservctl": (180, 42),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "perf_event_open": (298, 241),
    "personality": (135, 92),
    "pidfd_getfd": (438, 438),
    "pivot_root": (155, 41),
    "process_madvise": (440, 440),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "reboot": (169, 142),
    "request_key": (249, 218),
    "setdomainname": (171, 162),
    "sethostname": (170, 161),
    "setns": (308, 268),
    "settimeofday": (164, 170),
    "swapoff": (168, 225),
    "swapon": (167, 224),
    "syslog": (103, 116),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
    "vmsplice": (278, 75),
}
_CLONE = (56, 220)
_CLONE3 = (435, 435)
_IOCTL = (16, 29)
_MKNOD = (133, None)
_MKNODAT = (259, 33)
_CAPGET = (125, 90)
_SOCKET = (41, 198)
_SOCKETPAIR = (53, 199)

_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_X32_BIT = 0x40000000

_LOAD = 0x20
_AND = 0x54
_JUMP_IF_EQUAL = 0x15
_JUMP_IF_SET = 0x45
_JUMP_IF_AT_LEAST = 0x35
_RETURN = 0x06

_ALLOW = 0x7FFF0000
_KILL = 0x80000000
_REFUSE = 0x00050000

_NUMBER_AT = 0
_ARCHITECTURE_AT = 4
_ARGUMENTS_AT = 16

_NAMESPACE_FLAGS = 0x7E020000
_AF_UNIX = 1
_AF_INET = 2
_FILE_TYPE = 0o170000
_CHARACTER_DEVICE = 0o020000
_BLOCK_DEVICE = 0o060000
_TIOCSTI = 0x5412
_TIOCLINUX = 0x541C

Instruction = tuple[int, int, int, int]


def program(machine: str | None = None, *, loopback: bool = False) -> bytes:
    """Return the filter for this machine, ready for `bwrap --seccomp`.

    With `loopback`, sockets of IPv4 are let through: in its own namespace of network a job finds
    nothing there but itself.

    Raises:
        SandboxUnavailable: the call numbers of this kind of machine are not known.
    """
    column, architecture = _machine(machine)
    return b"".join(struct.pack("<HBBI", *step) for step in _steps(column, architecture, loopback))


def _machine(machine: str | None) -> tuple[int, int]:
    name = machine or platform.machine()
    if name not in _MACHINES:
        raise SandboxUnavailable(
            f"No system-call filter for {name}: run the enclave on {' or '.join(_MACHINES)}."
        )
    return _MACHINES[name]


def refused_numbers() -> dict[str, int]:
    """Return the calls refused outright on this machine, by name."""
    column, _ = _machine(None)
    numbers = {name: pair[column] for name, pair in REFUSED.items()}
    return {name: number for name, number in numbers.items() if number is not None}


def capget_number() -> int:
    """Return the call that reads one's own capabilities on this machine."""
    return _CAPGET[_machine(None)[0]]


def _steps(column: int, architecture: int, loopback: bool) -> Iterable[Instruction]:  # noqa: FBT001 - passed on
    yield (_LOAD, 0, 0, _ARCHITECTURE_AT)
    yield (_JUMP_IF_EQUAL, 1, 0, architecture)
    yield _end(_KILL)
    yield (_LOAD, 0, 0, _NUMBER_AT)
    yield (_JUMP_IF_AT_LEAST, 0, 1, _X32_BIT)
    yield _refusal(errno.ENOSYS)
    for numbers in REFUSED.values():
        yield from _refuse(numbers[column], errno.EPERM)
    # A structure in memory cannot be read by the filter: libraries then fall back on clone.
    yield from _refuse(_CLONE3[column], errno.ENOSYS)
    yield from _refuse_flags(_CLONE[column], argument=0, flags=_NAMESPACE_FLAGS)
    for numbers in (_SOCKET, _SOCKETPAIR):
        families = (_AF_UNIX, _AF_INET) if loopback else (_AF_UNIX,)
        yield from _refuse_unless(numbers[column], argument=0, values=families)
    yield from _refuse_values(_IOCTL[column], argument=1, values=(_TIOCSTI, _TIOCLINUX))
    devices = (_CHARACTER_DEVICE, _BLOCK_DEVICE)
    yield from _refuse_values(_MKNOD[column], argument=1, values=devices, mask=_FILE_TYPE)
    yield from _refuse_values(_MKNODAT[column], argument=2, values=devices, mask=_FILE_TYPE)
    yield _end(_ALLOW)


def _end(verdict: int) -> Instruction:
    return (_RETURN, 0, 0, verdict)


def _refusal(number: int) -> Instruction:
    return _end(_REFUSE | number)


def _argument(index: int) -> Instruction:
    return (_LOAD, 0, 0, _ARGUMENTS_AT + 8 * index)


def _refuse(number: int | None, error: int) -> list[Instruction]:
    if number is None:
        return []
    return [(_JUMP_IF_EQUAL, 0, 1, number), _refusal(error)]


def _on(number: int, steps: list[Instruction]) -> list[Instruction]:
    """Run `steps` for one call only, then take up the call's number again."""
    return [(_JUMP_IF_EQUAL, 0, len(steps) + 1, number), *steps, (_LOAD, 0, 0, _NUMBER_AT)]


def _refuse_flags(number: int, *, argument: int, flags: int) -> list[Instruction]:
    test: Instruction = (_JUMP_IF_SET, 0, 1, flags)
    return _on(number, [_argument(argument), test, _refusal(errno.EPERM)])


def _refuse_unless(number: int, *, argument: int, values: Sequence[int]) -> list[Instruction]:
    """Refuse a call unless an argument is one of some values, after the last of which it ends."""
    tests: list[Instruction] = [
        (_JUMP_IF_EQUAL, len(values) - place, 0, value) for place, value in enumerate(values)
    ]
    return _on(number, [_argument(argument), *tests, _refusal(errno.EAFNOSUPPORT)])


def _refuse_values(
    number: int | None, *, argument: int, values: Iterable[int], mask: int = 0xFFFFFFFF
) -> list[Instruction]:
    if number is None:
        return []
    steps = [_argument(argument), (_AND, 0, 0, mask)]
    for value in values:
        steps += [(_JUMP_IF_EQUAL, 0, 1, value), _refusal(errno.EPERM)]
    return _on(number, steps)
