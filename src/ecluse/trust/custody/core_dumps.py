"""No copy of this process's memory on a disk, nor in the hands of the account that runs it."""

import ctypes
import resource
from typing import Final

from ecluse.domain.errors import SandboxUnavailable

PR_GET_DUMPABLE: Final = 3
PR_SET_DUMPABLE: Final = 4


def forbid_core_dumps() -> None:
    """Have the kernel write no core dump of this process and let no other process trace it.

    For the life of the process: call it before a key is read. The limit is inherited by the
    programs that it starts; the other half is not, so each calls this for itself. An administrator
    (root) can still read any memory: nothing in software prevents it.

    Raises:
        SandboxUnavailable: the kernel refuses, so the key must not be read.
    """
    # Both are needed: a core dump that is piped to a program does not obey the limit.
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, most))
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    if prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 or prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0:
        raise SandboxUnavailable(
            "The kernel does not let this process forbid core dumps: no key is read here."
        )
