"""What the site asks of the zone about one person, and how it reads the answer."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from ecluse.domain import codec
from ecluse.domain.documents import Basis, MembershipAnswer, MembershipQuestion, Signer
from ecluse.domain.errors import NotFound, SetupIncomplete
from ecluse.domain.memberships import Memberships, Subject
from ecluse.domain.optouts import DecidedUse
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.audit import identity
from ecluse.portal.mailbox.models import OutgoingDocument
from ecluse.portal.optouts import actions, questions
from ecluse.portal.optouts.actions import Concerned
from ecluse.portal.optouts.models import Question
from ecluse.trust import canonical, documents, keys, sealing
from ecluse.trust.pseudonyms.national_numbers import (
    pseudonymise_national_number,
    synthetic_national_number,
)
from tests.sites import NATIONAL_KEY, Agent, Signers

Create = Callable[..., User]
JEANNE = synthetic_national_number(1)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ZONE = X25519PrivateKey.generate()


@pytest.fixture
def citizen(account: Create) -> User:
    """Jeanne, at a site that the zone gave its public key."""
    public = keys.to_base64url(ZONE.public_key().public_bytes_raw())
    (identity.room() / questions.ZONE_KEY).write_text(public)
    return account(Role.CITIZEN)


def asked() -> MembershipQuestion:
    """The question that waits for the zone."""
    held = OutgoingDocument.objects.get(kind="MembershipQuestion")
    body = documents.verify(bytes(held.data), identity.keyring(), now=NOW).document.body
    assert isinstance(body, MembershipQuestion)
    return body


def answer(signers: Signers, *projects: str, is_listed: bool = False) -> bytes:
    """What the zone answers, sealed to the key that the question gave."""
    question = asked()
    content = canonical.encode(codec.encode(Memberships(projects, is_listed).padded()))
    reply_to = X25519PublicKey.from_public_bytes(keys.from_base64url(question.reply_to))
    sealed = sealing.seal(
        content, reply_to, purpose=f"ecluse answer on one person {question.question_number}"
    )
    digest = OutgoingDocument.objects.get(kind="MembershipQuestion").digest
    body = MembershipAnswer(question.question_number, digest, keys.to_base64url(sealed))
    return signers.sign(body, issuer=Signer.AGENT, now=NOW)


def test_the_zone_alone_opens_whom_a_question_is_about(citizen: User) -> None:
    number = questions.ask(Concerned(JEANNE), by=citizen, now=NOW)

    opened = sealing.OpeningKey(ZONE).open(
        keys.from_base64url(asked().sealed), purpose=f"ecluse question on one person {number}"
    )
    subject = codec.decode(canonical.decode(opened), Subject)
    assert subject.identifiers == (pseudonymise_national_number(JEANNE, NATIONAL_KEY),)


def test_nothing_is_read_before_the_zone_answers(citizen: User) -> None:
    number = questions.ask(Concerned(JEANNE), by=citizen, now=NOW)

    assert questions.read(number, now=NOW) is None


def test_the_answer_is_read_by_the_number_of_the_question(
    citizen: User, signers: Signers, agent: Agent
) -> None:
    number = questions.ask(Concerned(JEANNE), by=citizen, now=NOW)

    delivered = agent.deliver(answer(signers, "FR-2026-0001", "FR-2026-0007"))

    found = questions.read(number, now=NOW)
    assert delivered.status_code == 201
    assert found is not None
    assert found.projects == ("FR-2026-0001", "FR-2026-0007")


def test_an_answer_is_forgotten_after_a_day(citizen: User) -> None:
    number = questions.ask(Concerned(JEANNE), by=citizen, now=NOW)

    with pytest.raises(NotFound):
        questions.read(number, now=NOW + timedelta(days=1))


def test_a_receipt_is_checked_against_the_projects_decided_while_it_held(
    citizen: User, signers: Signers, agent: Agent
) -> None:
    recorded = actions.opt_out(Concerned(JEANNE), by=citizen, now=NOW - timedelta(days=9))
    number = questions.ask_about_receipt(recorded.receipt_number, by=citizen, now=NOW)
    agent.deliver(answer(signers, "FR-2026-0001", "FR-2026-0002", "FR-2026-0003"))
    decided = {
        "FR-2026-0001": DecidedUse("FR-2026-0001", NOW - timedelta(days=10)),
        "FR-2026-0002": DecidedUse("FR-2026-0002", NOW - timedelta(days=8)),
        "FR-2026-0003": DecidedUse("FR-2026-0003", NOW - timedelta(days=8), "Épidémie."),
    }

    checked = questions.read_about_receipt(number, decided, now=NOW)

    assert checked is not None
    assert checked.projects == ("FR-2026-0001", "FR-2026-0002", "FR-2026-0003")
    assert checked.wrongly == ("FR-2026-0002",)


@pytest.mark.parametrize(("is_national", "wrongly"), [(True, ("FR-2026-0001",)), (False, ())])
def test_a_refusal_of_the_national_copy_is_judged_on_the_national_copy_alone(
    citizen: User, signers: Signers, agent: Agent, is_national: bool, wrongly: tuple[str, ...]
) -> None:
    before = NOW - timedelta(days=9)
    recorded = actions.opt_out(Concerned(JEANNE), by=citizen, now=before, basis=Basis.NATIONAL_COPY)
    number = questions.ask_about_receipt(recorded.receipt_number, by=citizen, now=NOW)
    agent.deliver(answer(signers, "FR-2026-0001"))
    use = DecidedUse("FR-2026-0001", NOW - timedelta(days=8), "Épidémie.", is_national)

    checked = questions.read_about_receipt(number, {use.number: use}, now=NOW)

    assert checked is not None
    assert checked.wrongly == wrongly


def test_without_the_key_of_the_zone_nothing_is_asked(account: Create) -> None:
    with pytest.raises(SetupIncomplete, match="zone-key"):
        questions.ask(Concerned(JEANNE), by=account(Role.CITIZEN), now=NOW)

    assert Question.objects.count() == 0
