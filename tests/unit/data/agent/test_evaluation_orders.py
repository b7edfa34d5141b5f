"""Orders to run an evaluation: what the agent runs, reports, shows the checkers and lets out."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ecluse.data.evaluation.reporting import verifying
from ecluse.domain.documents import (
    Decision,
    EvaluationOrder,
    EvaluationReport,
    Rejection,
    Release,
    Revocation,
    Verdict,
)
from ecluse.domain.evaluations.deviations import Change, Deviation, Timing
from ecluse.domain.evaluations.reports import Outcome
from ecluse.trust import canonical
from ecluse.trust.journal import files as journal
from ecluse.trust.journal.entries import Entry
from tests.unit.data.agent.evaluation_worlds import ORDER, PERSON, Evaluations, plan
from tests.unit.data.studies import NOW, PERMIT
from tests.unit.domain import build

TWO = (build.vote(build.SARAH), build.vote(build.MARC))
OTHER = "sha256:" + "0" * 64
DEVIATION = Deviation(
    change=Change.SCHEDULE,
    part="population.period",
    planned="Un an",
    done="Onze mois",
    reason="Le dernier mois n’est pas livré.",
    timing=Timing.BEFORE_RESULTS,
    touches_primary=False,
    noticed_on=date(2026, 1, 20),
)


@pytest.fixture
def world(tmp_path: Path) -> Evaluations:
    return Evaluations(tmp_path)


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Evaluations:
    """A world whose evaluation is locked, ordered and run."""
    world = Evaluations(tmp_path_factory.mktemp("run"))
    world.send(world.order(world.lock()))
    world.step()
    return world


@pytest.fixture
def run(once: Evaluations, tmp_path: Path) -> Evaluations:
    """A copy of that world."""
    return once.copied(tmp_path)


def bundle(world: Evaluations) -> bytes:
    """The only file that the zone would let out."""
    (blob,) = world.zone.blobs.iterdir()
    return blob.read_bytes()


def test_a_locked_evaluation_is_run_and_its_report_awaits_two_checkers(run: Evaluations) -> None:
    report = run.report()

    assert run.refused() == []
    assert (report.job_number, report.permit_number) == (ORDER, PERMIT.permit_number)
    assert [(file.name, file.verdict) for file in report.files] == [("report.zip", Verdict.REVIEW)]
    assert len(run.bodies(run.checking, EvaluationOrder)) == 1
    assert run.bodies(run.public, EvaluationReport) == []
    assert list((run.public.path / "blobs").iterdir()) == []


def test_the_report_says_what_the_hand_computes_and_proves_itself(run: Evaluations) -> None:
    """An area of .75 where .65 was asked."""
    believed = tuple(key.public() for key in run.keys.values())
    found = verifying.verify(bundle(run), believed=believed, now=NOW)

    assert found.passed
    assert found.report is not None
    assert found.report.headline() is Outcome.MET
    (area,) = [one for one in found.report.figures if one.key == ("auroc", "all", "")]
    assert float(area.value) == pytest.approx(0.75)


def test_the_receipt_binds_the_predictions_and_the_signed_report(run: Evaluations) -> None:
    (receipt,) = run.receipts()
    folder = run.zone.evaluation(PERMIT.permit_number, ORDER)

    assert receipt.predictions == canonical.digest_file(folder / "predictions.parquet")
    assert receipt.files[0].digest == canonical.digest(bundle(run))


def test_two_approvals_let_the_report_out_and_its_signed_page_follows(run: Evaluations) -> None:
    run.release(*TWO)

    (told,) = run.documents(run.public, "EvaluationReport")
    (receipt,) = run.receipts()
    assert canonical.digest(told) == receipt.report
    assert len(run.bodies(run.public, Release)) == 1
    assert [path.read_bytes() for path in (run.public.path / "blobs").iterdir()] == [bundle(run)]


@pytest.mark.parametrize("votes", [TWO[:1], (TWO[0], build.vote(PERSON))])
def test_one_approval_or_a_person_of_the_project_lets_nothing_out(
    run: Evaluations, votes: tuple[object, ...]
) -> None:
    run.release(*votes)  # type: ignore[arg-type]

    assert len(run.refused()) == 1
    assert run.documents(run.public, "EvaluationReport") == []


def test_a_report_that_two_checkers_rejected_may_be_made_again(run: Evaluations) -> None:
    request, digest = run.ask()
    votes = (TWO[0], build.vote(build.MARC, Decision.REJECT))
    run.send(Rejection(request.request_number, ORDER, PERMIT.permit_number, digest, votes))
    run.step()
    (order,) = run.bodies(run.checking, EvaluationOrder)
    assert isinstance(order, EvaluationOrder)
    run.send(replace(order, order_number="EV-2026-00001-O2"))
    run.step()

    assert run.refused() == []
    assert [one.order_number for one in run.receipts()] == [ORDER, "EV-2026-00001-O2"]


@pytest.mark.parametrize("number", [ORDER, "EV-2026-00001-O2"])
def test_an_evaluation_is_not_run_twice(run: Evaluations, number: str) -> None:
    (order,) = run.bodies(run.checking, EvaluationOrder)
    assert isinstance(order, EvaluationOrder)
    run.send(replace(order, order_number=number))
    run.step()

    assert run.refused() == ["replayed"]
    assert len(run.receipts()) == 1


def test_an_order_whose_files_were_not_prepared_is_refused_in_words(world: Evaluations) -> None:
    protocol = plan(OTHER)
    world.send(world.order(world.lock(protocol), model=OTHER))
    world.step()

    assert world.refused() == ["not-found"]
    assert "model that the lock names" in world.reasons()


def test_nothing_is_run_under_a_permit_that_was_taken_back(world: Evaluations) -> None:
    lock = world.lock()
    world.send(Revocation(PERMIT.permit_number, NOW, "Fin."))
    world.send(world.order(lock))
    world.step()

    assert world.refused() == ["revoked"]
    assert world.receipts() == []


def test_another_program_than_the_one_locked_runs_nothing(world: Evaluations) -> None:
    protocol = plan(world.prepared.model)
    other = replace(protocol, analysis=replace(protocol.analysis, code=OTHER))
    world.send(world.order(world.lock(other)))
    world.step()

    assert world.refused() == ["refused"]
    assert "code" in world.reasons()


def test_the_report_states_the_deviations_of_its_order(world: Evaluations) -> None:
    world.send(world.order(world.lock(), deviations=(DEVIATION,)))
    world.step()

    found = verifying.verify(bundle(world), now=NOW)

    assert found.report is not None
    assert found.report.deviations == (DEVIATION,)


def test_the_journal_tells_the_run_once(run: Evaluations) -> None:
    run.step()

    lines = journal.read(run.zone.journal / journal.ENTRIES).lines
    told = [Entry.parse(line).action for line in lines]
    assert told.count("evaluation.run") == 1


def test_the_files_of_an_evaluation_are_destroyed_with_the_data_of_its_permit(
    run: Evaluations,
) -> None:
    assert run.zone.evaluations(PERMIT.permit_number) in run.zone.holdings(PERMIT.permit_number)
