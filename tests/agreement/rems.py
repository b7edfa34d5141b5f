"""The pairs and the schemas of REMS as its portal tests itself with them, read from ../shared."""

import json
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

ACCESS = Path(__file__).parents[2].parent / "shared" / "access"
PAIRS = ACCESS / "rems-api" / "wiremock"
DESCRIPTION = ACCESS / "rems-api" / "openapi-rems-subset.yaml"
MISPRINT = "applications/licenses"
"""Required of an application, but declared (and given by REMS) as `application/licenses`."""


def pair(name: str) -> tuple[dict[str, Any], int, Any]:
    """The request of a pair, the status of its answer, and the answer."""
    said = json.loads((PAIRS / f"{name}.json").read_text(encoding="utf-8"))
    return said["request"], said["response"]["status"], said["response"]["jsonBody"]


def problems(schema: str, answer: object) -> list[str]:
    """What REMS's own description finds wrong in an answer."""
    described = _as_json_schema(yaml.safe_load(DESCRIPTION.read_text(encoding="utf-8")))
    whole = {"$ref": f"#/components/schemas/{schema}", "components": described["components"]}
    return [
        f"{'/'.join(map(str, one.path))}: {one.message}"
        for one in Draft202012Validator(whole).iter_errors(answer)
    ]


def _as_json_schema(node: Any) -> Any:
    """OpenAPI 3.0 as JSON Schema; the two places where the description says it is wrong, right."""
    if isinstance(node, list):
        return [_as_json_schema(each) for each in node if each != MISPRINT]
    if not isinstance(node, dict):
        return node
    read = {name: _as_json_schema(each) for name, each in node.items()}
    if "field/value" in read:
        read["field/value"] = {}  # "A string for most fields, or […] for table fields"
    if read.pop("nullable", False):
        return {"anyOf": [{"type": "null"}, read]}
    return read


def strangers(theirs: Any, ours: Any, at: str = "") -> list[str]:
    """Where our answer is not of the shape of theirs: another type, or a member that it lacks."""
    if theirs is None or ours is None:
        return []
    if isinstance(theirs, bool) or not isinstance(theirs, dict | list):
        return [] if type(theirs) is type(ours) else [f"{at}: {type(ours).__name__}"]
    if isinstance(theirs, list):
        if not isinstance(ours, list):
            return [f"{at}: not a list"]
        return strangers(theirs[0], ours[0], f"{at}[0]") if theirs and ours else []
    if not isinstance(ours, dict):
        return [f"{at}: not an object"]
    return [
        one
        for name, each in theirs.items()
        if name not in BY_LANGUAGE_OR_PERSON
        for one in ([f"{at}/{name}: missing"] if name not in ours else [])
        + (strangers(each, ours[name], f"{at}/{name}") if name in ours else [])
    ]


BY_LANGUAGE_OR_PERSON = frozenset(
    {
        *("application/accepted-licenses", "catalogue-item/title", "catalogue-item/infourl"),
        *(
            "license/title",
            "license/text",
            "field/title",
            "field/info-text",
            "field/placeholder",
            "form/external-title",
            "label",
        ),
    }
)
"""Members whose own members are languages or persons: nothing of them is a shape."""
