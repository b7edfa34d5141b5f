"""Attacks on opt-outs: learn who is out from the tables, use a receipt again, try every number."""

import hashlib
import itertools
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from django.db import connection

from ecluse.data.agent.memberships import Quota
from ecluse.domain.documents import MembershipAnswer, Signer
from ecluse.domain.errors import NotAllowed, NotFound
from ecluse.domain.memberships import MOST_IDENTIFIERS, Subject
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.audit import identity
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.mailbox.models import OutgoingDocument
from ecluse.portal.optouts import actions, questions
from ecluse.portal.optouts.actions import Concerned
from ecluse.portal.optouts.models import OptOut, Question
from ecluse.portal.optouts.receipts import number_of
from ecluse.trust import keys
from ecluse.trust.pseudonyms.national_numbers import (
    FileNationalKey,
    pseudonymise_national_number,
    synthetic_national_number,
)
from tests.sites import NATIONAL_KEY, Agent, Signers

Create = Callable[..., User]
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
JEANNE = synthetic_national_number(1)
OWN = pseudonymise_national_number(JEANNE, NATIONAL_KEY)


@pytest.fixture
def citizen(account: Create) -> User:
    """Jeanne, by an account that bears her name."""
    public = keys.to_base64url(X25519PrivateKey.generate().public_key().public_bytes_raw())
    (identity.room() / questions.ZONE_KEY).write_text(public)
    return account(Role.CITIZEN, email="jeanne.petit@mail.example")


def rows_of(*tables: str) -> str:
    """Everything that an administrator of the database reads in some tables."""
    with connection.cursor() as cursor:
        texts = []
        for table in tables:
            cursor.execute(f'SELECT json_agg(t)::text FROM "{table}" t')  # noqa: S608 - our names
            texts.append(cursor.fetchone()[0] or "")
    return "".join(texts)


def test_an_administrator_finds_neither_number_nor_account_nor_receipt_in_the_register(
    citizen: User,
) -> None:
    recorded = actions.opt_out(Concerned(JEANNE), by=citizen, now=NOW)

    register = rows_of("optouts_optout")
    journal = b"".join(
        bytes(one.body) for one in JournalEntry.objects.filter(action__startswith="optout")
    )
    assert OWN in register
    assert JEANNE not in register
    assert citizen.subject not in register
    assert recorded.receipt_number not in register
    assert recorded.receipt_number.encode() not in journal
    assert citizen.subject.encode() not in journal


def test_an_administrator_who_tries_every_number_without_the_key_names_nobody(
    citizen: User,
) -> None:
    actions.opt_out(Concerned(JEANNE), by=citizen, now=NOW)
    register = rows_of("optouts_optout")
    tried = [synthetic_national_number(index) for index in range(100)]

    plain = [hashlib.sha256(one.encode()).hexdigest() for one in tried]
    guessed = [pseudonymise_national_number(one, bytes(32)) for one in tried]

    assert not any(one.lower() in register.lower() for one in (*plain, *guessed))


def test_a_receipt_kept_by_a_citizen_leads_an_administrator_to_no_row(citizen: User) -> None:
    recorded = actions.opt_out(Concerned(JEANNE), by=citizen, now=NOW)
    row = OptOut.objects.get()
    number = recorded.receipt_number

    hashes = [
        hashlib.new(name, text.encode()).hexdigest()
        for name, text in itertools.product(
            ("sha256", "sha1", "md5"), (number, number.replace("-", ""), f"{row.declaration}")
        )
    ]

    assert row.receipt_digest not in hashes
    assert number != number_of(row.declaration, FileNationalKey(bytes(32)))


def test_receipts_are_in_no_order_of_the_register(citizen: User) -> None:
    receipts = [
        actions.opt_out(
            Concerned(synthetic_national_number(index)),
            by=citizen,
            now=NOW + timedelta(seconds=index),
        ).receipt_number
        for index in range(20)
    ]

    identifiers = list(OptOut.objects.order_by("pk").values_list("opt_out_id", flat=True))
    by_receipt = [one for _, one in sorted(zip(receipts, identifiers, strict=True))]
    assert len(set(receipts)) == 20
    assert by_receipt not in (identifiers, identifiers[::-1], sorted(identifiers))


