"""The page of faults: what may fail or be attacked around hosting and trust, and what shows it."""

import tomllib
from pathlib import Path

FAULTS = Path(__file__).parent / "faults.toml"
HEAD = """\
# Faults and attacks on hosting and trust

What may fail, or be attacked, where data are kept, keys held and acts journalled; the tests that
try it at every change, what longer runs gave, and what is not shown. What is tried on the sandbox
and its outputs has [its own page](attacks.md).

"""
TITLES = {"fault": "Faults", "attack": "Attacks"}


def faults_page() -> str:
    """Return the page: each fault and attack, its tests, its figures, what is missing."""
    lines = [HEAD]
    for part, listed in tomllib.loads(FAULTS.read_text(encoding="utf-8")).items():
        lines.append(f"## {TITLES[part]}\n\n| | what | tests | figures | not shown |\n")
        lines.append("|---|---|---|---|---|\n")
        for number, told in listed.items():
            tests = "<br>".join(f"`{one}`" for one in told["tests"])
            row = (number, told["what"], tests, told["figure"], told["missing"])
            lines.append(f"| {' | '.join(row)} |\n")
        lines.append("\n")
    return "".join(lines).rstrip() + "\n"
