"""A second filter of system calls, for a program of a vendor: reaching for a network ends it.

The walls of the enclave refuse such a call in silence. Here the kernel ends the program at once,
so that the run can say that it tried. Source: https://docs.kernel.org/userspace-api/seccomp_filter.html.
"""

import ctypes
import platform
import struct
from typing import Final

_SOCKET: Final = {"x86_64": 41, "aarch64": 198}
_CONNECT: Final = {"x86_64": 42, "aarch64": 203}
FAMILIES: Final = (1, 16)
"""Sockets that do not end a program: of this machine alone (AF_UNIX); the kernel's own tables
(AF_NETLINK), which the C library asks before any name, and which the walls refuse."""
_LOAD, _JUMP, _EQUAL, _RETURN = 0x20, 0x05, 0x15, 0x06
_KILL, _ALLOW = 0x80000000, 0x7FFF0000
_NUMBER_AT, _FIRST_ARGUMENT_AT, _THIRD_ARGUMENT_AT = 0, 16, 32
_LENGTHS: Final = (16, 28)
"""Bytes of an address of IPv4, of IPv6: by them a connection out is known, for the filter reads no
memory. One of another length passes the filter, and finds no route."""
_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER = 38, 22, 2
_INET = 2


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_void_p))


def steps(machine: str, *, loopback: bool = False) -> bytes:
    """Return the filter: a socket of another family than those allowed ends the process.

    With `loopback`, a program may listen by IPv4, and ends as soon as it connects.
    """
    families = (*FAMILIES, _INET) if loopback else FAMILIES
    found = [(_LOAD, 0, 0, _NUMBER_AT), (_EQUAL, 0, len(families) + 2, _SOCKET[machine])]
    found += [(_LOAD, 0, 0, _FIRST_ARGUMENT_AT)]
    for place, family in enumerate(families):
        found.append((_EQUAL, len(families) - place, 0, family))
    found += [(_RETURN, 0, 0, _KILL), (_RETURN, 0, 0, _ALLOW)]
    if loopback:
        call = (_EQUAL, 0, len(_LENGTHS) + 3, _CONNECT[machine])
        found = [
            (_LOAD, 0, 0, _NUMBER_AT),
            call,
            (_LOAD, 0, 0, _THIRD_ARGUMENT_AT),
            *((_EQUAL, len(_LENGTHS) - place, 0, length) for place, length in enumerate(_LENGTHS)),
            (_JUMP, 0, 0, 1),
            (_RETURN, 0, 0, _KILL),
            *found,
        ]
    return b"".join(struct.pack("<HBBI", *step) for step in found)


def lay(*, loopback: bool = False) -> None:
    """Put the filter on this process and on all that it starts, for good."""
    program = steps(platform.machine(), loopback=loopback)
    held = ctypes.create_string_buffer(program, len(program))
    told = _Program(len(program) // 8, ctypes.cast(held, ctypes.c_void_p))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    if libc.prctl(_SET_SECCOMP, _FILTER, ctypes.byref(told), 0, 0):
        raise OSError(ctypes.get_errno(), "the kernel takes no filter of system calls")
