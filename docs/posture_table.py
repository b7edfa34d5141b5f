"""The page of the posture: frameworks by their numbers, who holds each control, the probes."""

import tomllib
from pathlib import Path

from ecluse.domain.posture import Control, Framework, Ground
from ecluse.hosting.posture import frameworks, probes

ASVS = Path(__file__).parent / "asvs.toml"
HEAD = """\
# Posture: what is asked, and what looks at it

Numbers are those of each framework, sentences are ours. What *probes* is looked at on each
installation by `ecluse posture probe`; what is *tested* is held by automated tests, at every
change. Nothing here is a certificate: see [how to show it](../how-to/show-your-posture.md).

"""
GROUNDS = {
    Ground.TESTED: "tested",
    Ground.HOST: "the host",
    Ground.ORGANISATION: "the organisation",
    Ground.OUTSIDE: "does not apply",
    Ground.MISSING: "**missing**",
}


def posture_page() -> str:
    """Return the page: a count per framework, the probes, then every control."""
    found = frameworks.load_all()
    lines = [
        HEAD,
        "| framework | controls | with a probe | tested | missing |\n|---|---|---|---|---|\n",
    ]
    lines += [_count(one) for one in found]
    lines.append("\n## Probes\n\n| probe | what holds |\n|---|---|\n")
    lines += [f"| `{name}` | {probes.sentence(name)} |\n" for name in sorted(probes.PROBES)]
    asvs = tomllib.loads(ASVS.read_text(encoding="utf-8"))
    told = {**asvs["not_applicable"], **asvs["missing"]}
    told |= {number: _tests(names) for number, names in asvs["tests"].items()}
    for one in found:
        lines.append(f"\n## {one.title}\n\nSource: {one.source}. {one.note}".rstrip() + "\n\n")
        lines.append("| | what it asks | by |\n|---|---|---|\n")
        lines += [_row(control, told if one.name == "asvs" else {}) for control in one.controls]
    return "".join(lines)


def _count(one: Framework) -> str:
    grounds = [control.ground for control in one.controls]
    probed = sum(bool(control.probes) for control in one.controls)
    counts = (len(grounds), probed, grounds.count(Ground.TESTED), grounds.count(Ground.MISSING))
    return f"| {one.title} | {' | '.join(map(str, counts))} |\n"


def _row(control: Control, told: dict[str, str]) -> str:
    probed = ", ".join(f"`{probe}`" for probe in control.probes)
    by = probed or (GROUNDS[control.ground] if control.ground else "")
    more = told.get(control.number, "")
    return f"| {control.number} | {control.what} | {by}{f': {more}' if more else ''} |\n"


def _tests(names: list[str]) -> str:
    return "; ".join(f"{name.partition('::')[2].removeprefix('test_')}" for name in names).replace(
        "_", " "
    )
