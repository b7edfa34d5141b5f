"""The pages of holders and of calls, from the request to the receipt, and who may open them."""

import pytest
from django.test import Client
from django.utils import timezone

from ecluse.portal.cases import daily
from ecluse.portal.holders import evidence
from ecluse.portal.holders.models import DelayEvidence, Holder, HolderCall
from tests.unit.portal.applications.road import ANSWERS, Road
from tests.unit.portal.holders.calling import DRUGS, STAYS, Calling, later
from tests.unit.portal.routes import Route, Stage, answers, by_stage

pytestmark = pytest.mark.usefixtures("at_now")
CALL = "/holders/calls/FR-2026-0001-H1/"
ASK = "/holders/ask/2026-00001/"
PEOPLE = ("anne", "bob", "camille", "stranger", "assessor", "decider", "auditor", "preparer")
ASKED = {
    "care_from": "2021-01-01",
    "care_to": "2023-12-31",
    "tables_ER_PHA_F": ["PHA_PRS_C13"],
    "instructions": "CSV.",
}
FILES = "\n".join(f"{one.digest} {one.octets} {one.name}" for one in (STAYS, DRUGS))


ROUTES = (
    Route("request", "get", "/holders/", (200, 200, 200, 200, 200, 200, 200, 200)),
    Route("request", "get", "/holders/new/", (403, 403, 403, 403, 403, 403, 403, 200)),
    Route("request", "post", "/holders/new/", (403, 403, 403, 403, 403, 403, 403, 422)),
    Route("request", "get", "/holders/chu-dexemple/", (403, 403, 403, 403, 403, 403, 403, 200)),
    Route("request", "get", "/holders/calls/", (200, 200, 200, 200, 200, 200, 200, 200)),
    Route("request", "get", ASK, (404, 404, 403, 404, 403, 403, 403, 200)),
    Route("request", "post", ASK, (404, 404, 403, 404, 403, 403, 403, 422)),
    Route("asked", "get", CALL, (200, 404, 200, 404, 200, 200, 200, 200)),
    Route("asked", "get", f"{CALL}acknowledge/", (200, 404, 403, 404, 403, 403, 403, 403)),
    Route("asked", "post", f"{CALL}acknowledge/", (302, 404, 403, 404, 403, 403, 403, 403)),
    Route("asked", "get", f"{CALL}ask-extension/", (200, 404, 403, 404, 403, 403, 403, 403)),
    Route("asked", "post", f"{CALL}ask-extension/", (422, 404, 403, 404, 403, 403, 403, 403)),
    Route("asked", "get", f"{CALL}extend/", (403, 404, 403, 404, 403, 200, 403, 403)),
    Route("asked", "post", f"{CALL}extend/", (403, 404, 403, 404, 403, 422, 403, 403)),
    Route("asked", "get", f"{CALL}refuse-extension/", (403, 404, 403, 404, 403, 200, 403, 403)),
    Route("asked", "get", f"{CALL}supply/", (200, 404, 403, 404, 403, 403, 403, 403)),
    Route("asked", "post", f"{CALL}supply/", (422, 404, 403, 404, 403, 403, 403, 403)),
    Route("asked", "get", f"{CALL}cancel/", (403, 404, 403, 404, 403, 403, 403, 200)),
    Route("asked", "get", f"{CALL}receive/", (403, 404, 403, 404, 403, 403, 403, 403)),
    Route("asked", "get", f"{CALL}ask/", (404, 404, 404, 404, 404, 404, 404, 404)),
    Route("asked", "get", f"{CALL}evidence/1.json", (403, 404, 403, 404, 404, 404, 404, 404)),
    Route("supplied", "get", f"{CALL}receive/", (403, 404, 403, 404, 403, 403, 403, 200)),
    Route("supplied", "post", f"{CALL}receive/", (403, 404, 403, 404, 403, 403, 403, 422)),
    Route("supplied", "get", f"{CALL}return-supply/", (403, 404, 403, 404, 403, 403, 403, 200)),
)


@pytest.mark.parametrize("stage", by_stage(ROUTES), ids=str)
def test_each_address_answers_each_person_as_the_law_says(calling: Calling, stage: Stage) -> None:
    getattr(calling, stage.name)()

    people = [getattr(calling, one, None) or getattr(calling.road, one) for one in PEOPLE]

    assert answers(stage, people) == stage.answers


