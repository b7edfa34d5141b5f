"""Attacks on the rights of persons: forge an identity, try numbers, replay a receipt, link rows."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from pyhanko.pdf_utils.reader import PdfFileReader

from ecluse.domain.roles import Role
from ecluse.portal.accounts.models import User
from ecluse.portal.audit import identity
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.identities import limits
from ecluse.portal.identities.models import Binding
from ecluse.portal.optouts import actions as register
from ecluse.portal.optouts.actions import Concerned
from ecluse.portal.optouts.models import OptOut
from ecluse.portal.optouts.questions import ZONE_KEY
from ecluse.trust import keys, sealing
from ecluse.trust.pseudonyms.national_numbers import (
    pseudonymise_national_number,
    synthetic_national_number,
)
from tests.citizens import ThirdParty, Visit, back_from, jeanne, state, third_party
from tests.identity_provider import Claims, IdentityProvider, new_key
from tests.sites import NATIONAL_KEY

__all__ = ["jeanne", "state", "third_party"]

Create = Callable[..., User]
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
JEANNE, RENE = synthetic_national_number(1), synthetic_national_number(500_002)
NEIGHBOUR = f"{JEANNE[:10]}777"
OUT, IN = "/citizens/rights/ehds-71/out/", "/citizens/rights/ehds-71/in/"

LIES: dict[str, Callable[[IdentityProvider], None]] = {
    "a bad signature": lambda state: setattr(state, "signs_with", new_key("k1")),
    "another audience": lambda state: setattr(state, "id_lie", _with(aud="another-site")),
    "a wrong nonce": lambda state: setattr(state, "id_lie", _with(nonce="another")),
    "another person's data": lambda state: setattr(state, "info_lie", _with(sub="rene")),
    "data that nobody signed": lambda state: setattr(state, "signs_info", False),
    "too weak a sign-in": lambda state: setattr(state, "acr", "eidas0"),
}


def _with(**altered: object) -> Callable[[Claims], Claims]:
    return lambda claims: {**claims, **altered}


def everything() -> str:
    """All that an administrator of the database reads."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        texts = []
        for table in tables:
            cursor.execute(f'SELECT json_agg(t)::text FROM "{table}" t')  # noqa: S608 - our names
            texts.append(cursor.fetchone()[0] or "")
    return "".join(texts)


def rows(table: str) -> list[dict[str, object]]:
    """The rows of one table, as an administrator reads them."""
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT json_agg(t)::text FROM "{table}" t')  # noqa: S608 - our names
        found: list[dict[str, object]] = json.loads(cursor.fetchone()[0] or "[]")
    return found


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_forged_identity_opens_no_session_and_no_account(
    jeanne: Visit, lie: Callable[[IdentityProvider], None]
) -> None:
    lie(jeanne.state)

    answer = jeanne.sign_in(JEANNE)

    assert answer.status_code == 403
    assert "_auth_user_id" not in jeanne.client.session
    assert User.objects.get_queryset().count() == 0


def test_an_identity_given_to_somebody_elses_attempt_is_refused(jeanne: Visit) -> None:
    """The attacker makes the victim's browser finish an attempt begun in the attacker's."""
    attacker = Client()
    begun = attacker.get("/identities/start/")
    jeanne.client.get("/identities/start/")

    answer = jeanne.client.get(back_from(begun["Location"]))

    assert answer.status_code == 403
    assert "_auth_user_id" not in jeanne.client.session


