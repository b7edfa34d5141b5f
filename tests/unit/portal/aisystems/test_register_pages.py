"""The pages of the register, and who may open them; what programs get."""

import csv
import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from ecluse.portal.aisystems import actions
from ecluse.portal.aisystems.models import SystemRecord
from tests.unit.portal.aisystems.registering import NOW, STUDY, TRIAGE, Registering
from tests.unit.portal.routes import Route, Stage, answers, by_stage, signed_in

pytestmark = pytest.mark.usefixtures("at_now")
PEOPLE = ("visitor", "paul", "stranger", "preparer", "assessor", "auditor")
EVERYONE = (200, 200, 200, 200, 200, 200)


ROUTES = (
    Route("draft", "get", "/aisystems/", EVERYONE),
    Route("draft", "get", "/aisystems/new/", (302, 200, 200, 200, 200, 200)),
    Route("draft", "post", "/aisystems/new/", (302, 422, 422, 422, 422, 422)),
    Route("draft", "get", "/aisystems/import/", (302, 200, 200, 200, 200, 200)),
    Route("draft", "get", "/aisystems/contradictions/", (302, 403, 403, 200, 200, 200)),
    Route("draft", "get", "/aisystems/surveys/", EVERYONE),
    Route("draft", "get", "/aisystems/surveys/new/", (302, 403, 403, 200, 403, 403)),
    Route("draft", "get", "/aisystems/surveys/answers/1/", (302, 404, 404, 404, 404, 404)),
    Route("draft", "get", "/aisystems/{number}/", (404, 200, 404, 404, 404, 404)),
    Route("draft", "get", "/aisystems/{number}/edit/", (302, 200, 404, 404, 404, 404)),
    Route("draft", "get", "/aisystems/{number}/add/claim/", (302, 200, 404, 404, 404, 404)),
    Route("draft", "get", "/aisystems/{number}/submit/", (302, 200, 404, 404, 404, 404)),
    Route("draft", "post", "/aisystems/{number}/submit/", (302, 302, 404, 404, 404, 404)),
    Route("submitted", "get", "/aisystems/{number}/", (404, 200, 404, 200, 200, 200)),
    Route("submitted", "get", "/aisystems/{number}/edit/", (302, 403, 404, 403, 403, 403)),
    Route("submitted", "get", "/aisystems/{number}/publish/", (302, 403, 404, 200, 403, 403)),
    Route("submitted", "post", "/aisystems/{number}/publish/", (302, 403, 404, 302, 403, 403)),
    Route("submitted", "post", "/aisystems/{number}/return/", (302, 403, 404, 422, 403, 403)),
    Route("submitted", "get", "/aisystems/{number}/system.json", (404, 404, 404, 404, 404, 404)),
    Route("published", "get", "/aisystems/{number}/", EVERYONE),
    Route("published", "get", "/aisystems/{number}/system.json", EVERYONE),
    Route("published", "get", "/aisystems/{number}/add/incident/", (302, 200, 403, 200, 403, 403)),
    Route("published", "get", "/aisystems/{number}/add/evidence/", (302, 200, 403, 200, 403, 403)),
    Route("published", "get", "/aisystems/{number}/add/poem/", (302, 404, 404, 404, 404, 404)),
    Route("published", "get", "/aisystems/{number}/revise/", (302, 200, 403, 403, 403, 403)),
    Route("published", "post", "/aisystems/{number}/remove/", (302, 403, 403, 422, 403, 403)),
    Route("published", "get", "/aisystems/{number}/erase/", (302, 404, 404, 404, 404, 404)),
    Route("published", "post", "/aisystems/{number}/entries/{claim}/withdraw/",
          (302, 302, 403, 302, 403, 403)),
    Route("removed", "get", "/aisystems/{number}/", (404, 200, 404, 200, 200, 200)),
    Route("removed", "get", "/aisystems/{number}/add/claim/", (302, 403, 404, 403, 403, 403)),
    Route("published", "get", "/aisystems/systems.csv", EVERYONE),
    Route("published", "get", "/aisystems/systems.json", EVERYONE),
    Route("published", "get", "/aisystems/systems.jsonld", EVERYONE),
    Route("published", "get", "/aisystems/schema.json", EVERYONE),
)  # fmt: skip


@pytest.mark.parametrize("stage", by_stage(ROUTES), ids=str)
def test_each_address_answers_each_person(registering: Registering, stage: Stage) -> None:
    record = getattr(registering, stage.name)()

    claim = record.added.filter(kind="claim").first()
    parts = {"number": record.number, "claim": claim.pk if claim else 0}

    found = answers(stage, [getattr(registering, one, None) for one in PEOPLE], **parts)

    assert found == stage.answers


