"""A letter is issued once, sealed, with its twin; the first opening counts, once."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from ecluse.domain.documents import LetterTwin, Permit, Signer
from ecluse.domain.errors import InvalidInput, SetupIncomplete
from ecluse.portal.audit import identity
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.letters import actions, sealing
from ecluse.portal.letters.models import IssuedLetter, Opening
from ecluse.portal.letters.paper import kept, pdf_of
from ecluse.portal.letters.sealing import Seal, is_sealed_by, load_seal, seal_pdf
from ecluse.trust import canonical, documents
from ecluse.trust.keys import Keyring
from tests.sites import Signers
from tests.unit.portal.applications.road import DAY, NOW, Road
from tests.unit.portal.letters.sealed import address, letter_of, signed_in

pytestmark = pytest.mark.usefixtures("at_now", "seal")


def test_a_decision_issues_its_letter_once_it_is_committed(
    road: Road, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        case = road.refused().case

    letters = IssuedLetter.objects.filter(dispatch__case=case).order_by("pk")
    assert [(one.name, one.number) for one in letters] == [
        ("acknowledgement", "2026-00001-L1"),
        ("refusal", "2026-00001-L2"),
    ]


def test_a_decision_stands_even_where_its_letter_cannot_be_made_yet(
    road: Road, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    (identity.key_folder() / sealing.CERTIFICATE).unlink()

    with django_capture_on_commit_callbacks(execute=True):
        refused = road.refused()

    assert (refused.state, IssuedLetter.objects.count()) == ("decided-negative", 0)


def test_what_a_crash_left_is_issued_by_the_daily_job(road: Road) -> None:
    road.refused()

    call_command("daily")

    assert IssuedLetter.objects.count() == 2


def test_a_letter_is_issued_once(road: Road) -> None:
    dispatch = road.refused().case.dispatches.get(name="refusal")
    first = actions.issue(dispatch, now=NOW)

    again = actions.issue(dispatch, now=NOW + DAY)

    assert (again.pk, again.issued_at, IssuedLetter.objects.count()) == (first.pk, NOW, 1)


def test_the_sealed_letter_can_be_made_again_byte_for_byte(road: Road, seal: Seal) -> None:
    letter = letter_of(road.refused().case, "refusal", now=NOW)
    stored = letter.file("fr")

    again = seal_pdf(pdf_of(kept(stored.words)), seal, at=NOW)

    assert again == bytes(stored.pdf)
    assert stored.digest == canonical.digest(again)


def test_both_languages_are_sealed_by_the_hub(road: Road, seal: Seal) -> None:
    letter = letter_of(road.refused().case, "refusal", now=NOW)

    assert is_sealed_by(bytes(letter.file("fr").pdf), seal.chain, at=NOW)
    assert is_sealed_by(bytes(letter.file("en").pdf), seal.chain, at=NOW)


def test_the_twin_of_a_refusal_says_the_same_and_names_the_files(
    road: Road, signers: Signers
) -> None:
    letter = letter_of(road.refused().case, "refusal", now=NOW)
    keyring = Keyring([signers.of(Signer.PORTAL).public()])

    twin = documents.verify(bytes(letter.twin), keyring, now=NOW).document.body

    assert isinstance(twin, LetterTwin)
    assert (twin.letter, twin.case_number, twin.state) == ("refusal", "2026-00001", "refused")
    assert (twin.reason, twin.states_remedies) == ("Trop de colonnes.", True)
    assert [(one.criterion, one.reason) for one in twin.unmet] == [("b", "Trop de colonnes.")]
    assert [(one.language, one.digest) for one in twin.files] == [
        ("fr", letter.file("fr").digest),
        ("en", letter.file("en").digest),
    ]


def test_the_twin_of_a_permit_is_the_permit(road: Road, signers: Signers) -> None:
    permit = road.permit()
    letter = letter_of(permit.application.case, "permit", now=NOW)
    keyring = Keyring([signers.of(Signer.PORTAL).public()])

    twin = documents.verify(bytes(letter.twin), keyring, now=NOW).document.body

    assert isinstance(twin, Permit)
    assert letter.twin_digest == permit.digest


def test_only_its_addressee_opens_a_letter_and_only_once(road: Road) -> None:
    letter = letter_of(road.refused().case, "refusal", now=NOW)

    opened = [
        actions.open_letter(letter, by=road.decider, now=NOW),
        actions.open_letter(letter, by=road.louis, now=NOW),
        actions.open_letter(letter, by=road.camille, now=NOW + DAY),
        actions.open_letter(letter, by=road.camille, now=NOW + 2 * DAY),
    ]

    opening = Opening.objects.get()
    assert opened == [False, False, True, False]
    assert (opening.by, opening.at) == (road.camille, NOW + DAY)


def test_the_first_opening_is_in_the_journal(road: Road) -> None:
    letter = letter_of(road.refused().case, "refusal", now=NOW)

    actions.open_letter(letter, by=road.camille, now=NOW)

    entry = JournalEntry.objects.get(action="letter.opened")
    assert (entry.actor, entry.subject) == (road.camille.subject, "2026-00001-L2")
    assert entry.digest == letter.file("fr").digest
    issued = JournalEntry.objects.get(action="letter.issued", subject="2026-00001-L2")
    assert issued.actor == "system"


@pytest.mark.parametrize("end", ["", "letter.fr.pdf", "letter.en.pdf", "letter.json"])
def test_the_page_and_each_file_open_it(road: Road, end: str) -> None:
    letter = letter_of(road.refused().case, "refusal", now=NOW)

    signed_in(road.camille).get(f"{address(letter)}{end}")

    assert Opening.objects.filter(letter=letter, by=road.camille).exists()


def test_asking_for_the_head_of_the_page_opens_nothing(road: Road) -> None:
    letter = letter_of(road.refused().case, "refusal", now=NOW)

    answer = signed_in(road.camille).head(address(letter))

    assert (answer.status_code, Opening.objects.count()) == (200, 0)


@pytest.mark.parametrize("table", ["letters_issuedletter", "letters_letterfile", "letters_opening"])
def test_what_was_issued_cannot_be_changed_even_in_the_database(road: Road, table: str) -> None:
    letter = letter_of(road.refused().case, "refusal", now=NOW)
    actions.open_letter(letter, by=road.camille, now=NOW)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        connection.cursor().execute(f'UPDATE "{table}" SET id = id')  # noqa: S608 - a constant


def test_a_letter_without_a_seal_is_read_but_not_notified(road: Road) -> None:
    dispatch = road.refused().case.dispatches.get(name="refusal")
    (identity.key_folder() / sealing.CERTIFICATE).unlink()

    answer = signed_in(road.camille).get(f"/letters/2026-00001/{dispatch.pk}/")

    page = answer.content.decode()
    assert "Ce courrier n’est pas encore scellé" in page
    assert "Trop de colonnes." in page
    assert Opening.objects.count() == 0


def test_a_site_without_a_seal_says_what_to_put_where(road: Road) -> None:
    (identity.key_folder() / sealing.KEY).unlink()

    with pytest.raises(SetupIncomplete, match="No seal in"):
        actions.issue_waiting(road.refused().case.pk, now=NOW)


def test_a_demonstration_makes_its_own_seal_at_first(road: Road, settings: Settings) -> None:
    (identity.key_folder() / sealing.KEY).unlink()
    (identity.key_folder() / sealing.CERTIFICATE).unlink()
    settings.ECLUSE_DEMO = True

    made = actions.present_seal(now=NOW)

    assert made.chain == actions.present_seal(now=NOW).chain
    assert (identity.key_folder() / sealing.KEY).stat().st_mode & 0o777 == 0o600


def test_a_key_that_others_can_read_is_not_used() -> None:
    folder = identity.key_folder()
    (folder / sealing.KEY).chmod(0o640)

    with pytest.raises(InvalidInput, match="chmod 600"):
        load_seal(folder)


def test_a_certificate_of_another_key_is_not_used(tmp_path: Path) -> None:
    sealing.make_seal(tmp_path, name="Autre", now=datetime(2025, 1, 1, tzinfo=UTC))
    certificate = (tmp_path / sealing.CERTIFICATE).read_bytes()
    (identity.key_folder() / sealing.CERTIFICATE).write_bytes(certificate)

    with pytest.raises(InvalidInput, match="not that of its key"):
        load_seal(identity.key_folder())


def test_a_seal_kept_as_pkcs_12_opens_with_its_passphrase(seal: Seal, tmp_path: Path) -> None:
    data = pkcs12.serialize_key_and_certificates(
        b"seal", seal.key, seal.chain[0], None, BestAvailableEncryption(b"secret")
    )
    (tmp_path / sealing.BUNDLE).write_bytes(data)
    (tmp_path / sealing.BUNDLE).chmod(0o600)

    assert load_seal(tmp_path, passphrase="secret").chain == seal.chain
    with pytest.raises(InvalidInput, match="ECLUSE_SEAL_PASSPHRASE"):
        load_seal(tmp_path, passphrase="wrong")


def test_the_seal_is_not_believed_before_its_certificate_begins(road: Road, seal: Seal) -> None:
    letter = letter_of(road.refused().case, "refusal", now=NOW)

    before = datetime(2024, 1, 1, tzinfo=UTC)
    assert not is_sealed_by(bytes(letter.file("fr").pdf), seal.chain, at=before)
    assert timedelta(0) < NOW - before
