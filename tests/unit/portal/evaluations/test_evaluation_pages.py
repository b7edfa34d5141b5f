"""Pages of evaluations: every address for everybody, at every stage; what they say."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from ecluse.domain import codec
from ecluse.domain.documents import Refusal, Signer
from ecluse.domain.evaluations.deviations import Deviation
from ecluse.portal.evaluations import actions
from ecluse.portal.evaluations.models import EvaluationFile
from tests.unit.domain.evaluations.answered import DATA
from tests.unit.portal.applications.road import NOW
from tests.unit.portal.evaluations.evaluating import (
    DEVIATION,
    NUMBER,
    Evaluating,
    order_of,
    report,
)
from tests.unit.portal.routes import Route, Stage, answers, by_stage

pytestmark = pytest.mark.usefixtures("at_now")

FILE = f"/evaluations/{NUMBER}/"
PEOPLE = (*("visitor", "camille", "stranger", "assessor", "decider", "auditor", "preparer"),)
ROUTES = (
    Route("draft", "get", "/evaluations/", (200, 200, 200, 200, 200, 200, 200)),
    Route("draft", "get", "/evaluations/new/", (302, 200, 200, 403, 403, 403, 403)),
    Route("draft", "get", FILE, (404, 200, 404, 404, 404, 404, 404)),
    Route("draft", "get", f"{FILE}edit/", (302, 302, 404, 404, 404, 404, 404)),
    Route("draft", "get", f"{FILE}step/measures/", (302, 200, 404, 404, 404, 404, 404)),
    Route("draft", "post", f"{FILE}step/measures/", (302, 302, 404, 404, 404, 404, 404)),
    Route("draft", "post", f"{FILE}step/measures/save/", (200, 200, 404, 404, 404, 404, 404)),
    Route("draft", "get", f"{FILE}files/{'0' * 64}/", (302, 404, 404, 404, 404, 404, 404)),
    Route("draft", "get", f"{FILE}summary/", (302, 200, 404, 404, 404, 404, 404)),
    Route("draft", "post", f"{FILE}summary/", (302, 302, 404, 404, 404, 404, 404)),
    Route("draft", "get", f"{FILE}checklist/", (404, 404, 404, 404, 404, 404, 404)),
    Route("draft", "get", f"{FILE}protocol.json", (404, 404, 404, 404, 404, 404, 404)),
    Route("registered", "get", FILE, (200, 200, 200, 200, 200, 200, 200)),
    Route("registered", "get", f"{FILE}checklist/", (200, 200, 200, 200, 200, 200, 200)),
    Route("registered", "get", f"{FILE}protocol.json", (200, 200, 200, 200, 200, 200, 200)),
    Route("registered", "get", f"{FILE}lock.json", (404, 404, 404, 404, 404, 404, 404)),
    Route("registered", "get", f"{FILE}step/measures/", (302, 403, 403, 403, 403, 403, 403)),
    Route("registered", "get", f"{FILE}summary/", (302, 403, 403, 403, 403, 403, 403)),
    Route("registered", "get", f"{FILE}lock/", (302, 403, 403, 403, 403, 403, 200)),
    Route("registered", "post", f"{FILE}lock/", (302, 403, 403, 403, 403, 403, 422)),
    Route("registered", "get", f"{FILE}revise-protocol/", (302, 200, 403, 403, 403, 403, 403)),
    Route("registered", "post", f"{FILE}revise-protocol/", (302, 302, 403, 403, 403, 403, 403)),
    Route("registered", "get", f"{FILE}withdraw/", (302, 200, 403, 403, 403, 403, 403)),
    Route("registered", "post", f"{FILE}withdraw/", (302, 422, 403, 403, 403, 403, 403)),
    Route("registered", "get", f"{FILE}deviation/", (302, 403, 403, 403, 403, 403, 403)),
    Route("registered", "get", f"{FILE}report/", (302, 403, 403, 403, 403, 403, 403)),
    Route("locked", "get", f"{FILE}lock.json", (200, 200, 200, 200, 200, 200, 200)),
    Route("locked", "get", f"{FILE}deviations.json", (200, 200, 200, 200, 200, 200, 200)),
    Route("locked", "get", f"{FILE}lock/", (302, 403, 403, 403, 403, 403, 403)),
    Route("locked", "get", f"{FILE}deviation/", (302, 200, 403, 403, 403, 403, 403)),
    Route("locked", "post", f"{FILE}deviation/", (302, 422, 403, 403, 403, 403, 403)),
    Route("locked", "get", f"{FILE}record-run/", (302, 200, 403, 403, 403, 403, 200)),
    Route("locked", "post", f"{FILE}record-run/", (302, 302, 403, 403, 403, 403, 302)),
    Route("locked", "get", f"{FILE}report/", (302, 200, 403, 403, 403, 403, 200)),
    Route("locked", "post", f"{FILE}report/", (302, 422, 403, 403, 403, 403, 422)),
    Route("locked", "get", f"{FILE}report.json", (404, 404, 404, 404, 404, 404, 404)),
    Route("locked", "get", f"{FILE}order-run/", (302, 200, 403, 403, 403, 403, 403)),
    Route("locked", "post", f"{FILE}order-run/", (302, 302, 403, 403, 403, 403, 403)),
    Route("registered", "post", f"{FILE}order-run/", (302, 302, 403, 403, 403, 403, 403)),
    Route("checking", "get", FILE, (200, 200, 200, 200, 200, 200, 200)),
    Route("checking", "post", f"{FILE}report/", (302, 422, 403, 403, 403, 403, 422)),
    Route("released", "get", f"{FILE}order-run/", (302, 403, 403, 403, 403, 403, 403)),
    Route("reported", "get", FILE, (200, 200, 200, 200, 200, 200, 200)),
    Route("reported", "get", f"{FILE}report.json", (404, 404, 404, 404, 404, 404, 404)),
    Route("reported", "get", f"{FILE}publish-report/", (302, 403, 403, 403, 403, 403, 200)),
    Route("reported", "post", f"{FILE}publish-report/", (302, 403, 403, 403, 403, 403, 302)),
    Route("public", "get", FILE, (200, 200, 200, 200, 200, 200, 200)),
    Route("public", "get", f"{FILE}report.json", (200, 200, 200, 200, 200, 200, 200)),
    Route("public", "get", f"{FILE}deviation/", (302, 403, 403, 403, 403, 403, 403)),
    Route("withdrawn", "get", FILE, (200, 200, 200, 200, 200, 200, 200)),
    Route("withdrawn", "get", f"{FILE}lock/", (302, 403, 403, 403, 403, 403, 403)),
)


@pytest.mark.parametrize("stage", by_stage(ROUTES), ids=str)
def test_each_address_answers_each_person_as_the_stage_says(
    evaluating: Evaluating, stage: Stage
) -> None:
    getattr(evaluating, stage.name)()

    assert answers(stage, [evaluating.person(one) for one in PEOPLE]) == stage.answers


def page(evaluating: Evaluating, address: str, *, by: str = "visitor") -> str:
    """What somebody reads at an address."""
    client, person = Client(), evaluating.person(by)
    if person is not None:
        client.force_login(person)
    found = client.get(address)
    assert found.status_code == 200
    return found.content.decode().replace("\u202f", " ").replace("\u00a0", " ")


def test_everybody_reads_what_was_promised_before_data_were_opened(
    evaluating: Evaluating,
) -> None:
    evaluating.locked()

    shown = page(evaluating, FILE)

    assert "≥ 0.75" in shown
    assert "Une seule base nationale" in shown
    assert "avant l’ouverture des données" in shown
    assert "sensitivity@refer" in shown


def test_the_report_page_says_what_was_asked_and_measured(evaluating: Evaluating) -> None:
    evaluating.public()

    shown = page(evaluating, FILE)

    assert "Demandé : auroc ≥ 0.75." in shown
    assert "Mesuré : 0.80 [0.78 ; 0.82]." in shown
    assert "Affirmation tenue" in shown


def test_a_report_is_read_by_who_works_on_it_alone_until_it_is_public(
    evaluating: Evaluating,
) -> None:
    evaluating.reported()

    assert "Affirmation tenue" not in page(evaluating, FILE)
    assert "Affirmation tenue" in page(evaluating, FILE, by="preparer")


def test_a_sponsor_who_provides_the_system_is_flagged(evaluating: Evaluating) -> None:
    made = evaluating.draft()
    client = Client()
    client.force_login(evaluating.road.camille)
    EvaluationFile.objects.filter(pk=made.pk).update(answers={**made.answers, "is_submitter": True})
    client.post(f"{FILE}summary/")

    assert "Le promoteur de l’évaluation fournit aussi le système" in page(evaluating, FILE)


def test_the_summary_tells_a_contradiction_before_it_is_sent(evaluating: Evaluating) -> None:
    made = evaluating.draft()
    EvaluationFile.objects.filter(pk=made.pk).update(answers={**made.answers, "left_out": []})

    shown = page(evaluating, f"{FILE}summary/", by="camille")

    assert "site, source, period" in shown


def test_a_contradiction_that_is_sent_comes_back_to_the_summary(evaluating: Evaluating) -> None:
    made = evaluating.draft()
    EvaluationFile.objects.filter(pk=made.pk).update(answers={**made.answers, "left_out": []})
    client = Client()
    client.force_login(evaluating.road.camille)

    answered = client.post(f"{FILE}summary/")

    assert answered["Location"] == f"{FILE}summary/"
    assert EvaluationFile.objects.get(pk=made.pk).state == "draft"


def test_the_checklist_quotes_the_protocol_item_by_item(evaluating: Evaluating) -> None:
    evaluating.registered()

    shown = page(evaluating, f"{FILE}checklist/")

    assert "TRIPOD+AI" in shown
    assert "Adultes diabétiques; Grossesse" in shown


def test_the_form_quotes_the_items_that_ask_each_question(evaluating: Evaluating) -> None:
    evaluating.draft()

    shown = page(evaluating, f"{FILE}step/population/", by="camille")

    assert "TRIPOD+AI 3b, 6b; STARD-AI 6; CLAIM 8; DECIDE-AI 2a, 3a" in shown


def test_the_hub_locks_on_the_data_that_it_names(evaluating: Evaluating) -> None:
    evaluating.registered()
    client = Client()
    client.force_login(evaluating.road.preparer)

    answered = client.post(f"{FILE}lock/", {"dataset": DATA})

    assert answered["Location"] == FILE
    assert EvaluationFile.objects.get().state == "locked"


def test_a_deviation_stands_on_the_public_page(evaluating: Evaluating) -> None:
    evaluating.locked()
    client = Client()
    client.force_login(evaluating.road.camille)
    sent = {
        "change": "missing-data",
        "part": "missing_data.handling",
        "planned": "Acceptée",
        "done": "Cas exclus",
        "reason": "Champ non livré",
        "timing": "before-results",
        "noticed_on": "2026-01-05",
    }

    answered = client.post(f"{FILE}deviation/", sent)

    assert answered["Location"] == FILE
    assert "Champ non livré" in page(evaluating, FILE)


def test_the_deviations_declared_are_given_to_who_makes_the_report(
    evaluating: Evaluating,
) -> None:
    made = evaluating.locked()
    actions.deviate(made, DEVIATION, by=evaluating.road.camille, now=NOW)

    told = Client().get(f"{FILE}deviations.json").json()

    assert [codec.decode(one, Deviation) for one in told] == [DEVIATION]


def test_a_deviation_from_the_threshold_is_refused_in_the_form(evaluating: Evaluating) -> None:
    evaluating.locked()
    client = Client()
    client.force_login(evaluating.road.camille)
    sent = {
        "change": "analysis",
        "part": "index_test.thresholds",
        "planned": "0.20",
        "done": "0.10",
        "reason": "Meilleur ainsi",
        "timing": "after-results",
        "noticed_on": "2026-01-05",
    }

    answered = client.post(f"{FILE}deviation/", sent)

    assert answered.status_code == 422
    assert "fits them" in answered.content.decode()


def test_a_report_is_filed_from_its_page(evaluating: Evaluating) -> None:
    made = evaluating.locked()
    client = Client()
    client.force_login(evaluating.road.camille)
    signed = evaluating.signed(report(made))

    answered = client.post(f"{FILE}report/", {"bundle": SimpleUploadedFile("report.json", signed)})

    assert answered["Location"] == FILE
    assert EvaluationFile.objects.get().state == "reported"


def test_a_changed_byte_of_the_report_is_told_beside_the_file(evaluating: Evaluating) -> None:
    made = evaluating.locked()
    client = Client()
    client.force_login(evaluating.road.camille)
    altered = evaluating.signed(report(made)).replace(b'"0.80"', b'"0.90"')

    answered = client.post(f"{FILE}report/", {"bundle": SimpleUploadedFile("report.json", altered)})

    assert answered.status_code == 422
    assert EvaluationFile.objects.get().state == "locked"


def test_a_system_leads_to_its_evaluations(evaluating: Evaluating) -> None:
    made = evaluating.registered()

    shown = page(evaluating, f"/aisystems/{made.system.number}/")

    assert f'href="{FILE}"' in shown


def test_the_pages_speak_english(evaluating: Evaluating) -> None:
    evaluating.public()
    client = Client()
    client.cookies["ecluse_language"] = "en"

    shown = client.get(FILE).content.decode()

    assert "Claim met" in shown
    assert "Asked: auroc ≥ 0.75." in shown


def test_the_page_says_where_a_run_stands_to_who_works_on_it_alone(
    evaluating: Evaluating,
) -> None:
    evaluating.checking()

    shown = page(evaluating, FILE, by="camille")
    assert "en vérification" in shown
    assert f"{NUMBER}-O1" in shown
    assert "order-run" not in shown
    assert f"{NUMBER}-O1" not in page(evaluating, FILE)


def test_the_page_says_why_the_zone_refused(evaluating: Evaluating) -> None:
    made = evaluating.ordered()
    digest = order_of(made).digest
    body = Refusal("EvaluationOrder", "1", digest, "not-found", "Nothing was prepared.")
    evaluating.road.deliver(body, issuer=Signer.AGENT)

    shown = page(evaluating, FILE, by="camille")

    assert "refusé par la zone sécurisée" in shown
    assert "Nothing was prepared." in shown
    assert "order-run" in shown
