"""Orders to tabulate: what the agent counts, keeps, shows the checkers and lets out."""

from dataclasses import replace
from pathlib import Path

import pytest

from ecluse.data.optouts import proofs
from ecluse.domain import data_requests
from ecluse.domain.cohorts import AtLeast, Events, cohort_of
from ecluse.domain.documents import (
    Basis,
    CheckReport,
    Decision,
    Refusal,
    Rejection,
    Release,
    TabulationOrder,
    TabulationReceipt,
    Verdict,
)
from ecluse.domain.errors import BadSignature
from ecluse.domain.tabulation import Noise
from ecluse.trust.journal import files
from ecluse.trust.journal.entries import Entry
from tests.unit.data.agent.requests import (
    DIABETES,
    OPT_OUTS,
    ORDER,
    PREPARER,
    REQUEST,
    REQUESTER,
    Requests,
    asked,
)
from tests.unit.domain import build

TWO = (build.vote(build.SARAH), build.vote(build.MARC))


@pytest.fixture
def world(tmp_path: Path) -> Requests:
    return Requests(tmp_path)


def answered(world: Requests, **changes: object) -> TabulationReceipt:
    """Send an order, let the agent act, return its receipt."""
    world.send(world.order(**changes))  # type: ignore[arg-type]
    world.step()
    receipt = world.bodies(world.public, TabulationReceipt)[-1]
    assert isinstance(receipt, TabulationReceipt)
    return receipt


def refused(world: Requests) -> list[str]:
    """The codes of what the agent refused, to whichever site."""
    bodies = [*world.bodies(world.public, Refusal), *world.bodies(world.checking, Refusal)]
    return [body.code for body in bodies if isinstance(body, Refusal)]


def released(world: Requests) -> list[str]:
    """The texts that reached the public site."""
    return [path.read_text() for path in (world.public.path / "blobs").iterdir()]


def test_an_order_becomes_tables_without_those_who_opted_out(world: Requests) -> None:
    answered(world)

    assert world.tables()["by_sex.csv"].splitlines() == [
        "sex,persons",
        "_T,47",
        "M,18",
        "F,29",
        "_O,0",
    ]


def test_a_cohort_says_whom_to_count(world: Requests) -> None:
    population = data_requests.population(DIABETES)
    answered(world, cohort=DIABETES, plan=asked(population=population))

    assert world.tables()["by_sex.csv"].splitlines()[1:] == ["_T,14", "M,0", "F,14", "_O,0"]


def test_the_receipt_answers_the_order_and_counts_cells_alone(world: Requests) -> None:
    order = world.order()
    digest = world.send(order)
    world.step()

    (receipt,) = world.bodies(world.public, TabulationReceipt)

    assert isinstance(receipt, TabulationReceipt)
    assert data_requests.check_answers(receipt, order, order_digest=digest) is None
    counts = (receipt.table_count, receipt.cell_count, receipt.primary_count)
    assert counts == (1, 4, 0)
    assert world.bodies(world.checking, TabulationReceipt) == [receipt]


def test_the_checking_room_gets_the_order_the_report_and_the_files(world: Requests) -> None:
    order = world.order()
    world.send(order)
    world.step()

    report = world.report()

    assert world.bodies(world.checking, TabulationOrder) == [order]
    assert (report.job_number, report.permit_number) == (ORDER, REQUEST)
    assert [(file.name, file.verdict) for file in report.files] == [
        ("LISEZMOI.md", Verdict.PASS),
        ("README.md", Verdict.PASS),
        ("by_sex.csv", Verdict.REVIEW),
        ("by_sex.json", Verdict.REVIEW),
        ("codebook.csv", Verdict.PASS),
    ]
    assert report.files[2].findings[0].explanation == (
        "4 cells, 0 hidden; suppression; policy SNDS-2026, 11 persons at least"
    )


def test_the_public_site_gets_no_table_before_its_release(world: Requests) -> None:
    answered(world)

    assert world.bodies(world.public, CheckReport) == []
    assert released(world) == []


def test_two_approvals_let_the_tables_out(world: Requests) -> None:
    answered(world)
    world.release(*TWO)

    assert len(world.bodies(world.public, Release)) == 1
    assert world.tables()["by_sex.csv"] in released(world)


@pytest.mark.parametrize("checker", [REQUESTER, PREPARER, build.ASSESSOR, build.DECIDER])
def test_a_person_of_the_request_lets_nothing_out(world: Requests, checker: str) -> None:
    answered(world)
    world.release(build.vote(build.SARAH), build.vote(checker))

    assert (refused(world), released(world)) == (["not-allowed"], [])


