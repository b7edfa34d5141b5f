"""Which programs of this machine an analysis may see, and where it sees them.

Python with the packages of analysis, Debian's R where it is installed, and our own two programs
that run what is written in SQL or in R. Everything is shown read-only, entry by entry.
"""

import functools
import re
import sys
import sysconfig
from collections.abc import Iterable, Sequence
from importlib import metadata
from pathlib import Path
from typing import Final

import ecluse
from ecluse.data.enclave import programs
from ecluse.data.enclave.programs import walled as landlock
from ecluse.domain.errors import SetupIncomplete
from ecluse.domain.workflows import Action, Language

PACKAGES: Final = ("duckdb", "matplotlib", "numpy", "pandas", "pyarrow", "scipy", "statsmodels")
PYTHON: Final = "/opt/python/bin/python3"
SITE: Final = "/opt/site"
PROGRAMS: Final = "/opt/ecluse"
R_HOME: Final = "/usr/lib/R"

_OWN_PARTS: Final = ("__init__.py", "data", "domain", "schemas", "trust")
"""What an analysis may import of us: never a site, never the command line."""
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_VERSION: Final = f"python{sys.version_info.major}.{sys.version_info.minor}"
_R: Final = Path(R_HOME) / "bin" / "exec" / "R"
_R_OPTIONS: Final = (
    *("--no-echo", "--no-restore", "--no-save"),
    *("--no-environ", "--no-site-file", "--no-init-file"),
)


def command(action: Action, outputs: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the command that runs an action inside; `outputs` are those that SQL must write.

    Raises:
        SetupIncomplete: this machine has no R.
    """
    script = f"/code/{action.script}"
    if action.language is Language.PYTHON:
        return (PYTHON, script)
    if action.language is Language.SQL:
        return (PYTHON, f"{PROGRAMS}/run_sql.py", script, *outputs)
    if not _R.is_file():
        raise SetupIncomplete(
            f"The action {action.name} is in R, which is missing here: install the package "
            "`r-base-core`, or write the action in Python or SQL."
        )
    return (str(_R), *_R_OPTIONS, f"--file={PROGRAMS}/run_r.R", "--args", script)


def walled(command: Sequence[str], *, loopback: bool = False) -> tuple[str, ...]:
    """Return the command behind Landlock, where this kernel has it; as it is elsewhere."""
    if not landlock.abi():
        return tuple(command)
    options = (landlock.LOOPBACK,) if loopback else ()
    return (PYTHON, "-I", "-S", f"{PROGRAMS}/walled.py", *options, *command)


@functools.cache
def binds(more: tuple[str, ...] = ()) -> tuple[tuple[str, str], ...]:
    """Return (path here, path in the sandbox): interpreter, libraries, packages, our programs.

    `more` are packages beside those of analysis, shown where they are installed.
    """
    own = Path(ecluse.__file__).parent
    return (
        *_interpreter(),
        *installed((*PACKAGES, *more)),
        *((str(own / part), f"{SITE}/ecluse/{part}") for part in _OWN_PARTS),
        (str(Path(programs.__file__).parent), PROGRAMS),
    )


def covers() -> list[str]:
    """Return the folders of the sandbox to leave empty: packages of the machine's own Python."""
    packages = _standard_library() / "site-packages"
    return [f"/opt/python/lib/{_VERSION}/site-packages"] if packages.is_dir() else []


@functools.cache
def library_path() -> str:
    """Return where programs inside look for shared libraries beside the usual folders.

    Debian reaches BLAS through links of /etc/alternatives, which the sandbox does not show.
    """
    folders = ["/opt/python/lib", f"{R_HOME}/lib"]
    for name in ("libblas.so.3", "liblapack.so.3"):
        folders += [str(one.resolve().parent) for one in Path("/usr/lib").glob(f"*/{name}")]
    return ":".join(dict.fromkeys(folders))


@functools.cache
def versions() -> tuple[str, ...]:
    """Return what an analysis is computed by, each with its version: it names its results too."""
    found = [f"{one.metadata['Name']} {one.version}" for one in _closure(PACKAGES).values()]
    r_version = Path(R_HOME) / "library" / "base" / "DESCRIPTION"
    lines = r_version.read_text(encoding="utf-8").splitlines() if r_version.is_file() else []
    return (
        f"python {sys.version.split()[0]}",
        f"ecluse {ecluse.__version__}",
        *sorted(found),
        *(f"R {line}" for line in lines if line.startswith("Version:")),
    )


def installed(roots: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return (path here, path in the sandbox) of packages installed here and of what they need."""
    entries: dict[str, str] = {}
    for distribution in _closure(roots).values():
        root = Path(str(distribution.locate_file(""))).resolve()
        tops = {Path(file).parts[0] for file in distribution.files or ()} - {"..", "__pycache__"}
        entries |= {
            f"{SITE}/{top}": str(root / top) for top in sorted(tops) if (root / top).exists()
        }
    return tuple((here, inside) for inside, here in sorted(entries.items()))


def _closure(roots: Iterable[str]) -> dict[str, metadata.Distribution]:
    """Return the distributions installed here that `roots` need, by name; extras left aside."""
    found: dict[str, metadata.Distribution] = {}
    waiting = list(roots)
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in found:
            continue
        try:
            found[name] = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        needs = (text.partition(";") for text in found[name].requires or ())
        names = (_NAME.match(need) for need, _, marker in needs if "extra" not in marker)
        waiting += [match[0] for match in names if match]
    return found


def _standard_library() -> Path:
    names = {"installed_base": sys.base_prefix, "base": sys.base_prefix}
    return Path(sysconfig.get_path("stdlib", vars=names)).resolve()


def _interpreter() -> list[tuple[str, str]]:
    base = Path(sys.base_prefix)
    executable = (base / "bin" / _VERSION).resolve()
    shared = [
        (str(path), f"/opt/python/lib/{path.name}")
        for path in sorted((base / "lib").glob("libpython3*.so*"))
    ]
    library = (str(_standard_library()), f"/opt/python/lib/{_VERSION}")
    return [(str(executable), PYTHON), library, *shared]
