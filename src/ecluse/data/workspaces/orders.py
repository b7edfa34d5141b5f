"""What the server asks of the stage of one workspace, and the text in which it crosses."""

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ecluse.data.enclave import orders
from ecluse.data.enclave.limits import GIB, MIB, Limits
from ecluse.data.enclave.orders import SandboxOrder, SealedData
from ecluse.trust import keys
from ecluse.trust.zone.sealed_files import DataKey

HOME: Final = "/home/analyst"
DAY_SECONDS: Final = 24 * 3600
LIMITS: Final = Limits(
    memory_bytes=8 * GIB,
    processes=512,
    wall_seconds=DAY_SECONDS,
    cpu_seconds=DAY_SECONDS,
    open_files=1024,
    scratch_bytes=GIB,
    output_bytes=64 * MIB,
)
"""Ceilings of a workspace: those of a job, wide enough for a notebook and its kernels."""

HOME_BYTES: Final = 2 * GIB
HOME_FILES: Final = 20_000
SEAL_SECONDS: Final = 20
"""What changed is sealed this often: a machine that stops loses at most that much work."""


@dataclass(frozen=True, slots=True)
class StageOrder:
    """One workspace to run: its sandbox, its sealed home, the sealed folders it reads.

    `reads` are (sealed folder, where it is seen), opened in memory read-only. `token` is what the
    notebook's server asks of whoever speaks to it.
    """

    sandbox: SandboxOrder
    home: SealedData
    token: str = field(repr=False)
    reads: tuple[tuple[SealedData, str], ...] = ()
    home_bytes: int = HOME_BYTES
    home_files: int = HOME_FILES
    seal_seconds: float = SEAL_SECONDS

    def to_text(self) -> str:
        """Return the order as one line of JSON; it holds keys: for a socket, never a file."""
        return json.dumps(
            {
                "sandbox": self.sandbox.to_text(),
                "home": _told(self.home),
                "token": self.token,
                "reads": [[_told(data), target] for data, target in self.reads],
                "home_bytes": self.home_bytes,
                "home_files": self.home_files,
                "seal_seconds": self.seal_seconds,
            }
        )


def from_text(text: str) -> StageOrder:
    """Rebuild the order that `to_text` wrote."""
    values = json.loads(text)
    return StageOrder(
        sandbox=orders.from_text(values["sandbox"]),
        home=_sealed(values["home"]),
        token=values["token"],
        reads=tuple((_sealed(data), target) for data, target in values["reads"]),
        home_bytes=values["home_bytes"],
        home_files=values["home_files"],
        seal_seconds=values["seal_seconds"],
    )


def limits_with(memory_bytes: int) -> Limits:
    """Return the ceilings of a workspace with another share of memory."""
    return dataclasses.replace(LIMITS, memory_bytes=memory_bytes)


def _told(data: SealedData) -> list[str]:
    return [str(data.folder), data.key.key_id, keys.to_base64url(data.key.secret)]


def _sealed(told: list[str]) -> SealedData:
    folder, key_id, secret = told
    return SealedData(Path(folder), DataKey(key_id, keys.from_base64url(secret)))
