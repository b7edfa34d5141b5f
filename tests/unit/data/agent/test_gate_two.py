"""Jobs and releases: what the agent runs, checks, keeps and lets out."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ecluse.domain.documents import (
    CheckReport,
    ExtractionOrder,
    JobReceipt,
    JobStatus,
    OutputFile,
    OutputRequest,
    Refusal,
    Release,
    RequestedFile,
    Revocation,
    Suspension,
    Vote,
)
from ecluse.trust import canonical
from tests.unit.data.agent.worlds import World
from tests.unit.data.studies import NOW, PERMIT
from tests.unit.domain import build

COUNTS = "drug,persons\\ncelecoxib,40\\n"
CODE = {
    "analysis.py": f'open("/outputs/counts.csv", "w").write("{COUNTS}")\n',
    "outputs.toml": '[file."counts.csv"]\ncounts = ["persons"]\n',
}
BYTES = b"drug,persons\ncelecoxib,40\n"


@pytest.fixture
def report(world: World, order: ExtractionOrder) -> CheckReport:
    """The checks of a job that was run."""
    world.order_job(order, CODE)
    world.step()
    (report,) = world.bodies(world.checking, CheckReport)
    assert isinstance(report, CheckReport)
    return report


def ask(world: World, report: CheckReport) -> tuple[OutputRequest, str]:
    """Ask for every file of the report; return the request and its digest."""
    files = tuple(RequestedFile(file.name, file.digest, "40 persons.") for file in report.files)
    request = replace(build.REQUEST, job_number=report.job_number, files=files)
    return request, world.send(request)


def approve(world: World, report: CheckReport, votes: tuple[Vote, ...], **changes: object) -> None:
    """Ask, release with these votes, and let the agent act."""
    request, digest = ask(world, report)
    release = replace(
        build.RELEASE,
        request_number=request.request_number,
        job_number=report.job_number,
        request_digest=digest,
        check_report_digest=canonical.digest(world.documents(world.checking, "CheckReport")[-1]),
        files=tuple(OutputFile(file.name, file.size, file.digest) for file in report.files),
        votes=votes,
    )
    world.send(replace(release, **changes))  # type: ignore[arg-type]
    world.step()


TWO_VOTES = (build.vote(build.SARAH), build.vote(build.MARC))


def refused(world: World) -> list[str]:
    """The codes of what the agent refused to the checking room."""
    bodies = world.bodies(world.checking, Refusal)
    return [body.code for body in bodies if isinstance(body, Refusal)]


def released(world: World) -> list[bytes]:
    """The bytes of the files that reached the public site."""
    return [path.read_bytes() for path in (world.public.path / "blobs").iterdir()]


def test_a_job_answers_the_checking_room_alone(world: World, report: CheckReport) -> None:
    (receipt,) = world.bodies(world.checking, JobReceipt)

    assert isinstance(receipt, JobReceipt)
    assert receipt.status is JobStatus.SUCCEEDED
    assert [file.name for file in report.files] == ["counts.csv"]
    assert world.bodies(world.public, JobReceipt) == []
    assert world.bodies(world.public, CheckReport) == []
    assert released(world) == []


def test_the_checking_room_gets_the_bytes_that_were_checked(
    world: World, report: CheckReport
) -> None:
    blob = world.checking.path / "blobs" / report.files[0].digest.removeprefix("sha256:")

    assert blob.read_bytes() == BYTES


def test_two_approvals_let_exactly_these_bytes_out(world: World, report: CheckReport) -> None:
    approve(world, report, TWO_VOTES)

    assert released(world) == [BYTES]
    assert len(world.bodies(world.public, Release)) == 1


def test_one_approval_lets_nothing_out(world: World, report: CheckReport) -> None:
    approve(world, report, TWO_VOTES[:1])

    assert (refused(world), released(world)) == (["out-of-scope"], [])


def test_a_checker_of_the_project_lets_nothing_out(world: World, report: CheckReport) -> None:
    approve(world, report, (build.vote(build.SARAH), build.vote(build.PI)))

    assert (refused(world), released(world)) == (["not-allowed"], [])


def test_a_file_that_was_not_asked_stays_inside(world: World, report: CheckReport) -> None:
    more = OutputFile("more.csv", 3, "sha256:" + "a" * 64)

    approve(world, report, TWO_VOTES, files=(more,))

    assert (refused(world), released(world)) == (["out-of-scope"], [])


def test_a_file_that_changed_since_its_checks_stays_inside(
    world: World, report: CheckReport
) -> None:
    world.zone.blob(report.files[0].digest).write_bytes(BYTES.replace(b"40", b"41"))

    approve(world, report, TWO_VOTES)

    assert (refused(world), released(world)) == (["out-of-scope"], [])


def test_a_release_of_a_request_never_seen_stays_inside(world: World, report: CheckReport) -> None:
    approve(world, report, TWO_VOTES, request_digest="sha256:" + "0" * 64)

    assert (refused(world), released(world)) == (["out-of-scope"], [])


def test_after_a_revocation_nothing_leaves(world: World, report: CheckReport) -> None:
    world.send(Revocation(PERMIT.permit_number, NOW - timedelta(minutes=1), "Misuse."))

    approve(world, report, TWO_VOTES)

    assert (refused(world), released(world)) == (["revoked"], [])


def test_while_a_permit_is_suspended_nothing_leaves(world: World, report: CheckReport) -> None:
    world.send(Suspension(PERMIT.permit_number, NOW - timedelta(minutes=1), "A doubt."))

    approve(world, report, TWO_VOTES)

    assert (refused(world), released(world)) == (["suspended"], [])


def test_a_request_for_a_job_that_never_ran_is_refused(world: World) -> None:
    world.send(build.REQUEST)

    world.step()

    assert refused(world) == ["out-of-scope"]


def test_a_job_number_runs_once(world: World, order: ExtractionOrder, report: CheckReport) -> None:
    world.order_job(order, CODE)

    world.step()

    assert refused(world) == ["replayed"]


def test_a_job_of_a_stranger_is_refused(world: World, order: ExtractionOrder) -> None:
    world.order_job(replace(order, ordered_by="stranger@x.example"), CODE)

    world.step()

    assert refused(world) == ["out-of-scope"]


def test_a_job_on_another_extract_than_its_receipt_names_is_refused(
    world: World, order: ExtractionOrder
) -> None:
    world.order_job(replace(order, order_number="FR-2026-0001-E9"), CODE)

    world.step()

    assert refused(world) == ["out-of-scope"]


def test_a_job_waits_for_its_code_and_runs_when_it_arrives(
    world: World, order: ExtractionOrder
) -> None:
    world.order_job(order, CODE)
    (blob,) = (world.checking.path / "blobs").iterdir()
    hidden = blob.rename(world.checking.path / "late")
    world.step()
    before = world.bodies(world.checking, JobReceipt)
    hidden.rename(blob)

    world.step()

    assert before == []
    assert len(world.bodies(world.checking, JobReceipt)) == 1


def test_a_bundle_without_the_entry_is_refused(world: World, order: ExtractionOrder) -> None:
    world.order_job(order, {"other.py": "pass"})

    world.step()

    assert refused(world) == ["invalid-input"]


def test_a_job_that_fails_says_so_and_no_row_leaves_with_it(
    world: World, order: ExtractionOrder
) -> None:
    world.order_job(order, {"analysis.py": 'raise ValueError("IDENTITY-OF-1")\n'})

    world.step()

    (receipt,) = world.bodies(world.checking, JobReceipt)
    assert isinstance(receipt, JobReceipt)
    assert receipt.status is JobStatus.FAILED
    assert "IDENTITY" not in receipt.log_summary
