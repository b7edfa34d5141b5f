"""Where everything of the secure zone lies, and how the numbers of documents become folders."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ecluse.data.enclave.orders import SealedData
from ecluse.data.extraction import open_files
from ecluse.data.lake import Lake
from ecluse.data.optouts import Records
from ecluse.data.pseudonyms import ProjectVersions
from ecluse.domain.errors import Malformed, NotFound
from ecluse.trust.zone.custody import ZoneCustody
from ecluse.trust.zone.extract_keys import ExtractKeys
from ecluse.trust.zone.lake_keys import load_lake_key
from ecluse.trust.zone.sealed_files import DataKey
from ecluse.trust.zone.settings import ZoneSettings

NUMBER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ProjectSeals:
    """The keys that seal the extracts of one project."""

    keys: ExtractKeys
    project: str

    def draw(self) -> DataKey:
        """Return a new key, once it is kept. Raises StorageFull."""
        return self.keys.draw(self.project)

    def find(self, key_id: str) -> DataKey:
        """Return a key. Raises NotFound where it was destroyed, InvalidInput, BadSignature."""
        return self.keys.find(self.project, key_id)

    def forget(self, key: DataKey) -> None:
        """Destroy a key: what it sealed is read by nobody any more."""
        self.keys.destroy(self.project, (key.key_id,))

    def data(self, folder: Path) -> SealedData:
        """Return an extract as a job takes it. Raises NotFound, BadSignature."""
        key = open_files(folder, self).key
        if key is None:
            raise NotFound(f"The extract {folder.name} has no key.")
        return SealedData(folder, key)


@dataclass(frozen=True, slots=True)
class Zone:
    """The folder of the secure zone."""

    path: Path

    @property
    def keys(self) -> Path:
        """The agent's signing keys, the zone's own key, the keys of pseudonyms and of extracts."""
        return self.path / "keys"

    @property
    def keyring(self) -> Path:
        """The public keys that the agent believes."""
        return self.path / "keyring.json"

    @property
    def lake(self) -> Lake:
        """The datasets, with the key that opens their files where this zone keeps one."""
        key = self.keys / "lake.key"
        return Lake(self.path / "lake", key=load_lake_key(key) if key.exists() else None)

    @property
    def projects(self) -> Path:
        """The extracts, by permit and order."""
        return self.path / "projects"

    @property
    def blobs(self) -> Path:
        """Output files that were checked, by digest."""
        return self.path / "blobs"

    @property
    def journal(self) -> Path:
        """The agent's journal."""
        return self.path / "journal"

    @property
    def state(self) -> Path:
        """What the agent has received, obeyed and still has to deliver."""
        return self.path / "agent.db"

    def extract(self, permit_number: str, order_number: str) -> Path:
        """Return the folder of one extract. Raises Malformed."""
        return self.projects / checked_number(permit_number) / checked_number(order_number)

    def tabulation(self, order_number: str) -> Path:
        """Return the folder of the answer to one data request. Raises Malformed."""
        return self.path / "tabulations" / checked_number(order_number)

    def boards(self, permit_number: str) -> Path:
        """Return the folder of the leaderboards under one permit. Raises Malformed."""
        return self.path / "boards" / checked_number(permit_number)

    def evaluations(self, permit_number: str) -> Path:
        """Return the folder of the evaluations under one permit. Raises Malformed."""
        return self.path / "evaluations" / checked_number(permit_number)

    def evaluation(self, permit_number: str, order_number: str) -> Path:
        """Return the folder of what answers one order to run an evaluation. Raises Malformed."""
        return self.evaluations(permit_number) / "orders" / checked_number(order_number)

    def job(self, job_number: str) -> Path:
        """Return the folder where one job runs. Raises Malformed."""
        return self.path / "jobs" / checked_number(job_number)

    def holdings(self, permit_number: str) -> tuple[Path, ...]:
        """Return every folder that holds data of one permit, and of no other. Raises Malformed.

        The destruction of the permit's data removes them all.
        """
        number = checked_number(permit_number)
        beside = self.projects.glob(f".*-{number}")  # what a renewal under way left
        jobs = (self.path / "jobs").glob(f"{number}-*")
        waiting = (self.path / "results").glob(f"{number}-*")  # who is behind its jobs' files
        whole = (
            self.projects / number,
            self.path / "workspaces" / number,
            self.path / "boards" / number,
            self.path / "evaluations" / number,
        )
        return tuple(sorted((*whole, *beside, *jobs, *waiting)))

    def deletion(self, permit_number: str) -> Path:
        """Return where it is written what of a permit is destroyed. Raises Malformed."""
        return self.path / "deletions" / f"{checked_number(permit_number)}.json"

    def blob(self, digest: str) -> Path:
        """Return the file of an output of this digest."""
        return self.blobs / digest.removeprefix("sha256:")

    @property
    def settings(self) -> ZoneSettings:
        """What the operator set. Raises InvalidInput, SetupIncomplete."""
        return ZoneSettings.load(self.path)

    @property
    def custody(self) -> ZoneCustody:
        """Where the zone's own key is kept, which wraps those of extracts."""
        return ZoneCustody(self.keys, self.settings.tokens.get("zone"))

    def extract_keys(self) -> ExtractKeys:
        """Return the wrapped keys of extracts; the zone's key is made with the first.

        Raises:
            NotFound: extracts exist and the key that wraps theirs is missing.
        """
        folder, custody = self.keys / "extracts", self.custody
        is_first = not folder.exists() and not custody.exists()
        return ExtractKeys(folder, custody.create() if is_first else custody.load())

    def seals(self, permit_number: str) -> ProjectSeals:
        """Return the keys that seal a project's extracts. Raises Malformed, as `extract_keys`."""
        return ProjectSeals(self.extract_keys(), checked_number(permit_number))

    @property
    def opt_out_files(self) -> Path:
        """The files of lists of opt-outs, each named by the digits of its digest."""
        return self.path / "optouts" / "files"

    @property
    def wish_files(self) -> Path:
        """The sealed files of who wishes not to be told of findings, named the same way."""
        return self.path / "findings" / "wishes"

    def records(self) -> Records:
        """Return what proves how opt-outs were applied. Raises as `extract_keys`."""
        return Records(self.path / "optouts" / "records", self.extract_keys())

    def pseudonym_keys(self) -> ProjectVersions:
        """Return the pseudonym keys; drawn at the first start, never once extracts exist.

        Raises:
            NotFound: extracts exist and a key that made them is missing.
        """
        versions = ProjectVersions.of_zone(self.path)
        for folder in (versions.first, versions.second):
            if not folder.exists() and not self.projects.exists():
                folder.create()
        versions.current_ids()
        return versions


def checked_number(number: str) -> str:
    """Return a permit's, order's or job's number if it can name a folder. Raises Malformed."""
    if not NUMBER.fullmatch(number):
        raise Malformed(
            "A number of the document cannot name a folder: use 1 to 64 of A-Z a-z 0-9 . _ - and "
            "begin with a letter or a digit."
        )
    return number
