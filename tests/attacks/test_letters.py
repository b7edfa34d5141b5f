"""A sealed letter changed, a code guessed, a letter of somebody else: nothing gives."""

import statistics
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.sign.general import SigningError

from ecluse.domain.documents import Signer
from ecluse.domain.errors import Refused
from ecluse.portal.letters import actions
from ecluse.portal.letters.actions import CHECKS_ALLOWED, digest_of
from ecluse.portal.letters.models import CheckAsked, IssuedLetter
from ecluse.portal.letters.paper import pdf_of
from ecluse.portal.letters.reading import spelled
from ecluse.portal.letters.sealing import Seal, is_sealed_by, make_seal, seal_pdf
from ecluse.trust import documents
from ecluse.trust.keys import Keyring
from tests.sites import Signers
from tests.unit.portal.applications.road import NOW, Road, at_now, road
from tests.unit.portal.letters.sealed import (
    MADE,
    NAME,
    SealFiles,
    address,
    letter_of,
    seal,
    seal_files,
    signed_in,
)
from tests.unit.portal.letters.test_paper import SHEET

__all__ = ["at_now", "road", "seal", "seal_files"]

AT = datetime(2026, 1, 5, 10, tzinfo=UTC)
UNKNOWN = "A" * 26


@dataclass(frozen=True)
class Sealed:
    """A sealed letter; not shown when a test fails, since it is long."""

    pdf: bytes = field(repr=False)
    seal: Seal = field(repr=False)

    def holds(self, pdf: bytes) -> bool:
        """Whether the seal of the hub holds on these bytes."""
        return is_sealed_by(pdf, self.seal.chain, at=AT)


@pytest.fixture(scope="module")
def sealed(seal_files: SealFiles) -> Sealed:
    return Sealed(seal_pdf(pdf_of(SHEET), seal_files.seal, at=AT), seal_files.seal)


@pytest.fixture
def refusal(road: Road, seal: Seal, at_now: None) -> IssuedLetter:
    return letter_of(road.refused().case, "refusal", now=NOW)


@given(where=st.floats(0, 1, exclude_max=True), mask=st.integers(1, 255))
@settings(max_examples=100, deadline=None)
def test_one_byte_changed_anywhere_breaks_the_seal(sealed: Sealed, where: float, mask: int) -> None:
    at = int(where * len(sealed.pdf))
    altered = sealed.pdf[:at] + bytes([sealed.pdf[at] ^ mask]) + sealed.pdf[at + 1 :]

    assert not sealed.holds(altered)


@pytest.mark.parametrize("mask", [0x01, 0x20, 0x72])
@pytest.mark.parametrize("digit", [*range(60), 400, 900, 1800, 2600])
def test_no_digit_of_the_signature_can_change(sealed: Sealed, digit: int, mask: int) -> None:
    at = sealed.pdf.index(b"/Contents <") + len(b"/Contents <") + digit
    altered = sealed.pdf[:at] + bytes([sealed.pdf[at] ^ mask]) + sealed.pdf[at + 1 :]

    assert not sealed.holds(altered)


def test_the_letter_as_it_was_sealed_holds(sealed: Sealed) -> None:
    assert sealed.holds(sealed.pdf)


def test_what_is_added_after_the_seal_breaks_it(sealed: Sealed) -> None:
    assert not sealed.holds(sealed.pdf + b"\n9 0 obj\n<< /Type /Page >>\nendobj\n")


def test_a_second_seal_over_the_first_is_refused(sealed: Sealed) -> None:
    with pytest.raises(SigningError, match="Cachet"):
        seal_pdf(sealed.pdf, sealed.seal, at=AT)


def test_a_seal_of_the_same_name_by_somebody_else_is_not_the_hubs(
    seal_files: SealFiles, tmp_path: Path
) -> None:
    forged = make_seal(tmp_path, name=NAME, now=MADE)

    letter = seal_pdf(pdf_of(SHEET), forged, at=AT)

    assert not is_sealed_by(letter, seal_files.seal.chain, at=AT)


def test_a_twin_that_was_changed_is_refused(refusal: IssuedLetter, signers: Signers) -> None:
    keyring = Keyring([signers.of(Signer.PORTAL).public()])
    altered = bytes(refusal.twin).replace(b"Trop de colonnes.", b"Trop de personne.")

    with pytest.raises(Refused):
        documents.verify(altered, keyring, now=NOW)


def test_a_code_is_drawn_over_128_bits_and_never_twice(road: Road, seal: Seal) -> None:
    codes = [actions._new_code() for _ in range(2000)]

    assert {len(code) for code in codes} == {26}
    assert len(set(codes)) == 2000
    assert set("".join(codes)) == set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


