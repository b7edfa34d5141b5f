"""What the import contracts cannot say: the standard library alone in `domain`, names, sizes."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "ecluse"
MODULES = sorted(p for p in SOURCE.rglob("*.py") if "migrations" not in p.parts)
VAGUE = {"utils", "util", "helpers", "helper", "common", "misc", "base", "manager", "service"}


def imported_roots(path: Path) -> set[str]:
    """The top-level packages that a module imports."""
    roots: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            roots |= {alias.name.split(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            roots.add(node.module.split(".")[0])
    return roots


def clock_calls(path: Path) -> set[str]:
    """The calls of a module that read the clock or chance."""
    names = {
        ast.unparse(node.func)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
    }
    forbidden = ("datetime.now", "date.today", "time.time", "uuid4", "random", "open", "Path")
    return {name for name in names if name.endswith(forbidden)}


@pytest.mark.parametrize(
    "path", sorted((SOURCE / "domain").rglob("*.py")), ids=lambda p: str(p.relative_to(SOURCE))
)
def test_domain_imports_the_standard_library_alone(path: Path) -> None:
    strangers = imported_roots(path) - set(sys.stdlib_module_names) - {"ecluse"}

    assert strangers == set()


@pytest.mark.parametrize(
    "path", sorted((SOURCE / "domain").rglob("*.py")), ids=lambda p: str(p.relative_to(SOURCE))
)
def test_domain_reads_no_clock_no_chance_no_file(path: Path) -> None:
    assert clock_calls(path) == set()


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_a_module_is_documented_short_and_named(path: Path) -> None:
    text = path.read_text()
    is_empty_package = path.name == "__init__.py" and not text.strip()

    assert is_empty_package or ast.get_docstring(ast.parse(text))
    assert len(text.splitlines()) <= 400
    assert path.stem not in VAGUE


def test_signals_are_used_nowhere() -> None:
    users = [p for p in MODULES if "django.db.models.signals" in p.read_text()]

    assert users == []


def test_the_import_contracts_have_no_exception() -> None:
    configuration = (ROOT / "pyproject.toml").read_text()

    assert "ignore_imports" not in configuration
    assert configuration.count("[[tool.importlinter.contracts]]") >= 7


def test_the_secure_zone_imports_without_django() -> None:
    program = (
        "import sys; sys.modules['django'] = None;"
        "import ecluse.cli, ecluse.data.agent, ecluse.data.extraction, ecluse.data.enclave,"
        " ecluse.data.disclosure, ecluse.data.loading, ecluse.data.synthetic"
    )
    finished = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )

    assert finished.returncode == 0, finished.stderr


def test_the_portal_imports_without_an_engine() -> None:
    program = (
        "import os, sys, django; sys.modules['duckdb'] = None; sys.modules['pyarrow'] = None;"
        "os.environ['DJANGO_SETTINGS_MODULE'] = 'ecluse.portal.site.settings.everything';"
        "django.setup(); import ecluse.portal.site.urls_public, ecluse.portal.site.urls_checking"
    )
    finished = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )

    assert finished.returncode == 0, finished.stderr
