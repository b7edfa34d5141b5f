"""The page of attacks: what is tried, and the tests that try it."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

ATTACKS = Path(__file__).parents[1] / "tests" / "attacks"
TEST = re.compile(r"test_(a[0-9]{2})_([a-z0-9_]+)")
UNGUARDED = (
    "outside",
    "careless",
    "first_come",
    "duckdb.connect",
    "ordinary_program",
    "root_given_up",
)
"""What a test calls to show that the attack works where nothing stops it."""
HEAD = """\
# Attacks

What an attacker may try, and the automated tests that try it at every change. A release is made
only when all pass: an attack in the table is one that fails here. *Shown* says that the test first
makes the attack succeed where the control is absent: an ordinary program, a careless copy, an
engine as it comes.

"""


def attacks_page() -> str:
    """Return the page: every attack of the list, with its tests."""
    tests = sorted(_tests())
    told = tomllib.loads((ATTACKS / "attacks.toml").read_text(encoding="utf-8"))
    lines = [HEAD]
    for part, attacks in told.items():
        lines.append(f"## {part.capitalize()}\n\n| | attack | shown | tests |\n|---|---|---|---|\n")
        for number, title in attacks.items():
            own = [(name, shown) for key, name, shown in tests if key == number.lower()]
            mark = "yes" if any(shown for _, shown in own) else ""
            cell = "<br>".join(name for name, _ in own) or "*none of this number*"
            lines.append(f"| {number} | {title} | {mark} | {cell} |\n")
        lines.append("\n")
    return "".join(lines).rstrip() + "\n"


def _tests() -> Iterator[tuple[str, str, bool]]:
    """Yield number, sentence and whether the attack is first shown, of each test."""
    for path in ATTACKS.glob("test_*.py"):
        source = path.read_text(encoding="utf-8")
        for node in ast.parse(source).body:
            found = TEST.fullmatch(node.name) if isinstance(node, ast.FunctionDef) else None
            if found is not None:
                code = ast.get_source_segment(source, node) or ""
                shown = any(word in code for word in UNGUARDED)
                yield found[1], found[2].replace("_", " "), shown
