"""Loads deliveries in processes that can be killed: one is forked for each order read.

An order is one line of JSON: `source`, `lake`, `now`, and when to kill the load: after `seconds`,
or when it begins the step number `step`; never when both are null. The answer is one line:
`killed`, `loaded`, or `failed`.
"""

import json
import os
import signal
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from ecluse.data.lake import Lake
from ecluse.data.loading.limits import Limits
from ecluse.data.loading.loads import Target, load
from ecluse.data.schemas import model

SNDS = model("snds")


def load_one(order: dict[str, Any]) -> None:
    def tell(name: str, done: int, total: int) -> None:
        if done == order["step"]:
            os.kill(os.getpid(), signal.SIGKILL)

    now = datetime.fromisoformat(order["now"])
    target = Target(Lake(Path(order["lake"])), "claims", SNDS, now)
    load(Path(order["source"]), target, limits=Limits(checkpoint_seconds=0), on_progress=tell)


def obey(order: dict[str, Any]) -> str:
    child = os.fork()
    if not child:
        try:
            load_one(order)
        except BaseException as error:
            sys.stderr.write(f"{error!r}\n")
            os._exit(1)
        os._exit(0)
    if order["seconds"] is not None:
        time.sleep(order["seconds"])
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return "killed"
    return "loaded" if os.WEXITSTATUS(status) == 0 else "failed"


if __name__ == "__main__":
    for line in sys.stdin:
        sys.stdout.write(f"{obey(json.loads(line))}\n")
        sys.stdout.flush()
