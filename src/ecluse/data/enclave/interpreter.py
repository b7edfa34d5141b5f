"""Which files of this machine's Python an analysis may see, and where it sees them."""

import functools
import sys
import sysconfig
from importlib import metadata
from pathlib import Path

PACKAGES = ("duckdb", "numpy", "pyarrow")
PYTHON = "/opt/python/bin/python3"
SITE = "/opt/site"

_VERSION = f"python{sys.version_info.major}.{sys.version_info.minor}"


@functools.cache
def binds() -> tuple[tuple[str, str], ...]:
    """Return (path here, path in the sandbox): interpreter, standard library, analysis packages."""
    return (*_interpreter(), *_packages())


def covers() -> list[str]:
    """Return the folders of the sandbox to leave empty: packages of the machine's own Python."""
    packages = _standard_library() / "site-packages"
    return [f"/opt/python/lib/{_VERSION}/site-packages"] if packages.is_dir() else []


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


def _packages() -> list[tuple[str, str]]:
    return [pair for package in PACKAGES for pair in _package(package)]


def _package(name: str) -> list[tuple[str, str]]:
    """Bind what the distribution installed, entry by entry; nothing else of that folder."""
    try:
        distribution = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return []
    entries = {Path(file).parts[0] for file in distribution.files or ()} - {".."}
    root = Path(str(distribution.locate_file(""))).resolve()
    return [
        (str(root / entry), f"{SITE}/{entry}")
        for entry in sorted(entries)
        if (root / entry).exists() and entry != "__pycache__"
    ]
