"""A journal is changed at random, thousands of times: each change is found, by two programs.

The second is the one-file verifier that auditors are given, which shares no code with the first.
Numbers are those of the list of attacks (docs/reference/attacks.md).
"""

import argparse
import os
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import connection, transaction

from ecluse.domain.documents import Signer
from ecluse.domain.errors import EcluseError, Malformed
from ecluse.portal.audit import actions as audit
from ecluse.portal.audit import identity
from ecluse.trust import canonical, keys
from ecluse.trust.journal import checkpoints, exports, offline_verifier, tree, verification
from ecluse.trust.journal.attestations import Said, attest
from ecluse.trust.journal.cosignatures import Policy
from ecluse.trust.keys import Keyring, SigningKey
from tests.sites import Signers
from tests.unit.trust.build import AGENT, NOW, START, entry

MUTATIONS = int(os.environ.get("ECLUSE_MUTATIONS", "400"))
SEED = 20261123
ORIGIN = "test/zone"
KEYRING = Keyring([AGENT.public()])
STRANGER = keys.draw_key(Signer.AGENT, now=START)
GROUPS = (3, 4, 9, 12)
"""After how many entries a checkpoint was signed."""


@dataclass(frozen=True, slots=True)
class Files:
    """The two files of a journal."""

    entries: bytes
    notes: bytes


def signed(lines: Sequence[bytes], key: SigningKey = AGENT) -> Files:
    """The files of these entries, with a checkpoint after each group."""
    notes = [
        checkpoints.sign_checkpoint(ORIGIN, size, tree.root(map(tree.leaf_hash, lines[:size])), key)
        for size in GROUPS
        if size <= len(lines)
    ]
    return Files(
        b"".join(line + b"\n" for line in lines),
        b"".join(canonical.encode(note) + b"\n" for note in notes),
    )


LINES = [entry(number).line() for number in range(1, 13)]
HONEST = signed(LINES)
SEEN = str(canonical.decode(HONEST.notes.splitlines()[-1]))
"""The last checkpoint, which a witness keeps."""


