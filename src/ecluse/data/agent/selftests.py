"""The self-test of the enclave, at the agent's start and each day, with its line in the journal."""

from datetime import datetime, timedelta
from typing import Final

from ecluse.data.agent.chronicle import Chronicle
from ecluse.data.agent.zones import Zone
from ecluse.data.enclave import isolation
from ecluse.domain.codec import format_instant
from ecluse.domain.errors import StorageFull

EVERY: Final = timedelta(days=1)


class SelfTests:
    """Tests the walls of jobs from time to time; while one is missing, jobs are refused."""

    def __init__(self, chronicle: Chronicle, zone: Zone) -> None:
        self._chronicle = chronicle
        self._zone = zone
        self._tested_at: datetime | None = None

    def run_if_due(self, now: datetime) -> isolation.IsolationReport | None:
        """Test the walls if a day has passed, or none was tested yet. Raises JournalBroken.

        Of a cluster nothing is tested: its walls are its operator's.
        """
        backend = self._zone.settings.backend
        is_fresh = self._tested_at is not None and now - self._tested_at < EVERY
        if is_fresh or backend == "cluster":
            return None
        report = isolation.isolation_report(in_gvisor=backend == "gvisor")
        if not report.ok:
            isolation.forget()  # what was proved before holds no more: the next job tries again
        try:
            self._tell(report, now=now)
        except StorageFull:
            return report  # tested again at the next step, until it can be written
        self._tested_at = now
        return report

    def _tell(self, report: isolation.IsolationReport, *, now: datetime) -> None:
        self._chronicle.tell(
            "enclave.tested" if report.ok else "enclave.wall-missing",
            subject="isolation",
            digest=None,
            details={
                "tested_at": format_instant(now),
                "controls": len(report.controls),
                "missing": " ".join(control.name for control in report.broken()),
                "landlock": report.landlock,
                "ceilings": report.ceilings,
            },
            at=now,
        )
