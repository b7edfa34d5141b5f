"""The manifests of a cluster say the walls of the machine's own sandbox."""

import json
from pathlib import Path

import pytest

from ecluse.data.enclave.cluster_steps import collect_all, open_all
from ecluse.data.enclave.kubernetes import (
    Cluster,
    Manifest,
    as_list,
    job_manifest,
    namespace_of,
    project_manifests,
)
from ecluse.data.enclave.limits import GIB, Limits
from ecluse.data.enclave.orders import SandboxOrder
from ecluse.data.extraction import ExtractFiles
from ecluse.domain.errors import InvalidInput
from ecluse.domain.workflows import Action, DeclaredOutput, Language, OutputClass, Resources
from ecluse.trust.zone.sealed_files import draw_data_key

CLUSTER = Cluster("registry.example/ecluse@sha256:" + "a" * 64, "projects", jobs=3)
ACTION = Action(
    "counts",
    Language.SQL,
    "counts.sql",
    needs=("cohort",),
    outputs=(DeclaredOutput("counts.csv", OutputClass.RESULTS),),
    resources=Resources(memory_bytes=2 * GIB, threads=1, minutes=10),
)


def pod() -> Manifest:
    manifest = job_manifest(
        ACTION, project="FR-2026-0001", job="j1", cluster=CLUSTER, limits=Limits()
    )
    return manifest["spec"]["template"]["spec"]  # type: ignore[index,call-overload,return-value]


def steps() -> dict[str, dict[str, object]]:
    found = pod()
    every = [*found["initContainers"], *found["containers"]]  # type: ignore[misc]
    return {one["name"]: one for one in every}  # type: ignore[index,call-overload,misc]


def test_the_room_of_a_project_lets_nothing_in_or_out() -> None:
    namespace, policy, quota, account = project_manifests("FR-2026-0001", CLUSTER)

    assert namespace["metadata"]["name"] == "ecluse-fr-2026-0001"  # type: ignore[index,call-overload]
    assert policy["spec"] == {
        "podSelector": {},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [],
        "egress": [],
    }
    assert quota["spec"]["hard"]["count/jobs.batch"] == "3"  # type: ignore[index,call-overload]
    assert account["automountServiceAccountToken"] is False


def test_every_step_of_a_job_has_no_right_and_programs_it_cannot_change() -> None:
    found = [one["securityContext"] for one in steps().values()]

    assert (
        found
        == [
            {
                "allowPrivilegeEscalation": False,
                "privileged": False,
                "readOnlyRootFilesystem": True,
                "runAsNonRoot": True,
                "capabilities": {"drop": ["ALL"]},
            }
        ]
        * 3
    )


def test_the_pod_shares_nothing_with_its_node_and_resolves_no_name() -> None:
    found = pod()

    assert {name: found[name] for name in ("hostNetwork", "hostPID", "hostIPC")} == {
        "hostNetwork": False,
        "hostPID": False,
        "hostIPC": False,
    }
    assert found["automountServiceAccountToken"] is False
    assert found["dnsPolicy"] == "None"
    assert found["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}  # type: ignore[index,call-overload]


def test_the_job_sees_neither_the_key_nor_the_volume_of_the_project() -> None:
    mounts = {
        name: [mount["name"] for mount in one["volumeMounts"]]  # type: ignore[attr-defined]
        for name, one in steps().items()
    }

    assert mounts["job"] == ["opened", "opened", "opened", "outputs", "scratch", "logs"]
    assert "order" in mounts["open"]
    assert "order" in mounts["collect"]


def test_an_action_gets_what_it_asks_and_an_end() -> None:
    job = job_manifest(ACTION, project="P-1", job="j1", cluster=CLUSTER, limits=Limits())

    assert job["spec"]["activeDeadlineSeconds"] == 600  # type: ignore[index,call-overload]
    assert job["spec"]["backoffLimit"] == 0  # type: ignore[index,call-overload]
    assert steps()["job"]["resources"]["limits"] == {  # type: ignore[index]
        "cpu": "1",
        "memory": "2048Mi",
        "ephemeral-storage": "16Mi",
    }


def test_the_words_of_a_job_go_to_a_file_and_not_to_the_logs_of_the_cluster() -> None:
    command = steps()["job"]["command"]

    assert command == [
        *("/bin/sh", "-c", 'exec "$@" >/logs/stdout 2>/logs/stderr', "job"),
        *("/opt/python/bin/python3", "/opt/ecluse/run_sql.py", "/code/counts.sql", "counts.csv"),
    ]


def test_a_second_wall_is_named_where_the_cluster_has_one() -> None:
    cluster = Cluster(CLUSTER.image, "projects", runtime_class="gvisor")
    job = job_manifest(ACTION, project="P-1", job="j1", cluster=cluster, limits=Limits())

    assert job["spec"]["template"]["spec"]["runtimeClassName"] == "gvisor"  # type: ignore[index,call-overload]


def test_an_image_is_named_by_its_digest() -> None:
    with pytest.raises(InvalidInput, match="by its digest"):
        Cluster("registry.example/ecluse:latest", "projects")


@pytest.mark.parametrize("project", ["", "a b", "a/b", "é", "x" * 80])
def test_a_number_that_cannot_name_a_room_is_refused(project: str) -> None:
    with pytest.raises(InvalidInput, match="cannot name a room"):
        namespace_of(project)


def test_manifests_are_one_object_of_json() -> None:
    text = json.dumps(as_list(project_manifests("P-1", CLUSTER)))

    assert [one["kind"] for one in json.loads(text)["items"]] == [
        *("Namespace", "NetworkPolicy", "ResourceQuota", "ServiceAccount")
    ]


def test_the_steps_of_a_job_open_what_is_sealed_and_seal_what_is_taken_out(tmp_path: Path) -> None:
    project, key = tmp_path / "project", draw_data_key()
    for name in ("data", "code"):
        (project / name).mkdir(parents=True)
    ExtractFiles(project / "data", key).write("care.csv", b"person\na\n")
    (project / "code" / "counts.sql").write_text("SELECT 1")
    order = SandboxOrder(
        bubblewrap="",
        command=(),
        binds=(("data", "/data"), ("code", "/code")),
        covers=(),
        environment={},
        limits=Limits(),
        uid=61184,
        work="jobs/j1",
        sealed=("/data",),
        seals_outputs=True,
        data_key=key,
    )

    open_all(order, project=project, opened=tmp_path / "opened")
    for name in ("outputs", "logs"):
        (tmp_path / name).mkdir()
    (tmp_path / "outputs" / "counts.csv").write_text("n\n40\n")
    (tmp_path / "outputs" / "link.csv").symlink_to("/etc/passwd")
    (tmp_path / "logs" / "stdout").write_text("a word")
    (tmp_path / "logs" / "stderr").write_text("")
    collect_all(order, outputs=tmp_path / "outputs", logs=tmp_path / "logs", project=project)

    work = project / "jobs" / "j1"
    told = json.loads((work / "outcome.json").read_text())
    assert (tmp_path / "opened" / "data" / "care.csv").read_bytes() == b"person\na\n"
    assert (tmp_path / "opened" / "code" / "counts.sql").read_text() == "SELECT 1"
    assert ExtractFiles(work / "outputs", key).read("counts.csv") == b"n\n40\n"
    assert [one["name"] for one in told["files"]] == ["counts.csv"]
    assert told["refused"][0]["reason"] == "not a plain file: symbolic link"