def test_one_approval_lets_nothing_out(world: Requests) -> None:
    answered(world)
    world.release(build.vote(build.SARAH))

    assert (refused(world), released(world)) == (["out-of-scope"], [])


def test_a_rejection_is_told_to_the_public_site_without_a_word_of_the_tables(
    world: Requests,
) -> None:
    answered(world)
    request, digest = world.ask()
    votes = (build.vote(build.SARAH), build.vote(build.MARC, Decision.REJECT))
    rejection = Rejection(request.request_number, ORDER, REQUEST, digest, votes)
    world.send(rejection)
    world.step()

    assert world.bodies(world.public, Rejection) == [rejection]
    assert released(world) == []


def test_a_rejection_that_two_checkers_did_not_vote_stays_inside(world: Requests) -> None:
    answered(world)
    request, digest = world.ask()
    world.send(Rejection(request.request_number, ORDER, REQUEST, digest, TWO))
    world.step()

    assert (refused(world), world.bodies(world.public, Rejection)) == (["out-of-scope"], [])


def test_the_journal_tells_the_answer_once(world: Requests) -> None:
    answered(world)
    world.step()

    entries = [Entry.parse(line) for line in files.read(world.zone.journal / files.ENTRIES).lines]
    told = [entry.subject for entry in entries if entry.action == "tabulation.answered"]
    assert told == [f"TabulationOrder {ORDER}"]


def test_a_second_order_is_judged_with_what_the_first_showed(world: Requests) -> None:
    answered(world)
    later = replace(
        OPT_OUTS, permit_number="DR-2026-00002", opt_out_ids=("N00", "N01", "N30", "N31")
    )
    order = world.order(
        later,
        order_number="DR-2026-00002-T1",
        request_number="DR-2026-00002",
        plan=asked("DR-2026-00002"),
    )
    world.send(order)
    world.step()

    assert world.tables()["by_sex.csv"].splitlines()[1:] == ["_T,s", "M,18", "F,s", "_O,0"]


def test_a_refused_answer_leaves_nothing_and_is_remembered_by_nobody(world: Requests) -> None:
    cohort = cohort_of(AtLeast(Events("no_such_source", ("E11",))))
    population = data_requests.population(cohort)
    world.send(world.order(cohort=cohort, plan=asked(population=population)))
    world.step()

    assert refused(world) == ["not-found"]
    assert not list(world.zone.path.glob("tabulations/*"))
    assert not list(world.zone.path.glob("answers/clinic/*.json"))


def test_noise_is_paid_once(world: Requests) -> None:
    pytest.importorskip("opendp")
    receipt = answered(world, plan=asked(protection=Noise(500)))

    ledger = (world.zone.path / "answers" / "clinic" / "privacy.jsonl").read_text()
    assert receipt.epsilon_thousandths == 500
    assert len(ledger.splitlines()) == 1


def test_the_receipt_binds_the_list_and_whom_the_answer_counts_and_gives_no_number(
    world: Requests,
) -> None:
    receipt = answered(world)

    told = receipt.opt_outs
    assert told is not None
    assert [one.basis for one in told.lists] == [Basis.EHDS, Basis.NATIONAL_COPY]
    assert {told.person_count, *(one.person_count for one in told.removed)} == {None}
    record = world.zone.records().of_order(ORDER)
    assert (record.permit_number, record.persons().commitment()) == (REQUEST, told.persons)
    assert (record.holds(["N01"]), record.holds(["N00"])) == (True, False)


def test_a_cohort_binds_whom_it_counts_alone(world: Requests) -> None:
    population = data_requests.population(DIABETES)
    answered(world, cohort=DIABETES, plan=asked(population=population))

    record = world.zone.records().of_order(ORDER)
    held = [record.holds([name]) for name in ("N14", "N15", "N00")]
    assert held == [True, False, False]


def test_an_auditor_proves_that_nobody_counted_had_opted_out(world: Requests) -> None:
    receipt = answered(world)

    proof = proofs.prove(world.zone.records().of_order(ORDER), receipt)

    shown = proofs.check(proof, receipt)
    assert shown == proof.persons.size > 0


def test_a_receipt_of_other_persons_proves_nothing(world: Requests) -> None:
    receipt = answered(world)
    assert receipt.opt_outs is not None
    other = replace(receipt, opt_outs=replace(receipt.opt_outs, persons=f"sha256:{'0' * 64}"))

    with pytest.raises(BadSignature):
        proofs.prove(world.zone.records().of_order(ORDER), other)
