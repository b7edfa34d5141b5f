"""A person chooses, keeps receipts, finds them again; for another, only where the link is known."""

from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO

import pytest
from django.test import Client
from pyhanko.pdf_utils.reader import PdfFileReader

from ecluse.domain.documents import Basis
from ecluse.domain.optouts import Capacity
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.citizens.models import KeptReceipt
from ecluse.portal.optouts import actions as register
from ecluse.portal.optouts.actions import Concerned
from ecluse.portal.optouts.models import OptOut
from ecluse.trust.pseudonyms.national_numbers import (
    pseudonymise_national_number,
    synthetic_national_number,
)
from tests.citizens import ThirdParty, Visit
from tests.sites import NATIONAL_KEY

Create = Callable[..., User]
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
JEANNE, CHILD = synthetic_national_number(1), synthetic_national_number(900_003)
OUT, IN = "/citizens/rights/ehds-71/out/", "/citizens/rights/ehds-71/in/"
COPY_OUT = "/citizens/rights/national-copy/out/"
FOR_CHILD = {"capacity": "child", "number": CHILD, "basis": "ehds-71", "choice": "out"}


def open_rows() -> list[tuple[str, str, str]]:
    """Who is out now, under which right, in which capacity."""
    rows = OptOut.objects.believed().filter(until=None).order_by("pk")
    return list(rows.values_list("opt_out_id", "basis", "capacity"))


def own(number: str) -> str:
    """The pseudonym of a number."""
    return pseudonymise_national_number(number, NATIONAL_KEY)


def test_one_button_opts_out_and_gives_a_receipt(jeanne: Visit) -> None:
    jeanne.enter(JEANNE)

    page = jeanne.client.post(OUT, follow=True).content.decode()

    assert open_rows() == [(own(JEANNE), "ehds-71", "self")]
    assert "Le refus est enregistré" in page
    assert "OPP-" in page
    assert JEANNE not in page


def test_the_two_rights_are_chosen_apart(jeanne: Visit) -> None:
    jeanne.enter(JEANNE)
    jeanne.client.post(OUT)
    jeanne.client.post(COPY_OUT)
    jeanne.client.post(IN)

    assert open_rows() == [(own(JEANNE), "national-copy", "self")]


def test_a_choice_is_undone_as_easily(jeanne: Visit) -> None:
    jeanne.enter(JEANNE)
    jeanne.client.post(OUT)

    page = jeanne.client.post(IN, follow=True).content.decode()

    assert "Le refus est levé" in page
    assert open_rows() == []


def test_choosing_twice_gives_the_same_receipt(jeanne: Visit) -> None:
    jeanne.enter(JEANNE)

    first, again = jeanne.client.post(OUT), jeanne.client.post(OUT)

    assert first["Location"] == again["Location"]


def test_a_right_that_does_not_exist_is_not_found(jeanne: Visit) -> None:
    jeanne.enter(JEANNE)

    assert jeanne.client.post("/citizens/rights/oblivion/out/").status_code == 404
    assert jeanne.client.post("/citizens/rights/ehds-71/perhaps/").status_code == 404


def test_choices_are_found_again_at_the_next_visit(jeanne: Visit) -> None:
    jeanne.enter(JEANNE)
    receipt = jeanne.client.post(OUT)["Location"]
    jeanne.client.logout()

    page = jeanne.enter(JEANNE).content.decode()

    assert receipt in page
    assert "Vous refusez" in page
    assert jeanne.client.get(receipt).status_code == 200


def test_what_the_desk_recorded_is_found_by_its_person(jeanne: Visit, account: Create) -> None:
    desk = account(Role.OPT_OUT_DESK)
    recorded = register.opt_out(Concerned(JEANNE), by=desk, now=NOON)

    assert recorded.receipt_number in jeanne.enter(JEANNE).content.decode()


def test_nobody_else_sees_a_receipt(jeanne: Visit, account: Create) -> None:
    other = register.opt_out(Concerned(CHILD), by=account(Role.OPT_OUT_DESK), now=NOON)
    jeanne.enter(JEANNE)

    existing = jeanne.client.get(f"/citizens/receipts/{other.receipt_number}/")
    invented = jeanne.client.get("/citizens/receipts/OPP-AAAA-BBBB-CCCC/")

    assert (existing.status_code, invented.status_code) == (404, 404)
    assert "pas parmi les vôtres" in existing.content.decode()
    assert "pas parmi les vôtres" in invented.content.decode()


def test_a_visitor_gives_a_number_before_anything_else(account: Create, client: Client) -> None:
    client.force_login(account(Role.CITIZEN))

    answer = client.post(OUT)

    assert answer["Location"].startswith("/identities/number/")
    assert OptOut.objects.count() == 0


