"""What the agent asks of the stage, and the text form in which it crosses."""

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path

from ecluse.data.enclave.limits import Limits
from ecluse.trust import keys
from ecluse.trust.zone.sealed_files import DataKey

DATA = "/data"
"""Where a job finds its data."""


@dataclass(frozen=True, slots=True)
class SealedData:
    """A folder of sealed files, and the key with which a job sees them opened."""

    folder: Path
    key: DataKey


@dataclass(frozen=True, slots=True)
class SandboxOrder:
    """What to run, on what, as whom. `binds` are (path here, path inside), all read-only.

    With `data_key`, what is bound at /data is sealed: the job sees it opened, in memory.
    """

    bubblewrap: str
    command: tuple[str, ...]
    binds: tuple[tuple[str, str], ...]
    covers: tuple[str, ...]
    environment: dict[str, str]
    limits: Limits
    uid: int
    work: str
    data_key: DataKey | None = field(default=None, repr=False)

    def to_text(self) -> str:
        """Return the order as one line of JSON; it holds the key: for a pipe, never a file."""
        key = self.data_key
        plain = dataclasses.asdict(dataclasses.replace(self, data_key=None))
        told = key and [key.key_id, keys.to_base64url(key.secret)]
        return json.dumps({**plain, "data_key": told})


def from_text(text: str) -> SandboxOrder:
    """Rebuild the order that `to_text` wrote."""
    values = json.loads(text)
    return SandboxOrder(
        bubblewrap=values["bubblewrap"],
        command=tuple(values["command"]),
        binds=tuple((source, target) for source, target in values["binds"]),
        covers=tuple(values["covers"]),
        environment=values["environment"],
        limits=Limits(**values["limits"]),
        uid=values["uid"],
        work=values["work"],
        data_key=_key(values["data_key"]),
    )


def _key(told: list[str] | None) -> DataKey | None:
    return DataKey(told[0], keys.from_base64url(told[1])) if told else None
