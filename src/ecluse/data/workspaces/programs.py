"""Which programs a workspace sees: those of a job, and the notebook, from this machine's Python."""

import functools
import sys
from importlib import metadata
from pathlib import Path
from typing import Final

from ecluse.data.enclave import interpreter
from ecluse.domain.errors import SetupIncomplete

NOTEBOOK: Final = "jupyterlab"
NEEDED: Final = (NOTEBOOK, "tinycss2")
"""The notebook wants the second one through an extra, which what is installed does not tell."""

SHARED: Final = "/opt/python/share/jupyter"
OWN: Final = "/opt/workspace"
LAB: Final = f"{OWN}/lab.py"
PACKAGES: Final = "/opt/packages"
"""Where a project's own packages are seen, once their import was approved."""


@functools.cache
def binds() -> tuple[tuple[str, str], ...]:
    """Return (path here, path in the workspace) of all that it may run, read-only.

    Raises:
        SetupIncomplete: the notebook is not installed on this machine.
    """
    shared = Path(sys.prefix) / "share" / "jupyter"
    if not (shared / "lab").is_dir() or not _is_installed(NOTEBOOK):
        raise SetupIncomplete(
            "The notebook is missing here: pip install 'ecluse[workspace,analysis]', then retry."
        )
    folder = Path(__file__).parent
    own = ((str(folder / name), f"{OWN}/{name}") for name in ("lab.py", "kernel.py"))
    together = {
        inside: here for here, inside in (*interpreter.binds(), *interpreter.installed(NEEDED))
    }
    return (*((here, inside) for inside, here in together.items()), (str(shared), SHARED), *own)


def _is_installed(name: str) -> bool:
    try:
        metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return False
    return True
