"""What the agent asks of the stage, and the text form in which it crosses.

Nothing of the stage is loaded late: once it has covered `/tmp`, a program kept there is gone.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from ecluse.data.enclave.limits import Limits
from ecluse.trust.zone.sealed_files import DataKey

DATA = "/data"
"""Where a job finds its data."""
INPUTS = "/inputs"
"""Where an action of a study finds what those it needs have left, a folder each."""


@dataclass(frozen=True, slots=True)
class SealedData:
    """A folder of sealed files, and the key with which a job sees them opened."""

    folder: Path
    key: DataKey


Folder = Path | SealedData
"""A folder that a job reads: in clear, or sealed."""


@dataclass(frozen=True, slots=True)
class SandboxOrder:
    """What to run, on what, as whom. `binds` are (path here, path inside), all read-only.

    With `gvisor`, the path of runsc, it runs there instead of in bubblewrap.

    What is bound at a place of `sealed` is opened with `data_key`, in memory. With `seals_outputs`
    the files that the job leaves are sealed under the same key before they reach a disk. With
    `loopback`, programs of the job may speak to each other by IPv4, in a network of their own.
    """

    bubblewrap: str
    command: tuple[str, ...]
    binds: tuple[tuple[str, str], ...]
    covers: tuple[str, ...]
    environment: dict[str, str]
    limits: Limits
    uid: int
    work: str
    sealed: tuple[str, ...] = ()
    seals_outputs: bool = False
    data_key: DataKey | None = field(default=None, repr=False)
    gvisor: str = ""
    loopback: bool = False

    def to_text(self) -> str:
        """Return the order as one line of JSON; it holds the key: for a pipe, never a file."""
        told: dict[str, Any] = {one.name: getattr(self, one.name) for one in fields(self)}
        key = self.data_key
        told["limits"] = {one.name: getattr(self.limits, one.name) for one in fields(Limits)}
        told["data_key"] = key and [key.key_id, base64.b64encode(key.secret).decode()]
        return json.dumps(told)


def from_text(text: str) -> SandboxOrder:
    """Rebuild the order that `to_text` wrote."""
    told = json.loads(text)
    told["binds"] = tuple((source, target) for source, target in told["binds"])
    for name in ("command", "covers", "sealed"):
        told[name] = tuple(told[name])
    told["limits"] = Limits(**told["limits"])
    told["data_key"] = _key(told["data_key"])
    return SandboxOrder(**told)


def _key(told: list[str] | None) -> DataKey | None:
    if not told:
        return None
    return DataKey(told[0], base64.b64decode(told[1]))
