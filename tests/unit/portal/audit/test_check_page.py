"""Anybody gives a document and leaves with the proof that it is in the journal."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from pytest_django import Settings

from ecluse.domain.errors import JournalBroken
from ecluse.portal.audit import actions, identity, proving
from ecluse.portal.audit.models import JournalEntry, PersonalField
from ecluse.trust import canonical
from ecluse.trust.journal import (
    cosignatures,
    exports,
    inclusion,
    offline_verifier,
    personal,
    proofs,
    tree,
    verification,
    witnesses,
)
from ecluse.trust.journal.entries import Entry
from ecluse.trust.journal.inclusion import InclusionProof
from ecluse.trust.journal.witnesses import Submission, Witness
from tests.sites import Signers

NOON = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
DOCUMENT = b"%PDF a letter"
DIGEST = canonical.digest(DOCUMENT)


def record_some(count: int) -> None:
    """Entries of programs and of persons, number 4 on the document."""
    for number in range(1, count + 1):
        digest = DIGEST if number == 4 else canonical.digest(str(number).encode())
        actions.record("letter.issued", f"L-{number}", by="system", digest=digest, at=NOON)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 13])
def test_the_rows_give_the_same_proofs_as_all_the_leaves(signers: Signers, size: int) -> None:
    record_some(size)
    leaves = [bytes(leaf) for leaf in JournalEntry.objects.values_list("leaf", flat=True)]
    rows, all_leaves = proving.SiteTree(size), proofs.LeafTree(leaves)

    assert [proofs.inclusion_proof(rows, index) for index in range(size)] == [
        proofs.inclusion_proof(all_leaves, index) for index in range(size)
    ]
    assert [proofs.consistency_proof(rows, first) for first in range(1, size + 1)] == [
        proofs.consistency_proof(all_leaves, first) for first in range(1, size + 1)
    ]


@pytest.mark.parametrize(
    "given",
    [
        {"file": SimpleUploadedFile("letter.pdf", DOCUMENT)},
        {"text": DOCUMENT.decode()},
        {"text": DIGEST},
        {"text": DIGEST.removeprefix("sha256:").upper()},
    ],
    ids=["file", "text", "digest", "digest-in-capitals"],
)
def test_a_document_of_the_journal_is_found_however_it_is_given(
    signers: Signers, client: Client, given: dict[str, object]
) -> None:
    record_some(5)
    page = client.post("/journal/check/", given, follow=True)

    assert page.status_code == 200
    assert "Ce document est dans le journal" in page.content.decode()
    assert "Entrée 4" in page.content.decode()


def test_the_proof_taken_away_holds_without_the_site(signers: Signers, client: Client) -> None:
    record_some(5)
    answer = client.get(f"/journal/proofs/4?digest={DIGEST}")
    proof = InclusionProof.parse(answer.content.decode())
    seen = inclusion.check(proof, identity.keyring())

    assert (proof.index, seen.size, seen.origin) == (3, 5, "ecluse/public")
    assert Entry.parse(proof.line or b"").digest == DIGEST


def test_the_name_of_whoever_acted_is_not_given_away(signers: Signers, client: Client) -> None:
    actions.record("document.sent", "Permit P", by="paul@hub.example", digest=DIGEST, at=NOON)
    page = client.get(f"/journal/check/?digest={DIGEST}").content.decode()
    text = client.get(f"/journal/proofs/1?digest={DIGEST}").content.decode()
    leaf = bytes(JournalEntry.objects.get().leaf)

    assert "paul" not in page + text
    assert leaf.hex() in page
    assert inclusion.check(InclusionProof.parse(text), identity.keyring(), leaf=leaf).size == 1


def test_an_altered_document_is_not_found(signers: Signers, client: Client) -> None:
    record_some(5)
    page = client.post("/journal/check/", {"text": "%PDF a letteR"}, follow=True)

    assert "Aucune entrée ne nomme ce document" in page.content.decode()


@pytest.mark.parametrize("given", [{}, {"text": "x", "file": SimpleUploadedFile("a", b"y")}])
def test_one_document_is_asked_for_at_a_time(
    signers: Signers, client: Client, given: dict[str, object]
) -> None:
    page = client.post("/journal/check/", given)

    assert page.status_code == 200
    assert "l’un des deux" in page.content.decode()


def test_a_proof_is_given_to_whoever_knows_the_document_alone(
    signers: Signers, client: Client
) -> None:
    record_some(5)

    assert client.get("/journal/proofs/4").status_code == 404
    assert client.get(f"/journal/proofs/3?digest={DIGEST}").status_code == 404


def test_an_edited_row_is_told_and_never_proved(signers: Signers, client: Client) -> None:
    record_some(5)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE audit_journalentry SET leaf = %s WHERE sequence = 3", [b"x" * 32])
    page = client.get(f"/journal/check/?digest={DIGEST}")

    assert "Le journal ne se prouve pas" in page.content.decode()


def test_the_checkpoint_that_witnesses_cosigned_is_the_one_shown(
    signers: Signers, client: Client, tmp_path: Path
) -> None:
    record_some(5)
    witnesses.create_witness(tmp_path / "one", "one.example")
    witness = Witness(tmp_path / "one", identity.keyring())
    note = client.get("/journal/checkpoint").content.decode()
    line = witness.add_checkpoint(Submission(0, (), note), at=NOON)
    beside = cosignatures.cosigned_path(identity.room() / exports.ENTRIES)
    cosignatures.add_cosignature(beside, note, line)
    (identity.room().parent / "witnesses.toml").write_text(f'witnesses = ["{witness.key}"]\n')
    record_some(2)
    page = client.get(f"/journal/check/?digest={DIGEST}").content.decode()

    assert "one.example" in page
    assert "ecluse/public\n5\n" in page


def test_an_empty_journal_has_no_checkpoint_to_give(signers: Signers, client: Client) -> None:
    assert client.get("/journal/checkpoint").status_code == 404


def test_the_verifier_is_given_as_it_is(signers: Signers, client: Client) -> None:
    text = client.get("/journal/verify.py").content.decode()

    assert text == Path(offline_verifier.__file__).read_text()


PHONE = "06 12 34 56 78"


def test_a_personal_value_is_erased_and_the_journal_still_proves_itself(signers: Signers) -> None:
    details = actions.commit_personal({"phone": PHONE})
    actions.record("letter.issued", "L-1", by="system", details=details, at=NOON)
    entry = JournalEntry.objects.get()
    (field,) = actions.personal_fields(entry.sequence)
    personal.check(Entry.parse(bytes(entry.body)), field)
    erased = actions.erase_personal(entry.sequence, by="victor@hub.example", at=NOON)
    lines, notes = actions.export()
    report = verification.verify(lines, notes, identity.keyring())

    assert (field.value, erased) == (PHONE, 1)
    assert actions.personal_fields(entry.sequence) == ()
    assert PersonalField.objects.count() == 0
    assert JournalEntry.objects.last().action == "personal.erased"
    assert (report.size, report.problem) == (2, None)
    assert PHONE.encode() not in b"".join(bytes(row.body) for row in JournalEntry.objects.all())


def test_a_row_whose_columns_say_something_else_is_found(signers: Signers) -> None:
    record_some(3)
    actions.require_unaltered()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE audit_journalentry SET actor = 'somebody' WHERE sequence = 2")

    with pytest.raises(JournalBroken, match="Row 2"):
        actions.require_unaltered()


def test_the_leaf_of_a_row_is_that_of_its_line(signers: Signers) -> None:
    record_some(1)
    row = JournalEntry.objects.get()

    assert bytes(row.leaf) == tree.leaf_hash(bytes(row.body))


@pytest.mark.parametrize(("theme", "mark"), [("neutral", 'class="frame"'), ("dsfr", "fr-header")])
def test_the_page_speaks_english_in_both_looks(
    signers: Signers, client: Client, settings: Settings, theme: str, mark: str
) -> None:
    settings.ECLUSE_DEMO = True
    record_some(5)
    client.get(f"/theme/{theme}/?next=/")
    client.get("/language/en/?next=/")
    page = client.get(f"/journal/check/?digest={DIGEST}").content.decode()

    assert mark in page
    assert "This document is in the journal" in page
    assert "Download the verifier" in page
    assert "Entrée" not in page
