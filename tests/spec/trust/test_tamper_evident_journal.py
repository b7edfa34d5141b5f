"""Each side keeps a journal; nobody can rewrite one unseen, not even its owner."""

from pathlib import Path

import pytest

from ecluse.domain.errors import JournalBroken
from ecluse.trust.journal import files
from ecluse.trust.journal.checkpoints import read_checkpoint, witness_details
from ecluse.trust.journal.entries import document_details
from ecluse.trust.journal.files import FileJournal
from ecluse.trust.journal.proofs import consistency_proof
from ecluse.trust.journal.reading import reading
from ecluse.trust.journal.verification import JournalReport, cross_check, verify
from ecluse.trust.journal.witnesses import Submission, Witness, create_witness
from tests.unit.trust.build import AGENT, KEYRING, NOW, PORTAL, permit_document

DIGEST = "sha256:" + "d" * 64


def report_of(folder: Path) -> JournalReport:
    export = files.read(folder / files.ENTRIES)
    return verify(export.lines, export.checkpoints, KEYRING)


def both_sides(folder: Path) -> tuple[Path, Path]:
    """A portal that sent a permit, and a zone that received it and witnessed the portal."""
    with (
        FileJournal(folder / "portal", origin="hub.example/portal", key=PORTAL) as portal,
        FileJournal(folder / "zone", origin="hub.example/zone", key=AGENT) as zone,
    ):
        permit = document_details(permit_document())
        portal.append(
            "document.sent",
            actor="paul.lefevre@hub.example",
            subject="FR-2026-0001",
            digest=DIGEST,
            details=permit,
            at=NOW,
        )
        zone.append(
            "document.received",
            actor="agent",
            subject="FR-2026-0001",
            digest=DIGEST,
            details=permit,
            at=NOW,
        )
        note = portal.checkpoint()
        zone.append(
            "checkpoint.witnessed",
            actor="agent",
            subject="hub.example/portal",
            details=witness_details(note),
            at=NOW,
        )
        portal.append("application.submitted", actor="a@b.example", subject="2026-00002", at=NOW)
    return folder / "portal", folder / "zone"


def test_two_honest_journals_tell_one_story(tmp_path: Path) -> None:
    portal, zone = both_sides(tmp_path)
    result = cross_check([report_of(portal), report_of(zone)])

    assert (result.crossed_count, result.witnessed_count, result.problems) == (1, 1, ())


def test_an_entry_changed_on_the_disk_is_named(tmp_path: Path) -> None:
    portal, _ = both_sides(tmp_path)
    path = portal / files.ENTRIES
    path.write_bytes(path.read_bytes().replace(b"paul.lefevre", b"someone.else"))

    assert report_of(portal).problem.sequence == 1


def test_an_owner_who_rewrites_the_past_with_the_true_key_is_found_by_the_witness(
    tmp_path: Path,
) -> None:
    _, zone = both_sides(tmp_path)
    rewritten = tmp_path / "rewritten"
    with FileJournal(rewritten, origin="hub.example/portal", key=PORTAL) as journal:
        journal.append("application.submitted", actor="a@b.example", subject="2026-00002", at=NOW)
        journal.append("application.submitted", actor="a@b.example", subject="2026-00003", at=NOW)

    assert report_of(rewritten).problem is None
    assert "rewritten" in cross_check([report_of(rewritten), report_of(zone)]).problems[0]


def test_a_journal_restored_from_an_old_copy_is_found_by_the_witness(tmp_path: Path) -> None:
    portal, zone = both_sides(tmp_path)
    path = portal / files.ENTRIES
    old = path.read_bytes(), files.checkpoints_path(path).read_bytes()
    with FileJournal(portal, origin="hub.example/portal", key=PORTAL) as journal:
        journal.append("permit.revoked", actor="a@b.example", subject="FR-2026-0001", at=NOW)
        note = journal.checkpoint()
    with FileJournal(zone, origin="hub.example/zone", key=AGENT) as journal:
        journal.append(
            "checkpoint.witnessed",
            actor="agent",
            subject="hub.example/portal",
            details=witness_details(note),
            at=NOW,
        )
    path.write_bytes(old[0])
    files.checkpoints_path(path).write_bytes(old[1])

    assert report_of(portal).problem is None
    assert "it was cut" in cross_check([report_of(portal), report_of(zone)]).problems[0]


def shown(folder: Path, witness: Witness) -> Submission:
    """What the portal's journal in a folder shows a witness."""
    with reading(folder / files.ENTRIES) as journal:
        old = witness.last_size("hub.example/portal")
        size = read_checkpoint(journal.note).size
        proof = consistency_proof(journal.tree, old, size=size) if 0 < old <= size else []
        return Submission(old, tuple(proof), journal.note)


def test_a_witness_signs_a_journal_that_grew_and_never_another_past(tmp_path: Path) -> None:
    portal, _ = both_sides(tmp_path)
    create_witness(tmp_path / "witness", "authority.example")
    witness = Witness(tmp_path / "witness", KEYRING)
    witness.add_checkpoint(shown(portal, witness), at=NOW)
    with FileJournal(portal, origin="hub.example/portal", key=PORTAL) as journal:
        journal.append("permit.revoked", actor="a@b.example", subject="FR-2026-0001", at=NOW)
    line = witness.add_checkpoint(shown(portal, witness), at=NOW)
    rewritten = tmp_path / "rewritten"
    with FileJournal(rewritten, origin="hub.example/portal", key=PORTAL) as journal:
        for number in range(4):
            journal.append("permit.granted", actor="a@b.example", subject=str(number), at=NOW)

    assert line.startswith("— authority.example ")
    with pytest.raises(JournalBroken, match="not their continuation"):
        witness.add_checkpoint(shown(rewritten, witness), at=NOW)


def test_a_personal_value_is_erased_and_the_journal_is_unchanged(tmp_path: Path) -> None:
    with FileJournal(tmp_path, origin="hub.example/zone", key=AGENT) as journal:
        details = journal.personal.commit({"telephone": "06 12 34 56 78"})
        entry = journal.append("desk.called", actor="desk", subject="D1", details=details, at=NOW)
        before = journal.path.read_bytes()
        journal.personal.erase(entry)

    assert report_of(tmp_path).problem is None
    assert journal.path.read_bytes() == before
    assert not list(tmp_path.rglob("journal.jsonl.personal/*"))
