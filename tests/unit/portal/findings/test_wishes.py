"""The wish not to be told: one's own, undone as easily, kept with its dates."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from pyhanko.pdf_utils.reader import PdfFileReader

from ecluse.domain.errors import NotAllowed, NotFound
from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.findings import wishes
from ecluse.portal.findings.models import Wish
from ecluse.trust.pseudonyms.national_numbers import synthetic_national_number
from tests.citizens import Visit

Create = Callable[..., User]
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=2)
JEANNE, RENE = synthetic_national_number(1), synthetic_national_number(2)
WISH, MAKE, BACK = "/findings/wish/", "/findings/wish/make/", "/findings/wish/back/"


def holding(at: datetime) -> int:
    """How many wishes hold at an instant."""
    return Wish.objects.in_force(as_of=at).count()


@pytest.fixture
def citizen(signers: object, account: Create) -> User:
    """A person with an account."""
    return account(Role.CITIZEN)


def test_one_button_makes_the_wish_and_gives_a_receipt(jeanne: Visit) -> None:
    jeanne.enter(JEANNE)

    page = jeanne.client.post(MAKE, follow=True).content.decode()

    assert "Votre souhait de ne pas être informé est enregistré." in page
    assert "NPS-" in page
    assert JEANNE not in page


def test_the_receipt_is_a_tagged_pdf_that_says_how_far_it_reaches(jeanne: Visit) -> None:
    jeanne.enter(JEANNE)
    receipt = jeanne.client.post(MAKE)["Location"]

    answer = jeanne.client.get(f"{receipt}pdf/")

    pdf = PdfFileReader(BytesIO(answer.content))
    assert answer["Content-Type"] == "application/pdf"
    assert pdf.root["/MarkInfo"]["/Marked"]
    said = pdf.root["/Metadata"].data.decode()
    assert receipt.split("/")[4] in said
    assert "Ne pas être informé d’une découverte importante" in said
    assert JEANNE.encode() not in answer.content


def test_it_is_undone_as_easily_and_both_stay_in_sight(jeanne: Visit) -> None:
    jeanne.enter(JEANNE)
    receipt = jeanne.client.post(MAKE)["Location"]
    back = jeanne.client.post(BACK, follow=True).content.decode()

    page = jeanne.client.get(WISH).content.decode()
    assert "Vous serez de nouveau informé." in back
    assert receipt in page
    assert "Préférer ne pas être informé" in page


def test_it_is_found_again_at_the_next_visit(jeanne: Visit) -> None:
    jeanne.enter(JEANNE)
    receipt = jeanne.client.post(MAKE)["Location"]
    jeanne.client.logout()
    jeanne.enter(JEANNE)

    page = jeanne.client.get(WISH).content.decode()
    assert receipt in page
    assert "Vous préférez ne pas savoir" in page


def test_the_page_of_rights_leads_to_it(jeanne: Visit) -> None:
    assert f'href="{WISH}"' in jeanne.enter(JEANNE).content.decode()


def test_nothing_asks_for_a_reason(jeanne: Visit) -> None:
    jeanne.enter(JEANNE)

    page = jeanne.client.get(WISH).content.decode()
    assert "<textarea" not in page
    assert 'name="reason"' not in page


def test_nobody_else_sees_a_receipt(jeanne: Visit, account: Create) -> None:
    other = wishes.make(RENE, by=account(Role.CITIZEN), now=NOON)
    jeanne.enter(JEANNE)

    existing = jeanne.client.get(f"/findings/wish/receipts/{other.receipt_number}/")
    invented = jeanne.client.get("/findings/wish/receipts/NPS-AAAA-BBBB-CCCC/")
    paper = jeanne.client.get(f"/findings/wish/receipts/{other.receipt_number}/pdf/")
    assert (existing.status_code, invented.status_code, paper.status_code) == (404, 404, 404)


def test_a_link_or_a_picture_changes_nothing(jeanne: Visit) -> None:
    jeanne.enter(JEANNE)

    assert jeanne.client.get(MAKE).status_code == 405
    assert jeanne.client.post("/findings/wish/perhaps/").status_code == 404
    assert Wish.objects.count() == 0


def test_a_form_of_another_site_changes_nothing(jeanne: Visit) -> None:
    strict = Client(enforce_csrf_checks=True)
    Visit(strict, jeanne.state).sign_in(JEANNE)

    assert strict.post(MAKE).status_code == 403
    assert Wish.objects.count() == 0


def test_a_visitor_gives_a_number_before_anything_else(account: Create, client: Client) -> None:
    client.force_login(account(Role.CITIZEN))

    assert client.post(MAKE)["Location"].startswith("/identities/number/")
    assert Wish.objects.count() == 0


def test_in_english_every_word_is_english(jeanne: Visit) -> None:
    jeanne.enter(JEANNE)
    jeanne.client.cookies["ecluse_language"] = "en"

    page = jeanne.client.get(WISH).content.decode()
    assert "Prefer not to be told" in page
    assert "informé" not in page


def test_wishing_twice_gives_the_same_receipt(citizen: User) -> None:
    first = wishes.make(JEANNE, by=citizen, now=NOON)
    again = wishes.make(JEANNE, by=citizen, now=LATER)

    assert first == again
    assert Wish.objects.count() == 1


def test_it_holds_from_its_instant_until_it_is_taken_back(citizen: User) -> None:
    wishes.make(JEANNE, by=citizen, now=NOON)
    wishes.take_back(JEANNE, by=citizen, now=LATER)

    second = timedelta(seconds=1)
    assert [holding(at) for at in (NOON - second, NOON, LATER - second, LATER)] == [0, 1, 1, 0]


def test_what_was_believed_before_stays_in_the_register(citizen: User) -> None:
    wishes.make(JEANNE, by=citizen, now=NOON)
    wishes.take_back(JEANNE, by=citizen, now=LATER)

    rows = list(Wish.objects.order_by("pk").values_list("until", "superseded_at", "cause"))
    assert rows == [(None, LATER, "declared"), (LATER, None, "reversed")]


def test_there_is_nothing_to_take_back_where_nobody_wished(citizen: User) -> None:
    with pytest.raises(NotFound):
        wishes.take_back(JEANNE, by=citizen, now=NOON)


@pytest.mark.parametrize("role", [Role.ASSESSOR, Role.DATA_USER, Role.PREPARER, Role.AUDITOR])
def test_nobody_of_the_hub_or_of_a_project_looks_a_wish_up(account: Create, role: Role) -> None:
    with pytest.raises(NotAllowed):
        wishes.wishes_of(JEANNE, by=account(role), now=NOON)


def test_the_database_removes_and_alters_no_wish(citizen: User) -> None:
    wishes.make(JEANNE, by=citizen, now=NOON)

    with pytest.raises(DatabaseError), transaction.atomic():
        Wish.objects.all().delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        Wish.objects.update(from_at=LATER)


def test_the_journal_has_each_act_and_says_nothing_of_who(citizen: User) -> None:
    wishes.make(JEANNE, by=citizen, now=NOON)
    wishes.wishes_of(JEANNE, by=citizen, now=NOON)
    wishes.take_back(JEANNE, by=citizen, now=LATER)

    entries = JournalEntry.objects.filter(action__startswith="wish").order_by("pk")
    assert [one.action for one in entries] == ["wish.recorded", "wish.read", "wish.reversed"]
    assert {one.actor for one in entries} == {"citizen"}
