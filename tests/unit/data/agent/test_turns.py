"""In which order the agent obeys what waits."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ecluse.data.agent.state import Received, State, Stored, open_document
from ecluse.data.agent.turns import Turns
from ecluse.domain.documents import Body, JobCancellation, JobOrder, Revocation, Signer
from ecluse.trust import documents, keys
from tests.unit.data.studies import NOW

KEY = keys.draw_key(Signer.CHECKING_ROOM, now=datetime(2026, 1, 1, tzinfo=UTC))
JOB = JobOrder(
    job_number="A-J1",
    permit_number="A",
    permit_digest="sha256:" + "1" * 64,
    extraction_number="A-E1",
    extraction_digest="sha256:" + "2" * 64,
    code_digest="sha256:" + "3" * 64,
    entry="study.toml",
    submitted_by="ada@univ.example",
)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    state = State(tmp_path / "agent.db")
    yield state
    state.close()


@pytest.fixture
def turns(state: State) -> Turns:
    return Turns(state, now=NOW)


def received(number: int, body: Body) -> Received:
    document = documents.new_document(
        body, issuer=Signer.CHECKING_ROOM, audience=("agent:zone-1",), now=NOW
    )
    data = documents.sign(document, KEY)
    return Received(number, "checking", number, f"sha256:{number:064}", data, None, 0)


def job(number: int, project: str, person: str = "ada@univ.example") -> Received:
    order = replace(
        JOB, job_number=f"{project}-J{number}", permit_number=project, submitted_by=person
    )
    return received(number, order)


def numbers(turns: Turns, pending: list[Received]) -> list[int]:
    return [one.number for one in turns.in_order(pending, now=NOW)]


def test_a_revocation_overtakes_the_jobs_that_came_before_it(turns: Turns) -> None:
    pending = [job(1, "A"), received(2, Revocation("A", NOW, "misuse"))]

    assert numbers(turns, pending) == [2, 1]


def test_what_cannot_be_read_is_refused_before_any_job_runs(turns: Turns) -> None:
    unreadable = Received(2, "checking", 2, "sha256:" + "0" * 64, b"{", None, 0)

    assert numbers(turns, [job(1, "A"), unreadable]) == [2, 1]


def test_the_project_whose_job_just_ran_lets_the_other_pass(turns: Turns) -> None:
    pending = [job(1, "A"), job(2, "A"), job(3, "B")]
    first = next(turns.in_order(pending, now=NOW))
    with turns.counting(first, now=NOW):
        time.sleep(0.001)

    assert first.number == 1
    assert numbers(turns, pending[1:]) == [3, 2]


def test_a_thousand_jobs_of_one_person_are_put_in_order_in_no_time(turns: Turns) -> None:
    pending = [job(number, "flood") for number in range(1, 1001)]
    with turns.counting(next(turns.in_order(pending, now=NOW)), now=NOW):
        time.sleep(0.001)
    began = time.monotonic()

    first = next(turns.in_order([*pending[1:], job(2000, "small")], now=NOW))

    assert first.number == 2000
    assert time.monotonic() - began < 1


def test_jobs_that_were_cancelled_wait_for_no_turn(turns: Turns, state: State) -> None:
    word = received(9, JobCancellation("B-J3", "B", "sha256:" + "4" * 64, "ada@univ.example", NOW))
    state.keep([Stored(open_document(word.data), word.digest, word.data)], [])
    pending = [job(1, "A"), job(2, "A"), job(3, "B")]

    turn = list(turns.in_order(pending, now=NOW))

    assert [one.number for one in turn] == [3, 1, 2]
    assert [turns.is_job(one) for one in turn] == [False, True, True]
