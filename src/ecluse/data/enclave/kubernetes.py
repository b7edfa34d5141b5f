"""The same orders for a cluster: manifests of a project's room, and of one job in it.

A job is one pod whose steps follow each other: `open` opens the sealed files in memory, `job` runs
the action and sees neither the key nor the results' volume, `collect` takes the plain files out.
The walls are those of the machine's own sandbox, told to the cluster: no network, no service
account, no right, another uid than root, read-only programs, sizes and times. What this cannot say
is left to the cluster: disks encrypted, nodes of one project apart if wanted, logs of `job` empty
because its words go to a file.

Only written here: `clusters` hands them over. Fields are those of Kubernetes 1.29 and later.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ecluse.data.enclave import interpreter
from ecluse.data.enclave.limits import MIB, Limits, narrowed
from ecluse.domain.codec import JSON
from ecluse.domain.errors import InvalidInput
from ecluse.domain.workflows import Action

LABEL: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,51}[a-z0-9])?")
IMAGE: Final = re.compile(r"[a-z0-9][a-z0-9./:_-]*@sha256:[0-9a-f]{64}")
JOB_UID: Final = 61184
STEPS: Final = "ecluse.data.enclave.cluster_steps"
_KEPT_SECONDS: Final = 3600
_LOGGED: Final = 'exec "$@" >/logs/stdout 2>/logs/stderr'

Manifest = dict[str, JSON]


@dataclass(frozen=True, slots=True)
class Cluster:
    """What the operator gives: the image by its digest, the volume of the projects, a sandbox.

    `runtime_class` names a second wall (gVisor, Kata) where the cluster has one.
    """

    image: str
    volume_claim: str
    runtime_class: str | None = None
    gigabytes: int = 64
    cores: int = 16
    jobs: int = 20

    def __post_init__(self) -> None:
        """Refuse an image that could change under its name. Raises InvalidInput."""
        if not IMAGE.fullmatch(self.image):
            raise InvalidInput(
                "Name the image by its digest, such as registry/ecluse@sha256:…: a tag can be "
                "made to point to other programs."
            )


def namespace_of(project: str) -> str:
    """Return the name of a project's room in the cluster. Raises InvalidInput."""
    name = f"ecluse-{project.lower().replace('.', '-').replace('_', '-')}"
    if not LABEL.fullmatch(name):
        raise InvalidInput(f"{project!r} cannot name a room of a cluster: use letters, digits, -.")
    return name


def project_manifests(project: str, cluster: Cluster) -> tuple[Manifest, ...]:
    """Return the room of a project: closed to the network, bounded, without any right."""
    room = namespace_of(project)
    levels = ("enforce", "audit", "warn")
    closed = {f"pod-security.kubernetes.io/{level}": "restricted" for level in levels}
    quota: dict[str, JSON] = {
        "count/jobs.batch": str(cluster.jobs),
        "limits.cpu": str(cluster.cores),
        "limits.memory": f"{cluster.gigabytes}Gi",
        "services": "0",
        "persistentvolumeclaims": "1",
    }
    policy: dict[str, JSON] = {
        "podSelector": {},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [],
        "egress": [],
    }
    return (
        {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": room, "labels": {**closed, "ecluse/project": room}},
        },
        _resource("networking.k8s.io/v1", "NetworkPolicy", "no-network", room, policy),
        _resource("v1", "ResourceQuota", "quota", room, {"hard": quota}),
        {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": {"name": "job", "namespace": room},
            "automountServiceAccountToken": False,
        },
    )


def name_of(job: str, action: Action) -> str:
    """Return the name of an action's job in the cluster. Raises InvalidInput."""
    name = f"{job}-{action.name}".lower().replace("_", "-").replace(".", "-")
    if not LABEL.fullmatch(name):
        raise InvalidInput(f"{job!r} cannot name a job of a cluster: use a-z 0-9 -, at most 40.")
    return name


