"""SoftHSM stands for the security module of a hub."""

import os
import subprocess
from functools import cache
from pathlib import Path

import pytest

from ecluse.trust.custody.pins import Pin
from ecluse.trust.custody.security_modules import Token

LIBRARY = Path("/usr/lib/softhsm/libsofthsm2.so")
PIN = "1234"
MOST = 6


def new_token(tmp_path_factory: pytest.TempPathFactory) -> Token:
    """Return a token that no other test has. Skips where SoftHSM is missing."""
    pytest.importorskip("pkcs11", reason="needs the package python-pkcs11 (extra hsm)")
    if not LIBRARY.exists():
        pytest.skip("needs SoftHSM: apt-get install softhsm2")
    return _tokens(tmp_path_factory.getbasetemp() / "softhsm").pop()


@cache
def _tokens(folder: Path) -> list[Token]:
    """Make all tokens at once: the library counts them when it is first used, and never again."""
    folder.mkdir()
    settings = folder / "softhsm2.conf"
    settings.write_text(f"directories.tokendir = {folder}\nobjectstore.backend = file\n")
    os.environ["SOFTHSM2_CONF"] = str(settings)
    os.environ["CREDENTIALS_DIRECTORY"] = str(folder)
    (folder / "pin").write_text(f"{PIN}\n")
    return [_made(f"token-{number}") for number in range(MOST)]


def _made(label: str) -> Token:
    words = ("--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", PIN)
    subprocess.run(["softhsm2-util", *words], check=True, capture_output=True)
    return Token(LIBRARY, label, Pin("credential:pin"))
