"""A framework and a run of the probes in OSCAL 1.1: catalogue, component, results.

Identifiers are derived from names (UUID version 5), so that the same run gives the same bytes.
Source: OSCAL 1.1.2, models catalog, component-definition and assessment-results.
"""

from itertools import groupby
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from ecluse.domain.codec import format_instant
from ecluse.domain.posture import Control, Framework, Ground, Observation, Outcome, PostureReport

VERSION: Final = "1.1.2"
SPACE: Final = "https://ecluse.example/ns/posture"
HOLDER: Final = {Ground.HOST: "host", Ground.ORGANISATION: "organisation"}
STATES: Final = {Outcome.HELD: "satisfied", Outcome.BROKEN: "not-satisfied"}

Json = dict[str, Any]


def documents(frameworks: tuple[Framework, ...], report: PostureReport) -> dict[str, Json]:
    """Return every document by the name of its file."""
    found = {f"{one.name}-catalog.json": catalog(one, report) for one in frameworks}
    found["component-definition.json"] = component_definition(frameworks, report)
    found["assessment-results.json"] = assessment_results(frameworks, report)
    return found


def catalog(framework: Framework, report: PostureReport) -> Json:
    """Return the controls of a framework, by family."""
    groups = [
        {"id": f"{framework.name}-{rank}", "title": family, "controls": [*map(_listed, controls)]}
        for rank, (family, found) in enumerate(groupby(framework.controls, lambda c: c.family), 1)
        for controls in [[(framework, control) for control in found]]
    ]
    head = _metadata(framework.title, report)
    return {
        "catalog": {"uuid": _uuid("catalog", framework.name), "metadata": head, "groups": groups}
    }


def component_definition(frameworks: tuple[Framework, ...], report: PostureReport) -> Json:
    """Return who holds each control, and by which probes or tests it is looked at."""
    component = {
        "uuid": _uuid("component"),
        "type": "software",
        "title": "Écluse",
        "description": "The software of a national health data hub, as it is installed here.",
        "control-implementations": [_implementation(one) for one in frameworks],
    }
    return {
        "component-definition": {
            "uuid": _uuid("component-definition"),
            "metadata": _metadata("What holds each control", report),
            "components": [component],
        }
    }


def assessment_results(frameworks: tuple[Framework, ...], report: PostureReport) -> Json:
    """Return what the probes found, and for each control that was probed whether all held."""
    outcomes = {one.probe: one.outcome for one in report.observations}
    probed = [
        (framework, control)
        for framework in frameworks
        for control in framework.controls
        if any(outcomes.get(probe) in STATES for probe in control.probes)
    ]
    findings = [_finding(framework, control, report) for framework, control in probed]
    included = [{"control-id": _number(*each)} for each in probed]
    # OSCAL wants one control at least where a selection names some.
    selection = {"include-controls": included} if included else {"description": "None was probed."}
    result = {
        "uuid": _uuid("result", format_instant(report.at)),
        "title": f"Probes of {report.at:%Y-%m-%d}",
        "description": f"{len(probed)} controls had a probe with something to look at.",
        "start": format_instant(report.at),
        "reviewed-controls": {"control-selections": [selection]},
        "observations": [_observation(one) for one in report.observations],
        **({"findings": findings} if findings else {}),
    }
    return {
        "assessment-results": {
            "uuid": _uuid("assessment-results", format_instant(report.at)),
            "metadata": _metadata("What probes found", report),
            "import-ap": {"href": "#", "remarks": "Every probe is run; no other plan is followed."},
            "results": [result],
        }
    }


def _listed(each: tuple[Framework, Control]) -> Json:
    framework, control = each
    number = _number(framework, control)
    part = {"id": f"{number}_smt", "name": "statement", "prose": control.what}
    label = {"name": "label", "value": control.number}
    return {"id": number, "title": control.what, "props": [label], "parts": [part]}


def _implementation(framework: Framework) -> Json:
    return {
        "uuid": _uuid("implementation", framework.name),
        "source": f"{framework.name}-catalog.json",
        "description": framework.note or framework.title,
        "implemented-requirements": [_requirement(framework, c) for c in framework.controls],
    }


def _requirement(framework: Framework, control: Control) -> Json:
    ground = control.ground.value if control.ground else ""
    properties = [_property("probe", probe) for probe in control.probes]
    properties += [_property("ground", ground)] if ground else []
    return {
        "uuid": _uuid("requirement", _number(framework, control)),
        "control-id": _number(framework, control),
        "description": ground or f"Probed: {', '.join(control.probes)}.",
        "props": [*properties, _property("holder", _holder(control))],
    }


def _holder(control: Control) -> str:
    return HOLDER.get(control.ground, "product") if control.ground else "product"


def _observation(one: Observation) -> Json:
    return {
        "uuid": _uuid("observation", one.probe, format_instant(one.at)),
        "title": one.probe,
        "description": one.said,
        "methods": ["TEST"],
        "collected": format_instant(one.at),
        "props": [_property("outcome", one.outcome.value)],
        "relevant-evidence": [
            {
                "description": f"{len(one.facts)} facts, SHA-256 {one.digest}",
                "props": [_property("sha-256", one.digest)],
            }
        ],
    }


def _finding(framework: Framework, control: Control, report: PostureReport) -> Json:
    found = [one for one in report.observations if one.probe in control.probes]
    broken = any(one.outcome is Outcome.BROKEN for one in found)
    number = _number(framework, control)
    return {
        "uuid": _uuid("finding", number, format_instant(report.at)),
        "title": control.what,
        "description": "; ".join(one.said for one in found),
        "target": {
            "type": "statement-id",
            "target-id": f"{number}_smt",
            "status": {"state": STATES[Outcome.BROKEN if broken else Outcome.HELD]},
        },
        "related-observations": [
            {"observation-uuid": _uuid("observation", one.probe, format_instant(one.at))}
            for one in found
        ],
    }


def _metadata(title: str, report: PostureReport) -> Json:
    changed = format_instant(report.at)
    told = {"title": title, "last-modified": changed, "version": report.version}
    return told | {"oscal-version": VERSION}


def _number(framework: Framework, control: Control) -> str:
    return f"{framework.name}-{control.number.lower()}"


def _property(name: str, value: str) -> Json:
    return {"name": name, "ns": SPACE, "value": value}


def _uuid(*names: str) -> str:
    return str(uuid5(NAMESPACE_URL, "/".join([SPACE, *names])))
