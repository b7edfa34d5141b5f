"""The wish not to be told, for a child or a protected adult, and by the desk with its proof."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.test import Client

from ecluse.domain.citizens import Channel, Choice, ProofKind
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.domain.optouts import Capacity
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.citizens.actions import Seen, made_for_others
from ecluse.portal.citizens.models import KeptReceipt, Proof
from ecluse.portal.findings import wishes
from ecluse.portal.findings.models import Wish
from ecluse.portal.optouts.actions import Concerned
from ecluse.trust.pseudonyms.national_numbers import synthetic_national_number
from tests.citizens import ThirdParty, Visit

Create = Callable[..., User]
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
JEANNE, CHILD = synthetic_national_number(1), synthetic_national_number(2)
OTHERS, DESK = "/findings/wish/others/", "/findings/wish/desk/"
FOR_A_CHILD = {"capacity": "child", "number": CHILD, "choice": "out"}
LETTER = {
    "channel": "post",
    "capacity": "self",
    "number": CHILD,
    "choice": "out",
    "kind": "identity-document",
    "reference": "courrier 2026-0412",
}
CALLED = Seen(Channel.TELEPHONE, ProofKind.CALL_BACK, "appel 12")


@pytest.fixture
def parent(jeanne: Visit, third_party: ThirdParty) -> Visit:
    """Jeanne, whom the third party knows as a parent of the child."""
    third_party.know("self", JEANNE)
    third_party.know("child", CHILD)
    jeanne.enter(JEANNE)
    return jeanne


@pytest.fixture
def desk(account: Create, client: Client) -> Client:
    """The desk of opt-outs, signed in."""
    client.force_login(account(Role.OPT_OUT_DESK))
    return client


def test_a_parent_wishes_for_a_child_and_finds_the_receipt_at_the_next_visit(parent: Visit) -> None:
    where = parent.client.post(OTHERS, FOR_A_CHILD)["Location"]
    parent.client.logout()
    parent.enter(JEANNE)

    page = parent.client.get("/findings/wish/").content.decode()
    assert Wish.objects.get().capacity == "child"
    assert parent.client.get(where).status_code == 200
    assert where in page
    assert "mon enfant mineur" in page
    assert "Vous serez informé" in page


def test_the_child_finds_it_by_their_own_number_and_takes_it_back(
    parent: Visit, account: Create
) -> None:
    parent.client.post(OTHERS, FOR_A_CHILD)
    child = account(Role.CITIZEN)

    (found,) = wishes.wishes_of(CHILD, by=child, now=NOON)
    wishes.take_back(CHILD, by=child, now=NOON)

    assert (found.capacity, found.until) == (Capacity.CHILD, None)
    assert Wish.objects.believed().get().until is not None


def test_nobody_wishes_for_somebody_whom_they_do_not_represent(parent: Visit) -> None:
    answer = parent.client.post(OTHERS, {**FOR_A_CHILD, "capacity": "represented-adult"})

    assert answer.status_code == 422
    assert "pas pu vérifier" in answer.content.decode()
    assert Wish.objects.count() == 0


def test_receipts_of_wishes_and_of_opt_outs_kept_for_others_are_not_mixed(
    parent: Visit,
) -> None:
    opposed = {**FOR_A_CHILD, "basis": "ehds-71"}
    parent.client.post("/citizens/others/", opposed)
    parent.client.post(OTHERS, FOR_A_CHILD)

    user = KeptReceipt.objects.first().account  # type: ignore[union-attr]  # two were kept above
    assert [one.receipt_number[:4] for one in made_for_others(user)] == ["OPP-"]
    assert [one.receipt_number[:4] for one in wishes.made_for_others(user)] == ["NPS-"]
    assert parent.client.get("/citizens/").status_code == 200


def test_a_letter_is_recorded_with_its_proof_and_nothing_of_its_person(desk: Client) -> None:
    where = desk.post(DESK, LETTER)["Location"]

    page = desk.get(where).content.decode()
    assert "courrier 2026-0412" in page
    assert "NPS-" in page
    assert CHILD not in page
    assert "2026-0412" not in Proof.objects.get().sealed
    assert JournalEntry.objects.filter(action="wish.recorded").count() == 1
    assert desk.get(f"{where}pdf/").content.startswith(b"%PDF-")


def test_what_the_desk_recorded_its_person_sees_and_takes_back_online(
    desk: Client, account: Create
) -> None:
    desk.post(DESK, LETTER)
    citizen = account(Role.CITIZEN)

    wishes.take_back(CHILD, by=citizen, now=datetime.now(UTC))

    assert Wish.objects.in_force(as_of=datetime.now(UTC)).count() == 0


def test_lifting_what_nobody_wished_is_told_at_the_field(desk: Client) -> None:
    answer = desk.post(DESK, {**LETTER, "choice": "in"})

    assert answer.status_code == 422
    assert "rien à lever" in answer.content.decode()


def test_a_proof_that_is_not_enough_records_nothing(desk: Client, account: Create) -> None:
    answer = desk.post(DESK, {**LETTER, "capacity": "child"})
    agent = account(Role.OPT_OUT_DESK, email="other@hub.example")

    with pytest.raises(InvalidInput):
        wishes.choose_at_desk(
            Concerned(CHILD, Capacity.CHILD), Choice.OUT, seen=CALLED, by=agent, now=NOON
        )

    assert "ne suffit pas" in answer.content.decode()
    assert Wish.objects.count() == 0


def test_a_receipt_is_shown_in_the_session_that_recorded_it_alone(
    desk: Client, account: Create
) -> None:
    address = desk.post(DESK, LETTER)["Location"]
    other = Client()
    other.force_login(account(Role.OPT_OUT_DESK, email="other@hub.example"))
    assert other.get(f"{address}pdf/").status_code == 404

    assert desk.get(address).status_code == 200
    assert other.get(address).status_code == 404


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.OPT_OUT_DESK}))
def test_nobody_but_the_desk_records_for_who_wrote(
    account: Create, client: Client, role: Role
) -> None:
    user = account(role)
    client.force_login(user)

    with pytest.raises(NotAllowed):
        wishes.choose_at_desk(Concerned(CHILD), Choice.OUT, seen=CALLED, by=user, now=NOON)

    assert client.get(DESK).status_code == 403
    assert client.post(DESK, LETTER).status_code == 403
    assert client.get(f"{DESK}NPS-AAAA-BBBB-CCCC/").status_code == 403


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.CITIZEN}))
def test_nobody_but_a_citizen_wishes_for_who_they_represent(
    account: Create, client: Client, role: Role
) -> None:
    client.force_login(account(role))

    assert client.get(OTHERS).status_code == 403
    assert client.post(OTHERS, FOR_A_CHILD).status_code == 403
