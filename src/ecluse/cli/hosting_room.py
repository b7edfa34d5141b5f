"""The room of `ecluse hosting`: the hosts, the key that signs, the register, the manifests kept."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from ecluse.cli.console import error_console
from ecluse.domain.documents import Signer
from ecluse.domain.errors import NotAllowed, NotFound
from ecluse.trust import durable, keys
from ecluse.trust.journal.files import FileJournal
from ecluse.trust.keys import Keyring, SigningKey

if TYPE_CHECKING:
    from ecluse.cli.home import Home
    from ecluse.hosting.placement import Placement
    from ecluse.hosting.replicas import progress as steps
    from ecluse.hosting.replicas.manifests import Item, Manifest
    from ecluse.hosting.replicas.register import Register
    from ecluse.hosting.replicas.verification import Verification
    from ecluse.hosting.stores.interface import Store

ORIGIN = "hosting"
ACTOR = "operator"


@dataclass(frozen=True, slots=True)
class Room:
    """Everything that a command of `ecluse hosting` works with."""

    folder: Path
    placement: Placement
    key: SigningKey
    keyring: Keyring
    register: Register

    @classmethod
    @contextmanager
    def open(cls, home: Home, *, now: datetime) -> Iterator[Room]:
        """Open the room of this installation, for one process at a time.

        Raises:
            NotFound: the hosts are not described yet.
            NotAllowed: another command of `ecluse hosting` runs.
        """
        from ecluse.hosting.placement import FILE, Placement
        from ecluse.hosting.replicas.register import Register

        folder = home.path / "hosting"
        placement = Placement.load(folder / FILE)
        key = _key(folder / "keys", now=now)
        keyring = Keyring(keys.public_keys(folder / "keys"))
        with FileJournal(folder / "journal", origin=ORIGIN, key=key, keyring=keyring) as journal:
            yield cls(folder, placement, key, keyring, Register(journal, actor=ACTOR))

    def store(self, host: str) -> Store:
        """Return the store of a host. Raises NotFound, SetupIncomplete."""
        from ecluse.hosting.stores.addresses import open_store

        return open_store(self.placement.host(host).address, host=host, environment=os.environ)

    def check_placement(self, host: str) -> None:
        """Raise NotAllowed when the policy refuses this host today."""
        self.check_content(host)
        self.placement.policy.check(self.placement.host(host), today=datetime.now(UTC).date())

    def check_content(self, host: str) -> None:
        """Raise NotAllowed when this host is a folder as it stands, and not a replica."""
        from ecluse.hosting.replicas.copying import Layout

        if self.placement.host(host).layout is not Layout.CONTENT:
            raise NotAllowed(
                f"{host} is read as it stands (layout = paths), and is not a replica: "
                "name a host of layout content."
            )

    def allowed(self) -> tuple[str, ...]:
        """Return the hosts that the policy accepts today."""
        today, policy = datetime.now(UTC).date(), self.placement.policy
        hosts = self.placement.hosts.values()
        return tuple(host.name for host in hosts if not policy.refusals(host, today=today))

    def keep(self, manifest: Manifest, *, host: str) -> None:
        """Keep a new manifest here and note it in the register."""
        path = self._manifest(manifest.root)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # The file first: a register that names a version that is nowhere could not go on.
        durable.write(path, manifest.data())
        self.register.planned(manifest, host=host, now=datetime.now(UTC))

    def latest(self, dataset: str) -> Manifest | None:
        """Return the last version of a dataset, or None."""
        root = self.register.latest_root(dataset)
        return None if root is None else self._load(root)

    def last(self, dataset: str) -> Manifest:
        """Return the last version of a dataset. Raises NotFound."""
        found = self.latest(dataset)
        if found is None:
            raise NotFound(f"{dataset!r} was never planned: run `ecluse hosting plan` first.")
        return found

    def former(self, manifest: Manifest) -> tuple[Manifest, ...]:
        """Return the versions before this one, newest first."""
        found = []
        root = manifest.header.former_root
        while root is not None:
            found.append(self._load(root))
            root = found[-1].header.former_root
        return tuple(found)

    def version(self, dataset: str, number: int | None) -> Manifest:
        """Return a version by its number, or the last. Raises NotFound."""
        last = self.last(dataset)
        for one in (last, *self.former(last)):
            if number in (None, one.header.number):
                return one
        raise NotFound(f"{dataset} has no version {number}: the last is {last.header.number}.")

    def kept(self, manifest: Manifest, host: str) -> tuple[Manifest, ...]:
        """Return the other versions that a host holds, which its erasure must leave whole."""
        from ecluse.hosting.replicas import manifests

        listed = self.store(host).list(manifests.FOLDER)
        roots = {stored.key.removeprefix(manifests.FOLDER) for stored in listed} - {manifest.root}
        return tuple(self._load(root) for root in sorted(roots))

    def progress(self, manifest: Manifest, host: str) -> steps.Progress:
        """Return how far the copy of a version to a host has come."""
        from ecluse.hosting.replicas.progress import Progress as Steps

        return Steps(self._state(manifest, host))

    def forget(self, manifest: Manifest, host: str) -> None:
        """Forget the copy of a version to a host: nothing of it is there any more."""
        self._state(manifest, host).unlink(missing_ok=True)

    def forget_faulty(self, manifest: Manifest, host: str, found: Verification) -> None:
        """Have the next copy send again what was found wrong."""
        from ecluse.hosting.replicas.progress import Step

        with self.progress(manifest, host) as state:
            for finding in found.findings:
                if finding.key in manifest.objects:
                    state.reach(finding.key, Step.PLANNED)

    def _manifest(self, root: str) -> Path:
        return self.folder / "manifests" / root

    def _state(self, manifest: Manifest, host: str) -> Path:
        return self.folder / "copies" / f"{manifest.root}.{host}"

    def _load(self, root: str) -> Manifest:
        from ecluse.hosting.replicas import manifests

        path = self._manifest(root)
        if not path.is_file():
            raise NotFound(f"{path} is missing: restore it from any host that holds {root}.")
        return manifests.parse(path.read_bytes(), self.keyring)


@contextmanager
def counting(what: str, manifest: Manifest) -> Iterator[Callable[[Item], object]]:
    """Show the bytes done, the speed and the time left; give what counts an object."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=error_console, transient=True) as bar:
        task = bar.add_task(what, total=manifest.size)

        def count(item: Item) -> None:
            bar.advance(task, item.size)

        yield count


def _key(folder: Path, *, now: datetime) -> SigningKey:
    try:
        return keys.load_signing_key(folder, Signer.AGENT)
    except NotFound:
        return keys.create_key(folder, Signer.AGENT, now=now)
