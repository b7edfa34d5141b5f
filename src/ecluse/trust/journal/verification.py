"""Does a journal prove itself, and do the journals of all sides tell one story?

Anybody can answer with the exported files and the public keys alone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from ecluse.domain.documents import Signer
from ecluse.domain.errors import JournalBroken, Malformed, Refused, UnknownKey
from ecluse.trust.journal import checkpoints, tree
from ecluse.trust.journal.checkpoints import Checkpoint
from ecluse.trust.journal.entries import Entry
from ecluse.trust.keys import Keyring

SENT: Final = "document.sent"
RECEIVED: Final = "document.received"
REFUSED: Final = "document.refused"
CLOCK_TOLERANCE: Final = timedelta(minutes=5)
JOURNAL_OF: Final[Mapping[str, Signer]] = {
    **{signer.value: signer for signer in Signer},
    Signer.REGISTER.value: Signer.PORTAL,
}
"""Whose journal holds what a signer sends: the register has no journal of its own."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a journal is not believed. `sequence` is the first entry that is not as it was signed."""

    sequence: int | None
    explanation: str


@dataclass(frozen=True, slots=True)
class Crossing:
    """A document that an entry says came in or went out, and when."""

    digest: str
    issuer: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class JournalReport:
    """What one journal proves. `leaves` are the hashes of its entries, for the cross-check.

    `pending_count` tells how many entries of acts that are done have no number yet.
    """

    origin: str
    signer: Signer | None
    leaves: Sequence[bytes]
    root: bytes
    checkpoint_count: int
    witnessed: tuple[Checkpoint, ...]
    unknown_witness_count: int
    sent: tuple[Crossing, ...]
    received: tuple[Crossing, ...]
    refused: tuple[Crossing, ...]
    last_at: datetime | None
    problem: Problem | None
    pending_count: int = 0

    @property
    def size(self) -> int:
        """How many entries were read before the problem, if any."""
        return len(self.leaves)

    def require_sound(self) -> None:
        """Raise JournalBroken unless the journal proves itself."""
        if self.problem is not None:
            raise JournalBroken(f"Journal {self.origin or '?'}: {self.problem.explanation}")


@dataclass(frozen=True, slots=True)
class CrossCheck:
    """What the journals prove together.

    `on_the_way_count` counts documents that one side has noted and the other not yet.
    """

    witnessed_count: int
    crossed_count: int
    on_the_way_count: int
    problems: tuple[str, ...]

    def require_sound(self) -> None:
        """Raise JournalBroken unless the journals tell one story."""
        if self.problems:
            raise JournalBroken(" ".join(self.problems))


def verify(lines: Iterable[bytes], notes: Iterable[str], keyring: Keyring) -> JournalReport:
    """Return what a journal proves; its first broken entry, if any, is in `problem`.

    `lines` are read once, in order, without end of line; every entry must lie under a checkpoint of
    `notes`. With a checkpoint per entry the first broken entry is named exactly; with fewer, the
    first entry after the last checkpoint that holds.
    """
    reading = _Reading(keyring)
    problem = None
    try:
        reading.take_checkpoints(notes)
        reading.take_lines(lines)
    except _BrokenError as broken:
        problem = broken.problem
    return JournalReport(
        origin=reading.origin,
        signer=reading.signer,
        leaves=reading.leaves,
        root=reading.frontier.root(),
        checkpoint_count=reading.checkpoint_count,
        witnessed=tuple(reading.witnessed),
        unknown_witness_count=reading.unknown_witness_count,
        sent=tuple(reading.crossings[SENT]),
        received=tuple(reading.crossings[RECEIVED]),
        refused=tuple(reading.crossings[REFUSED]),
        last_at=reading.last_at,
        problem=problem,
    )


def cross_check(reports: Sequence[JournalReport]) -> CrossCheck:
    """Return whether the journals agree on the past that they saw of each other.

    Every checkpoint that one side witnessed of another must lie on the other's entries, two copies
    of one journal must begin alike, and every document received must have been sent. Journals that
    do not prove themselves are left out.
    """
    sound = [report for report in reports if report.problem is None]
    witnessed = [checkpoint for report in sound for checkpoint in report.witnessed]
    forks = [*_disagreements(witnessed)]
    held = 0
    for report in sound:
        seen = {(seen.size, seen.root) for seen in witnessed if seen.origin == report.origin}
        lost = [*missed(report, seen)]
        held += len(seen) - len(lost)
        forks += [*lost, *missed(report, _shorter_copies(report, sound))]
    crossed, on_the_way, unsent = _compare_documents(sound)
    return CrossCheck(held, crossed, on_the_way, (*dict.fromkeys(forks), *unsent))


class _BrokenError(Exception):
    def __init__(self, sequence: int | None, explanation: str) -> None:
        super().__init__(explanation)
        self.problem = Problem(sequence, explanation)


