"""How far a job has come, told to the checking room while it runs: states and seconds alone."""

import time
from dataclasses import dataclass
from typing import Final

from ecluse.data.agent.rooms import Answer, Room
from ecluse.domain.documents import ActionProgress, JobOrder, JobProgress

SECONDS_BETWEEN: Final = 2.0
"""A study whose hundred actions are kept from an earlier run does not send a hundred notices."""


@dataclass(slots=True)
class ProgressTeller:
    """Sends the latest word on a job's actions, at most one every `SECONDS_BETWEEN`."""

    room: Room
    order: JobOrder
    order_digest: str
    _latest: tuple[ActionProgress, ...] = ()
    _told_at: float = -SECONDS_BETWEEN

    def note(self, actions: tuple[ActionProgress, ...]) -> None:
        """Take what changed; it is sent now, or at a later `flush`."""
        self._latest = actions
        self.flush()

    def flush(self) -> None:
        """Send what is not sent yet, if the last notice is old enough. Raises StorageFull."""
        if not self._latest or time.monotonic() - self._told_at < SECONDS_BETWEEN:
            return
        self._told_at = time.monotonic()
        actions, self._latest = self._latest, ()
        notice = JobProgress(
            job_number=self.order.job_number,
            permit_number=self.order.permit_number,
            order_digest=self.order_digest,
            actions=actions,
            told_at=self.room.clock(),
        )
        self.room.tell(Answer(notice, ("checking",)))
