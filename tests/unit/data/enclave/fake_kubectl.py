"""A cluster of one program: what `kubectl` is told is kept and checked, its jobs run here at once.

    fake_kubectl.py FOLDER SCENARIO ARGUMENTS…

FOLDER/project is the volume; what was applied is left in FOLDER/applied.json. The steps `open` and
`collect` are the real ones; the action is run by this machine's Python, outside of any sandbox.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from ecluse.data.enclave.cluster_steps import collect_all, open_all
from ecluse.data.enclave.orders import SandboxOrder, from_text

folder, scenario, verb, *others = Path(sys.argv[1]), *sys.argv[2:]


def apply() -> None:
    items = json.loads(sys.stdin.read())["items"]
    (folder / "applied.json").write_text(json.dumps([one["kind"] for one in items]))
    found = {one["kind"]: one for one in items}
    room = found["Namespace"]["metadata"]["name"]
    assert all(one["metadata"].get("namespace", room) == room for one in items)
    job = found["Job"]["spec"]["template"]["spec"]
    action = next(one for one in job["initContainers"] if one["name"] == "job")
    assert "order" not in {mount["name"] for mount in action["volumeMounts"]}
    assert found["Secret"]["metadata"]["name"] == found["Job"]["metadata"]["name"]
    secret = found["Secret"]["stringData"]["order.json"]
    (folder / "exit").write_text(str(run(from_text(secret), action["command"][-1])))


def run(order: SandboxOrder, script: str) -> int:
    place = Path(tempfile.mkdtemp(dir=folder))
    open_all(order, project=folder / "project", opened=place / "opened")
    (place / "outputs").mkdir()
    (place / "logs").mkdir()
    with (
        (place / "logs" / "stdout").open("wb") as out,
        (place / "logs" / "stderr").open("wb") as err,
    ):
        ended = subprocess.run(
            [sys.executable, str(place / "opened") + script],
            stdout=out,
            stderr=err,
            check=False,
            env={**os.environ, "DATA": f"{place}/opened/data", "OUTPUTS": f"{place}/outputs"},
        )
    if ended.returncode == 0:
        collect_all(
            order, outputs=place / "outputs", logs=place / "logs", project=folder / "project"
        )
    shutil.rmtree(place)
    return ended.returncode


def get() -> None:
    code = int((folder / "exit").read_text())
    if others[0] == "pods":
        state = {"terminated": {"exitCode": code}}
        step = {"name": "job", "state": state}
        sys.stdout.write(json.dumps({"items": [{"status": {"initContainerStatuses": [step]}}]}))
        return
    kind = {"type": "Failed" if code else "Complete", "status": "True"}
    ends = {"late": [{**kind, "type": "Failed", "reason": "DeadlineExceeded"}], "endless": []}
    sys.stdout.write(json.dumps({"status": {"conditions": ends.get(scenario, [kind])}}))


def delete() -> None:
    (folder / "deleted").write_text(" ".join(others))


def auth() -> None:
    sys.stdout.write("no" if scenario == "closed" else "yes")


{"apply": apply, "get": get, "delete": delete, "auth": auth}[verb]()
