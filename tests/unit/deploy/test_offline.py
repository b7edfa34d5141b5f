"""The folder that installs with no network: made from a commit, checked to the byte, installed."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
FEW = ("hatchling", "editables", "packaging", "pathspec", "pluggy", "tomlkit", "trove-classifiers")
"""What building the package itself needs: the whole lock takes the same road, minutes longer."""

pytestmark = pytest.mark.skipif(
    not (ROOT / ".git").exists() or shutil.which("unshare") is None or os.geteuid() != 0,
    reason="not a checkout, or a network cannot be cut here",
)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundle")
    lock = folder / "few.lock"
    text = (ROOT / "requirements.lock").read_text()
    lock.write_text("".join(entry(text, name) for name in FEW))
    subprocess.run(
        [str(ROOT / "setup/bundle.sh"), "make", str(folder / "whole")],
        env=os.environ | {"ECLUSE_BUNDLE_LOCK": str(lock)},
        check=True,
        capture_output=True,
    )
    return folder / "whole"


def entry(lock: str, name: str) -> str:
    """A package of a lock with its digests."""
    found = re.search(rf"^{name}==.*?(?=^\S)", lock, re.MULTILINE | re.DOTALL)
    assert found is not None, name
    return found[0]


def installed(bundle: Path, target: Path) -> "subprocess.CompletedProcess[str]":
    """Install where no network exists."""
    return subprocess.run(
        ["unshare", "--net", str(bundle / "install"), str(target)],
        env={name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        | {"PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_installs_where_no_network_exists(bundle: Path, tmp_path: Path) -> None:
    done = installed(bundle, tmp_path / "there")
    asked = [
        str(tmp_path / "there/.venv/bin/python"),
        "-c",
        "import ecluse; print(ecluse.__file__)",
    ]

    assert done.returncode == 0, done.stderr
    assert subprocess.run(asked, capture_output=True, text=True, check=True).stdout.startswith(
        str(tmp_path / "there/src/ecluse")
    )


def test_a_file_that_changed_on_the_way_is_noticed(bundle: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(bundle, other)
    wheel = min((other / "packages").iterdir())
    wheel.write_bytes(wheel.read_bytes()[:-1] + b"x")
    done = installed(other, tmp_path / "there")

    assert done.returncode == 1
    assert "a changé" in done.stderr
    assert not (tmp_path / "there").exists()


def test_a_package_of_another_digest_is_refused_even_when_the_sums_agree(
    bundle: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(bundle, other)
    lock = other / "requirements.lock"
    lock.write_text(re.sub(r"sha256:\w{6}", "sha256:000000", lock.read_text()))
    sums = "find . -type f ! -name SHA256SUMS -print0 | sort -z | xargs -0 sha256sum > SHA256SUMS"
    subprocess.run(["sh", "-c", sums], cwd=other, check=True)
    done = installed(other, tmp_path / "there")

    assert done.returncode != 0
    assert "DO NOT MATCH" in done.stderr
