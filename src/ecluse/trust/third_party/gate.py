"""What the third party answers, and refuses: batches that are too small, and too much in an hour.

Every question is in the journal before it is answered: who asked, for how many, never for whom. An
alarm is an entry of its own, and a line to the standard error of the service.
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from ecluse.domain import codec
from ecluse.domain.codec import JSON
from ecluse.domain.errors import EcluseError, InvalidInput, Malformed, NotAllowed
from ecluse.trust import canonical
from ecluse.trust.journal.entries import Entry
from ecluse.trust.journal.files import FileJournal
from ecluse.trust.pseudonyms.custodians import Approval, Custodian, check_approvals
from ecluse.trust.pseudonyms.national_numbers import NationalKey
from ecluse.trust.third_party.settings import Peer, Settings

HOUR: Final = timedelta(hours=1)
ANSWERED: Final = "third-party.answered"
REFUSED: Final = "third-party.refused"
ALARM: Final = "third-party.alarm"
SMALL_BATCH: Final = "small batch"
MOST_CHARACTERS: Final = 200
NONCE_CHARACTERS: Final = 32


@dataclass(frozen=True, slots=True)
class Question:
    """What a peer asks: the purposes that the key is to derive, one a person."""

    ask: str
    purposes: tuple[str, ...]
    nonce: str = ""
    approvals: tuple[Approval, ...] = ()

    @classmethod
    def parse(cls, told: JSON) -> "Question":
        """Return the question of a message. Raises Malformed, which does not repeat it."""
        content = told if isinstance(told, dict) else {}
        ask, nonce = content.get("ask"), content.get("nonce", "")
        single = content.get("purpose")
        purposes = [single] if ask == "derive" else content.get("purposes")
        if not isinstance(purposes, list) or not purposes or not isinstance(nonce, str):
            raise Malformed("A question asks to `derive` a purpose, or a `batch` of purposes.")
        texts = tuple(one for one in purposes if isinstance(one, str))
        if len(texts) < len(purposes) or max(map(len, texts)) > MOST_CHARACTERS:
            raise Malformed(f"A purpose is a text of {MOST_CHARACTERS} characters at most.")
        given = content.get("approvals", [])
        if not isinstance(given, list):
            raise Malformed("The approvals of a batch are a list.")
        approvals = tuple(codec.decode(one, Approval, at="approval") for one in given)
        return cls(str(ask), texts, nonce, approvals)

    def digest(self) -> str:
        """Return what custodians approve: the batch with its nonce, so that no guess finds it."""
        return digest_batch(self.purposes, self.nonce)


def digest_batch(purposes: Iterable[str], nonce: str) -> str:
    """Return the digest of a batch with its nonce, 32 characters at least. Raises InvalidInput."""
    if len(nonce) < NONCE_CHARACTERS:
        raise InvalidInput(f"A small batch has a nonce of {NONCE_CHARACTERS} characters or more.")
    return canonical.digest(canonical.encode({"nonce": nonce, "purposes": list(purposes)}))


@dataclass(slots=True)
class Gate:
    """The key, what is asked of it within the hour, and the journal.

    `custodians` are the two whose approvals let a small batch through.
    """

    key: NationalKey
    settings: Settings
    journal: FileJournal
    custodians: tuple[Custodian, ...] = ()
    warn: Callable[[str], object] = lambda _: None
    _asked: dict[str, deque[tuple[datetime, int]]] = field(default_factory=dict)
    _warned: dict[str, datetime] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def remember(self, now: datetime) -> None:
        """Count what the journal says of the last hour: a restart forgets nothing."""
        for entry in self.journal.entries():
            if entry.action == ANSWERED and now - entry.at < HOUR:
                self._count(entry.actor, int(entry.details["persons"]), entry.at)

    def answer(self, told: JSON, *, uid: int, now: datetime) -> JSON:
        """Return the answer to a message of an account: values, or a code and why."""
        try:
            return {"values": [*self._answer(told, uid=uid, now=now)]}
        except EcluseError as error:
            return {"code": error.code, "message": str(error)}

    def _answer(self, told: JSON, *, uid: int, now: datetime) -> list[str]:
        peer = self.settings.peer(uid)
        if peer is None:
            self._alarm(f"uid {uid}", "unknown account", now)
            raise NotAllowed(f"Account {uid} may not ask the third party for anything.")
        question = Question.parse(told)
        persons = len(set(question.purposes))
        with self._lock:
            self._check(question, peer, persons, now)
            self._note(ANSWERED, peer.name, now, persons=persons, ask=question.ask)
            self._count(peer.name, persons, now)
        return [self.key.derive(one).hex() for one in question.purposes]

    def _check(self, question: Question, peer: Peer, persons: int, now: datetime) -> None:
        """Refuse what is not allowed, and warn of what is allowed but unusual."""
        if question.ask not in peer.asks:
            self._refuse(peer, f"it may not {question.ask[:20]}", persons, now)
        if question.ask == "batch" and persons < self.settings.floor:
            self._check_small(question, peer, persons, now)
        within = persons + self._within(peer.name, now)
        if within > peer.most_per_hour:
            self._refuse(peer, f"{peer.most_per_hour} persons an hour are the most", persons, now)
        if within >= peer.alarm_per_hour and not self._was_warned(peer.name, now):
            self._alarm(peer.name, f"{within} persons within an hour", now)

    def _check_small(self, question: Question, peer: Peer, persons: int, now: datetime) -> None:
        if not question.approvals:
            least = self.settings.floor
            self._refuse(peer, f"a batch has {least} persons, or two approvals", persons, now)
        try:
            digest = question.digest()
            check_approvals(question.approvals, self.custodians, digest, purpose=SMALL_BATCH)
        except EcluseError as error:
            self._refuse(peer, f"of its approvals: {error}", persons, now)

    def _refuse(self, peer: Peer, why: str, persons: int, now: datetime) -> None:
        self._note(REFUSED, peer.name, now, persons=persons, why=why[:MOST_CHARACTERS])
        self._alarm(peer.name, f"refused: {why}", now)
        raise NotAllowed(f"{peer.name} is refused: {why}.")

    def _alarm(self, actor: str, why: str, now: datetime) -> None:
        self._warned[actor] = now
        self._note(ALARM, actor, now, why=why[:MOST_CHARACTERS])
        self.warn(f"alarm: {actor}: {why}")

    def _was_warned(self, name: str, now: datetime) -> bool:
        return name in self._warned and now - self._warned[name] < HOUR

    def _count(self, name: str, persons: int, at: datetime) -> None:
        self._asked.setdefault(name, deque()).append((at, persons))

    def _within(self, name: str, now: datetime) -> int:
        asked = self._asked.setdefault(name, deque())
        while asked and now - asked[0][0] >= HOUR:
            asked.popleft()
        return sum(persons for _, persons in asked)

    def _note(self, action: str, actor: str, now: datetime, **details: str | int) -> Entry:
        return self.journal.append(
            action, actor=actor, subject="third-party", details=details, at=now
        )