@pytest.mark.parametrize("address", sorted({one.address for one in ROUTES} - {"/holders/"}))
def test_a_visitor_is_sent_to_sign_in(signers: object, client: Client, address: str) -> None:
    assert client.get(address)["Location"].startswith("/accounts/sign-in/?next=")


def test_a_permit_leads_to_the_call_and_the_call_to_its_receipt(
    calling: Calling, client: Client
) -> None:
    client.force_login(calling.road.preparer)
    permit = client.get("/permits/FR-2026-0001/").content.decode()
    client.post(ASK, {**ASKED, "holder": calling.holder.pk})
    client.force_login(calling.anne)
    inbox = client.get("/holders/calls/").content.decode()
    client.post(f"{CALL}acknowledge/")
    client.post(f"{CALL}supply/", {"listed": FILES})
    client.force_login(calling.road.preparer)
    page = client.post(f"{CALL}receive/", {"listed": FILES}, follow=True).content.decode()

    assert f'href="{ASK}"' in permit
    assert CALL in inbox
    assert HolderCall.objects.get().item.state == "received"
    assert "sejours.csv" in page


def test_what_arrived_otherwise_is_said_beside_the_list(calling: Calling, client: Client) -> None:
    calling.supplied()
    client.force_login(calling.road.preparer)
    answer = client.post(f"{CALL}receive/", {"listed": FILES.splitlines()[0]})

    assert answer.status_code == 422
    assert "medicaments.csv" in answer.content.decode()


def test_the_holder_reads_nothing_of_the_study(calling: Calling, client: Client) -> None:
    calling.asked()
    client.force_login(calling.anne)
    pages = [client.get(one).content.decode() for one in ("/holders/", "/holders/calls/", CALL)]
    text = "".join(pages)

    assert str(ANSWERS["title"]) not in text
    assert "Camille" not in text
    assert "2026-00001" not in text
    assert "Université d’Exemple" not in text
    assert "FR-2026-0001" in text
    assert client.get("/permits/FR-2026-0001/").status_code == 404
    assert client.get("/applications/2026-00001/").status_code == 404


def test_an_extension_asked_is_shown_until_it_is_decided(calling: Calling, client: Client) -> None:
    calling.asked()
    client.force_login(calling.anne)
    client.post(f"{CALL}ask-extension/", {"reason": "Trois sources à apparier."})
    client.force_login(calling.road.decider)
    before = client.get(CALL).content.decode()
    client.post(f"{CALL}refuse-extension/", {"reason": "Une seule source."})
    after = client.get(CALL).content.decode()

    assert "Prolongation demandée" in before
    assert "Prolongation demandée" not in after


def test_the_evidence_of_a_delay_is_given_to_officers_byte_for_byte(
    calling: Calling, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    calling.asked()
    daily.run(now=later(93))
    evidence.keep(now=later(93))
    monkeypatch.setattr(timezone, "now", lambda: later(93))
    client.force_login(calling.road.decider)
    kept = DelayEvidence.objects.get()
    page = client.get(CALL).content.decode()
    given = client.get(f"{CALL}evidence/{kept.pk}.json")

    assert "Preuves du retard" in page
    assert given.content == bytes(kept.body)
    client.force_login(calling.anne)
    assert client.get(f"{CALL}evidence/{kept.pk}.json").status_code == 403


def test_holders_are_added_with_accounts_that_exist(road: Road, client: Client) -> None:
    client.force_login(road.preparer)
    typed = {"name": "CHU", "email": "d@chu.example", "datasets": [road.dataset.pk]}
    unknown = client.post("/holders/new/", {**typed, "persons": "nobody@chu.example"})
    known = client.post("/holders/new/", {**typed, "persons": road.stranger.subject})

    assert (unknown.status_code, known.status_code) == (422, 302)
    assert Holder.objects.get().has(road.stranger)


@pytest.mark.parametrize("look", ["neutral", "dsfr"])
def test_the_pages_are_drawn_in_english_and_in_both_themes(
    calling: Calling, client: Client, look: str
) -> None:
    calling.supplied()
    client.get(f"/theme/{look}/")
    client.get("/language/en/")
    client.force_login(calling.road.preparer)
    pages = [client.get(one) for one in ("/holders/", "/holders/calls/", CALL, ASK)]

    assert [page.status_code for page in pages] == [200, 200, 200, 200]
    assert ['lang="en"' in page.content.decode() for page in pages] == [True] * 4
