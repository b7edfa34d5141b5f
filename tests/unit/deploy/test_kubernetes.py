"""The manifests of a cluster, read as data: every pod closed, nothing crosses but what is said."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.unit.deploy.commands import takes

FOLDER = Path(__file__).parents[3] / "deploy" / "kubernetes"
MANIFESTS: list[dict[str, Any]] = [
    each for path in sorted(FOLDER.glob("*.yaml")) for each in yaml.safe_load_all(path.read_text())
]
ROOMS = ("ecluse-sites", "ecluse-third-party", "ecluse-zone")


def of_kind(kind: str) -> list[dict[str, Any]]:
    return [each for each in MANIFESTS if each["kind"] == kind]


def pods() -> list[Any]:
    """Every pod that the manifests make, with its name."""
    templates = [
        (each["metadata"]["name"], each["spec"].get("jobTemplate", each)["spec"]["template"])
        for each in MANIFESTS
        if each["kind"] in {"Deployment", "Job", "CronJob"}
    ]
    return [pytest.param(template, id=name) for name, template in templates]


def test_every_program_is_here() -> None:
    assert [pod.id for pod in pods()] == [
        *("upgrade", "public", "checking", "daily", "mail", "key-service", "agent"),
    ]


@pytest.mark.parametrize("pod", pods())
def test_a_pod_runs_closed(pod: dict[str, Any]) -> None:
    spec = pod["spec"]
    (container,) = spec["containers"]

    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert set(container["resources"]) == {"requests", "limits"}
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec)
    assert not any("hostPath" in volume for volume in spec["volumes"])


@pytest.mark.parametrize("pod", pods())
def test_a_pod_starts_a_command_that_exists(pod: dict[str, Any]) -> None:
    (container,) = pod["spec"]["containers"]

    assert takes(list(container["args"]))


@pytest.mark.parametrize("pod", pods())
def test_a_database_that_is_away_restarts_no_pod(pod: dict[str, Any]) -> None:
    (container,) = pod["spec"]["containers"]
    probe = container.get("livenessProbe", {})

    assert probe.get("httpGet", {}).get("path", "/health/live") == "/health/live"


@pytest.mark.parametrize("pod", pods())
def test_only_the_agent_speaks_to_the_cluster(pod: dict[str, Any]) -> None:
    is_agent = pod["metadata"]["labels"]["app"] == "agent"

    assert pod["spec"]["automountServiceAccountToken"] is is_agent


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_is_restricted_and_nothing_crosses_it_by_default(room: str) -> None:
    (space,) = [one for one in of_kind("Namespace") if one["metadata"]["name"] == room]
    policies = [one for one in of_kind("NetworkPolicy") if one["metadata"]["namespace"] == room]
    closed = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}

    assert space["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    assert closed in [policy["spec"] for policy in policies]


def test_nobody_calls_the_zone_and_the_third_party_calls_nobody() -> None:
    opened = [one for one in of_kind("NetworkPolicy") if {"ingress", "egress"} & set(one["spec"])]
    rooms_called = {one["metadata"]["namespace"] for one in opened if "ingress" in one["spec"]}
    rooms_calling = {one["metadata"]["namespace"] for one in opened if "egress" in one["spec"]}

    assert rooms_called == {"ecluse-sites"}
    assert rooms_calling == {"ecluse-sites", "ecluse-zone"}


def test_what_has_one_memory_is_never_there_twice() -> None:
    for_all = [(one["spec"]["replicas"], one["spec"]["strategy"]) for one in of_kind("Deployment")]

    assert for_all == [(1, {"type": "Recreate"})] * 4


def test_secrets_are_named_and_never_written() -> None:
    text = "".join(path.read_text() for path in FOLDER.glob("*.yaml"))

    assert of_kind("Secret") == []
    assert "postgresql://" not in text
