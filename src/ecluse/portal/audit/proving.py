"""Proofs that a document is in the journal of this site, for whoever has the document."""

from dataclasses import dataclass
from typing import Final

from ecluse.domain.documents import Signer
from ecluse.domain.errors import JournalBroken, NotFound
from ecluse.portal.audit import identity
from ecluse.portal.audit.models import JournalEntry
from ecluse.trust.journal import checkpoints, cosignatures, exports, inclusion
from ecluse.trust.journal.inclusion import InclusionProof
from ecluse.trust.journal.policies import Trusted
from ecluse.trust.journal.tree import node_hash

HASH_BYTES: Final = 32
MOST: Final = 20
"""Entries shown of one document."""
PROGRAMS: Final = frozenset({"system", *(signer.value for signer in Signer)})
"""Authors that are no person: their entries may be shown to everybody."""


class SiteTree:
    """The tree of the journal in the database: each row holds the subtrees before and with it."""

    def __init__(self, size: int) -> None:
        self.size = size

    def node(self, height: int, index: int) -> bytes:
        """Return the root of a complete subtree, from two rows."""
        last = (index + 1) << height
        rows = JournalEntry.objects.filter(sequence__in=(last - 1, last)).order_by("sequence")
        *before, row = rows or [JournalEntry(sequence=0)]
        if row.sequence != last or len(before) != (last > 1):
            raise JournalBroken(f"Entry {last} or the one before is not in the database.")
        value = bytes(row.leaf)
        if height:
            joined = bytes(before[0].frontier)[-height * HASH_BYTES :]
            nodes = [joined[at : at + HASH_BYTES] for at in range(0, len(joined), HASH_BYTES)]
            # All but the last leaf are the smallest complete subtrees of the entry before it.
            for left in reversed(nodes):
                value = node_hash(left, value)
        return value


@dataclass(frozen=True, slots=True)
class Found:
    """An entry that names a document: its proof, its hash, and who cosigned the checkpoint."""

    entry: JournalEntry
    proof: InclusionProof
    leaf: bytes
    size: int
    root: bytes
    witnesses: tuple[str, ...]

    @property
    def is_shown(self) -> bool:
        """Whether the entry is in the proof: it names no person as its author."""
        return self.proof.line is not None


def proofs_of(digest: str) -> list[Found]:
    """Return the proofs of the entries that name a document, oldest first; MOST at the most.

    Raises:
        JournalBroken: the journal is not the one that was signed.
    """
    entries = JournalEntry.objects.filter(digest=digest).order_by("sequence")[:MOST]
    return [_proved(entry) for entry in entries]


def proof_of(digest: str, sequence: int) -> Found:
    """Return the proof of one entry that names a document. Raises NotFound."""
    entry = JournalEntry.objects.filter(digest=digest, sequence=sequence).first()
    if entry is None:
        raise NotFound(f"Entry {sequence} does not name this document.")
    return _proved(entry)


def last_checkpoint() -> str:
    """Return the last checkpoint, with its witnesses' lines. Raises NotFound: an empty journal."""
    return _checkpoint(JournalEntry.objects.count())


def _proved(entry: JournalEntry) -> Found:
    note = _checkpoint(entry.sequence)
    seen = checkpoints.read_checkpoint(cosignatures.split(note)[0])
    line = bytes(entry.body) if _is_program(entry.actor) else None
    proof = inclusion.prove(
        SiteTree(seen.size), entry.sequence - 1, note, leaf=bytes(entry.leaf), line=line
    )
    witnesses = Trusted.of_home(identity.room().parent).policy.witnesses_of(note)
    names = tuple(one.name for one in witnesses)
    return Found(entry, proof, bytes(entry.leaf), seen.size, seen.root, names)


def _checkpoint(least: int) -> str:
    """Return the largest checkpoint that witnesses cosigned over `least` entries, or the last."""
    last = JournalEntry.objects.order_by("-sequence").first()
    if last is None:
        raise NotFound("The journal of this site is empty.")
    path = cosignatures.cosigned_path(identity.room() / exports.ENTRIES)
    cosigned = [(_size(note), note) for note in exports.read_notes(path)]
    _, note = max((one for one in cosigned if one[0] >= least), default=(0, last.checkpoint))
    return note


def _size(note: str) -> int:
    return checkpoints.read_checkpoint(cosignatures.split(note)[0]).size


def _is_program(actor: str) -> bool:
    return actor in PROGRAMS or actor.startswith(("agent:", "agent-"))
