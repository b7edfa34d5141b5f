"""The desk records what came by post or telephone, with the proof that it saw and no copy of it."""

from collections.abc import Callable

import pytest
from django.test import Client

from ecluse.domain.citizens import ENOUGH, ProofKind, check_proof
from ecluse.domain.errors import InvalidInput
from ecluse.domain.optouts import Capacity
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.citizens.models import Proof
from ecluse.portal.optouts.models import OptOut
from ecluse.trust.pseudonyms.national_numbers import synthetic_national_number

Create = Callable[..., User]
RENE = synthetic_national_number(2)
LETTER = {
    "channel": "post",
    "capacity": "self",
    "number": RENE,
    "basis": "ehds-71",
    "choice": "out",
    "kind": "identity-document",
    "reference": "courrier 2026-0412",
}


@pytest.fixture
def desk(account: Create, client: Client) -> Client:
    """The desk of opt-outs, signed in."""
    client.force_login(account(Role.OPT_OUT_DESK))
    return client


def test_a_letter_is_recorded_with_its_proof_and_a_receipt_is_posted_back(desk: Client) -> None:
    answer = desk.post("/citizens/desk/", LETTER)

    page = desk.get(answer["Location"]).content.decode()
    paper = desk.get(f"{answer['Location']}pdf/")
    assert OptOut.objects.believed().get().recorded_by == "opt-out-desk"
    assert "courrier 2026-0412" in page
    assert "pièce d’identité" in page
    assert RENE not in page
    assert paper.content.startswith(b"%PDF")


def test_the_reference_of_a_proof_is_sealed_in_the_table(desk: Client) -> None:
    desk.post("/citizens/desk/", LETTER)

    row = Proof.objects.get()

    assert "2026-0412" not in row.sealed
    assert (row.channel, row.kind) == ("post", "identity-document")
    assert row.seen_by.email == "opt-out-desk@hub.example"


@pytest.mark.parametrize(
    ("capacity", "kind"),
    [
        ("child", "identity-document"),
        ("represented-adult", "family-record"),
        ("self", "mandate"),
    ],
)
def test_a_proof_that_is_not_enough_records_nothing(desk: Client, capacity: str, kind: str) -> None:
    answer = desk.post("/citizens/desk/", {**LETTER, "capacity": capacity, "kind": kind})

    assert answer.status_code == 422
    assert "ne suffit pas" in answer.content.decode()
    assert OptOut.objects.count() == 0


def test_the_rule_refuses_the_same_proofs_as_the_form() -> None:
    check_proof(Capacity.CHILD, ProofKind.FAMILY_RECORD)

    with pytest.raises(InvalidInput, match="family-record, judgment"):
        check_proof(Capacity.CHILD, ProofKind.IDENTITY_DOCUMENT)


def test_every_capacity_can_be_proved() -> None:
    assert set(ENOUGH) == set(Capacity)


def test_lifting_what_nobody_declared_is_told_at_the_field(desk: Client) -> None:
    answer = desk.post("/citizens/desk/", {**LETTER, "choice": "in"})

    assert answer.status_code == 422
    assert "rien à lever" in answer.content.decode()


def test_a_receipt_is_shown_in_the_session_that_recorded_it_alone(
    desk: Client, account: Create
) -> None:
    address = desk.post("/citizens/desk/", LETTER)["Location"]
    other = Client()
    other.force_login(account(Role.OPT_OUT_DESK, email="other@hub.example"))

    assert other.get(address).status_code == 404
    assert other.get(f"{address}pdf/").status_code == 404


def test_a_citizen_is_not_the_desk(account: Create, client: Client) -> None:
    client.force_login(account(Role.CITIZEN))

    assert client.get("/citizens/desk/").status_code == 403
    assert client.post("/citizens/desk/", LETTER).status_code == 403
