"""The pages of boards, and who may open them."""

import json
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from ecluse.domain.evaluations.secrecy import Fault, FaultCode, SubmissionStatus
from ecluse.portal.boards.models import Board, Enrolment, Submission
from tests.unit.data.evaluation.boarding import HOSPITAL
from tests.unit.portal.boards.meeting import LABELS, PREDICTIONS, Meeting
from tests.unit.portal.routes import Route, Stage, answers, by_stage, signed_in

pytestmark = pytest.mark.usefixtures("at_now")
PEOPLE = ("visitor", "camille", "preparer", "assessor", "auditor", "jeanne")
EVERYONE = (200, 200, 200, 200, 200, 200)

ROUTES = (
    Route("opened", "get", "/boards/", EVERYONE),
    Route("opened", "get", "/boards/new/", (302, 403, 200, 403, 403, 403)),
    Route("opened", "post", "/boards/new/", (302, 403, 422, 403, 403, 403)),
    Route("opened", "get", "/boards/entities/", (302, 403, 200, 403, 403, 403)),
    Route("opened", "post", "/boards/entities/", (302, 403, 422, 403, 403, 403)),
    Route("opened", "get", "/boards/{number}/", EVERYONE),
    Route("opened", "get", "/boards/{number}/board.json", EVERYONE),
    Route("opened", "get", "/boards/{number}/submit/", (302, 200, 403, 403, 403, 403)),
    Route("opened", "post", "/boards/{number}/submit/", (302, 422, 403, 403, 403, 403)),
    Route("opened", "get", "/boards/{number}/close/", (302, 403, 200, 403, 403, 403)),
    Route("opened", "post", "/boards/{number}/close/", (302, 403, 302, 403, 403, 403)),
    Route("submitted", "post", "/boards/{number}/close/", (302, 403, 422, 403, 403, 403)),
    Route("closing", "get", "/boards/{number}/submit/", (302, 403, 403, 403, 403, 403)),
    Route("closed", "get", "/boards/{number}/", EVERYONE),
    Route("closed", "get", "/boards/{number}/submit/", (302, 403, 403, 403, 403, 403)),
    Route("closed", "post", "/boards/{number}/close/", (302, 403, 422, 403, 403, 403)),
    Route("refused", "get", "/boards/{number}/", (404, 404, 200, 404, 404, 404)),
    Route("refused", "get", "/boards/{number}/board.json", (404, 404, 200, 404, 404, 404)),
)


@pytest.mark.parametrize("stage", by_stage(ROUTES), ids=str)
def test_each_address_answers_each_person(meeting: Meeting, stage: Stage) -> None:
    board = getattr(meeting, stage.name)()

    found = answers(stage, [getattr(meeting, one, None) for one in PEOPLE], number=board.number)

    assert found == stage.answers


def test_an_officer_enrols_opens_and_closes(meeting: Meeting) -> None:
    nora, permit = signed_in(meeting.preparer), meeting.road.permit()
    nora.post(
        "/boards/entities/",
        {"email": meeting.camille.email, "number": "552 081 317", "name": "Hôpital"},
    )
    typed = {
        "permit": permit.number,
        "title": "Complications du diabète",
        "labels_digest": LABELS,
        "level": "L1",
        "measure": "auroc",
        "step_rule": "paired-error",
        "threshold": "0.5",
        "final_percent": "30",
        "submissions": "500",
        "per_entity": "5",
        "failures_per_entity": "5",
        "period_days": "30",
        "explorations": "0",
    }
    nora.post("/boards/new/", typed)
    board = Board.objects.get()
    nora.post(f"/boards/{board.number}/close/")
    board.refresh_from_db()

    assert Enrolment.objects.get().entity.number == HOSPITAL
    assert (board.rules().measure, board.state) == ("auroc", "closing")


def test_a_file_is_sent_from_the_page_and_its_answer_shown_there(meeting: Meeting) -> None:
    board, camille = meeting.opened(), signed_in(meeting.camille)
    file = SimpleUploadedFile("mine.csv", PREDICTIONS)
    typed = {"key": str(uuid.uuid4()), "purpose": "compete", "file": file}
    camille.post(f"/boards/{board.number}/submit/", typed)
    meeting.tell(Submission.objects.get())

    page = camille.get(f"/boards/{board.number}/").content.decode()

    assert "0.812, meilleur score du tableau" in page
    assert "B-2026-0001-S1" in page


def test_bands_are_drawn_and_written(meeting: Meeting) -> None:
    board = meeting.closed()

    page = Client().get(f"/boards/{board.number}/").content.decode()

    assert page.index("Bande 1") < page.index("Hôpital") < page.index("Bande 2")
    assert "0.812 (de 0.760 à 0.864)" in page
    assert "Sur 300 cas" in page
    assert page.count('class="bar-ground"') == 2


def test_a_budget_is_shown_to_its_entity_alone(meeting: Meeting) -> None:
    board = meeting.answered()

    mine = signed_in(meeting.louis).get(f"/boards/{board.number}/").content.decode()
    other = signed_in(meeting.stranger).get(f"/boards/{board.number}/").content.decode()
    visitor = Client().get(f"/boards/{board.number}/").content.decode()

    assert meeting.camille.full_name in mine
    assert meeting.camille.full_name not in other
    assert "lui restent dans cette période" in other
    assert "lui restent dans cette période" not in visitor


def test_faults_are_told_in_words(meeting: Meeting) -> None:
    board = meeting.opened()
    faults = (Fault(FaultCode.MISSING_CASES, 3), Fault(FaultCode.OUT_OF_RANGE, 0))
    failed = {"status": SubmissionStatus.FAILED, "faults": faults, "shown_millionths": None}
    meeting.tell(meeting.send(board), **failed, has_moved=False, standings=())

    page = signed_in(meeting.camille).get(f"/boards/{board.number}/").content.decode()

    assert "cas manquants : 3, prédictions hors de 0 à 1" in page


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"purpose": "explore"}, "donné pour explorer"),
        ({"claimed": "0.8"}, "donné pour explorer"),
        ({"file": "pickle"}, "extension"),
    ],
)
def test_a_form_that_cannot_be_obeyed_says_why(
    meeting: Meeting, changes: dict[str, str], told: str
) -> None:
    board = meeting.opened()
    name = "model.pkl" if changes.pop("file", "") else "mine.csv"
    typed = {"key": str(uuid.uuid4()), "purpose": "compete", **changes}
    typed["file"] = SimpleUploadedFile(name, PREDICTIONS)

    page = signed_in(meeting.camille).post(f"/boards/{board.number}/submit/", typed)

    assert (page.status_code, told in page.content.decode()) == (422, True)
    assert Submission.objects.count() == 0


def test_programs_get_the_rules_and_the_standings(meeting: Meeting) -> None:
    board = meeting.closed()

    told = json.loads(Client().get(f"/boards/{board.number}/board.json").content)

    assert (told["state"], told["rules"]["final_percent"]) == ("closed", 30)
    assert [one["band"] for one in told["standings"]] == [1, 2]
    assert told["result_digest"] == board.result_digest


def test_an_account_that_no_officer_enrolled_is_told_so(meeting: Meeting) -> None:
    board = meeting.opened()
    meeting.camille.enrolment.delete()

    page = signed_in(meeting.camille).get(f"/boards/{board.number}/submit/").content.decode()

    assert "Aucune entité n’est connue pour votre compte" in page
