"""What a suspension does to work under way: it stops, nothing is destroyed, and it opens again."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from ecluse.domain.documents import (
    CheckReport,
    ExtractionOrder,
    JobReceipt,
    Refusal,
    Revocation,
    Suspension,
)
from tests.unit.data.agent.requests import REQUEST, Requests
from tests.unit.data.agent.worlds import SENT_AT, World
from tests.unit.data.studies import NOW, PERMIT

NUMBER = PERMIT.permit_number
SUSPENSION = Suspension(NUMBER, SENT_AT, "Access from an unknown place.")
SHORT = {"analysis.py": 'open("/outputs/done.csv", "w").write("n\\n40\\n")\n'}
ENDLESS = {"analysis.py": "import time\ntime.sleep(600)\n"}
needs_sandbox = pytest.mark.skipif(
    shutil.which("bwrap") is None, reason="bubblewrap is not installed here"
)


def refused(world: World) -> list[str]:
    """The codes of what the agent refused to the checking room."""
    bodies = world.bodies(world.checking, Refusal)
    return [body.code for body in bodies if isinstance(body, Refusal)]


def step_and_say(world: World, word: Suspension | Revocation) -> None:
    """Let an agent do one step; put `word` in the mailbox once the job is begun."""

    def tell(name: str) -> None:
        for one in {"job: run": [word]}.get(name, []):
            world.send(one)

    with world.agent(on_progress=tell) as agent:
        agent.step(NOW)


@needs_sandbox
@pytest.mark.parametrize(
    ("word", "code"),
    [(SUSPENSION, "suspended"), (Revocation(NUMBER, SENT_AT, "Misuse."), "revoked")],
    ids=["suspended", "revoked"],
)
def test_a_job_that_runs_is_stopped_when_its_permit_is_withdrawn(
    world: World, order: ExtractionOrder, word: Suspension | Revocation, code: str
) -> None:
    world.order_job(order, ENDLESS)

    step_and_say(world, word)

    assert refused(world) == [code]
    assert world.bodies(world.checking, JobReceipt) == []
    assert world.extracts() == [f"{NUMBER}/{order.order_number}"]
    assert len(world.zone.extract_keys().ids(NUMBER)) == 1


@needs_sandbox
def test_an_analysis_runs_again_once_the_suspension_is_lifted(
    world: World, order: ExtractionOrder
) -> None:
    world.send(SUSPENSION)
    world.order_job(order, SHORT)
    world.step()
    world.send(replace(SUSPENSION, lifted_at=SENT_AT))
    world.order_job(order, SHORT)

    world.step()

    assert refused(world) == ["suspended"]
    assert len(world.bodies(world.checking, CheckReport)) == 1


def test_no_job_begins_under_a_suspended_permit(world: World, order: ExtractionOrder) -> None:
    world.send(SUSPENSION)
    world.order_job(order, SHORT)

    world.step()

    assert refused(world) == ["suspended"]


def test_no_data_request_is_answered_while_its_approval_is_suspended(tmp_path: Path) -> None:
    requests = Requests(tmp_path)
    requests.send(Suspension(REQUEST, SENT_AT, "A doubt about the purpose."))
    requests.send(requests.order())

    requests.step()

    (refusal,) = requests.bodies(requests.public, Refusal)
    assert isinstance(refusal, Refusal)
    assert (refusal.code, requests.kept()) == ("suspended", 0)