def test_a_provider_declares_and_an_officer_publishes(registering: Registering) -> None:
    paul = signed_in(registering.paul)
    typed = {
        "trade_name": "Trieur 2.1",
        "provider": "Exemple SAS",
        "intended_purpose": "Trier.",
        "status": "in-service",
        "ai": "yes",
        "uses": ["emergency_call_triage"],
        "training_flop": "1e21",
    }
    begun = paul.post("/aisystems/new/", typed)
    record = SystemRecord.objects.get()
    paul.post(f"/aisystems/{record.number}/submit/")
    hub = signed_in(registering.preparer)
    queue = hub.get("/aisystems/").content.decode()
    hub.post(f"/aisystems/{record.number}/publish/")

    page = Client().get(f"/aisystems/{record.number}/").content.decode()

    assert begun["Location"] == f"/aisystems/{record.number}/"
    assert f'href="/aisystems/{record.number}/"' in queue
    assert "Haut risque : usage de l’annexe III" in page
    assert "AI Act Annex III, point 5(d)" in page
    assert registering.paul.full_name not in page


def test_the_public_page_says_neither_who_nor_what_is_not_public(registering: Registering) -> None:
    record = registering.published()
    address = f"/aisystems/{record.number}/"

    public = Client().get(address).content.decode()
    inside = signed_in(registering.paul).get(address).content.decode()

    assert "intrusion" not in public
    assert "intrusion" in inside
    assert registering.paul.full_name not in public
    assert "Obligations" not in public


def test_a_figure_out_of_its_interval_is_told_beside_the_form(registering: Registering) -> None:
    record = registering.published()
    typed = {
        "metric": "auroc",
        "value": "0.9",
        "low": "0.95",
        "high": "0.99",
        "design": "retrospective",
        "basis": "published",
        "reference": "doi",
        "measured_on": "2026-06-01",
    }

    answer = signed_in(registering.paul).post(f"/aisystems/{record.number}/add/evaluation/", typed)

    assert answer.status_code == 422
    assert record.added.filter(kind="evaluation").count() == 0


def test_the_map_the_table_and_the_filters_show_the_same_system(registering: Registering) -> None:
    registering.published()

    everything = Client().get("/aisystems/").content.decode()
    emergency = Client().get("/aisystems/?specialty=emergency&region=FR1&q=trieur")
    elsewhere = Client().get("/aisystems/?specialty=radiology")

    assert "Île-de-France" in everything
    assert "E0 – simple affirmation" in everything
    assert "Trieur 2.1" in emergency.content.decode()
    assert "Trieur 2.1" not in elsewhere.content.decode()


def test_programs_get_the_class_with_its_reasons_and_nothing_private(
    registering: Registering,
) -> None:
    record = registering.published()
    actions.add(record, STUDY, by=registering.paul, now=NOW)

    one = Client().get(f"/aisystems/{record.number}/system.json").json()

    assert one["classification"]["values"]["mdr_class"] == ["IIb"]
    articles = [reason["article"] for reason in one["classification"]["reasons"]]
    assert "AI Act Annex III, point 5(d)" in articles
    assert one["evaluation_level"] == {"level": "E1", "because": ["doi:10.0000/exemple"]}
    assert "security" not in one["fields"]
    assert "paul" not in json.dumps(one)


def test_a_spreadsheet_gets_no_formula(registering: Registering) -> None:
    texts = {**TRIAGE.texts, "intended_purpose": "=cmd()"}
    record = actions.declare(
        actions.Content(texts, TRIAGE.facts, TRIAGE.status), by=registering.paul, now=NOW
    )
    registering.act(record, "submit", by=registering.paul)
    registering.act(record, "publish", by=registering.preparer)

    lines = b"".join(Client().get("/aisystems/systems.csv").streaming_content).decode()  # type: ignore[attr-defined]

    (row,) = csv.DictReader(io.StringIO(lines))
    assert row["intended_purpose"] == "'=cmd()"
    assert row["aia_category"] == "high_risk_6_1;high_risk_annex_iii"


def test_a_file_of_another_register_becomes_drafts_of_ones_own(registering: Registering) -> None:
    table = b"Device,Company,Submission Number\nVoyant,Exemple Inc,K1\nLecteur,Autre Inc,K2\n"
    file = SimpleUploadedFile("devices.csv", table)

    answer = signed_in(registering.paul).post("/aisystems/import/", {"file": file})

    assert answer.status_code == 302
    made = SystemRecord.objects.order_by("pk")
    assert [one.latest.content["texts"]["trade_name"] for one in made] == ["Voyant", "Lecteur"]
    assert {(one.state, one.latest.source) for one in made} == {("draft", "devices")}


def test_an_officer_asks_and_a_hospital_answers(registering: Registering) -> None:
    record = registering.published()
    hub, hospital = signed_in(registering.preparer), signed_in(registering.hospital)
    hub.post(
        "/aisystems/surveys/new/",
        {
            "title": "L’IA en 2026",
            "closes_on": "2026-12-31",
            "asked": f"750712184;Hôpital d’Exemple;{registering.hospital.email}",
        },
    )
    page = hospital.get("/aisystems/surveys/").content.decode()
    address = page.split('href="/aisystems/surveys/answers/')[1].split('"')[0]
    hospital.post(f"/aisystems/surveys/answers/{address}", {"systems": [record.number]})

    told = Client().get("/aisystems/surveys/").content.decode()

    assert "L’IA en 2026" in told
    assert "1, soit 100 %" in told
    assert registering.hospital.email not in told
