"""The matrix of requirements: control, code, tests, and for an auditor how they last ran.

    python docs/traceability_table.py report.xml    the matrix with the results of that run

`report.xml` is what `pytest --junit-xml=report.xml` wrote. The page of the documentation has no
results: those of one day would be the claim of another.
"""

import ast
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

PROJECT = Path(__file__).parents[1]
CONTROLS = Path(__file__).with_name("traceability.toml")
HEAD = """\
# Requirements and tests

What the reference frames for secure processing environments ask, in our own words, and the
automated tests that hold it. Ids are those of SATRE v2 and of the draft technical specifications of
TEHDAS2 (D7.4, M7.4). What an organisation must do by itself is not here.

"""


def controls() -> list[dict[str, object]]:
    """Return the controls, as they are written."""
    found: list[dict[str, object]] = tomllib.loads(CONTROLS.read_text(encoding="utf-8"))["control"]
    return found


def named_tests() -> list[str]:
    """Return every test that a control names: `path::name`."""
    return [str(test) for control in controls() for test in _list(control, "tests")]


def exists(test: str) -> bool:
    """Whether a test is there: its file, and a function of its name."""
    path, _, name = test.partition("::")
    file = PROJECT / path
    if not file.is_file():
        return False
    body = ast.parse(file.read_text(encoding="utf-8")).body
    return name in {node.name for node in body if isinstance(node, ast.FunctionDef)}


def traceability_page(ran: Mapping[str, str] | None = None) -> str:
    """Return the page; `ran` tells how each test ended, by its name."""
    last = " last run |" if ran is not None else ""
    rule = "---|" if ran is not None else ""
    lines = [HEAD, f"| ids | control | code | tests |{last}\n|---|---|---|---|{rule}\n"]
    for control in controls():
        tests = [str(test) for test in _list(control, "tests")]
        shown = "<br>".join(_sentence(test) for test in tests)
        cells = [", ".join(map(str, _list(control, "ids"))), control["what"], control["where"]]
        if ran is not None:
            shown += " | " + "<br>".join(ran.get(test, "not run") for test in tests)
        lines.append(f"| {' | '.join(map(str, cells))} | {shown} |\n")
    return "".join(lines)


def results(report: Path) -> dict[str, str]:
    """Return how each test of a report ended: all its cases, `passed`, `failed` or `skipped`."""
    found: dict[str, set[str]] = {}
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314 - our own tool wrote it
        path = case.get("classname", "").replace(".", "/") + ".py"
        test = f"{path}::{case.get('name', '').partition('[')[0]}"
        found.setdefault(test, set()).add(_ending(case))
    order = ("failed", "skipped", "passed")
    return {test: next(end for end in order if end in ends) for test, ends in found.items()}


def _ending(case: ElementTree.Element) -> str:
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    return "skipped" if case.find("skipped") is not None else "passed"


def _sentence(test: str) -> str:
    path, _, name = test.partition("::")
    return f"{name.removeprefix('test_').replace('_', ' ')} (`{path}`)"


def _list(control: Mapping[str, object], name: str) -> list[object]:
    told = control[name]
    return told if isinstance(told, list) else [told]


if __name__ == "__main__":
    sys.stdout.write(traceability_page(results(Path(sys.argv[1]))))
