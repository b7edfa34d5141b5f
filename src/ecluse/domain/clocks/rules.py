"""The format of a rule of time: who must do what, within how long, from what, by which text."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from ecluse.domain.actors import Actor
from ecluse.domain.clocks.periods import Counting
from ecluse.domain.errors import NotFound
from ecluse.domain.parameters import Parameter


class Force(StrEnum):
    """What binds: a text of law, the hub's own aim, or a paper's suggestion."""

    LEGAL = "legal"
    TARGET = "target"
    SUGGESTION = "suggestion"


class Shape(StrEnum):
    """What the limit limits."""

    WITHIN = "within"
    """The act is done at the latest on the due day."""
    BEFORE = "ahead by"
    """The act is done at the latest so long before the event: counted back, never moved."""
    AT_LEAST = "at least"
    """Something is kept until the due day at least; being later is no fault."""
    AT_MOST = "at most"
    """A state lasts until the due day at most, then ends by itself."""


class Resumption(StrEnum):
    """What becomes of a suspended period once its cause is gone."""

    RESTART = "restart"
    """The former period is void; the whole period runs again from the day of resolution."""
    CONTINUE = "continue"
    """The period goes on; the days from the request to the resolution, both in, are not counted."""


@dataclass(frozen=True, slots=True)
class Extension:
    """The one extension that a rule allows, always with a reason.

    Without `limit`, law fixes no length: who extends names the new day.
    """

    limit: Parameter | None
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRule:
    """A rule of time. Without `limit` the text gives no figure: `wording` says what it says.

    `suspended_by` maps each reason that stops the clock to what happens when it is gone.
    """

    rule_id: str
    article: str
    trigger: str
    act: str
    limit: Parameter | None
    owner: Actor
    wording: str = ""
    force: Force = Force.LEGAL
    shape: Shape = Shape.WITHIN
    extension: Extension | None = None
    suspended_by: Mapping[str, Resumption] | None = None
    lapse: str = ""
    note: str = ""

    def resumption(self, reason: str) -> Resumption | None:
        """What this reason does to the clock once gone, or None if it does not suspend it."""
        return (self.suspended_by or {}).get(reason)


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules of one law, and how it counts days."""

    name: str
    counting: Counting
    rules: Mapping[str, ClockRule]

    def rule(self, rule_id: str) -> ClockRule:
        """The rule of that id. Raises NotFound."""
        if rule_id not in self.rules:
            raise NotFound(f"No rule of time {rule_id!r} in {self.name}: see its table.")
        return self.rules[rule_id]

    def resuming(self, resumption: Resumption) -> "RuleSet":
        """The same rules where every suspension ends in `resumption`.

        Uncertain law: art. 68(4) counts from the *complete* application and TEHDAS2 D6.4 voids and
        computes again, so EHDS rules restart as they stand; a country that reads a supplement
        during the assessment as a mere pause takes CONTINUE.
        """
        changed = {
            rule_id: replace(rule, suspended_by=dict.fromkeys(rule.suspended_by or (), resumption))
            for rule_id, rule in self.rules.items()
        }
        return replace(self, rules=changed)


def rule_set(name: str, counting: Counting, rules: Iterable[ClockRule]) -> RuleSet:
    """A rule set from its rows, in their order."""
    return RuleSet(name, counting, {rule.rule_id: rule for rule in rules})
