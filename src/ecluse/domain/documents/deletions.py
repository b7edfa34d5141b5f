"""The end of a permit's data: the order to destroy them, and the certificate of what was."""

from dataclasses import dataclass
from datetime import datetime

from ecluse.domain.documents.extractions import DeliveredFile


@dataclass(frozen=True)
class DeletionOrder:
    """Destroy what the secure zone holds of a permit that is over (EHDS art. 68(12)).

    The agent obeys it for a permit that has ended or was revoked, never for one in force.
    """

    permit_number: str
    permit_digest: str
    ordered_at: datetime
    ordered_by: str


@dataclass(frozen=True)
class DestroyedExtract:
    """One extract that is no more: its order, the keys that sealed it, its files by content."""

    order_number: str
    key_ids: tuple[str, ...]
    files: tuple[DeliveredFile, ...]


@dataclass(frozen=True)
class DestroyedWorkspace:
    """The interactive workspace that is no more: its keys and what it held. Size in bytes."""

    key_ids: tuple[str, ...]
    file_count: int
    byte_count: int


@dataclass(frozen=True)
class DeletionCertificate:
    """What the agent destroyed of a permit's data, and when; signed once nothing is left.

    Keys are destroyed first, so that no copy of a sealed file opens, backups included.
    `other_key_ids` sealed no extract that is whole. `jobs` are those whose folder was removed,
    `outputs` the digests of files that jobs left in the zone. `workspace` is None where the permit
    had none.
    """

    permit_number: str
    permit_digest: str
    order_digest: str
    agent: str
    extracts: tuple[DestroyedExtract, ...]
    other_key_ids: tuple[str, ...]
    jobs: tuple[str, ...]
    outputs: tuple[str, ...]
    workspace: DestroyedWorkspace | None
    began_at: datetime
    finished_at: datetime

    @property
    def key_ids(self) -> tuple[str, ...]:
        """Every key that was destroyed, sorted."""
        sealed = (key for extract in self.extracts for key in extract.key_ids)
        held = self.workspace.key_ids if self.workspace is not None else ()
        return tuple(sorted({*sealed, *self.other_key_ids, *held}))