def test_an_unknown_code_is_answered_the_same_way(refusal: IssuedLetter) -> None:
    known = Client().get(f"/check/{refusal.code}/")
    unknown = Client().get(f"/check/{UNKNOWN}/")

    assert known.status_code == unknown.status_code == 200
    assert set(known.headers) == set(unknown.headers)
    assert dict(known.cookies) == dict(unknown.cookies)
    assert "Aucun courrier de ce guichet ne porte ce code" in unknown.content.decode()


def test_an_unknown_code_costs_the_same_queries(refusal: IssuedLetter) -> None:
    with CaptureQueriesContext(
        connection,
    ) as of_known:
        Client().get(f"/check/{refusal.code}/")
    with CaptureQueriesContext(connection) as of_unknown:
        Client().get(f"/check/{UNKNOWN}/")
    known = [query["sql"].replace(digest_of(refusal.code), "") for query in of_known]
    unknown = [query["sql"].replace(digest_of(UNKNOWN), "") for query in of_unknown]

    assert len(known) == len(unknown)
    assert [sql for sql in known if "letters_issued" in sql] == [
        sql for sql in unknown if "letters_issued" in sql
    ]


def test_an_unknown_code_takes_the_same_time(
    refusal: IssuedLetter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "CHECKS_ALLOWED", 1000)
    took: dict[str, list[float]] = {refusal.code: [], UNKNOWN: []}

    for code in [refusal.code, UNKNOWN] * 40:
        began = time.perf_counter()
        Client().get(f"/check/{code}/")
        took[code].append(time.perf_counter() - began)

    known, unknown = (statistics.median(times) for times in took.values())
    assert 0.5 < known / unknown < 2


@pytest.mark.parametrize("code", [UNKNOWN, "known"])
def test_too_many_codes_are_answered_by_nothing_known_or_not(
    refusal: IssuedLetter, code: str
) -> None:
    where = f"/check/{refusal.code if code == 'known' else code}/"
    CheckAsked.objects.bulk_create(_asked("192.0.2.1", CHECKS_ALLOWED))

    limited = Client(REMOTE_ADDR="192.0.2.1").get(where)
    other = Client(REMOTE_ADDR="192.0.2.2").get(where)

    assert (limited.status_code, other.status_code) == (429, 200)
    assert "Trop de codes en une minute" in limited.content.decode()


def test_a_minute_later_codes_are_checked_again(
    refusal: IssuedLetter, monkeypatch: pytest.MonkeyPatch
) -> None:
    CheckAsked.objects.bulk_create(_asked("192.0.2.1", CHECKS_ALLOWED))
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + timedelta(seconds=61))

    answer = Client(REMOTE_ADDR="192.0.2.1").get(f"/check/{refusal.code}/")

    assert (answer.status_code, CheckAsked.objects.count()) == (200, 1)


def test_who_checks_is_not_written_down(refusal: IssuedLetter) -> None:
    Client(REMOTE_ADDR="192.0.2.77").get(f"/check/{refusal.code}/")

    asked = CheckAsked.objects.get()
    assert "192.0.2.77" not in asked.fingerprint
    assert len(asked.fingerprint) == 64


@pytest.mark.parametrize(
    "guess", ["2026-00001-L2", "2026-00001", "1", "<script>alert(1)</script>", "%00", "../seal.pem"]
)
def test_numbers_and_oddities_are_not_codes(refusal: IssuedLetter, guess: str) -> None:
    answer = Client().get(f"/check/{guess}/")

    assert answer.status_code in {200, 404}
    assert "En vigueur" not in answer.content.decode()
    assert "<script>alert" not in answer.content.decode()


def test_a_letter_is_not_reached_through_the_number_of_another_file(
    refusal: IssuedLetter, road: Road
) -> None:
    other = road.submitted()

    client = signed_in(road.camille)
    assert client.get(f"/letters/{other.number}/{refusal.dispatch_id}/").status_code == 404
    assert client.get(address(refusal)).status_code == 200


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_letters_and_checks_are_only_read(refusal: IssuedLetter, road: Road, method: str) -> None:
    client = signed_in(road.camille)

    assert getattr(client, method)(address(refusal)).status_code == 405
    assert getattr(client, method)(f"/check/{refusal.code}/").status_code == 405


def _asked(where: str, times: int) -> list[CheckAsked]:
    """So many checks from one address, just before NOW."""
    actions.count_check(where, now=NOW)
    fingerprint = CheckAsked.objects.get().fingerprint
    return [CheckAsked(fingerprint=fingerprint, at=NOW) for _ in range(times - 1)]


def test_what_looks_alike_is_read_alike() -> None:
    assert spelled("abcd 0189-") == "ABCDOIB9"
