"""What the fixtures of the attacks on the sandbox give."""

import os
import shutil
from collections.abc import Callable

import pytest

from ecluse.data.enclave.sandbox import SandboxResult, uid_for

Inside = Callable[..., SandboxResult]
"""Runs a script in the sandbox: `inside(script, *arguments, limits=…)`."""
Outside = Callable[..., str]
"""Runs the same script as an ordinary program and returns what it said."""

UID = uid_for(os.getpid())
"""Whose the jobs of this run of tests are: another run beside it has its own."""

needs_bubblewrap = pytest.mark.skipif(
    shutil.which("bwrap") is None, reason="bubblewrap is not installed on this machine"
)
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="this attack needs root to begin with")
