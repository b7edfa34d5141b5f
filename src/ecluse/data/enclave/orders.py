"""What the agent asks of the stage, and the text form in which it crosses."""

import dataclasses
import json
from dataclasses import dataclass

from ecluse.data.enclave.limits import Limits


@dataclass(frozen=True, slots=True)
class SandboxOrder:
    """What to run, on what, as whom. `binds` are (path here, path inside), all read-only."""

    bubblewrap: str
    command: tuple[str, ...]
    binds: tuple[tuple[str, str], ...]
    covers: tuple[str, ...]
    environment: dict[str, str]
    limits: Limits
    uid: int
    work: str

    def to_text(self) -> str:
        """Return the order as one line of JSON."""
        return json.dumps(dataclasses.asdict(self))


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
    )
