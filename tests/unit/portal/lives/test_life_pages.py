"""Pages of what follows a decision: every address for everybody, and what their forms do."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import translation

from ecluse.domain.documents import AuthorisedPerson
from ecluse.domain.machines import Kind
from ecluse.portal.lives import actions, following, suspensions, versions
from ecluse.portal.lives.models import Matter
from ecluse.portal.permits import actions as permits
from ecluse.portal.permits.models import PermitRecord
from tests.unit.portal.applications.road import CAMILLE, NOW, terms
from tests.unit.portal.lives.road import MR_004, Lives
from tests.unit.portal.routes import Route, Stage, answers, by_stage

pytestmark = pytest.mark.usefixtures("at_now")

LIFE = "/lives/permits/FR-2026-0001/"
FILES = "/lives/files/"
CHANGE = f"{FILES}FR-2026-0001-M1/"
APPEAL = f"{FILES}2026-00001-A1/"
COMPLAINT = f"{FILES}PL-2026-00001/"
DECLARED = f"{FILES}MR-2026-00001/"
TRUSTED = f"{FILES}TC-2026-00001/"
PEOPLE = (
    *("camille", "louis", "stranger", "assessor", "decider"),
    *("auditor", "preparer", "committee", "citizen", "desk"),
)
ALL = (200,) * 10


def offered(lives: Lives) -> None:
    """A permit offered to Camille under conditions."""
    application = lives.road.assessed()
    permits.offer(application, terms(application), by=lives.road.decider, now=NOW)


STAGES: dict[str, Callable[[Lives], object]] = {
    "permit": lambda lives: lives.road.permit(),
    "offered": offered,
    "signed": lambda lives: lives.road.signed(),
    "suspended": lambda lives: suspensions.suspend(
        lives.road.permit(), "Contrôle.", by=lives.road.decider, now=NOW
    ),
    "over": lambda lives: versions.finish(lives.road.permit(), by=lives.road.camille, now=NOW),
    "accepted": lambda lives: following.accept(
        lives.road.signed(), 1, by=lives.road.camille, now=NOW
    ),
    "draft": lambda lives: actions.open_change(
        lives.road.permit(), Kind.AMENDMENT, by=lives.road.camille, now=NOW
    ),
    "amendment": lambda lives: lives.amendment(lives.road.permit()),
    "amended": lambda lives: lives.amended(lives.road.permit()),
    "closing": lambda lives: lives.closing(),
    "refused": lambda lives: lives.road.refused(),
    "appeal": lambda lives: lives.appeal(),
    "complaint": lambda lives: lives.complaint(is_about_opt_out=False),
    "declaration": lambda lives: lives.declaration(MR_004),
    "designation": lambda lives: lives.designation(),
}


def only(status: int, person: str, others: int, **more: int) -> tuple[int, ...]:
    """That status for one person, and what the others get."""
    told = {person: status, **more}
    return tuple(told.get(one, others) for one in PEOPLE)


NAMED = {"louis": 200, "assessor": 200, "decider": 200, "auditor": 200, "preparer": 200}
SEEN = dict.fromkeys(NAMED, 403)
BUT_DECIDER = {"camille": 403, **{one: 403 for one in NAMED if one != "decider"}}
READ = dict.fromkeys(("louis", "assessor", "decider", "auditor", "committee"), 403)
BUT_PREPARER = {"camille": 403, **{one: 403 for one in NAMED if one != "preparer"}}
OFFICERS = {"assessor": 200, "decider": 200, "auditor": 200}
FILED = {**OFFICERS, "committee": 200}
ROUTES = (
    Route("permit", "get", "/lives/", ALL),
    Route("permit", "get", "/lives/new/complaint/", (200, 200, 200, *(403,) * 5, 200, 403)),
    Route("permit", "get", "/lives/new/mr-declaration/", (200, 200, 200, *(403,) * 7)),
    Route("permit", "post", "/lives/new/mr-declaration/", (302, 302, 302, *(403,) * 7)),
    Route("permit", "get", "/lives/new/trusted-holder-designation/", (404,) * 10),
    Route("permit", "get", "/lives/new/application/", (404,) * 10),
    Route("permit", "get", LIFE, only(200, "camille", 404, **NAMED)),
    Route("permit", "get", f"{LIFE}changes/amendment/", only(200, "camille", 404, **SEEN)),
    Route("permit", "post", f"{LIFE}changes/renewal/", only(302, "camille", 404, **SEEN)),
    Route("permit", "get", f"{LIFE}changes/appeal/", only(404, "camille", 404)),
    Route("permit", "get", "/lives/suspend/2026-00001/", only(200, "decider", 404, **BUT_DECIDER)),
    Route("permit", "post", "/lives/suspend/2026-00001/", only(422, "decider", 404, **BUT_DECIDER)),
    Route("permit", "get", "/lives/lift/2026-00001/", only(403, "decider", 404, **BUT_DECIDER)),
    Route("suspended", "get", "/lives/lift/2026-00001/", only(200, "decider", 404, **BUT_DECIDER)),
    Route(
        "suspended", "get", "/lives/suspend/2026-00001/", only(403, "decider", 404, **BUT_DECIDER)
    ),
    Route("permit", "get", "/lives/close/2026-00001/", (404,) * 10),
    Route("offered", "get", "/lives/offers/2026-00001/", only(200, "camille", 404, **READ)),
    Route("offered", "post", "/lives/offers/2026-00001/", only(302, "camille", 404, **READ)),
    Route("permit", "get", "/lives/offers/2026-00001/", only(403, "camille", 404, **READ)),
    Route("over", "get", "/lives/close/2026-00001/", only(200, "preparer", 404, **BUT_PREPARER)),
    Route("over", "post", "/lives/close/2026-00001/", only(302, "preparer", 404, **BUT_PREPARER)),
    Route("over", "get", f"{LIFE}certificate/", (404,) * 10),
    Route("signed", "post", f"{LIFE}conditions/acceptance/", only(302, "camille", 404, **SEEN)),
    Route("permit", "post", f"{LIFE}conditions/1/acceptance/", only(302, "camille", 404, **SEEN)),
    Route("permit", "post", f"{LIFE}conditions/9/acceptance/", only(404, "camille", 404)),
    Route("permit", "get", f"{LIFE}conditions/1/acceptance/", (405,) * 10),
    Route(
        "accepted",
        "post",
        f"{LIFE}conditions/1/evidence/",
        only(422, "camille", 404, **SEEN),
    ),
    Route(
        "accepted",
        "post",
        f"{LIFE}conditions/1/due/",
        only(
            422,
            "assessor",
            404,
            camille=403,
            louis=403,
            decider=422,
            auditor=403,
            preparer=403,
        ),
    ),
    Route("permit", "get", f"{LIFE}deletion/", only(403, "camille", 404, **SEEN)),
    Route(
        "closing",
        "get",
        f"{LIFE}deletion/",
        only(
            200,
            "preparer",
            404,
            **dict.fromkeys(("camille", "louis", "assessor", "decider"), 403),
            auditor=200,
        ),
    ),
    Route("permit", "get", "/lives/finish/2026-00001/", only(200, "camille", 404, **SEEN)),
    Route("permit", "post", "/lives/finish/2026-00001/", only(302, "camille", 404, **SEEN)),
    Route("draft", "get", CHANGE, only(200, "camille", 404, louis=200)),
    Route("draft", "get", f"{CHANGE}edit/", only(200, "camille", 404, louis=403)),
    Route("draft", "post", f"{CHANGE}submit/", only(422, "camille", 404, louis=403)),
    Route("amendment", "get", CHANGE, only(200, "camille", 404, louis=200, **FILED)),
    Route(
        "amendment",
        "get",
        "/lives/parts/2026-00001/amendment-1/",
        only(302, "camille", 404, louis=302, **dict.fromkeys(FILED, 302)),
    ),
    Route(
        "amendment",
        "get",
        f"{CHANGE}grant/",
        only(
            200,
            "decider",
            404,
            **dict.fromkeys(("camille", "louis", "assessor", "auditor", "committee"), 403),
        ),
    ),
    Route(
        "amendment",
        "post",
        f"{CHANGE}grant/",
        only(
            422,
            "decider",
            404,
            **dict.fromkeys(("camille", "louis", "assessor", "auditor", "committee"), 403),
        ),
    ),
    Route("amended", "get", LIFE, only(200, "camille", 404, **NAMED)),
    Route(
        "refused",
        "get",
        "/lives/appeals/2026-00001/unit-1/",
        only(200, "camille", 404, louis=200, **FILED),
    ),
    Route(
        "refused",
        "post",
        "/lives/appeals/2026-00001/unit-1/",
        only(302, "camille", 404, louis=403, **dict.fromkeys(FILED, 403)),
    ),
    Route("appeal", "get", APPEAL, only(200, "camille", 404, louis=200, **OFFICERS)),
    Route(
        "appeal",
        "get",
        f"{APPEAL}uphold/",
        only(
            200, "auditor", 404, **dict.fromkeys(("camille", "louis", "assessor", "decider"), 403)
        ),
    ),
    Route("complaint", "get", COMPLAINT, only(200, "citizen", 404, desk=200, auditor=200)),
    Route(
        "complaint",
        "post",
        f"{COMPLAINT}inform-progress/",
        only(302, "desk", 404, citizen=403, auditor=403),
    ),
    Route("declaration", "get", DECLARED, only(200, "camille", 404, **FILED)),
    Route(
        "declaration",
        "post",
        f"{DECLARED}register/",
        only(
            302,
            "assessor",
            404,
            **dict.fromkeys(("camille", "decider", "auditor", "committee"), 403),
        ),
    ),
    Route("declaration", "get", f"{DECLARED}no-such/", (404,) * 10),
    Route("designation", "get", TRUSTED, only(200, "louis", 404, **OFFICERS)),
    Route(
        "designation",
        "get",
        f"{TRUSTED}assess/",
        only(200, "assessor", 404, **dict.fromkeys(("louis", "decider", "auditor"), 403)),
    ),
)


@pytest.mark.parametrize("stage", by_stage(ROUTES), ids=str)
def test_each_address_answers_each_person_as_the_law_says(lives: Lives, stage: Stage) -> None:
    STAGES[stage.name](lives)

    people = [getattr(lives.road, one, None) or getattr(lives, one) for one in PEOPLE]

    assert answers(stage, people) == stage.answers


def test_a_declaration_shows_its_rules_once_a_methodology_is_chosen(lives: Lives) -> None:
    client = Client()
    client.force_login(lives.road.camille)
    client.post("/lives/new/mr-declaration/")

    answered = client.post(f"{DECLARED}edit/", {"methodology": "MR-004@1"}, follow=True)

    assert "intérêt public" in answered.content.decode()


def test_a_form_of_a_declaration_keeps_yes_and_no(lives: Lives) -> None:
    client = Client()
    client.force_login(lives.road.camille)
    client.post("/lives/new/mr-declaration/")
    client.post(f"{DECLARED}edit/", {"methodology": "MR-004@1"})

    sent = {"methodology": "MR-004@1", "rule_impact": "yes", "rule_outside": "no"}
    client.post(f"{DECLARED}edit/", sent)

    answers = Matter.objects.get().answers
    assert (answers["rule_impact"], answers["rule_outside"]) == (True, False)
    assert 'value="yes" checked' in client.get(f"{DECLARED}edit/").content.decode().replace(
        ' id="id_rule_impact_0"', ""
    )


def test_the_explanation_of_each_rule_is_on_the_page_in_both_languages(lives: Lives) -> None:
    lives.declaration({**MR_004, "rule_forbidden": True})
    client = Client()
    client.force_login(lives.road.assessor)
    french = client.get(DECLARED).content.decode()

    with translation.override("en"):
        client.cookies["ecluse_language"] = "en"
        english = client.get(DECLARED).content.decode()

    assert "la procédure complète est nécessaire" in french
    assert "the full procedure is needed" in english


def test_the_decider_signs_the_next_version_from_the_page(lives: Lives) -> None:
    lives.amendment(lives.road.permit())
    client = Client()
    client.force_login(lives.road.decider)
    sent = {
        "title": "Nouveau",
        "environment": "Seize cœurs.",
        "conditions": "Publier.\n\nCiter.",
        "persons": "camille.moreau@univ.example ; Camille Moreau",
    }

    answered = client.post(f"{CHANGE}grant/", sent)

    assert answered["Location"] == "/lives/permits/FR-2026-0002/"
    made = PermitRecord.objects.get(number="FR-2026-0002").terms()
    assert made.conditions == ("Publier.", "Citer.")
    assert made.persons == (AuthorisedPerson(CAMILLE, "Camille Moreau", True),)


def test_the_permit_of_an_application_is_its_last_version(lives: Lives) -> None:
    lives.amended(lives.road.permit())
    client = Client()
    client.force_login(lives.road.camille)

    answered = client.get("/permits/applications/2026-00001/")

    assert answered["Location"] == "/permits/FR-2026-0002/"


def test_a_suspension_is_decided_from_the_page_of_the_permit(lives: Lives) -> None:
    lives.road.permit()
    client = Client()
    client.force_login(lives.road.decider)
    assert "/lives/suspend/2026-00001/" in client.get(LIFE).content.decode()

    client.post("/lives/suspend/2026-00001/", {"reason": "Contrôle."})

    assert "Suspendue" in client.get(LIFE).content.decode()