def flipped(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    changed[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def joined(lines: Sequence[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)


def flip_entry(chance: random.Random) -> Files:
    return Files(flipped(HONEST.entries, chance), HONEST.notes)


def flip_checkpoint(chance: random.Random) -> Files:
    return Files(HONEST.entries, flipped(HONEST.notes, chance))


def drop(chance: random.Random) -> Files:
    gone = chance.randrange(len(LINES))
    return Files(joined([*LINES[:gone], *LINES[gone + 1 :]]), HONEST.notes)


def swap(chance: random.Random) -> Files:
    first, second = sorted(chance.sample(range(len(LINES)), 2))
    lines = list(LINES)
    lines[first], lines[second] = lines[second], lines[first]
    return Files(joined(lines), HONEST.notes)


def repeat(chance: random.Random) -> Files:
    again = chance.randrange(len(LINES) - 1)  # beyond the last checkpoint, nothing counts
    return Files(joined([*LINES[:again], LINES[again], *LINES[again:]]), HONEST.notes)


def insert(chance: random.Random) -> Files:
    place = chance.randrange(len(LINES))
    forged = entry(place + 1, subject=f"forged {chance.random()}").line()
    return Files(joined([*LINES[:place], forged, *LINES[place:]]), HONEST.notes)


def replace(chance: random.Random) -> Files:
    place = chance.randrange(len(LINES))
    forged = entry(place + 1, actor=f"forged {chance.random()}").line()
    return Files(joined([*LINES[:place], forged, *LINES[place + 1 :]]), HONEST.notes)


def cut_entries(chance: random.Random) -> Files:
    return Files(HONEST.entries[: chance.randrange(len(HONEST.entries) - 1)], HONEST.notes)


def cut_checkpoints(chance: random.Random) -> Files:
    return Files(HONEST.entries, HONEST.notes[: chance.randrange(len(HONEST.notes))])


def cut_both(chance: random.Random) -> Files:
    """A shorter journal that proves itself: the checkpoint kept elsewhere betrays it."""
    return signed(LINES[: chance.choice(GROUPS[:-1])])


def fork(chance: random.Random) -> Files:
    """Another past from some entry on, signed with the true key."""
    place = chance.randrange(len(LINES))
    tail = [
        entry(number, subject=f"forged {chance.random()}").line()
        for number in range(place + 1, len(LINES) + 1)
    ]
    return signed([*LINES[:place], *tail])


def sign_anew(chance: random.Random) -> Files:
    place = chance.randrange(len(LINES))
    forged = entry(place + 1, subject=f"forged {chance.random()}").line()
    return signed([*LINES[:place], forged, *LINES[place + 1 :]], STRANGER)


KINDS: tuple[Callable[[random.Random], Files], ...] = (
    *(flip_entry, flip_checkpoint, drop, swap, repeat, insert, replace),
    *(cut_entries, cut_checkpoints, cut_both, fork, sign_anew),
)


def ours_believes(files: Files, folder: Path) -> bool:
    """Whether `ecluse journal verify` would say that the journal holds."""
    path = folder / exports.ENTRIES
    path.write_bytes(files.entries)
    exports.checkpoints_path(path).write_bytes(files.notes)
    export = exports.read(path)
    report = verification.verify(export.lines, export.checkpoints, KEYRING)
    others = attest(report, Said(seen=[SEEN]), KEYRING, policy=Policy((), 0))
    return report.problem is None and not others.problems


def theirs_believes(folder: Path) -> bool:
    """Whether the one-file verifier would say so, of the same files."""
    options = argparse.Namespace(
        journal=str(folder / exports.ENTRIES),
        key=[str(folder / "key.pub")],
        seen=[str(folder / "seen")],
        witness=[],
        quorum=0,
    )
    try:
        return not list(offline_verifier.verify(options))
    except (OSError, ValueError, KeyError, TypeError):
        return False


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """The folder of an auditor, who has the public key and a checkpoint kept elsewhere."""
    (tmp_path / "key.pub").write_bytes(AGENT.public().line())
    (tmp_path / "seen").write_text(SEEN)
    return tmp_path


def test_a40_an_honest_journal_is_believed_by_both_programs(desk: Path) -> None:
    assert ours_believes(HONEST, desk)
    assert theirs_believes(desk)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a40_every_random_change_is_found_by_both_programs(
    desk: Path, kind: Callable[[random.Random], Files]
) -> None:
    chance = random.Random(f"{SEED} {kind.__name__}")  # noqa: S311 — changes, not secrets
    changed = [kind(chance) for _ in range(-(-MUTATIONS // len(KINDS)))]
    believed = [(ours_believes(one, desk), theirs_believes(desk)) for one in changed]

    assert HONEST not in changed
    assert believed == [(False, False)] * len(changed)


EDITS = (
    "UPDATE audit_journalentry SET body = set_byte(body, {byte}, 255) WHERE sequence = {row}",
    "UPDATE audit_journalentry SET leaf = set_byte(leaf, {byte} % 32, 7) WHERE sequence = {row}",
    "UPDATE audit_journalentry SET frontier = set_byte(frontier, {byte} % 32, 7)"
    " WHERE sequence = {row}",
    "UPDATE audit_journalentry SET actor = 'edited {byte}' WHERE sequence = {row}",
    "UPDATE audit_journalentry SET action = 'permit.edited{byte}' WHERE sequence = {row}",
    "UPDATE audit_journalentry SET subject = 'edited {byte}' WHERE sequence = {row}",
    "UPDATE audit_journalentry SET digest = 'sha256:{byte}' WHERE sequence = {row}",
    "UPDATE audit_journalentry SET at = at + ({byte} + 1) * interval '1 second'"
    " WHERE sequence = {row}",
    "UPDATE audit_journalentry SET checkpoint = overlay(checkpoint placing '?' from"
    " {byte} % 100 + 1) WHERE sequence = {row}",
    "DELETE FROM audit_journalentry WHERE sequence = {row}",
    "DELETE FROM audit_journalentry WHERE sequence >= {row}",
    "UPDATE audit_journalentry SET body = (SELECT body FROM audit_journalentry WHERE sequence ="
    " {row} % 12 + 1) WHERE sequence = {row}",
)
"""What whoever owns the database can write in it, with its guards switched off."""


def site_believes(seen: str) -> bool:
    """Whether the journal of the site proves itself, the checkpoint kept elsewhere included."""
    try:
        audit.require_unaltered()
        lines, notes = audit.export()
        report = verification.verify(list(lines), list(notes), identity.keyring())
    except (Malformed, EcluseError):
        return False
    others = attest(report, Said(seen=[seen]), identity.keyring(), policy=Policy((), 0))
    return report.problem is None and not others.problems


def is_found(edit: str, seen: str) -> bool:
    """Whether an edit by the database's owner is found; the edit is taken back."""
    before = transaction.savepoint()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(edit)
        changed = cursor.rowcount
    found = not site_believes(seen)
    transaction.savepoint_rollback(before)
    return changed > 0 and found


@pytest.mark.django_db
@pytest.mark.parametrize("edit", EDITS)
def test_a40_every_edit_of_the_owner_of_the_database_is_found(signers: Signers, edit: str) -> None:
    for number in range(1, 13):
        audit.record("permit.granted", f"FR-2026-{number:04}", by="paul@hub.example", at=NOW)
    chance = random.Random(f"{SEED} {edit}")  # noqa: S311 — changes, not secrets
    edits = [
        edit.format(row=chance.randint(1, 12), byte=chance.randrange(100))
        for _ in range(max(3, MUTATIONS // 40))
    ]
    seen = audit.checkpoint()

    assert site_believes(seen)
    assert [one for one in edits if not is_found(one, seen)] == []