@pytest.mark.parametrize(
    "address", [OUT, IN, "/citizens/others/", "/citizens/data/", "/identities/number/"]
)
def test_a_form_of_another_site_changes_nothing(jeanne: Visit, address: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    Visit(strict, jeanne.state).sign_in(JEANNE)

    answer = strict.post(address, {"number": JEANNE})

    assert answer.status_code == 403
    assert OptOut.objects.count() == 0


def test_a_link_or_a_picture_changes_nothing(jeanne: Visit) -> None:
    jeanne.enter(JEANNE)

    assert jeanne.client.get(OUT).status_code == 405
    assert OptOut.objects.count() == 0


def test_trying_a_number_tells_nothing_of_whether_its_person_is_out(
    jeanne: Visit, account: Create
) -> None:
    jeanne.sign_in(JEANNE)
    before = jeanne.give(RENE)
    register.opt_out(Concerned(RENE), by=account(Role.OPT_OUT_DESK), now=NOON)

    after = jeanne.give(RENE)

    assert (before.status_code, after.status_code) == (422, 422)
    assert _without_token(before.content) == _without_token(after.content)


def _without_token(page: bytes) -> list[str]:
    return [line for line in page.decode().splitlines() if "csrfmiddlewaretoken" not in line]


def test_a_refused_number_is_never_sought_in_the_register(jeanne: Visit) -> None:
    """So that the time of the answer cannot depend on what the register holds."""
    jeanne.sign_in(JEANNE)

    jeanne.give(RENE)

    read = JournalEntry.objects.filter(action__in=["optout.read", "optout.recorded"])
    assert read.count() == 0


def test_all_the_numbers_of_one_month_and_town_cannot_be_tried(
    jeanne: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "NUMBERS", limits.Limit("number", 3, timedelta(days=1)))
    jeanne.enter(JEANNE)

    answers = [jeanne.give(f"{JEANNE[:10]}{rank:03}") for rank in range(700, 704)]

    assert {answer.status_code for answer in answers} == {422}
    assert "Trop de numéros" in answers[-1].content.decode()
    assert Binding.objects.count() == 1


def test_no_receipt_is_checked_a_hundred_times_a_minute(
    signers: object, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "RECEIPTS", limits.Limit("receipt", 2, timedelta(minutes=1)))
    asked = [client.post("/citizens/check/", {"receipt": f"OPP-{n}"}) for n in range(3)]

    assert [answer.status_code for answer in asked] == [200, 200, 403]


def test_an_old_receipt_shown_again_does_not_hide_that_it_was_lifted(jeanne: Visit) -> None:
    jeanne.enter(JEANNE)
    receipt = jeanne.client.post(OUT)["Location"]
    old = jeanne.client.get(f"{receipt}pdf/").content
    jeanne.client.post(IN)

    page = Client().post("/citizens/check/", {"receipt": receipt.split("/")[3]}).content.decode()

    assert PdfFileReader(BytesIO(old)).root["/MarkInfo"]["/Marked"]
    assert "Le refus est levé" in page


def test_a_receipt_is_no_key_to_anything(jeanne: Visit, account: Create) -> None:
    """Whoever finds a receipt reads what it is worth; it lifts nothing and shows no history."""
    found = register.opt_out(Concerned(RENE), by=account(Role.OPT_OUT_DESK), now=NOON)
    jeanne.enter(JEANNE)

    shown = jeanne.client.get(f"/citizens/receipts/{found.receipt_number}/")
    lifted = jeanne.client.post(IN)

    assert shown.status_code == 404
    assert lifted.status_code == 404
    assert OptOut.objects.believed().get().until is None


def test_an_administrator_of_the_database_learns_no_identity_and_no_number(
    jeanne: Visit, third_party: ThirdParty
) -> None:
    third_party.know("self", JEANNE)
    third_party.know("child", RENE)
    jeanne.enter(JEANNE)
    jeanne.client.post(OUT)
    receipt = jeanne.client.post(
        "/citizens/others/",
        {"capacity": "child", "number": RENE, "basis": "ehds-71", "choice": "out"},
    )["Location"]

    told = everything()

    secrets = ("Petit", "Jeanne", f"sub-of-{JEANNE}", JEANNE, RENE, receipt.split("/")[3])
    assert [one for one in secrets if one in told] == []


def test_an_administrator_cannot_tell_which_entry_an_account_made(jeanne: Visit) -> None:
    """The two tables of accounts share no value with the register, even for who has the names."""
    jeanne.enter(JEANNE)
    jeanne.client.post(OUT)
    own = pseudonymise_national_number(JEANNE, NATIONAL_KEY)

    accounts = json.dumps([*rows("identities_binding"), *rows("accounts_user")])
    entries = rows("optouts_optout")

    assert own not in accounts
    assert [one["opt_out_id"] for one in entries] == [own]
    assert str(entries[0]["declaration"]) not in accounts
    assert str(entries[0]["receipt_digest"]) not in accounts


def test_a_question_about_a_receipt_leads_an_administrator_to_no_entry(jeanne: Visit) -> None:
    """Sessions and questions are rows too: neither says which entry somebody asked about."""
    zone = sealing.create_opening_key(identity.room(), "questions")
    public = keys.to_base64url(zone.public().public_bytes_raw())
    (identity.room() / ZONE_KEY).write_text(public)
    jeanne.enter(JEANNE)
    receipt = jeanne.client.post(OUT)["Location"].split("/")[3]
    asked = jeanne.client.post(f"/citizens/receipts/{receipt}/kept/").status_code

    session = json.dumps([one.get_decoded() for one in Session.objects.all()])
    told = session + json.dumps(rows("optouts_question"))

    entry = rows("optouts_optout")[0]
    shared = [str(entry[name]) for name in ("opt_out_id", "declaration", "receipt_digest")]
    instant = str(entry["from_at"])[:23]  # to the millisecond
    assert asked == 302
    assert "refusal" in told
    assert [one for one in (*shared, instant, receipt) if one in told] == []
