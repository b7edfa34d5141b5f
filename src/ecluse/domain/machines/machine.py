"""The one format of a state machine: states with an owner, actions with all that they entail.

A machine is a table. `steps.step` is its one interpreter; pages, rights, diagrams, the interface
and the letters read the same rows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ecluse.domain.actors import Actor
from ecluse.domain.clocks.tracks import Track
from ecluse.domain.errors import NotFound


class Kind(StrEnum):
    """What has states: the first twelve are kinds of file; the last four are parts of one."""

    APPLICATION = "application"
    DATA_REQUEST = "data-request"
    AMENDMENT = "amendment"
    RENEWAL = "renewal"
    DECLARATION = "mr-declaration"
    DESIGNATION = "trusted-holder-designation"
    APPEAL = "appeal"
    COMPLAINT = "complaint"
    DESCRIPTION = "description"
    RIGHTS_REQUEST = "rights-request"
    EVALUATION = "evaluation"
    FINDING = "significant-finding"
    CASE = "case"
    DECISION_UNIT = "decision-unit"
    PERMIT = "permit"
    HOLDER_CALL = "holder-call"


class Verb(StrEnum):
    """What an action does to a clock of its object."""

    START = "start"
    SUSPEND = "suspend"
    RESUME = "resume"
    EXTEND = "extend"
    COMPLETE = "complete"
    VOID = "void"
    REROUTE = "reroute"
    REOPEN = "reopen"


DECISION = "decision"
"""As the rule of an effect: the rule of the decision on the track of the file."""
ALL = "all"
"""As the rule of VOID: every clock of the object that still runs."""


@dataclass(frozen=True, slots=True)
class ClockEffect:
    """A verb and the rule whose clock it changes; DECISION and ALL stand for what they say."""

    verb: Verb
    rule_id: str


@dataclass(frozen=True, slots=True)
class Call:
    """An action that follows on another object of the same file (`Actor.ENTAILED`)."""

    kind: Kind
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A state: whose turn it is, its French name, and its name in the messages of the EU if any.

    `rests` says that nobody has to act: the state is final, or waits for somebody's free choice.
    """

    name: str
    owner: Actor
    french: str
    eu_name: str = ""

    @property
    def rests(self) -> bool:
        """Whether nobody has to act."""
        return self.owner is Actor.NOBODY


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A row: from these states, on these tracks (all if empty), by these actors, to that state.

    Without `to` the state stays. `after_lapse` names the rules one of whose clocks has lapsed,
    `not_while` those whose clock must not run.
    `calls` are done in the same act, or nothing is.
    """

    name: str
    sources: tuple[str, ...]
    to: str | None = None
    by: tuple[Actor, ...]
    tracks: tuple[Track, ...] = ()
    to_track: Track | None = None
    clocks: tuple[ClockEffect, ...] = ()
    calls: tuple[Call, ...] = ()
    letter: str | None = None
    messages: tuple[str, ...] = ()
    needs_reason: bool = False
    after_lapse: tuple[str, ...] = ()
    not_while: tuple[str, ...] = ()
    source: str = ""

    def applies(self, state: str, track: Track) -> bool:
        """Whether the row is for an object in that state, on that track."""
        return state in self.sources and (not self.tracks or track in self.tracks)


@dataclass(frozen=True, slots=True)
class Machine:
    """A kind, its states (the first is the initial one), its rows, and the text it follows."""

    kind: Kind
    states: Mapping[str, State]
    actions: tuple[Action, ...]
    source: str

    @property
    def initial(self) -> str:
        """The state of a new object."""
        return next(iter(self.states))

    def state(self, name: str) -> State:
        """The state of that name. Raises NotFound."""
        if name not in self.states:
            raise NotFound(f"A {self.kind} has no state {name!r}.")
        return self.states[name]

    def named(self, action: str) -> tuple[Action, ...]:
        """The rows of an action. Raises NotFound."""
        rows = tuple(row for row in self.actions if row.name == action)
        if not rows:
            raise NotFound(f"A {self.kind} has no action {action!r}.")
        return rows

    def is_final(self, name: str) -> bool:
        """Whether no row leads out of the state."""
        return all(row.to in (None, name) for row in self.actions if name in row.sources)


def machine(
    kind: Kind, states: Iterable[State], actions: Iterable[Action], *, source: str
) -> Machine:
    """A machine from its rows; the first state is the initial one."""
    return Machine(kind, {state.name: state for state in states}, tuple(actions), source)


def starts(*rules: str) -> tuple[ClockEffect, ...]:
    """Effects that start these rules."""
    return tuple(ClockEffect(Verb.START, rule) for rule in rules)


def completes(*rules: str) -> tuple[ClockEffect, ...]:
    """Effects that complete these rules."""
    return tuple(ClockEffect(Verb.COMPLETE, rule) for rule in rules)


def effect(verb: Verb, rule: str = DECISION) -> tuple[ClockEffect, ...]:
    """One effect, on the decision unless another rule is named."""
    return (ClockEffect(verb, rule),)


VOID_ALL = effect(Verb.VOID, ALL)