def job_manifest(
    action: Action, *, project: str, job: str, cluster: Cluster, limits: Limits
) -> Manifest:
    """Return the job that runs an action; `job` names its folder in the project's volume.

    The volume holds, under `job`: `data`, `code`, `inputs`, sealed as on a machine; `collect`
    writes `outputs`. The secret `job` holds the order with its key, for the first and last steps.
    """
    room, own = namespace_of(project), narrowed(limits, action.resources)
    name = name_of(job, action)
    pod: dict[str, JSON] = {
        "restartPolicy": "Never",
        "serviceAccountName": "job",
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "hostNetwork": False,
        "hostPID": False,
        "hostIPC": False,
        "shareProcessNamespace": False,
        "hostname": "enclave",
        "dnsPolicy": "None",
        "dnsConfig": {"nameservers": ["127.0.0.1"]},
        "terminationGracePeriodSeconds": 0,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": JOB_UID,
            "runAsGroup": JOB_UID,
            "fsGroup": JOB_UID,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "initContainers": [_opening(cluster, own), _running(action, cluster, own)],
        "containers": [_collecting(cluster, own)],
        "volumes": _volumes(cluster, own, secret=name),
    }
    if cluster.runtime_class is not None:
        pod["runtimeClassName"] = cluster.runtime_class
    spec: dict[str, JSON] = {
        "backoffLimit": 0,
        "completions": 1,
        "parallelism": 1,
        "activeDeadlineSeconds": own.wall_seconds,
        "ttlSecondsAfterFinished": _KEPT_SECONDS,
        "template": {"metadata": {"labels": {"ecluse/project": room}}, "spec": pod},
    }
    return _resource("batch/v1", "Job", name, room, spec)


def as_list(manifests: Iterable[Manifest]) -> Manifest:
    """Return manifests as one object, which `kubectl apply -f` takes."""
    return {"apiVersion": "v1", "kind": "List", "items": list(manifests)}


def _resource(version: str, kind: str, name: str, room: str, spec: dict[str, JSON]) -> Manifest:
    metadata: JSON = {"name": name, "namespace": room}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}


def _opening(cluster: Cluster, limits: Limits) -> JSON:
    command = ["python3", "-I", "-m", STEPS, "open"]
    mounts = [_mount("project", "/project", read_only=True), _mount("opened", "/opened")]
    return _container("open", cluster, limits, command, [*mounts, _key()])


def _running(action: Action, cluster: Cluster, limits: Limits) -> JSON:
    inside = interpreter.command(action, tuple(one.pattern for one in action.outputs))
    command = ["/bin/sh", "-c", _LOGGED, "job", *inside]
    seen = [
        _mount("opened", place, read_only=True, inner=place.lstrip("/"))
        for place in ("/data", "/code", "/inputs")
    ]
    rooms = [_mount("outputs", "/outputs"), _mount("scratch", "/tmp"), _mount("logs", "/logs")]  # noqa: S108 - the pod's own
    return _container("job", cluster, limits, command, [*seen, *rooms])


def _collecting(cluster: Cluster, limits: Limits) -> JSON:
    command = ["python3", "-I", "-m", STEPS, "collect"]
    seen = [
        _mount("outputs", "/outputs", read_only=True),
        _mount("logs", "/logs", read_only=True),
        _mount("project", "/project"),
    ]
    return _container("collect", cluster, limits, command, [*seen, _key()])


def _container(
    name: str, cluster: Cluster, limits: Limits, command: list[str], mounts: list[JSON]
) -> JSON:
    threads = str(limits.threads)
    ceilings: JSON = {
        "cpu": threads,
        "memory": f"{limits.memory_bytes // MIB}Mi",
        "ephemeral-storage": "16Mi",
    }
    told = {"ECLUSE_THREADS": threads, "ECLUSE_MEMORY_BYTES": str(limits.memory_bytes)}
    return {
        "name": name,
        "image": cluster.image,
        "imagePullPolicy": "IfNotPresent",
        "command": list[JSON](command),
        "workingDir": "/",
        "env": [{"name": key, "value": value} for key, value in told.items()],
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "privileged": False,
            "readOnlyRootFilesystem": True,
            "runAsNonRoot": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "resources": {"limits": ceilings, "requests": ceilings},
        "volumeMounts": mounts,
    }


def _volumes(cluster: Cluster, limits: Limits, *, secret: str) -> list[JSON]:
    """The rooms in memory count against the memory of the job, as on one machine they do not."""
    rooms = {
        "opened": limits.data_bytes,
        "outputs": limits.output_bytes,
        "scratch": limits.scratch_bytes,
        "logs": 2 * limits.log_bytes,
    }
    memory: list[JSON] = [
        {"name": name, "emptyDir": {"medium": "Memory", "sizeLimit": f"{-(-size // MIB)}Mi"}}
        for name, size in rooms.items()
    ]
    return [
        {"name": "project", "persistentVolumeClaim": {"claimName": cluster.volume_claim}},
        {"name": "order", "secret": {"secretName": secret, "defaultMode": 0o440}},
        *memory,
    ]


def _key() -> JSON:
    return _mount("order", "/order", read_only=True)


def _mount(name: str, place: str, *, read_only: bool = False, inner: str | None = None) -> JSON:
    mount: dict[str, JSON] = {"name": name, "mountPath": place, "readOnly": read_only}
    return mount if inner is None else {**mount, "subPath": inner}
