"""Run the checks beside the tests and give pytest the last word, for those who read last lines.

Usage: python setup/gate.py [pytest arguments]. Ends with 0 only when both passed.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
PYTHON = PROJECT / ".venv/bin/python"
WORKERS = min(os.cpu_count() or 1, 4)
"""A browser, PostgreSQL and a synthetic country for each: more would want for memory."""


def main() -> int:
    """Return 0 when the checks and the tests passed."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
        checks = subprocess.Popen(
            ["make", "--no-print-directory", "check"],
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        tested, summary = stream_tests(sys.argv[1:])
        checked = checks.wait()
        said.seek(0)
        sys.stdout.write(f"\n{said.read()}\n{summary}")
    sys.stdout.flush()
    return tested or checked


def stream_tests(arguments: list[str]) -> tuple[int, str]:
    """Show pytest's lines as they come, all but the last: return its exit code and that line."""
    colour = "yes" if sys.stdout.isatty() else "no"
    tests = subprocess.Popen(
        [
            *(str(PYTHON), "-m", "pytest", f"--color={colour}"),
            *(f"--numprocesses={WORKERS}", "--dist=loadfile"),
            *arguments,
        ],
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    last = ""
    for line in tests.stdout or ():
        sys.stdout.write(last)
        sys.stdout.flush()
        last = line
    return tests.wait(), last


if __name__ == "__main__":
    sys.exit(main())
