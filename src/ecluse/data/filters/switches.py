"""Which filters are applied: a frozen value that an order can carry, in JSON."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Self

from ecluse.domain import codec
from ecluse.domain.codec import JSON
from ecluse.domain.errors import InvalidInput


class State(StrEnum):
    """`on` keeps a row that cannot be judged because a value is absent; `strict` drops it too."""

    OFF = "off"
    ON = "on"
    STRICT = "strict"


@dataclass(frozen=True, slots=True)
class Switch:
    """The state asked for one filter."""

    filter: str
    state: State


@dataclass(frozen=True, slots=True)
class Switches:
    """What departs from the defaults of the documentation.

    `flux_until`: the last claims flow (FLX_DIS_DTD) that counts; without it, late claims stay.
    """

    changed: tuple[Switch, ...] = ()
    flux_until: date | None = None

    def __post_init__(self) -> None:
        names = [switch.filter for switch in self.changed]
        if len(names) != len(set(names)):
            raise ValueError("a filter has two states")

    def state(self, name: str, *, default: State) -> State:
        """Return the state of the filter `name`, its default when nothing was asked."""
        return next((switch.state for switch in self.changed if switch.filter == name), default)

    def with_state(self, name: str, state: State) -> "Switches":
        """Return these switches with the filter `name` in `state`."""
        kept = tuple(switch for switch in self.changed if switch.filter != name)
        return Switches((*kept, Switch(name, state)), self.flux_until)

    def check_known(self, names: tuple[str, ...]) -> None:
        """Refuse a switch of no filter, which would silently do nothing. Raises InvalidInput."""
        unknown = sorted({switch.filter for switch in self.changed} - set(names))
        if unknown:
            raise InvalidInput(
                f"No filter is called {', '.join(unknown)}: use {', '.join(names) or 'none'}."
            )

    def to_json(self) -> JSON:
        """Return the JSON value that `from_json` reads back."""
        return codec.encode(self)

    @classmethod
    def from_json(cls, value: JSON) -> Self:
        """Return the switches written by `to_json`. Raises Malformed."""
        switches: Self = codec.decode(value, cls, at="switches")
        return switches


DEFAULTS = Switches()
"""What the documentation advises, filter by filter."""
