"""The program between the agent and the sandbox: `python -I -m ecluse.data.enclave.stage`.

bubblewrap started by root leaves a job root's rights over the kernel's settings (measured: it
could open `core_pattern` for writing), so root is given up first, for a uid that belongs to this
job alone. Started by an ordinary user, the stage does the same in a user namespace of its own. It
dies with the agent, and the job dies with it.

The order comes as JSON on the standard input, the outcome leaves as JSON on the standard output.
"""

import dataclasses
import json
import os
import sys

from ecluse.data.enclave import cgroups, gvisor, kernel, layout
from ecluse.data.enclave.collection import export
from ecluse.data.enclave.launch import launch
from ecluse.data.enclave.orders import SandboxOrder, from_text
from ecluse.domain.errors import EcluseError
from ecluse.trust.custody.core_dumps import forbid_core_dumps


def main() -> None:
    """Run one order; a step that the machine refuses is reported as `failure`."""
    kernel.die_with_parent()
    kernel.adopt_orphans()
    told = sys.stdin.read()
    if not told:  # kept ready, and no job came
        return
    order = from_text(told)
    try:
        outcome = _run(order)
    except EcluseError as error:  # the extract cannot be opened: nothing was run
        outcome = {"unopened": str(error)}
    except OSError as error:
        outcome = {"failure": str(error), "errno": error.errno}
    sys.stdout.write(json.dumps(outcome))
    sys.stdout.flush()
    os._exit(0)  # unloading a hundred modules would keep the caller waiting


def _run(order: SandboxOrder) -> dict[str, object]:
    identity = layout.enter(order)
    # Not before: it would close the files of /proc by which the namespaces are set up.
    forbid_core_dumps()
    arguments = layout.build(order, identity)
    work = layout.STAGE / "work"
    limits = gvisor.ceilings(order.limits) if order.gvisor else order.limits
    group = cgroups.create(f"{identity[0]}", limits)
    try:
        ending = launch(order, arguments, identity=identity, group=group, logs=work)
    finally:
        group.kill()
        group.remove()
    key = order.data_key if order.seals_outputs else None
    taken = export(layout.STAGE / "outputs", work / "outputs", order.limits, key=key)
    return {
        **ending._asdict(),
        "ceilings": group.version,
        "files": [dataclasses.asdict(file) for file in taken.files],
        "refused": [dataclasses.asdict(entry) for entry in taken.refused],
    }


if __name__ == "__main__":
    main()
