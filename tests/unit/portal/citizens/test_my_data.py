"""Which studies used data about me: asked of the zone, told with the words of the register."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from django.test import Client

from ecluse.domain import codec
from ecluse.domain.documents import Basis, MembershipAnswer, MembershipQuestion, Signer
from ecluse.domain.memberships import ANSWER, Memberships
from ecluse.domain.roles import Role
from ecluse.portal.accounts.actions import create_account
from ecluse.portal.accounts.models import User
from ecluse.portal.audit import identity
from ecluse.portal.catalogue.models import Snapshot
from ecluse.portal.citizens.actions import choices_of
from ecluse.portal.identities import limits
from ecluse.portal.mailbox.models import OutgoingDocument
from ecluse.portal.optouts import questions
from ecluse.portal.optouts.actions import Concerned, opt_back_in, opt_out
from ecluse.portal.register.models import Publication, Result
from ecluse.trust import canonical, documents, keys, sealing
from ecluse.trust.pseudonyms.national_numbers import synthetic_national_number
from tests.citizens import Visit
from tests.sites import Agent, Signers
from tests.unit.portal.applications.road import Road

JEANNE = synthetic_national_number(1)
Create = Callable[..., User]
DECIDED = datetime(2026, 1, 5, 10, tzinfo=UTC)
"""When the permits of the road are decided."""
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def zone(signers: Signers, tmp_path: Path) -> None:
    """A zone whose public key this site was given."""
    made = sealing.create_opening_key(tmp_path / "zone", "questions")
    public = keys.to_base64url(made.public().public_bytes_raw())
    (identity.room() / questions.ZONE_KEY).write_text(public)


def citizen_of(road: Road) -> User:
    """Somebody in the role of a citizen, to write in the register at a chosen instant."""
    return create_account(
        "citoyen@example.org",
        full_name="C",
        organisation="–",
        roles={Role.CITIZEN},
        password=None,
        by="set-up",
    )


def answer_of_the_zone(agent: Agent, signers: Signers, found: Memberships) -> None:
    """Answer the question that waits, as the zone does."""
    sent = OutgoingDocument.objects.get(kind="MembershipQuestion")
    question = documents.verify(bytes(sent.data), identity.keyring(), now=sent.issued_at)
    body = question.document.body
    assert isinstance(body, MembershipQuestion)
    sealed = sealing.seal(
        canonical.encode(codec.encode(found.padded())),
        X25519PublicKey.from_public_bytes(keys.from_base64url(body.reply_to)),
        purpose=f"{ANSWER} {body.question_number}",
    )
    told = MembershipAnswer(body.question_number, question.digest, keys.to_base64url(sealed))
    assert agent.deliver(signers.sign(told, issuer=Signer.AGENT)).status_code == 201


def asked(jeanne: Visit) -> None:
    """Jeanne signs in and asks."""
    jeanne.enter(JEANNE)
    assert jeanne.client.post("/citizens/data/").status_code == 302


@pytest.mark.usefixtures("zone")
def test_the_page_waits_then_tells_each_study_with_its_entry_and_results(
    jeanne: Visit, agent: Agent, signers: Signers, account: Create
) -> None:
    publication = Publication.objects.create(
        number="FR-2026-0001",
        file="D-2026-0001",
        kind="permit",
        stage="active",
        title="Diabète et rein",
        organisation="CHU de Lille",
        summary="Comprendre qui perd la fonction de ses reins.",
        datasets=["snds"],
        holders=["Cnam"],
        valid_from=date(2026, 1, 5),
        valid_until=date(2028, 1, 4),
        changed_at=NOW,
    )
    Result.objects.create(
        number=publication.number,
        kind="permit",
        title="Rapport final",
        link="https://results.example/1",
        summary="Un sur dix.",
        public_on=date(2026, 11, 1),
        by=account(Role.ASSESSOR),
        recorded_at=NOW,
    )
    asked(jeanne)
    waiting = jeanne.client.get("/citizens/data/").content.decode()
    fragment = jeanne.client.get("/citizens/data/answer/")
    answer_of_the_zone(agent, signers, Memberships(("FR-2026-0001", "FR-2026-0009"), False))

    page = jeanne.client.get("/citizens/data/").content.decode()

    assert "La zone sécurisée cherche" in waiting
    assert fragment.status_code == 200
    assert jeanne.client.get("/citizens/data/answer/").status_code == 286
    assert "Diabète et rein" in page
    assert "CHU de Lille" in page
    assert "Comprendre qui perd" in page
    assert "janvier" in page
    assert 'href="/register/FR-2026-0001/"' in page
    assert "Un sur dix." in page
    assert "FR-2026-0009" in page
    assert "pas encore au registre public" in page


@pytest.mark.usefixtures("zone")
def test_for_somebody_who_refuses_the_list_is_empty_and_says_why(
    jeanne: Visit, agent: Agent, signers: Signers
) -> None:
    jeanne.enter(JEANNE)
    jeanne.client.post("/citizens/rights/ehds-71/out/")
    jeanne.client.post("/citizens/data/")
    answer_of_the_zone(agent, signers, Memberships((), True))

    page = jeanne.client.get("/citizens/data/").content.decode()

    assert "Aucune étude, parce que vous refusez" in page


@pytest.mark.usefixtures("zone")
def test_for_somebody_who_refuses_nothing_an_empty_list_says_so(
    jeanne: Visit, agent: Agent, signers: Signers
) -> None:
    asked(jeanne)
    answer_of_the_zone(agent, signers, Memberships((), False))

    page = jeanne.client.get("/citizens/data/").content.decode()

    assert "Aucune étude n’a utilisé vos données" in page


def page_after(jeanne: Visit, agent: Agent, signers: Signers, *projects: str) -> str:
    """What Jeanne reads once the zone named these projects."""
    asked(jeanne)
    answer_of_the_zone(agent, signers, Memberships(projects, True))
    page = jeanne.client.get("/citizens/data/").content.decode()
    return page.replace("\xa0", " ")


@pytest.mark.usefixtures("zone")
def test_a_study_before_a_refusal_stands_apart_with_its_day_and_none_after_it(
    jeanne: Visit, agent: Agent, signers: Signers, road: Road
) -> None:
    permit = road.permit()
    opt_out(Concerned(JEANNE), by=citizen_of(road), now=NOW)

    page = page_after(jeanne, agent, signers, permit.number)

    since, before = page.index("Depuis votre refus"), page.index("Avant votre refus")
    assert since < page.index("Aucune étude, parce que vous refusez") < before
    assert before < page.index(f'id="etude-{permit.number}"')
    assert "5 janvier 2026" in page[before:]
    assert page.count(permit.number) == page[before:].count(permit.number)


@pytest.mark.usefixtures("zone")
def test_a_study_decided_during_a_refusal_is_told_first_as_an_error_to_report(
    jeanne: Visit, agent: Agent, signers: Signers, road: Road
) -> None:
    opt_out(Concerned(JEANNE), by=citizen_of(road), now=DECIDED - timedelta(days=1))
    permit = road.permit()

    page = page_after(jeanne, agent, signers, permit.number)

    assert "signalez-le au guichet" in page
    assert "Décidée pendant votre refus" in page
    assert "Avant votre refus" not in page
    assert "Aucune étude, parce que vous refusez" not in page


@pytest.mark.usefixtures("zone")
def test_a_refusal_of_the_national_copy_does_not_reach_other_data(
    jeanne: Visit, agent: Agent, signers: Signers, road: Road
) -> None:
    at = DECIDED - timedelta(days=1)
    opt_out(Concerned(JEANNE), by=citizen_of(road), now=at, basis=Basis.NATIONAL_COPY)
    permit = road.permit()
    Snapshot.objects.update(model="hospital")

    page = page_after(jeanne, agent, signers, permit.number)

    assert "Des études sur d’autres données que la copie nationale" in page
    assert "signalez-le au guichet" not in page


@pytest.mark.usefixtures("zone")
def test_who_came_back_reads_from_when_to_when_studies_left_them_out(
    jeanne: Visit, agent: Agent, signers: Signers, road: Road
) -> None:
    citizen = citizen_of(road)
    opt_out(Concerned(JEANNE), by=citizen, now=DECIDED)
    opt_back_in(Concerned(JEANNE), by=citizen, now=DECIDED + timedelta(days=2))

    page = page_after(jeanne, agent, signers)

    assert "Vous avez refusé, puis accepté de nouveau" in page
    assert "du 5 janvier 2026 au 7 janvier 2026" in page
    assert "Aucune étude n’a utilisé vos données" in page


@pytest.mark.usefixtures("zone")
def test_the_answer_of_one_session_is_shown_in_no_other(
    jeanne: Visit, agent: Agent, signers: Signers
) -> None:
    asked(jeanne)
    answer_of_the_zone(agent, signers, Memberships(("FR-2026-0001",), False))
    jeanne.client.logout()
    jeanne.enter(JEANNE)

    page = jeanne.client.get("/citizens/data/").content.decode()

    assert "FR-2026-0001" not in page
    assert "Poser la question" in page


@pytest.mark.usefixtures("zone")
def test_questions_are_limited_each_day(jeanne: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "QUESTIONS", limits.Limit("question", 1, timedelta(days=1)))
    asked(jeanne)

    again = jeanne.client.post("/citizens/data/")

    assert again.status_code == 403
    assert OutgoingDocument.objects.filter(kind="MembershipQuestion").count() == 1


def test_a_site_without_the_zones_key_says_to_come_back_later(jeanne: Visit) -> None:
    jeanne.enter(JEANNE)

    answer = jeanne.client.post("/citizens/data/")

    assert answer.status_code == 503
    assert "pas encore reçu la clé" in answer.content.decode()


def test_anybody_reads_what_the_data_are_who_uses_them_and_for_what(
    signers: object, client: Client
) -> None:
    page = client.get("/citizens/explained/").content.decode()

    assert "Le SNDS réunit" in page
    assert 'href="/register/"' in page
    assert "Jamais pour vous refuser une assurance" in page


def kept_after(jeanne: Visit, agent: Agent, signers: Signers, *projects: str) -> str:
    """What Jeanne reads of her only receipt once the zone named these projects."""
    jeanne.enter(JEANNE)
    number = choices_of(JEANNE, by=User.objects.last(), now=NOW)[0].receipt_number
    address = f"/citizens/receipts/{number}/kept/"
    assert jeanne.client.post(address).status_code == 302
    assert jeanne.client.get(f"{address}answer/").status_code == 200
    answer_of_the_zone(agent, signers, Memberships(projects, True))
    assert jeanne.client.get(f"{address}answer/").status_code == 286
    return jeanne.client.get(address).content.decode()


@pytest.mark.usefixtures("zone")
def test_a_receipt_that_no_study_ignored_says_so(
    jeanne: Visit, agent: Agent, signers: Signers, road: Road
) -> None:
    permit = road.permit()
    opt_out(Concerned(JEANNE), by=citizen_of(road), now=NOW)

    assert "aucune étude décidée pendant ce refus" in kept_after(
        jeanne, agent, signers, permit.number
    )


@pytest.mark.usefixtures("zone")
def test_a_receipt_that_a_study_ignored_names_the_study(
    jeanne: Visit, agent: Agent, signers: Signers, road: Road
) -> None:
    opt_out(Concerned(JEANNE), by=citizen_of(road), now=DECIDED - timedelta(days=1))
    permit = road.permit()

    page = kept_after(jeanne, agent, signers, permit.number)

    assert "des études décidées pendant ce refus disent avoir utilisé" in page
    assert f'href="/register/{permit.number}/"' in page


@pytest.mark.usefixtures("zone")
def test_the_receipt_of_somebody_else_is_asked_about_by_nobody(jeanne: Visit, road: Road) -> None:
    other = Concerned(synthetic_national_number(2))
    receipt = opt_out(other, by=citizen_of(road), now=NOW)
    jeanne.enter(JEANNE)

    answer = jeanne.client.post(f"/citizens/receipts/{receipt.receipt_number}/kept/")

    assert answer.status_code == 404
    assert not OutgoingDocument.objects.filter(kind="MembershipQuestion").exists()
