"""The proof that one entry is in a journal, in one text that anybody can check offline.

    c2sp.org/tlog-proof@v1
    extra <base64 of the entry's line>
    index 1234
    <base64 hashes, nearest first>
    <empty line>
    <the checkpoint, with its witnesses' lines when it has some>

The format is C2SP tlog-proof. `extra` is left out where the entry names a person: its hash is then
given apart.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ecluse.domain.errors import BadSignature, JournalBroken, Malformed
from ecluse.trust.journal import checkpoints, tree
from ecluse.trust.journal.checkpoints import Checkpoint, from_base64, to_base64
from ecluse.trust.journal.cosignatures import split
from ecluse.trust.journal.proofs import Tree, inclusion_proof
from ecluse.trust.keys import Keyring

HEADER: Final = "c2sp.org/tlog-proof@v1"
EXTRA: Final = "extra "
INDEX: Final = "index "
MAX_HASHES: Final = 63


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """Entry `index` (from 0) under the checkpoint `note`; `line` is the entry, when it is given."""

    index: int
    path: tuple[bytes, ...]
    note: str
    line: bytes | None = None

    def __str__(self) -> str:
        """Return the proof as text."""
        extra = "" if self.line is None else f"{EXTRA}{to_base64(self.line)}\n"
        path = "".join(f"{to_base64(one)}\n" for one in self.path)
        return f"{HEADER}\n{extra}{INDEX}{self.index}\n{path}\n{self.note}"

    @classmethod
    def parse(cls, text: str) -> "InclusionProof":
        """Return the proof of a text. Raises Malformed."""
        head, _, note = text.partition("\n\n")
        header, *lines = head.split("\n")
        extra = lines.pop(0) if lines and lines[0].startswith(EXTRA) else None
        index = lines.pop(0).removeprefix(INDEX) if lines else ""
        if header != HEADER or not (index.isascii() and index.isdigit()) or len(lines) > MAX_HASHES:
            raise Malformed(f"A proof begins with {HEADER}, then its index and its hashes.")
        path = tuple(from_base64(one, length=len(tree.EMPTY_ROOT)) for one in lines)
        return cls(int(index), path, note, None if extra is None else _line(extra))


def prove(of: Tree, index: int, note: str, *, leaf: bytes, line: bytes | None) -> InclusionProof:
    """Return the proof that `leaf` is number `index`, from 0, under the checkpoint `note`.

    Raises:
        JournalBroken: the tree is not the one that the checkpoint signed.
    """
    size = checkpoints.read_checkpoint(split(note)[0]).size
    path = inclusion_proof(of, index, size=size)
    made = InclusionProof(index, tuple(path), note, line)
    if not _leads_to_root(made, leaf):
        raise JournalBroken(
            f"Entry {index + 1} does not lie under the checkpoint of {size} entries: run "
            "`ecluse journal verify`, and keep a copy."
        )
    return made


def check(proof: InclusionProof, keyring: Keyring, *, leaf: bytes | None = None) -> Checkpoint:
    """Return the checkpoint under which the entry lies. `leaf` is needed when no line is given.

    Raises:
        Malformed, UnknownKey, BadSignature: the checkpoint fails, or the entry is not there.
    """
    if proof.line is not None:
        leaf = tree.leaf_hash(proof.line)
    if leaf is None:
        raise Malformed("This proof leaves its entry out: give the hash of the entry too.")
    seen = checkpoints.verify_checkpoint(split(proof.note)[0], keyring)
    if not _leads_to_root(proof, leaf):
        raise BadSignature(f"Entry {proof.index + 1} is not in the journal {seen.origin}.")
    return seen


def _leads_to_root(proof: InclusionProof, leaf: bytes) -> bool:
    seen = checkpoints.read_checkpoint(split(proof.note)[0])
    path: Sequence[bytes] = proof.path
    return tree.verify_inclusion(
        leaf, index=proof.index, size=seen.size, proof=path, root=seen.root
    )


def _line(extra: str) -> bytes:
    try:
        return base64.b64decode(extra.removeprefix(EXTRA), validate=True)
    except binascii.Error as error:
        raise Malformed("The entry of a proof is not base64.") from error
