"""The register of replicas: which host holds what, proved when, and which one is in use.

It is a journal like the others: signed, in order, never rewritten. The host in use is the last one
named by a cut-over or a roll-back; nothing else decides it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ecluse.domain.errors import NotAllowed, NotFound
from ecluse.hosting.replicas.copying import Copied
from ecluse.hosting.replicas.erasure import Erased
from ecluse.hosting.replicas.manifests import Manifest
from ecluse.hosting.replicas.verification import Verification
from ecluse.trust.journal.entries import Entry
from ecluse.trust.journal.files import FileJournal

PLANNED: Final = "replica.planned"
SEALED: Final = "replica.sealed"
VERIFIED: Final = "replica.verified"
FAULTY: Final = "replica.faulty"
CUT_OVER: Final = "replica.cut-over"
ROLLED_BACK: Final = "replica.rolled-back"
ERASED: Final = "replica.erased"
RECONCILED: Final = "replica.reconciled"
DIVERGED: Final = "replica.diverged"
IN_USE: Final = (CUT_OVER, ROLLED_BACK)
PROVED: Final = (SEALED, VERIFIED)
DISPROVED: Final = (FAULTY, ERASED, DIVERGED)


@dataclass(frozen=True, slots=True)
class Asked:
    """How many other hosts must hold a version before one is erased, and how fresh the proof."""

    copies: int
    within: timedelta


@dataclass(frozen=True, slots=True)
class InUse:
    """The host that a dataset is read from, the version, and since when."""

    host: str
    root: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Register:
    """What the journal says, and the one way to add to it. `actor` is who answers for it."""

    journal: FileJournal
    actor: str

    def planned(self, manifest: Manifest, *, host: str, now: datetime) -> Entry:
        """Note a new version, read at `host`. Raises NotAllowed: it does not follow the last."""
        last = self.latest_root(manifest.header.dataset)
        if manifest.header.former_root != last:
            raise NotAllowed(
                f"Version {manifest.header.number} follows {manifest.header.former_root}, and the "
                f"register's last is {last}: plan again."
            )
        return self._note(PLANNED, manifest, host=host, now=now)

    def sealed(self, manifest: Manifest, copied: Copied, *, host: str, now: datetime) -> Entry:
        """Note that a host holds everything, read back. Raises NotAllowed: it is not sealed."""
        if not copied.is_sealed:
            raise NotAllowed(f"{copied.verified} of {copied.objects} objects are read back.")
        return self._note(SEALED, manifest, host=host, now=now, sent_bytes=copied.sent_bytes)

    def verified(
        self, manifest: Manifest, found: Verification, *, host: str, now: datetime
    ) -> Entry:
        """Note what reading everything at a host gave, good or bad."""
        action = VERIFIED if found.is_whole else FAULTY
        return self._note(action, manifest, host=host, now=now, faults=len(found.findings))

    def reconciled(
        self, manifest: Manifest, *, host: str, now: datetime, rows: int, faults: int
    ) -> Entry:
        """Note whether a host has the rows of another, table by table; if not, it is disproved."""
        action = DIVERGED if faults else RECONCILED
        return self._note(action, manifest, host=host, now=now, rows=rows, faults=faults)

    def cut_over(self, manifest: Manifest, *, to: str, now: datetime, within: timedelta) -> Entry:
        """Have the dataset read from another host from now on.

        Raises:
            NotAllowed: `to` was not proved to hold this version within the last `within`, or this
                is not the last version.
        """
        self._check_proved(manifest, to, now=now, within=within)
        if manifest.root != self.latest_root(manifest.header.dataset):
            raise NotAllowed(f"Version {manifest.header.number} is not the last: copy the last.")
        return self._note(CUT_OVER, manifest, host=to, now=now)

    def roll_back(self, manifest: Manifest, *, now: datetime, within: timedelta) -> Entry:
        """Have the dataset read again from the host before the last cut-over.

        Raises:
            NotFound: there was none before.
            NotAllowed: that host was not proved to hold this version within the last `within`.
        """
        used = [entry for entry in self._entries(manifest.header.dataset) if entry.action in IN_USE]
        if len(used) < 2:  # noqa: PLR2004 — the one in use, and one before
            raise NotFound(f"{manifest.header.dataset} was never read from another host.")
        before = str(used[-2].details["host"])
        self._check_proved(manifest, before, now=now, within=within)
        return self._note(ROLLED_BACK, manifest, host=before, now=now)

    def erased(self, manifest: Manifest, done: Erased, *, host: str, now: datetime) -> Entry:
        """Note that a host holds this version no more, in any version of any object."""
        return self._note(ERASED, manifest, host=host, now=now, versions=done.versions)

    def in_use(self, dataset: str) -> InUse | None:
        """Return where the dataset is read from, or None before the first cut-over."""
        used = [entry for entry in self._entries(dataset) if entry.action in IN_USE]
        if not used:
            return None
        last = used[-1]
        return InUse(str(last.details["host"]), str(last.details["root"]), last.at)

    def latest_root(self, dataset: str) -> str | None:
        """Return the root of the last version planned, or None."""
        planned = (entry for entry in self._entries(dataset) if entry.action == PLANNED)
        return max(
            ((one.sequence, str(one.details["root"])) for one in planned), default=(0, None)
        )[1]

    def proofs(self, manifest: Manifest) -> dict[str, datetime]:
        """Return the hosts proved to hold this version, and when each was last."""
        found: dict[str, datetime] = {}
        for entry in self._entries(manifest.header.dataset):
            if entry.details.get("root") == manifest.root:
                _apply(found, entry)
        return found

    def _check_proved(
        self, manifest: Manifest, host: str, *, now: datetime, within: timedelta
    ) -> None:
        proved = self.proofs(manifest).get(host)
        if proved is None or now - proved > within:
            raise NotAllowed(
                f"{host} was not proved to hold version {manifest.header.number} within "
                f"{within.days} days: run `ecluse hosting verify {host}` first."
            )

    def _entries(self, dataset: str) -> Iterator[Entry]:
        return (entry for entry in self.journal.entries() if entry.subject == _subject(dataset))

    def _note(
        self, action: str, manifest: Manifest, *, host: str, now: datetime, **details: int
    ) -> Entry:
        return self.journal.append(
            action,
            actor=self.actor,
            subject=_subject(manifest.header.dataset),
            details={
                "host": host,
                "root": manifest.root,
                "number": manifest.header.number,
                **details,
            },
            at=now,
        )


def check_erasable(
    register: Register,
    manifest: Manifest,
    *,
    host: str,
    others: Iterable[str],
    asked: Asked,
    now: datetime,
) -> None:
    """Raise NotAllowed unless enough other hosts hold this version, and none reads from `host`."""
    used = register.in_use(manifest.header.dataset)
    if used is None or used.host == host:
        raise NotAllowed(f"{host} is the host in use: cut over to another one first.")
    proofs = register.proofs(manifest)
    holding = [one for one in others if one in proofs and now - proofs[one] <= asked.within]
    if len(set(holding) - {host}) < asked.copies:
        raise NotAllowed(
            f"{len(set(holding) - {host})} other hosts are proved to hold version "
            f"{manifest.header.number} within {asked.within.days} days and {asked.copies} are "
            "asked: verify them."
        )


def _apply(found: dict[str, datetime], entry: Entry) -> None:
    host = str(entry.details["host"])
    if entry.action in PROVED:
        found[host] = entry.at
    elif entry.action in DISPROVED:
        found.pop(host, None)


def _subject(dataset: str) -> str:
    return f"replica/{dataset}"
