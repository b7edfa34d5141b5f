"""Pages of data requests: every address for everybody, the plan built by a form, the answer."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation

from ecluse.domain import codec
from ecluse.domain.cohorts import AllOf, AtLeast, Events, Not
from ecluse.domain.tabulation import ControlledRounding, MeasureKind
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.mailbox.models import OutgoingDocument
from ecluse.portal.requests.forms import PlanForm
from ecluse.portal.requests.models import Tabulation
from tests.unit.portal.applications.road import NOTICE, Road
from tests.unit.portal.requests.road import NUMBER, ORDER, PLAN, Requests
from tests.unit.portal.routes import Route, Stage, answers, by_stage

pytestmark = pytest.mark.usefixtures("at_now")

FILE = f"/requests/{NUMBER}/"
ORDERED = f"{FILE}orders/{ORDER}/"
RELEASE = f"/releases/{ORDER}-R1/"
PEOPLE = (
    *("camille", "louis", "assessor", "decider", "auditor"),
    *("preparer", "committee"),
)
CHOSEN = {
    "source_1": "drug_atc",
    "codes_1": "a10, A10BA02",
    "match_1": "prefix",
    "dates_1": "2",
    "source_2": "drug_atc",
    "codes_2": "M01",
    "match_2": "exact",
    "excludes_2": "on",
    "age_on": "2022-07-01",
    "age_starts": "0 40 65",
    "care_from": "2022-01-01",
    "care_to": "2022-12-31",
    "title_1": "Personnes",
    "by_1": ["age", "sex"],
    "title_2": "Médicaments",
    "by_2": ["year", "region"],
    "counts_2": "ER_PHA_F",
    "with_events_2": "on",
    "protection": "suppression",
}


ROUTES = (
    Route("draft", "get", "/requests/", (200, 200, 200, 200, 200, 200, 200)),
    Route("draft", "get", "/requests/start/snds-synthetic/", (200, 200, 403, 403, 403, 403, 403)),
    Route("draft", "post", "/requests/start/snds-synthetic/", (302, 302, 403, 403, 403, 403, 403)),
    Route("draft", "get", FILE, (200, 404, 404, 404, 404, 404, 404)),
    Route("draft", "get", f"{FILE}edit/", (302, 404, 404, 404, 404, 404, 404)),
    Route("draft", "get", f"{FILE}step/data/", (200, 404, 404, 404, 404, 404, 404)),
    Route("draft", "post", f"{FILE}step/project/", (302, 404, 404, 404, 404, 404, 404)),
    Route("draft", "post", f"{FILE}step/project/save/", (200, 404, 404, 404, 404, 404, 404)),
    Route("draft", "get", f"{FILE}step/no-such/", (404, 404, 404, 404, 404, 404, 404)),
    Route("draft", "get", f"{FILE}files/abc/", (404, 404, 404, 404, 404, 404, 404)),
    Route("draft", "get", f"{FILE}summary/", (200, 404, 404, 404, 404, 404, 404)),
    Route("draft", "post", f"{FILE}summary/", (302, 404, 404, 404, 404, 404, 404)),
    Route("draft", "get", f"{FILE}delete/", (200, 404, 404, 404, 404, 404, 404)),
    Route("draft", "post", f"{FILE}delete/", (302, 404, 404, 404, 404, 404, 404)),
    Route("submitted", "get", FILE, (200, 404, 200, 200, 200, 404, 200)),
    Route("submitted", "get", f"{FILE}start-assessment/", (403, 404, 200, 403, 403, 404, 403)),
    Route("submitted", "post", f"{FILE}start-assessment/", (403, 404, 302, 403, 403, 404, 403)),
    Route("submitted", "get", f"{FILE}withdraw/", (200, 404, 403, 403, 403, 404, 403)),
    Route("submitted", "get", f"{FILE}step/data/", (403, 404, 403, 403, 403, 404, 403)),
    Route("submitted", "post", f"{FILE}step/data/save/", (200, 404, 200, 200, 200, 404, 200)),
    Route("assessing", "post", f"{FILE}ask-information/", (403, 404, 422, 403, 403, 404, 403)),
    Route("assessing", "post", f"{FILE}assess/", (403, 404, 302, 403, 403, 404, 403)),
    Route("awaiting", "get", f"{FILE}summary/", (200, 404, 403, 403, 403, 404, 403)),
    Route("awaiting", "get", f"{FILE}go-on-without/", (403, 404, 200, 403, 403, 404, 403)),
    Route("deciding", "get", f"{FILE}approval/", (403, 404, 403, 200, 403, 404, 403)),
    Route("deciding", "post", f"{FILE}approval/", (403, 404, 403, 422, 403, 404, 403)),
    Route("deciding", "post", f"{FILE}refuse/", (403, 404, 403, 422, 403, 404, 403)),
    Route("deciding", "get", f"{FILE}order/", (403, 404, 403, 403, 403, 404, 403)),
    Route("refused", "get", FILE, (200, 404, 200, 200, 200, 404, 200)),
    Route("answering", "get", FILE, (200, 404, 200, 200, 200, 200, 200)),
    Route("answering", "get", f"{FILE}order/", (403, 404, 403, 403, 403, 200, 403)),
    Route("answering", "post", f"{FILE}order/", (403, 404, 403, 403, 403, 422, 403)),
    Route("answering", "get", f"{FILE}confirmation/", (405, 405, 405, 405, 405, 405, 405)),
    Route("ordered", "get", ORDERED, (404, 404, 200, 200, 200, 200, 200)),
    Route("ordered", "get", f"{ORDERED}progress/", (404, 404, 200, 200, 200, 200, 200)),
    Route("ordered", "get", f"{ORDERED}order.json", (404, 404, 200, 200, 200, 200, 200)),
    Route("ordered", "get", f"{ORDERED}answer.json", (404, 404, 404, 404, 404, 404, 404)),
    Route("zone_refused", "get", ORDERED, (404, 404, 200, 200, 200, 200, 200)),
    Route("checking", "get", ORDERED, (404, 404, 200, 200, 200, 200, 200)),
    Route("checking", "get", f"{ORDERED}answer.json", (404, 404, 200, 200, 200, 200, 200)),
    Route("rejected", "get", ORDERED, (404, 404, 200, 200, 200, 200, 200)),
    Route("rejected", "get", f"{ORDERED}progress/", (404, 404, 286, 286, 286, 286, 286)),
    Route("answered", "get", FILE, (200, 404, 200, 200, 200, 200, 200)),
    Route("answered", "get", RELEASE, (200, 404, 200, 200, 200, 200, 200)),
    Route("answered", "get", f"{RELEASE}release.json", (200, 404, 200, 200, 200, 200, 200)),
    Route("answered", "get", "/releases/", (200, 200, 200, 200, 200, 200, 200)),
)


@pytest.mark.parametrize("stage", by_stage(ROUTES), ids=str)
def test_each_address_answers_each_person_as_the_law_says(
    requests: Requests, road: Road, stage: Stage
) -> None:
    getattr(requests, stage.name)()

    assert answers(stage, [getattr(road, one) for one in PEOPLE]) == stage.answers


def form(requests: Requests, **changes: object) -> PlanForm:
    """The form of a plan, as a preparer fills it."""
    return PlanForm(requests.answering(), NOTICE, {**CHOSEN, **changes})


def test_a_form_makes_the_population_and_the_tables(requests: Requests) -> None:
    filled = form(requests)

    assert filled.is_valid(), filled.errors
    assert filled.made is not None
    plan = filled.made.plan
    assert [variable.name for variable in plan.variables] == ["age", "sex", "year", "region"]
    assert [(table.title, table.by) for table in plan.tables] == [
        ("Personnes", ("age", "sex")),
        ("Médicaments", ("year", "region")),
    ]
    assert [measure.kind for measure in plan.tables[1].measures] == [
        MeasureKind.PERSONS,
        MeasureKind.EVENTS,
    ]
    diabetes = AtLeast(Events("drug_atc", ("A10", "A10BA02")), 2)
    label = "Critères de la population"
    assert filled.made.cohort is not None
    assert filled.made.cohort.steps[0].label == label
    kept = filled.made.cohort.steps[0].keep
    assert isinstance(kept, AllOf)
    assert kept.parts[0] == diabetes
    assert isinstance(kept.parts[1], Not)


def test_a_plan_survives_its_way_through_json(requests: Requests) -> None:
    filled = form(requests)
    assert filled.is_valid()
    made = filled.made
    assert made is not None

    written = json.loads(json.dumps(codec.encode(made)))

    assert codec.decode(written, type(made)) == made


def test_without_a_criterion_everybody_is_counted(requests: Requests) -> None:
    filled = form(requests, source_1="", codes_1="", source_2="", codes_2="")

    assert filled.is_valid(), filled.errors
    assert filled.made is not None
    assert filled.made.cohort is None
    assert filled.made.plan.population == "Toutes les personnes du jeu de données"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"codes_1": "A10'; --"}, "codes_1"),
        ({"codes_1": ""}, "codes_1"),
        ({"source_1": ""}, "codes_1"),
        ({"source_1": "no_such"}, "source_1"),
        ({"by_1": ["BEN_NIR_PSA"]}, "by_1"),
        ({"counts_2": "IR_BEN_R"}, "counts_2"),
        ({"protection": "none"}, "protection"),
        ({"title_1": "", "title_2": ""}, "__all__"),
        ({"counts_2": ""}, "__all__"),
        ({"age_starts": "65 40"}, "__all__"),
        ({"age_starts": "forty"}, "__all__"),
        ({"care_from": "2023-01-01"}, "__all__"),
        ({"protection": "rounding-10"}, "__all__"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_wrong_is_said_where_it_is(
    requests: Requests, changes: dict[str, object], field: str
) -> None:
    filled = form(requests, **changes)

    assert not filled.is_valid()
    assert field in filled.errors


def test_controlled_rounding_takes_numbers_of_persons_alone(requests: Requests) -> None:
    filled = form(requests, protection="rounding-10", with_events_2="")

    assert filled.is_valid(), filled.errors
    assert filled.made is not None
    assert filled.made.plan.protection == ControlledRounding(10)


def upload(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("plan.json", content, "application/json")


def test_a_plan_of_ones_own_is_that_of_this_request(requests: Requests) -> None:
    request = requests.answering()
    file = upload(json.dumps(codec.encode(PLAN)).encode())

    filled = PlanForm(request, NOTICE, {"protection": "suppression"}, {"plan_file": file})

    assert filled.is_valid(), filled.errors
    assert filled.made is not None
    assert filled.made.plan.number == NUMBER
    assert filled.made.plan.tables == PLAN.tables


@pytest.mark.parametrize("content", [b"{]", b"{}", b"[" * 100_000])
def test_a_file_that_is_no_plan_is_said_so(requests: Requests, content: bytes) -> None:
    request = requests.answering()
    data = {"protection": "suppression"}

    filled = PlanForm(request, NOTICE, data, {"plan_file": upload(content)})

    assert not filled.is_valid()


def test_an_order_goes_from_the_form_to_the_signature(
    requests: Requests, road: Road, client: Client
) -> None:
    requests.answering()
    client.force_login(road.preparer)

    summary = client.post(f"{FILE}order/", CHOSEN).content.decode()
    definition = summary.split('name="definition" value="')[1].split('"')[0]
    sent = client.post(f"{FILE}confirmation/", {"definition": definition})
    again = client.post(f"{FILE}confirmation/", {"definition": definition})

    assert "Médicaments" in summary
    assert sent["Location"] == again["Location"] == ORDERED
    assert Tabulation.objects.get().order().plan.number == NUMBER


def test_a_summary_changed_on_the_way_orders_nothing(
    requests: Requests, road: Road, client: Client
) -> None:
    requests.answering()
    client.force_login(road.preparer)

    client.post(f"{FILE}confirmation/", {"definition": "eyJhIjoxfQ:1abc:xyz"})

    assert not Tabulation.objects.exists()


def test_a_decision_sent_twice_is_one_decision(
    requests: Requests, road: Road, client: Client
) -> None:
    requests.deciding()
    client.force_login(road.decider)

    first = client.post(f"{FILE}approval/", {"minimum_count": "11"})
    second = client.post(f"{FILE}approval/", {"minimum_count": "11"})

    assert first["Location"] == second["Location"] == FILE
    assert OutgoingDocument.objects.filter(kind="OptOutList").count() == 1


def test_the_answer_is_shown_with_what_is_hidden(
    requests: Requests, road: Road, client: Client
) -> None:
    requests.answered()
    client.force_login(road.camille)

    page = client.get(RELEASE).content.decode()

    assert "Personnes par sexe" in page
    assert "<span>29</span>" in page
    assert "<span>s</span>" in page
    assert "Autre ou inconnu" in page
    assert "by_sex.csv</a>" in page
    assert JournalEntry.objects.get(action="release.read").actor == road.camille.subject


def test_an_officer_reads_that_an_answer_left_and_not_its_numbers(
    requests: Requests, road: Road, client: Client
) -> None:
    requests.answered()
    client.force_login(road.assessor)

    page = client.get(RELEASE).content.decode()

    assert "by_sex.csv" in page
    assert "<span>29</span>" not in page
    assert not JournalEntry.objects.filter(action="release.read").exists()


def test_the_requester_never_sees_how_many_cells_are_hidden(
    requests: Requests, road: Road, client: Client
) -> None:
    requests.checking()
    client.force_login(road.camille)

    assert "Masquées" not in client.get(FILE).content.decode()


@pytest.mark.parametrize("theme", ["neutral", "dsfr"])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_pages_are_drawn_in_both_themes_and_languages(
    requests: Requests, road: Road, client: Client, settings: object, theme: str, language: str
) -> None:
    settings.ECLUSE_THEME = theme  # type: ignore[attr-defined]
    requests.answered()
    client.force_login(road.preparer)

    with translation.override(language):
        pages = [client.get(address) for address in (FILE, ORDERED, RELEASE, "/requests/")]

    assert [page.status_code for page in pages] == [200, 200, 200, 200]


def test_a_request_saves_itself_while_it_is_written_and_no_tab_overwrites_another(
    requests: Requests, client: Client
) -> None:
    request = requests.draft()
    client.force_login(requests.camille)
    page = client.get(f"{FILE}step/project/").content.decode()
    seen = page.split('name="seen" id="seen" value="')[1].split('"')[0]
    typed = {"title": "Premier onglet", "seen": seen}
    first = client.post(f"{FILE}step/project/save/", typed).content.decode()
    late = client.post(f"{FILE}step/project/save/", {**typed, "title": "Second onglet"})

    request.refresh_from_db()
    assert f'hx-post="{FILE}step/project/save/"' in page
    assert "Brouillon enregistré à" in first
    assert "Rien n’a été remplacé" in late.content.decode()
    assert request.title == "Premier onglet"
