"""The software bill of materials, from the locks: CycloneDX 1.6, same bytes for the same locks."""

import hashlib
import json
import re
import tomllib
import uuid
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCKS = {"required": "requirements.lock", "optional": "requirements-extras.lock"}
"""What both planes, their checks and tests need; then what the extras add."""
PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+?)(?: ; (.+?))? \\$", re.MULTILINE)


def sbom_page() -> str:
    """The bill as JSON: each pinned package once, by its package URL, with the lock that names it.

    The digests of each package's files are in the locks, whose own digests are here.
    """
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    texts = {scope: (ROOT / name).read_text(encoding="utf-8") for scope, name in LOCKS.items()}
    root = f"pkg:pypi/ecluse@{project['version']}"
    parts = components(texts)
    bill = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, ''.join(texts.values()))}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": root,
                "name": "ecluse",
                "version": project["version"],
                "purl": root,
                "licenses": [{"license": {"id": project["license"]}}],
            },
            "properties": [
                {"name": LOCKS[scope], "value": hashlib.sha256(text.encode()).hexdigest()}
                for scope, text in texts.items()
            ],
        },
        "components": parts,
        "dependencies": [{"ref": root, "dependsOn": [part["bom-ref"] for part in parts]}],
    }
    return json.dumps(bill, indent=1, ensure_ascii=False) + "\n"


def components(texts: dict[str, str]) -> list[dict[str, Any]]:
    """The packages of the locks, by name; `texts` go from the most needed lock to the least."""
    found: dict[str, dict[str, Any]] = {}
    for scope, text in texts.items():
        for name, version, marker in PINNED.findall(text):
            purl = f"pkg:pypi/{name}@{version}"
            part = {"type": "library", "bom-ref": purl, "name": name, "version": version}
            part |= {"purl": purl, "scope": scope}
            if marker:
                part["properties"] = [{"name": "marker", "value": marker}]
            found.setdefault(purl, part)
    return [found[purl] for purl in sorted(found)]
