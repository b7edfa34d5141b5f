"""The same thing asked twice at the same instant, from two tabs or by two persons."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from ecluse.domain.documents import Decision
from ecluse.domain.errors import NotAllowed
from ecluse.portal.accounts.models import User
from ecluse.portal.enclaves import actions as enclaves
from ecluse.portal.enclaves.models import Job
from ecluse.portal.mailbox.models import OutgoingDocument
from ecluse.portal.outputs import actions
from ecluse.portal.outputs.models import Request, RequestVote
from tests.unit.portal.rooms import people, zone
from tests.unit.portal.zone import NOW, TABLE, Zone, bundle, checked_job

__all__ = ["people", "zone"]

pytestmark = pytest.mark.django_db(transaction=True)

REASONS = {"counts.csv": "Forty persons or more in each cell."}


def at_once(*acts: Callable[[], object]) -> list[str]:
    """Do all these at the same instant; return what became of each, sorted."""
    together = Barrier(len(acts))

    def do(act: Callable[[], object]) -> str:
        try:
            together.wait()
            act()
        except NotAllowed:
            return "not allowed"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(acts)) as threads:
        return sorted(threads.map(do, acts))


@pytest.fixture
def request_(zone: Zone, people: dict[str, User]) -> Request:
    job = checked_job(zone, people["pi"])
    return actions.ask(job, REASONS, by=people["pi"], now=NOW)


def test_two_requests_of_one_project_at_once_get_two_numbers(
    zone: Zone, people: dict[str, User]
) -> None:
    pi = people["pi"]
    first = checked_job(zone, pi)
    second = enclaves.submit_job(first.extract, bundle(), entry="analysis.py", by=pi, now=NOW)
    zone.finish(second, {"counts.csv": TABLE}, frozenset())
    second = Job.objects.with_documents().get(pk=second.pk)

    ends = at_once(
        lambda: actions.ask(first, REASONS, by=pi, now=NOW),
        lambda: actions.ask(second, REASONS, by=pi, now=NOW),
    )

    assert ends == ["done", "done"]
    assert sorted(Request.objects.values_list("number", flat=True)) == [
        "FR-2026-0001-R1",
        "FR-2026-0001-R2",
    ]


def test_one_checker_in_two_tabs_votes_once(request_: Request, people: dict[str, User]) -> None:
    def vote() -> Request:
        return actions.vote(request_, Decision.APPROVE, comment="", by=people["sarah"], now=NOW)

    ends = at_once(vote, vote)

    assert (ends, RequestVote.objects.count()) == (["done", "not allowed"], 1)
    assert OutgoingDocument.objects.filter(kind="Release").count() == 0


def test_two_checkers_at_once_sign_one_release(request_: Request, people: dict[str, User]) -> None:
    ends = at_once(
        *(
            lambda by=people[name]: actions.vote(  # type: ignore[misc]
                request_, Decision.APPROVE, comment="", by=by, now=NOW
            )
            for name in ("sarah", "marc")
        )
    )

    request_.refresh_from_db()
    assert (ends, request_.state) == (["done", "done"], "released")
    assert OutgoingDocument.objects.filter(kind="Release").count() == 1


def test_a_vote_and_a_withdrawal_at_once_leave_one_truth(
    request_: Request, people: dict[str, User]
) -> None:
    at_once(
        lambda: actions.vote(request_, Decision.APPROVE, comment="", by=people["sarah"], now=NOW),
        lambda: actions.withdraw(request_, by=people["pi"], now=NOW),
    )

    request_.refresh_from_db()
    with pytest.raises(NotAllowed):
        actions.vote(request_, Decision.APPROVE, comment="", by=people["marc"], now=NOW)
    assert (request_.state, request_.release) == ("withdrawn", None)
