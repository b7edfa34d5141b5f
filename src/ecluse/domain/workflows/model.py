"""The actions of a study, as a graph without cycle."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from graphlib import CycleError, TopologicalSorter
from typing import Final

from ecluse.domain.errors import InvalidInput

STUDY_FILE: Final = "study.toml"
MOST_ACTIONS: Final = 50
MOST_OUTPUTS: Final = 50
ACTION_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
PATTERN: Final = re.compile(r"[A-Za-z0-9*][A-Za-z0-9_.*-]{0,63}", re.ASCII)


class Language(StrEnum):
    """What an action is written in."""

    PYTHON = "python"
    R = "r"
    SQL = "sql"


SUFFIXES: Final = {".py": Language.PYTHON, ".r": Language.R, ".sql": Language.SQL}


class OutputClass(StrEnum):
    """What a file holds: rows about persons, which never leave the zone, or results."""

    PERSONS = "persons"
    RESULTS = "results"


@dataclass(frozen=True, slots=True)
class DeclaredOutput:
    """Files that an action leaves: a name, or a pattern where `*` stands for any characters."""

    pattern: str
    kind: OutputClass

    def __post_init__(self) -> None:
        """Raise InvalidInput for what cannot name a file."""
        if not PATTERN.fullmatch(self.pattern):
            raise InvalidInput(
                f"An output is a name of 1 to 64 of A-Z a-z 0-9 _ . - with * for any characters, "
                f"not {self.pattern!r}."
            )

    @property
    def is_exact(self) -> bool:
        """Whether it names one file, which must then be there."""
        return "*" not in self.pattern

    def fits(self, name: str) -> bool:
        """Say whether a file of this name is meant."""
        return fnmatchcase(name, self.pattern)


@dataclass(frozen=True, slots=True)
class Resources:
    """What an action asks of the machine; None: what every job gets. Never more than the zone's."""

    memory_bytes: int | None = None
    threads: int | None = None
    minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """One script of a study, run once those it needs have run; it reads what they left."""

    name: str
    language: Language
    script: str
    needs: tuple[str, ...] = ()
    outputs: tuple[DeclaredOutput, ...] = ()
    resources: Resources = Resources()

    def __post_init__(self) -> None:
        """Raise InvalidInput for a name that cannot be used, or too many outputs."""
        if not ACTION_NAME.fullmatch(self.name):
            raise InvalidInput(
                f"The action {self.name!r}: name it with 1 to 40 of a-z 0-9 _, a letter first."
            )
        if len(self.outputs) > MOST_OUTPUTS:
            raise InvalidInput(f"The action {self.name} declares more than {MOST_OUTPUTS} outputs.")
        if language_of(self.script) is not self.language:
            raise InvalidInput(
                f"The action {self.name} is in {self.language}, and its script is {self.script!r}."
            )

    def class_of(self, name: str) -> OutputClass | None:
        """Return what a file of this name holds; None if the action declares no such file.

        Where two patterns fit, the rows of persons win: they never leave.
        """
        kinds = {output.kind for output in self.outputs if output.fits(name)}
        if OutputClass.PERSONS in kinds:
            return OutputClass.PERSONS
        return next(iter(kinds), None)

    def missing(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the declared outputs that no file of `names` fits, in the order declared."""
        present = tuple(names)
        return tuple(
            output.pattern
            for output in self.outputs
            if output.is_exact and output.pattern not in present
        )


@dataclass(frozen=True, slots=True)
class Workflow:
    """A study: its actions in an order in which each comes after those it needs."""

    title: str
    actions: tuple[Action, ...]

    def __post_init__(self) -> None:
        """Put the actions in order. Raises InvalidInput: a cycle, an unknown need, too many."""
        if not 1 <= len(self.actions) <= MOST_ACTIONS:
            raise InvalidInput(f"A study has 1 to {MOST_ACTIONS} actions, not {len(self.actions)}.")
        _check_needs(self.actions)
        _check_results(self.actions)
        object.__setattr__(self, "actions", _in_order(self.actions))

    def action(self, name: str) -> Action:
        """Return an action by its name. Raises InvalidInput."""
        for action in self.actions:
            if action.name == name:
                return action
        raise InvalidInput(f"The study has no action {name!r}: it has {_listed(self.actions)}.")

    def only(self, name: str) -> "Workflow":
        """Return the study cut to one action and all that it needs. Raises InvalidInput."""
        wanted, waiting = set[str](), [name]
        while waiting:
            action = self.action(waiting.pop())
            wanted.add(action.name)
            waiting += [need for need in action.needs if need not in wanted]
        return Workflow(self.title, tuple(one for one in self.actions if one.name in wanted))


def language_of(script: str) -> Language | None:
    """Return the language that the end of a script's name tells, if it is one of ours."""
    dot = script.rpartition("/")[2].rfind(".")
    return SUFFIXES.get(script.rpartition("/")[2][dot:].lower()) if dot > 0 else None


def single_script(script: str) -> Workflow:
    """Return the study of one script that declares nothing: all it leaves are results.

    Raises:
        InvalidInput: it is in no language that the zone runs.
    """
    language = language_of(script)
    if language is None:
        raise InvalidInput(
            f"Give {STUDY_FILE}, or a script in .py, .R or .sql such as analysis.py."
        )
    everything = (DeclaredOutput("*", OutputClass.RESULTS),)
    return Workflow(script, (Action("analysis", language, script, outputs=everything),))


def _check_needs(actions: tuple[Action, ...]) -> None:
    names = [action.name for action in actions]
    if len(set(names)) != len(names):
        raise InvalidInput("Two actions have the same name.")
    for action in actions:
        unknown = sorted(set(action.needs) - set(names))
        if unknown:
            raise InvalidInput(
                f"The action {action.name} needs {unknown[0]!r}, and there is no such action: "
                f"there are {_listed(actions)}."
            )


def _check_results(actions: tuple[Action, ...]) -> None:
    """A result is asked out by its name, so that two actions must not leave the same."""
    owners: dict[str, str] = {}
    for action in actions:
        for output in action.outputs:
            other = owners.setdefault(output.pattern.casefold(), action.name)
            if other != action.name and output.kind is OutputClass.RESULTS:
                raise InvalidInput(
                    f"{output.pattern} is an output of {other} and of {action.name}: give the "
                    "files of each action names of their own."
                )


def _in_order(actions: tuple[Action, ...]) -> tuple[Action, ...]:
    """Return the actions, each after those it needs; otherwise in the order written."""
    places = {action.name: place for place, action in enumerate(actions)}
    sorter = TopologicalSorter({action.name: action.needs for action in actions})
    try:
        sorter.prepare()
    except CycleError as error:
        circle = " → ".join(error.args[1])
        raise InvalidInput(
            f"The actions wait for each other: {circle}. Break the circle."
        ) from None
    found: list[str] = []
    ready: list[str] = []
    while sorter.is_active():
        ready = sorted((*ready, *sorter.get_ready()), key=places.__getitem__)
        first = ready.pop(0)
        sorter.done(first)
        found.append(first)
    return tuple(actions[places[name]] for name in found)


def _listed(actions: tuple[Action, ...]) -> str:
    return ", ".join(action.name for action in actions)
