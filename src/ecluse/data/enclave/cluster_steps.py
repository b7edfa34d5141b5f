"""The first and last steps of a job in a cluster: open what is sealed, take out what is plain.

    python -I -m ecluse.data.enclave.cluster_steps open | collect

The order is that of the machine's own stage, in /order/order.json, which the job never sees.
"""

import dataclasses
import json
import shutil
import sys
from pathlib import Path
from typing import Final

from ecluse.data.enclave.collection import export
from ecluse.data.enclave.opening import open_file
from ecluse.data.enclave.orders import SandboxOrder, from_text

OUTCOME: Final = "outcome.json"


def main() -> None:
    """Do the step that the command names."""
    order = from_text(Path("/order/order.json").read_text(encoding="utf-8"))
    if sys.argv[1:] == ["open"]:
        open_all(order, project=Path("/project"), opened=Path("/opened"))
    elif sys.argv[1:] == ["collect"]:
        collect_all(order, outputs=Path("/outputs"), logs=Path("/logs"), project=Path("/project"))
    else:
        sys.exit("usage: cluster_steps open | collect")


def open_all(order: SandboxOrder, *, project: Path, opened: Path) -> None:
    """Lay out each folder of the order under `opened`, those sealed opened with its key.

    `binds` name folders of the project's volume; programs are those of the image.
    """
    for source, target in order.binds:
        place = opened / target.lstrip("/")
        if target in order.sealed and order.data_key is not None:
            place.mkdir(parents=True)
            for path in sorted((project / source).iterdir()):
                open_file(path, place / path.name, order.data_key)
        else:
            shutil.copytree(project / source, place)


def collect_all(order: SandboxOrder, *, outputs: Path, logs: Path, project: Path) -> None:
    """Take the plain files of `outputs` and the logs into the folder `work` of the volume."""
    work = project / order.work
    work.mkdir(mode=0o700, parents=True)
    key = order.data_key if order.seals_outputs else None
    taken = export(outputs, work / "outputs", order.limits, key=key)
    for name in ("stdout", "stderr"):
        with (logs / name).open("rb") as log:
            (work / name).write_bytes(log.read(order.limits.log_bytes))
    told = {
        "files": [dataclasses.asdict(file) for file in taken.files],
        "refused": [dataclasses.asdict(entry) for entry in taken.refused],
    }
    (work / OUTCOME).write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main()
