"""The agent's loop: pull, obey, announce, deliver; then the same again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Event
from types import TracebackType
from typing import Final, Self

from ecluse.data.agent.arrivals import take_all
from ecluse.data.agent.chronicle import Chronicle
from ecluse.data.agent.delivering import deliver
from ecluse.data.agent.notices import announce_new_snapshots
from ecluse.data.agent.reception import Reception, Stopping
from ecluse.data.agent.rooms import Answer, Room
from ecluse.data.agent.selftests import SelfTests
from ecluse.data.agent.state import State
from ecluse.data.agent.turns import Turns
from ecluse.data.agent.witnessing import exchange
from ecluse.data.agent.zones import Zone
from ecluse.domain.documents import AGENT, Signer
from ecluse.domain.errors import EcluseError, JournalBroken, StorageFull
from ecluse.trust import keys
from ecluse.trust.documents import CLOCK_TOLERANCE
from ecluse.trust.journal.files import FileJournal
from ecluse.trust.mailbox import Mailbox

ORIGIN: Final = "ecluse/zone-1"
STEPS_BETWEEN_CHECKPOINTS: Final = 30


@dataclass(frozen=True, slots=True)
class StepReport:
    """What one step did. `unreachable` names what failed (a site, `lake`, `storage`, `clock`)."""

    received: int = 0
    done: int = 0
    refused: int = 0
    postponed: int = 0
    announced: int = 0
    delivered: int = 0
    unreachable: Mapping[str, str] | None = None

    @property
    def is_idle(self) -> bool:
        """Whether there was nothing to do."""
        return not any((self.received, self.done, self.refused, self.announced, self.delivered))


class Agent:
    """The agent of one zone. Use as a context, or `close` it; one process runs it at a time.

    `clock` gives the instants written in receipts. `on_progress` is told each step's name.

    Raises:
        NotAllowed: another agent runs in this zone.
        NotFound: the agent has no signing key.
        JournalBroken: the journal does not prove itself.
    """

    def __init__(
        self,
        zone: Zone,
        mailboxes: Mapping[str, Mailbox],
        *,
        clock: Callable[[], datetime],
        name: str = AGENT,
        on_progress: Callable[[str], None] = lambda _step: None,
    ) -> None:
        key = keys.load_signing_key(zone.keys, Signer.AGENT)
        journal = FileJournal(
            zone.journal, origin=ORIGIN, key=key, keyring=keys.Keyring.load(zone.keyring)
        )
        self._chronicle = Chronicle(journal, actor=name)
        self._selftests = SelfTests(self._chronicle, zone)
        self._stop = Event()
        self._steps = 0
        self._clock = clock
        self._now = clock()
        self._room = Room(
            name=name,
            zone=zone,
            state=State(zone.state),
            key=key,
            mailboxes=mailboxes,
            clock=clock,
            on_progress=on_progress,
            check_stop=self._check_stop,
            tell=self._tell,
        )
        zone.pseudonym_keys()
        self._reception = Reception(self._room, self._chronicle)
        self._turns = Turns(self._room.state, now=clock())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let another agent run in this zone."""
        self._room.state.close()
        self._chronicle.journal.close()

    def run(
        self,
        stop: Event,
        *,
        every: float = 1.0,
        on_step: Callable[[StepReport], None] = lambda _report: None,
    ) -> None:
        """Step until `stop` is set, with a pause of `every` seconds after a step without work.

        The walls of jobs are tested at the start and each day, and that is journalled.

        Returns too when the agent's key was replaced: open another agent, which signs with the new.
        """
        self._stop = stop
        try:
            while not stop.is_set() and self._has_present_key():
                report = self._tested_step(self._clock())
                on_step(report)
                if report.is_idle:
                    stop.wait(every)
        except Stopping:
            return

    def _tested_step(self, now: datetime) -> StepReport:
        report = self.step(now)
        if "clock" not in (report.unreachable or {}):
            self._selftests.run_if_due(now)
        return report

    def step(self, now: datetime) -> StepReport:
        """Do once all that can be done now: one site that is away does not stop the rest.

        Raises:
            JournalBroken: nothing may be done that cannot be journalled.
        """
        away: dict[str, str] = {}
        self._now = now
        report = StepReport(unreachable=away)
        last = self._chronicle.last_at
        if last is not None and now < last - CLOCK_TOLERANCE:
            # A permit that ended, or was revoked, would be in force again.
            away["clock"] = (
                f"The clock says {now:%Y-%m-%d %H:%M} UTC, before the last entry of the journal, "
                f"{last:%Y-%m-%d %H:%M}: set it right. Nothing is obeyed meanwhile."
            )
            return report
        try:
            report = replace(report, received=self._pull(away))
            report = self._obey(report, now=now)
            report = replace(report, announced=self._announce(away, now=now))
            report = replace(report, delivered=self._deliver(away, now=now))
            self._exchange(away, now=now)
        except StorageFull as error:  # the journal or the state: nothing more can be done now
            away["storage"] = str(error)
        return report

    def _pull(self, away: dict[str, str]) -> int:
        count = 0
        for name in self._room.mailboxes:
            try:
                count += take_all(self._room, name)
            except (JournalBroken, StorageFull):
                raise
            except EcluseError as error:
                away[name] = str(error)
        return count

    def _obey(self, report: StepReport, *, now: datetime) -> StepReport:
        ends = {"done": 0, "refused": 0, "postponed": 0}
        for received in self._turns.in_order(self._room.state.pending(), now=now):
            self._check_stop()
            with self._turns.counting(received, now=now):
                end = self._reception.obey(received, now=now)
            ends[end] += 1
            if end == "done" and self._turns.is_job(received):
                break  # what came while it ran is heard before the next one
        return replace(
            report, done=ends["done"], refused=ends["refused"], postponed=ends["postponed"]
        )

    def _announce(self, away: dict[str, str], *, now: datetime) -> int:
        try:
            return announce_new_snapshots(self._room, now=now)
        except (JournalBroken, StorageFull):
            raise
        except EcluseError as error:  # a damaged snapshot stops no revocation
            away["lake"] = str(error)
            return 0

    def _has_present_key(self) -> bool:
        present = keys.load_signing_key(self._room.zone.keys, Signer.AGENT)
        return present.key_id == self._room.key.key_id

    def _tell(self, answer: Answer) -> None:
        """Sign and deliver what a duty under way tells; to a site that is away, later."""
        stored, queued = self._room.sign(answer, now=self._now)
        self._room.state.keep([stored], queued)
        self._deliver({}, now=self._now)

    def _deliver(self, away: dict[str, str], *, now: datetime) -> int:
        count = 0
        for name in self._room.mailboxes:
            try:
                count += deliver(self._room, self._chronicle, name, now=now)
            except (JournalBroken, StorageFull):
                raise
            except EcluseError as error:
                away[name] = str(error)
        return count

    def _exchange(self, away: dict[str, str], *, now: datetime) -> None:
        """Exchange checkpoints from time to time, when there is something new to prove."""
        self._steps += 1
        if self._chronicle.news and self._steps % STEPS_BETWEEN_CHECKPOINTS == 1:
            wrong = exchange(self._room, self._chronicle, now=now)
            away.update({**wrong, **away})  # what a site said first explains the most

    def _check_stop(self) -> None:
        if self._stop.is_set():
            raise Stopping
