"""The answer to a data request: from a plan and a set of persons to protected tables."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
from duckdb import DuckDBPyConnection

from ecluse.data.lake import Snapshot
from ecluse.data.tabulation.counting import count_cells, count_differences
from ecluse.data.tabulation.holdings import Asked, Holdings, PersonKeys
from ecluse.data.tabulation.joining import Frame, Pair, frame_key, join, together
from ecluse.data.tabulation.memory import Answers, Earlier, Memory
from ecluse.data.tabulation.noise import laplace, noisy
from ecluse.data.tabulation.protecting import Material, Protected, protect, protect_noisy
from ecluse.data.tabulation.tables import ProtectedTable, ProtectionCounts
from ecluse.data.tabulation.underlying import underlying
from ecluse.domain.errors import Refused
from ecluse.domain.tabulation import (
    Cell,
    Noise,
    TabulationPlan,
    TabulationPolicy,
    canonical,
    plan_digest,
    sources,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """Protected tables and what a receipt says of them; nothing else leaves the stage.

    `digest` is that of what was kept, so that a receipt can be matched with it.
    """

    plan: TabulationPlan
    dataset: str
    snapshot: str
    policy: TabulationPolicy
    tables: tuple[ProtectedTable, ...]
    counts: ProtectionCounts
    digest: str

    @property
    def plan_digest(self) -> str:
        """The digest of the plan that was run."""
        return plan_digest(self.plan)


@dataclass(frozen=True, slots=True)
class Prepared:
    """An answer that is made, and not given as long as it is not kept."""

    answer: Answer
    _answers: Answers
    _earlier: Earlier

    def keep(self) -> None:
        """Keep what later answers are judged by: from now on, the answer may be given."""
        self._answers.remember(self._earlier)


def answer(
    plan: TabulationPlan,
    snapshot: Snapshot,
    person_keys: Sequence[int] | PersonKeys,
    *,
    policy: TabulationPolicy,
    connection: DuckDBPyConnection,
    memory: Memory,
) -> Answer:
    """Return the answer to a data request about the persons given, keys of `snapshot`.

    Every earlier answer about the dataset is taken into account, and this one is kept before it is
    returned. Two requests about one dataset are answered one after the other.

    Raises:
        InvalidInput: the plan does not fit the data or the policy.
        NotFound: the snapshot lacks a table of the plan.
        Refused: no table would protect everybody, or the privacy budget is spent.
        JobFailed: the engine or the solver stopped.
    """
    with prepare(
        plan, snapshot, person_keys, policy=policy, connection=connection, memory=memory
    ) as made:
        made.keep()
    return made.answer


@contextmanager
def prepare(
    plan: TabulationPlan,
    snapshot: Snapshot,
    person_keys: Sequence[int] | PersonKeys,
    *,
    policy: TabulationPolicy,
    connection: DuckDBPyConnection,
    memory: Memory,
) -> Iterator[Prepared]:
    """Give the answer, to be kept within the block once it is safe where it is going.

    Of an answer that is not kept, nothing may be shown to anybody. The next request about the
    dataset waits for the end of the block. Raises as `answer`.
    """
    persons = np.unique(np.asarray(person_keys, np.int32))
    with memory.of(snapshot.dataset) as answers:
        with Holdings(connection, snapshot) as holdings:
            request = _Request(plan, canonical(plan), snapshot, policy, holdings)
            protected = request.protected(persons, answers)
        shown = dict(zip(sources(plan), protected.shown, strict=True))
        earlier = Earlier(request.named, snapshot.snapshot_id, persons, shown)
        made = Answer(
            plan,
            snapshot.dataset,
            snapshot.snapshot_id,
            policy,
            protected.tables,
            protected.counts,
            earlier.digest,
        )
        yield Prepared(made, answers, earlier)


@dataclass(frozen=True, slots=True)
class _Request:
    """One request: `plan` as it was asked, `named` with canonical names."""

    plan: TabulationPlan
    named: TabulationPlan
    snapshot: Snapshot
    policy: TabulationPolicy
    holdings: Holdings

    def protected(self, persons: PersonKeys, answers: Answers) -> Protected:
        frames = tuple(self._frame(persons, asked) for asked in _asked(self.named))
        if isinstance(self.plan.protection, Noise):
            return self._noisy(frames, answers)
        known = [one for one in answers.earlier() if not isinstance(one.plan.protection, Noise)]
        here = [one for one in known if one.snapshot == self.snapshot.snapshot_id]
        before = _distinct(frame for one in here for frame in self._earlier_frames(one))
        _check_same_protection(self.plan, frames, before)
        every = [*frames, *before]
        beneath = [
            replace(self._frame(frame.persons, asked), is_underlying=True)
            for frame, asked in underlying(every)
        ]
        joint = join(
            [*every, *beneath],
            [self._pair(first, second) for first, second in together([*every, *beneath])],
            self._past(frames, known),
            policy=self.policy,
        )
        return protect(Material(self.plan, frames, joint), self.policy, secret=answers.secret())

    def _frame(self, persons: PersonKeys, asked: Asked) -> Frame:
        counts = count_cells(self.holdings.of(persons, asked), asked)
        return Frame(frame_key(self.snapshot.snapshot_id, persons, asked), asked, persons, counts)

    def _earlier_frames(self, earlier: Earlier) -> Iterator[Frame]:
        """Count again what was answered: what it hid must stay hidden."""
        for asked in _asked(earlier.plan):
            yield replace(self._frame(earlier.persons, asked), shown=earlier.shown[asked.source])

    def _pair(self, first: Frame, second: Frame) -> Pair:
        held = [(self.holdings.of(one.persons, one.asked), one.asked) for one in (first, second)]
        found = count_differences(held[0], held[1])
        return Pair(first.key, second.key, found)

    def _past(
        self, frames: Iterable[Frame], known: Iterable[Earlier]
    ) -> list[tuple[str, Mapping[Cell, int | None]]]:
        """Return what was shown of the same population and events, from other snapshots."""
        return [
            (frame.key, earlier.shown[frame.asked.source])
            for earlier in known
            for frame in frames
            if earlier.snapshot != self.snapshot.snapshot_id
            and earlier.plan.population == self.plan.population
            and frame.asked.source in earlier.shown
        ]

    def _noisy(self, frames: Sequence[Frame], answers: Answers) -> Protected:
        noise = self.plan.protection
        assert isinstance(noise, Noise)  # noqa: S101 — asked by the one caller
        draw = laplace(noise)
        epsilon = noise.epsilon_thousandths * len(self.plan.tables)
        limit = self.policy.epsilon_thousandths
        answers.spend(epsilon, limit=limit, plan=self.named)
        numbers = {
            table.name: noisy(table, frame.asked, frame.counts, draw)
            for frame in frames
            for table in frame.asked.tables
        }
        return protect_noisy(self.plan, frames, numbers, epsilon=epsilon)


def _distinct(frames: Iterable[Frame]) -> list[Frame]:
    """Return the frames without those that ask the same tables of the same persons again."""
    found: dict[tuple[str, tuple[tuple[object, object], ...]], Frame] = {}
    for frame in frames:
        orders = tuple((order.by, order.measures) for order in frame.asked.tables)
        found.setdefault((frame.key, orders), frame)
    return list(found.values())


def _asked(plan: TabulationPlan) -> Iterator[Asked]:
    for source, tables in sources(plan).items():
        yield Asked(plan, source, tables)


def _check_same_protection(
    plan: TabulationPlan, frames: Iterable[Frame], before: Iterable[Frame]
) -> None:
    """Raise Refused if the same numbers were published under another protection."""
    ours = {frame.key for frame in frames}
    for frame in before:
        if frame.key in ours and type(frame.asked.plan.protection) is not type(plan.protection):
            raise Refused(
                "No table leaves: numbers of the same persons and events were published before "
                f"under {type(frame.asked.plan.protection).__name__}; the two would tell more. "
                "Ask for that protection."
            )
