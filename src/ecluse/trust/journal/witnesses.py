"""A witness: it remembers the last checkpoint of each journal and signs those that continue it.

It never signs two pasts of one journal. It needs neither the entries nor their owner: a checkpoint,
and the proof that the tree only grew (C2SP tlog-witness, `add-checkpoint`).
"""

import fcntl
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ecluse.domain.errors import InvalidInput, JournalBroken, Malformed, NotFound
from ecluse.trust import durable, keys
from ecluse.trust.journal import checkpoints, tree
from ecluse.trust.journal.checkpoints import Checkpoint, from_base64, to_base64
from ecluse.trust.journal.cosignatures import WitnessKey, cosign, split
from ecluse.trust.keys import Keyring

KEY: Final = "witness.key"
PUBLIC: Final = "witness.vkey"
MAX_PROOF: Final = 63


@dataclass(frozen=True, slots=True)
class Submission:
    """What a journal asks a witness to sign: a note, and the proof from `old_size` entries."""

    old_size: int
    proof: tuple[bytes, ...]
    note: str

    @classmethod
    def parse(cls, text: str) -> "Submission":
        """Return the submission of a request's body. Raises Malformed."""
        head, _, note = text.partition("\n\n")
        first, *lines = head.split("\n")
        digits = first.removeprefix("old ")
        if not digits.isascii() or not digits.isdigit() or len(lines) > MAX_PROOF:
            raise Malformed("A submission begins with `old <size>`, then at most 63 hashes.")
        proof = tuple(from_base64(line, length=len(tree.EMPTY_ROOT)) for line in lines)
        return cls(int(digits), proof, note)

    def __str__(self) -> str:
        """Return the body of the request."""
        lines = "".join(f"{to_base64(one)}\n" for one in self.proof)
        return f"old {self.old_size}\n{lines}\n{self.note}"


def create_witness(folder: Path, name: str) -> WitnessKey:
    """Draw the key of a new witness in `folder`. Raises InvalidInput: there is one."""
    path = folder / KEY
    if path.exists():
        raise InvalidInput(f"{folder} holds a witness already: take another folder.")
    private = Ed25519PrivateKey.generate()
    key = WitnessKey(name, private.public_key().public_bytes_raw())
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    durable.write(path, private.private_bytes_raw(), mode=keys.PRIVATE_MODE)
    durable.write(folder / PUBLIC, f"{key}\n".encode(), mode=keys.PUBLIC_MODE)
    return key


class Witness:
    """The witness of `folder`, who believes `keyring`. Raises NotFound, InvalidInput."""

    def __init__(self, folder: Path, keyring: Keyring) -> None:
        self.folder = folder
        self.keyring = keyring
        try:
            self._private = Ed25519PrivateKey.from_private_bytes((folder / KEY).read_bytes())
            self.key = WitnessKey.parse((folder / PUBLIC).read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise NotFound(
                f"{folder} holds no witness: make one with `ecluse journal witness create`."
            ) from None
        except ValueError:
            raise InvalidInput(f"{folder / KEY} is not a key: restore it from its copy.") from None
        if self._private.public_key().public_bytes_raw() != self.key.public:
            raise InvalidInput(f"{KEY} and {PUBLIC} of {folder} are not one pair.")

    def last_size(self, origin: str) -> int:
        """Return how many entries of a journal this witness has signed for."""
        last = self._last(origin)
        return 0 if last is None else last.size

    def add_checkpoint(self, submission: Submission, *, at: datetime) -> str:
        """Return the line that cosigns a checkpoint, once it is remembered on the disk.

        Raises:
            Malformed, UnknownKey, BadSignature: not a checkpoint of a journal that it believes.
            InvalidInput: the proof starts elsewhere than at the last checkpoint signed.
            JournalBroken: this is not the same journal, longer. Both notes are kept as the proof.
        """
        note = split(submission.note)[0]
        seen = checkpoints.verify_checkpoint(note, self.keyring)
        with self._locked():
            last = self._last(seen.origin)
            if last is not None:
                self._require_same(last, seen, submission, note)
            elif submission.old_size or submission.proof:
                raise InvalidInput(f"This witness has seen nothing of {seen.origin}: prove from 0.")
            durable.write(self._path(seen.origin), note.encode(), mode=keys.PUBLIC_MODE)
        return cosign(note, self.key.name, self._private, at=at)

    def _require_same(
        self, last: Checkpoint, seen: Checkpoint, submission: Submission, note: str
    ) -> None:
        if seen.size >= last.size and submission.old_size != last.size:
            raise InvalidInput(
                f"This witness has signed {last.size} entries of {seen.origin}: prove from there."
            )
        if not _continues(last, seen, submission.proof):
            kept = self._keep_fork(seen.origin, note)
            raise JournalBroken(
                f"Journal {seen.origin} showed {last.size} entries to this witness, and its "
                f"checkpoint of {seen.size} is not their continuation: nothing was signed; both "
                f"notes are kept ({kept})."
            )

    def _keep_fork(self, origin: str, note: str) -> Path:
        name = hashlib.sha256(note.encode()).hexdigest()[:16]
        path = self._path(origin).with_suffix(f".fork-{name}")
        durable.write(path, note.encode(), mode=keys.PUBLIC_MODE)
        return path

    def _last(self, origin: str) -> Checkpoint | None:
        try:
            note = self._path(origin).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        return checkpoints.read_checkpoint(note)

    def _path(self, origin: str) -> Path:
        return self.folder / f"{hashlib.sha256(origin.encode()).hexdigest()[:32]}.note"

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self.folder / f"{KEY}.lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _continues(last: Checkpoint, seen: Checkpoint, proof: Sequence[bytes]) -> bool:
    if last.size == 0:
        return last.root == tree.EMPTY_ROOT and not proof
    return tree.verify_consistency(
        last.size, seen.size, first_root=last.root, second_root=seen.root, proof=proof
    )