def test_a_receipt_made_up_opens_nothing(citizen: User) -> None:
    actions.opt_out(Concerned(JEANNE), by=citizen, now=NOW)

    with pytest.raises(NotFound):
        actions.find_receipt("OPP-AAAA-BBBB-CCCC")
    with pytest.raises(NotFound):
        questions.ask_about_receipt("OPP-AAAA-BBBB-CCCC", by=citizen, now=NOW)


def test_a_receipt_used_again_after_going_back_in_does_not_put_out_again(citizen: User) -> None:
    recorded = actions.opt_out(Concerned(JEANNE), by=citizen, now=NOW)
    actions.opt_back_in(Concerned(JEANNE), by=citizen, now=NOW + timedelta(days=1))

    found = actions.find_receipt(recorded.receipt_number)

    assert found.until == NOW + timedelta(days=1)
    assert not OptOut.objects.believed().filter(until=None).exists()


def test_questions_and_answers_tell_the_tables_of_the_site_nothing(
    citizen: User, signers: Signers
) -> None:
    recorded = actions.opt_out(Concerned(JEANNE), by=citizen, now=NOW)

    questions.ask_about_receipt(recorded.receipt_number, by=citizen, now=NOW)

    sent = OutgoingDocument.objects.get(kind="MembershipQuestion")
    told = rows_of("optouts_question") + bytes(sent.data).decode()
    assert OWN not in told
    assert JEANNE not in told
    assert citizen.subject not in told
    assert recorded.receipt_number not in told


def test_two_questions_on_one_person_look_like_two_strangers(citizen: User) -> None:
    questions.ask(Concerned(JEANNE), by=citizen, now=NOW)
    questions.ask(Concerned(JEANNE), by=citizen, now=NOW)

    first, second = (bytes(one.data) for one in OutgoingDocument.objects.order_by("sequence"))
    assert len(first) == len(second)
    assert set(_members(first)).isdisjoint(_members(second))


def _members(data: bytes) -> list[str]:
    """The texts of a document that are long enough to say who is meant."""
    return [text for text in data.decode().split('"') if len(text) > 40]


def test_an_answer_that_was_read_cannot_be_put_in_place_of_another(
    citizen: User, signers: Signers, agent: Agent
) -> None:
    number = questions.ask(Concerned(JEANNE), by=citizen, now=NOW)
    digest = Question.objects.get(number=number).digest
    forged = MembershipAnswer(number, "sha256:" + "0" * 64, "AAAA")
    first = MembershipAnswer(number, digest, "AAAA")

    refused = agent.deliver(signers.sign(forged, issuer=Signer.AGENT))
    kept = agent.deliver(signers.sign(first, issuer=Signer.AGENT))
    again = agent.deliver(signers.sign(first, issuer=Signer.AGENT))

    assert (refused.status_code, kept.status_code, again.status_code) == (422, 201, 422)


def test_somebody_without_the_right_asks_nothing(account: Create, citizen: User) -> None:
    with pytest.raises(NotAllowed):
        questions.ask(Concerned(JEANNE), by=account(Role.DATA_USER), now=NOW)


def test_one_question_tries_no_more_numbers_than_a_person_may_have() -> None:
    many = tuple(f"{one:064}" for one in range(MOST_IDENTIFIERS + 1))

    with pytest.raises(ValueError, match="One person"):
        Subject(many)


def test_a_stolen_site_cannot_try_a_whole_country_on_the_zone(tmp_path: Path) -> None:
    quota = Quota(tmp_path)
    (tmp_path / "asked.json").write_text(json.dumps({"2026-11-22": quota.most - 1}))
    quota.take(now=NOW)

    with pytest.raises(NotAllowed):
        quota.take(now=NOW)

    assert 67_000_000 / quota.most / 365 > 90  # years, at this pace
