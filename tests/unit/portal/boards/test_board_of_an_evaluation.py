"""A board and the evaluation of its protocol lead to each other."""

from dataclasses import replace

import pytest
from django.test import Client

from ecluse.portal.boards import actions
from ecluse.portal.boards.models import Board
from ecluse.portal.evaluations.models import EvaluationFile
from ecluse.portal.permits.models import PermitRecord
from tests.unit.portal.applications.road import NOW
from tests.unit.portal.boards.meeting import OPENED
from tests.unit.portal.evaluations.evaluating import Evaluating

pytestmark = pytest.mark.usefixtures("at_now")


def opened(evaluating: Evaluating, protocol: str) -> Board:
    what = replace(OPENED, protocol_digest=protocol)
    permit = PermitRecord.objects.get()
    return actions.open_board(permit, what, by=evaluating.road.preparer, now=NOW)


def digest_of(evaluation: EvaluationFile) -> str:
    return str(evaluation.registrations.get().digest)


def test_the_page_of_an_evaluation_leads_to_its_boards_and_back(evaluating: Evaluating) -> None:
    evaluation = evaluating.locked()
    board = opened(evaluating, digest_of(evaluation))
    visitor = Client()

    page = visitor.get(f"/evaluations/{evaluation.number}/").content.decode()
    told = visitor.get(f"/boards/?protocol={digest_of(evaluation)}").content.decode()
    back = visitor.get(f"/boards/{board.number}/").content.decode()

    assert f'href="/boards/?protocol={digest_of(evaluation)}"' in page
    assert f'href="/boards/{board.number}/"' in told
    assert f'href="/evaluations/{evaluation.number}/"' in back


def test_boards_of_other_protocols_are_left_out_of_the_list(evaluating: Evaluating) -> None:
    evaluation = evaluating.locked()
    other = opened(evaluating, "sha256:" + "1" * 64)

    told = Client().get(f"/boards/?protocol={digest_of(evaluation)}").content.decode()
    back = Client().get(f"/boards/{other.number}/").content.decode()

    assert f'href="/boards/{other.number}/"' not in told
    assert "/evaluations/E" not in back
