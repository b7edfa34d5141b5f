"""Where the workspace of each permit lies in the zone, and with what it is opened.

workspaces/<permit>/home/        its files, sealed
workspaces/<permit>/home.key     the name of the key that seals them
workspaces/<permit>/imports/     what was brought in: waiting, approved
workspaces/<permit>/packages/    its own packages
workspaces/<permit>/sessions/    logs and proposals of each opening
workspaces/journal/              what happened in all of them
"""

import zlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from ecluse.data.agent.zones import Zone, checked_number
from ecluse.data.enclave.orders import SealedData
from ecluse.data.workspaces.rooms import Plan
from ecluse.domain.errors import NotFound
from ecluse.trust import durable
from ecluse.trust.zone.sealed_files import DataKey

DATA: Final = "/data"
IMPORTS: Final = "/imports"
KEY: Final = "home.key"


@dataclass(frozen=True, slots=True)
class Workshop:
    """The folder of one permit's workspace."""

    zone: Zone
    permit_number: str

    @property
    def folder(self) -> Path:
        """Its folder. Raises Malformed."""
        return self.zone.path / "workspaces" / checked_number(self.permit_number)

    @property
    def home(self) -> Path:
        """Its sealed files."""
        return self.folder / "home"

    @property
    def imports(self) -> Path:
        """What was brought in."""
        return self.folder / "imports"

    @property
    def packages(self) -> Path:
        """The packages installed for it alone."""
        return self.folder / "packages"

    def key(self) -> DataKey:
        """Return the key that seals its files, drawn at the first call.

        It is wrapped by the key of the zone, beside those of the permit's extracts, and destroyed
        with them. Raises NotFound where it was.
        """
        seals, path = self.zone.seals(self.permit_number), self.folder / KEY
        if path.exists():
            return seals.find(path.read_text(encoding="ascii").strip())
        if self.home.exists():
            raise NotFound(f"{path} is missing: restore it; without it the home does not open.")
        key = seals.draw()
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        durable.write(path, f"{key.key_id}\n".encode())
        return key

    def plan(self, *, now: datetime) -> Plan:
        """Return with what it is opened: every extract of the permit, what was brought in.

        Raises:
            NotFound, BadSignature: a key was destroyed, or a folder is damaged.
        """
        key = self.key()
        approved = self.imports / "approved"
        brought = ((SealedData(approved, key), IMPORTS),) if approved.is_dir() else ()
        return Plan(
            permit_number=self.permit_number,
            number=zlib.crc32(self.permit_number.encode()),
            home=SealedData(self.home, key),
            work=self.folder / "sessions" / f"{now:%Y%m%dT%H%M%S%f}",
            reads=(*self._extracts(), *brought),
            packages=self.packages if self.packages.is_dir() else None,
        )

    def _extracts(self) -> tuple[tuple[SealedData, str], ...]:
        seals, folder = self.zone.seals(self.permit_number), self.zone.projects / self.permit_number
        whole = sorted(path for path in folder.glob("[!.]*") if path.is_dir())
        return tuple((seals.data(path), f"{DATA}/{path.name}") for path in whole)
