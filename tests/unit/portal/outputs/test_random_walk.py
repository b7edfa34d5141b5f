"""The same machine over the database: rows, journal and signed documents never part."""

import os
from random import Random
from typing import ClassVar

from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from ecluse.domain.documents import RecallReason
from ecluse.domain.errors import EcluseError
from ecluse.domain.reviews.machine import MOVES
from ecluse.portal.accounts.models import User
from ecluse.portal.audit.models import JournalEntry
from ecluse.portal.enclaves.models import Job
from ecluse.portal.outputs import actions, leaving, reviewing, stopping
from ecluse.portal.outputs.labels import JOURNAL
from ecluse.portal.outputs.models import Request
from ecluse.trust.journal.entries import Entry
from tests.unit.portal.outputs.asking import NO, YES, Agent, asked, group, releases, vote
from tests.unit.portal.zone import NOW, Zone, checked_job

WALKS, STEPS = int(os.environ.get("ECLUSE_WALKS", "3")), 25
MOVED = frozenset(JOURNAL.values())


class Walks(RuleBasedStateMachine):
    """One project in the database, whoever tries whatever."""

    job: ClassVar[Job]
    zone: ClassVar[Zone]
    people: ClassVar[dict[str, User]] = {}
    moves: ClassVar[int] = 0

    @initialize(random=st.randoms(use_true_random=True))
    def open(self, random: Random) -> None:
        self.random = random
        self.before = transaction.savepoint()
        self.request = asked(self.job, self.people["pi"])

    @rule()
    def somebody_acts(self) -> None:
        found, by = self.request, self.people[self.random.choice(sorted(self.people))]
        opinion = YES if self.random.random() < 0.8 else NO
        ways = (
            *(lambda: vote(found, by, opinion),) * 4,
            lambda: reviewing.send_back(found, "Mend it.", by=by, now=NOW),
            lambda: reviewing.reject(found, "No.", by=by, now=NOW),
            lambda: actions.compose(found, [group("counts.csv")], by=by, now=NOW),
            lambda: actions.submit(found, by=by, now=NOW),
            lambda: actions.withdraw(found, by=by, now=NOW),
            lambda: Agent(self.zone).confirm(found),
            lambda: Agent(self.zone).refuse(found),
            lambda: leaving.retry(found, by=by, now=NOW),
            lambda: leaving.recall(found, RecallReason.ERROR, by=by, now=NOW),
            lambda: stopping.freeze(found, "Incident.", by=by, now=NOW),
            lambda: stopping.unfreeze(found, by=by, now=NOW),
            lambda: self._ask(by),
        )
        try:
            with transaction.atomic():
                self.random.choice(ways)()
        except (EcluseError, AssertionError):
            return
        finally:
            self.request = Request.objects.latest("pk")

    def _ask(self, by: User) -> None:
        asked(self.job, by)

    @invariant()
    def the_journal_tells_the_road_of_each_request(self) -> None:
        for request in Request.objects.all():
            rows = JournalEntry.objects.filter(
                subject=f"request {request.number}", action__in=MOVED
            ).order_by("sequence")
            states = [_details(row) for row in rows]
            assert [before for before, _ in states[1:]] == [after for _, after in states[:-1]]
            assert states[-1][1] == request.state
            Walks.moves += 1

    @invariant()
    def each_request_is_released_by_two_strangers_or_not_at_all(self) -> None:
        for release in releases():
            voters = {one.checker for one in release.votes}
            assert voters == {self.people["sarah"].subject, self.people["marc"].subject}
        for request in Request.objects.filter(state="released"):
            assert request.release is not None

    def teardown(self) -> None:
        transaction.savepoint_rollback(self.before)


def _details(row: JournalEntry) -> tuple[str, str]:
    details = Entry.parse(bytes(row.body)).details
    return str(details["from"]), str(details["to"])


def test_rows_journal_and_documents_never_part(zone: Zone, people: dict[str, User]) -> None:
    Walks.zone, Walks.people = zone, people
    Walks.job = checked_job(zone, people["pi"])

    run_state_machine_as_test(
        Walks,
        settings=settings(
            max_examples=WALKS,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )

    assert set(JOURNAL) == set(MOVES)
    assert Walks.moves > WALKS * STEPS // 2
