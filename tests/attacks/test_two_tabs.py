"""The same thing asked twice at the same instant, from two tabs or by two persons."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from ecluse.domain.documents import AuthorisedPerson
from ecluse.domain.errors import InvalidInput, NotAllowed
from ecluse.portal.accounts.models import User
from ecluse.portal.enclaves import actions as enclaves
from ecluse.portal.enclaves.models import Job
from ecluse.portal.mailbox.models import OutgoingDocument
from ecluse.portal.outputs import actions, leaving, reviewing
from ecluse.portal.outputs.models import Request, RequestVote
from tests.unit.domain.build import PERMIT
from tests.unit.portal.outputs.asking import NO, Agent, asked, vote
from tests.unit.portal.rooms import people, zone
from tests.unit.portal.zone import NOW, TABLE, Zone, bundle, checked_job

__all__ = ["people", "zone"]

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], object]) -> list[str]:
    """Do all these at the same instant; return what became of each, sorted."""
    together = Barrier(len(acts))

    def do(act: Callable[[], object]) -> str:
        try:
            together.wait()
            act()
        except (NotAllowed, InvalidInput):
            return "not allowed"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(acts)) as threads:
        return sorted(threads.map(do, acts))


@pytest.fixture
def request_(zone: Zone, people: dict[str, User]) -> Request:
    return asked(checked_job(zone, people["pi"]), people["pi"])


def test_two_requests_of_one_project_at_once_get_two_numbers(
    zone: Zone, people: dict[str, User]
) -> None:
    pi, colleague = people["pi"], people["stranger"]
    both = (*PERMIT.persons, AuthorisedPerson(colleague.subject, "Louis Bernard", False))
    first = checked_job(zone, pi, persons=both)
    second = enclaves.submit_job(first.extract, bundle(), entry="analysis.py", by=pi, now=NOW)
    zone.finish(second, {"counts.csv": TABLE}, frozenset())
    second = Job.objects.with_documents().get(pk=second.pk)

    ends = at_once(
        lambda: asked(first, pi),
        lambda: asked(second, colleague),
    )

    assert ends == ["done", "done"]
    assert sorted(Request.objects.values_list("number", flat=True)) == [
        "FR-2026-0001-R1",
        "FR-2026-0001-R2",
    ]


def test_one_person_in_two_tabs_asks_once(zone: Zone, people: dict[str, User]) -> None:
    pi = people["pi"]
    job = checked_job(zone, pi)

    ends = at_once(lambda: asked(job, pi), lambda: asked(job, pi))

    assert (ends, Request.objects.count()) == (["done", "not allowed"], 1)


def test_one_checker_in_two_tabs_votes_once(request_: Request, people: dict[str, User]) -> None:
    def once() -> Request:
        return vote(request_, people["sarah"])

    ends = at_once(once, once)

    assert (ends, RequestVote.objects.count()) == (["done", "not allowed"], 1)
    assert OutgoingDocument.objects.filter(kind="Release").count() == 0


def test_two_checkers_at_once_sign_one_release(request_: Request, people: dict[str, User]) -> None:
    ends = at_once(
        lambda: vote(request_, people["sarah"]),
        lambda: vote(request_, people["marc"]),
    )

    request_.refresh_from_db()
    assert (ends, request_.state) == (["done", "done"], "releasing")
    assert OutgoingDocument.objects.filter(kind="Release").count() == 1


def test_the_author_mends_a_returned_request_and_withdraws_it_at_once_and_one_wins(
    request_: Request, people: dict[str, User]
) -> None:
    vote(request_, people["sarah"], NO)
    vote(request_, people["marc"], NO)
    reviewing.send_back(request_, "Too few.", by=people["marc"], now=NOW)

    ends = at_once(
        lambda: actions.submit(request_, by=people["pi"], now=NOW),
        lambda: actions.withdraw(request_, by=people["pi"], now=NOW),
    )

    request_.refresh_from_db()
    assert ends == ["done", "not allowed"]
    assert request_.state in {"in-review", "withdrawn"}


def test_one_returns_while_the_other_refuses_and_the_request_says_one_thing(
    request_: Request, people: dict[str, User]
) -> None:
    vote(request_, people["sarah"], NO)
    vote(request_, people["marc"])

    ends = at_once(
        lambda: reviewing.send_back(request_, "Mend it.", by=people["sarah"], now=NOW),
        lambda: reviewing.reject(request_, "No.", by=people["marc"], now=NOW),
    )

    request_.refresh_from_db()
    assert ends == ["done", "not allowed"]
    assert request_.state in {"returned", "rejected"}


def test_a_refused_release_tried_again_in_two_tabs_is_signed_once_more(
    zone: Zone, request_: Request, people: dict[str, User]
) -> None:
    vote(request_, people["sarah"])
    vote(request_, people["marc"])
    Agent(zone).refuse(request_)

    ends = at_once(
        lambda: leaving.retry(request_, by=people["sarah"], now=NOW),
        lambda: leaving.retry(request_, by=people["marc"], now=NOW),
    )

    assert ends == ["done", "not allowed"]
    assert OutgoingDocument.objects.filter(kind="Release").count() == 2