@dataclass(slots=True)
class _Reading:
    """One pass over a journal."""

    keyring: Keyring
    origin: str = ""
    signer: Signer | None = None
    frontier: tree.Frontier = field(default_factory=tree.Frontier)
    leaves: list[bytes] = field(default_factory=list)
    roots: dict[int, bytes] = field(default_factory=dict)
    proven: int = 0
    checkpoint_count: int = 0
    witnessed: list[Checkpoint] = field(default_factory=list)
    unknown_witness_count: int = 0
    crossings: dict[str, list[Crossing]] = field(
        default_factory=lambda: {SENT: [], RECEIVED: [], REFUSED: []}
    )
    last_at: datetime | None = None

    def take_checkpoints(self, notes: Iterable[str]) -> None:
        for note in notes:
            try:
                checkpoint = checkpoints.verify_checkpoint(note, self.keyring)
            except Refused as error:
                raise _BrokenError(None, f"a checkpoint fails: {error}") from error
            self._take_origin(checkpoint)
            if self.roots.setdefault(checkpoint.size, checkpoint.root) != checkpoint.root:
                raise _BrokenError(None, f"two roots are signed for {checkpoint.size} entries.")
            self.checkpoint_count += 1

    def take_lines(self, lines: Iterable[bytes]) -> None:
        self._compare_root()
        for line in lines:
            entry = self._parse(line)
            self.leaves.append(tree.leaf_hash(line))
            self.frontier.append(self.leaves[-1])
            self._compare_root()
            self._note(entry)
        covered = max(self.roots, default=0)
        if covered > len(self.leaves):
            raise _BrokenError(
                len(self.leaves) + 1,
                f"entries {len(self.leaves) + 1} to {covered} were signed and are missing.",
            )
        if covered < len(self.leaves):
            raise _BrokenError(
                covered + 1,
                f"entries {covered + 1} to {len(self.leaves)} lie under no checkpoint.",
            )

    def _take_origin(self, checkpoint: Checkpoint) -> None:
        signer = self.keyring.find(checkpoint.key_id).signer
        if self.signer is None:
            self.origin, self.signer = checkpoint.origin, signer
        if (checkpoint.origin, signer) != (self.origin, self.signer):
            raise _BrokenError(
                None, f"a checkpoint is of {checkpoint.origin}, signed by {signer.value}."
            )

    def _parse(self, line: bytes) -> Entry:
        number = len(self.leaves) + 1
        try:
            entry = Entry.parse(line)
        except Malformed as error:
            raise _BrokenError(number, f"entry {number} cannot be read: {error}") from error
        if entry.sequence != number:
            raise _BrokenError(
                number, f"entry {entry.sequence} stands at the place of entry {number}."
            )
        return entry

    def _compare_root(self) -> None:
        size = len(self.leaves)
        if size not in self.roots:
            return
        if self.roots[size] != self.frontier.root():
            first = min(self.proven + 1, size)
            place = f"entry {size}" if first == size else f"one of the entries {first} to {size}"
            raise _BrokenError(first, f"{place} is not what the checkpoint of {size} signed.")
        self.proven = size

    def _note(self, entry: Entry) -> None:
        self.last_at = entry.at
        if entry.action in self.crossings and entry.digest is not None:
            issuer = entry.details.get("issuer")
            issuer_name = issuer if isinstance(issuer, str) else None
            self.crossings[entry.action].append(Crossing(entry.digest, issuer_name, entry.at))
        if entry.action == checkpoints.WITNESSED:
            self._witness(entry)

    def _witness(self, entry: Entry) -> None:
        try:
            note = str(entry.details.get("note", ""))
            self.witnessed.append(checkpoints.verify_checkpoint(note, self.keyring))
        except UnknownKey:
            # Another side's key may be revoked, or absent from the verifier's keyring.
            self.unknown_witness_count += 1
        except Refused as error:
            raise _BrokenError(
                entry.sequence, f"entry {entry.sequence} witnessed a false checkpoint: {error}"
            ) from error


def _disagreements(witnessed: Iterable[Checkpoint]) -> Iterator[str]:
    """Yield the journals of which two different pasts were shown."""
    roots: dict[tuple[str, int], bytes] = {}
    for seen in witnessed:
        if roots.setdefault((seen.origin, seen.size), seen.root) != seen.root:
            yield f"Journal {seen.origin} showed two pasts of {seen.size} entries."


def _shorter_copies(
    report: JournalReport, reports: Iterable[JournalReport]
) -> set[tuple[int, bytes]]:
    return {
        (other.size, other.root)
        for other in reports
        if other.origin == report.origin and other.size <= report.size
    }


def missed(report: JournalReport, seen: Iterable[tuple[int, bytes]]) -> Iterator[str]:
    """Yield the sizes and roots, smallest first, that the entries do not give."""
    frontier = tree.Frontier()
    for size, root in sorted(seen):
        if size > report.size:
            yield (
                f"Journal {report.origin} showed {size} entries to a witness and has "
                f"{report.size} here: it was cut, or this copy is older."
            )
            continue
        for leaf in report.leaves[frontier.size : size]:
            frontier.append(leaf)
        if frontier.root() != root:
            yield (
                f"Journal {report.origin} is not the one whose first {size} entries were seen "
                "elsewhere: its past was rewritten."
            )


def _compare_documents(reports: Sequence[JournalReport]) -> tuple[int, int, list[str]]:
    """Return how many documents both sides noted, how many one side only, and what is wrong."""
    arrived = {seen.digest for report in reports for seen in (*report.received, *report.refused)}
    sent = {seen.digest for report in reports for seen in report.sent}
    senders = {report.signer: report for report in reports}
    unsent = {
        seen.digest: seen
        for report in reports
        for seen in report.received
        if seen.digest not in sent
    }
    problems = [
        f"Document {seen.digest} was received from {seen.issuer}, whose journal never sent it."
        for seen in unsent.values()
        if _should_be_known(seen, senders.get(JOURNAL_OF.get(seen.issuer or "")))
    ]
    on_the_way = len(sent - arrived) + len(unsent) - len(problems)
    return len(sent & arrived), on_the_way, problems


def _should_be_known(seen: Crossing, sender: JournalReport | None) -> bool:
    """Say whether the sender's journal, as given, is recent enough to hold what was received."""
    if sender is None or sender.last_at is None:
        return False
    return sender.last_at > seen.at + CLOCK_TOLERANCE
