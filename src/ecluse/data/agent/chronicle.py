"""The agent's journal, in which the same fact is written once, however often the agent restarts."""

from datetime import datetime

from ecluse.trust.journal.checkpoints import WITNESSED
from ecluse.trust.journal.entries import Details, Entry
from ecluse.trust.journal.files import FileJournal
from ecluse.trust.journal.verification import RECEIVED, REFUSED


class Chronicle:
    """What happened, told once: an entry made before a crash is not made again after it."""

    def __init__(self, journal: FileJournal, *, actor: str) -> None:
        self.journal = journal
        self._actor = actor
        self._told: set[_Identity] = set()
        self.last_at: datetime | None = None
        """The latest instant written, so that a clock that went back is noticed."""
        self.heard: dict[str, int] = {}
        """The last document judged of each mailbox, so that a memory put back is noticed."""
        self.witnessed: dict[str, int] = {}
        """The most entries that each other journal has shown, so that one put back is noticed."""
        for entry in journal.entries():
            self._remember(_identity(entry), entry.at)
        self.news = 0
        """Entries since the last exchange of checkpoints, those on checkpoints excepted."""

    def tell(
        self,
        action: str,
        *,
        subject: str,
        digest: str | None,
        at: datetime,
        details: Details | None = None,
    ) -> None:
        """Write a fact, unless it is written. Raises StorageFull, JournalBroken."""
        told = (action, subject, digest, frozenset((details or {}).items()))
        if told in self._told:
            return
        self.journal.append(
            action, actor=self._actor, subject=subject, digest=digest, details=details, at=at
        )
        self._remember(told, at)
        self.news += action != WITNESSED

    def _remember(self, told: "_Identity", at: datetime) -> None:
        self._told.add(told)
        self.last_at = at if self.last_at is None else max(at, self.last_at)
        action, subject, _digest, pairs = told
        details = dict(pairs)
        if action in (RECEIVED, REFUSED):
            _keep_highest(self.heard, details.get("mailbox"), details.get("number"))
        elif action == WITNESSED:
            _keep_highest(self.witnessed, subject, details.get("size"))


def _keep_highest(numbers: dict[str, int], name: object, number: object) -> None:
    if isinstance(name, str) and isinstance(number, int):
        numbers[name] = max(number, numbers.get(name, 0))


_Identity = tuple[str, str, str | None, frozenset[tuple[str, str | int]]]


def _identity(entry: Entry) -> _Identity:
    return (entry.action, entry.subject, entry.digest, frozenset(entry.details.items()))