def test_the_receipt_is_a_tagged_pdf_without_name_nor_number(jeanne: Visit) -> None:
    jeanne.enter(JEANNE)
    receipt = jeanne.client.post(OUT)["Location"]

    answer = jeanne.client.get(f"{receipt}pdf/")

    pdf = PdfFileReader(BytesIO(answer.content))
    assert answer["Content-Type"] == "application/pdf"
    assert pdf.root["/MarkInfo"]["/Marked"]
    assert pdf.root["/Lang"] == "fr"
    assert receipt.split("/")[3] in pdf.root["/Metadata"].data.decode()
    assert not pdf.embedded_signatures


@pytest.mark.usefixtures("seal")
def test_the_receipt_bears_the_seal_of_the_hub_where_it_has_one(jeanne: Visit) -> None:
    jeanne.enter(JEANNE)
    receipt = jeanne.client.post(OUT)["Location"]

    answer = jeanne.client.get(f"{receipt}pdf/")

    (found,) = PdfFileReader(BytesIO(answer.content)).embedded_signatures
    assert found.field_name == "Cachet"


def test_a_parent_whom_the_directory_knows_chooses_for_a_child(
    jeanne: Visit, third_party: ThirdParty
) -> None:
    third_party.know("self", JEANNE)
    third_party.know("child", CHILD)
    jeanne.enter(JEANNE)

    receipt = jeanne.client.post("/citizens/others/", FOR_CHILD)["Location"]

    assert open_rows() == [(own(CHILD), "ehds-71", "child")]
    assert "mon enfant mineur" in jeanne.client.get(receipt).content.decode()


def test_a_parent_finds_the_childs_receipt_at_the_next_visit(
    jeanne: Visit, third_party: ThirdParty
) -> None:
    third_party.know("self", JEANNE)
    third_party.know("child", CHILD)
    jeanne.enter(JEANNE)
    receipt = jeanne.client.post("/citizens/others/", FOR_CHILD)["Location"]
    jeanne.client.post("/citizens/others/", FOR_CHILD)
    jeanne.client.logout()

    page = jeanne.enter(JEANNE).content.decode()

    assert receipt in page
    assert KeptReceipt.objects.count() == 1


def test_a_child_grown_up_takes_back_what_a_parent_chose(
    jeanne: Visit, third_party: ThirdParty, account: Create
) -> None:
    third_party.know("self", CHILD)
    register.opt_out(
        Concerned(CHILD, Capacity.CHILD), by=account(Role.OPT_OUT_DESK), now=NOON, basis=Basis.EHDS
    )
    page = jeanne.enter(CHILD).content.decode()
    jeanne.client.post(IN)

    assert "Vous refusez" in page
    assert open_rows() == []


def test_somebody_whom_the_directory_does_not_know_as_parent_is_sent_to_the_desk(
    jeanne: Visit, third_party: ThirdParty
) -> None:
    third_party.know("self", JEANNE)
    jeanne.enter(JEANNE)

    answer = jeanne.client.post("/citizens/others/", FOR_CHILD)

    assert answer.status_code == 422
    assert "vérifier que vous représentez" in answer.content.decode()
    assert open_rows() == []


def test_without_a_directory_nobody_chooses_for_another_online(jeanne: Visit) -> None:
    jeanne.enter(JEANNE)

    answer = jeanne.client.post("/citizens/others/", {**FOR_CHILD, "number": JEANNE})

    assert answer.status_code == 422
    assert open_rows() == []


def test_the_check_of_a_receipt_says_what_it_is_worth_now(jeanne: Visit, client: Client) -> None:
    jeanne.enter(JEANNE)
    number = jeanne.client.post(OUT)["Location"].split("/")[3]
    jeanne.client.post(IN)

    page = Client().post("/citizens/check/", {"receipt": number}).content.decode()

    assert "Le refus est levé" in page


def test_the_check_of_an_invented_receipt_finds_none(signers: object, client: Client) -> None:
    page = client.post("/citizens/check/", {"receipt": "OPP-AAAA-BBBB-CCCC"}).content.decode()

    assert "Aucun récépissé n’a ce numéro" in page


def test_nothing_asks_for_a_reason(jeanne: Visit) -> None:
    pages = jeanne.enter(JEANNE).content.decode()
    pages += jeanne.client.get("/citizens/others/").content.decode()

    assert 'name="reason"' not in pages
    assert "<textarea" not in pages


def test_in_english_every_word_of_a_receipt_is_english(jeanne: Visit) -> None:
    jeanne.enter(JEANNE)
    receipt = jeanne.client.post(OUT)["Location"]
    jeanne.client.cookies["ecluse_language"] = "en"

    page = jeanne.client.get(receipt).content.decode()

    assert "The refusal is recorded" in page
    assert "Récépissé" not in page
