"""`study.toml` → the actions of a study. Every error names the place and says what to write."""

import re
import tomllib
from collections.abc import Mapping
from typing import Final

from ecluse.domain.errors import InvalidInput
from ecluse.domain.workflows.model import (
    STUDY_FILE,
    Action,
    DeclaredOutput,
    Language,
    OutputClass,
    Resources,
    Workflow,
)

MOST_BYTES: Final = 100_000
MEMORY: Final = re.compile(r"([1-9][0-9]{0,4}) ?(MB|GB)")
UNITS: Final = {"MB": 10**6, "GB": 10**9}
STUDY_KEYS: Final = frozenset({"title"})
RESOURCE_KEYS: Final = frozenset({"memory", "threads", "minutes"})
ACTION_KEYS: Final = frozenset({"needs", "outputs", "resources", *Language})
MOST_MINUTES: Final = 7 * 24 * 60

Table = Mapping[str, object]


def read_workflow(data: bytes) -> Workflow:
    """Return the study that the bytes of a `study.toml` describe.

    Raises:
        InvalidInput: what is wrong, where, and what to write instead.
    """
    if len(data) > MOST_BYTES:
        raise InvalidInput(f"{STUDY_FILE} has {len(data)} bytes: at most {MOST_BYTES}.")
    try:
        told = tomllib.loads(data.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidInput(f"{STUDY_FILE} is not TOML: {error}.") from None
    _check_keys(told, frozenset({"study", "actions"}), "")
    study = _table(told.get("study", {}), "[study]")
    _check_keys(study, STUDY_KEYS, "[study]")
    title = study.get("title")
    if not isinstance(title, str) or not title.strip():
        raise InvalidInput(f'{STUDY_FILE}, [study]: give it a title, such as title = "Incidence".')
    actions = _table(told.get("actions", {}), "[actions]")
    return Workflow(title.strip(), tuple(_action(name, one) for name, one in actions.items()))


def _action(name: str, told: object) -> Action:
    place = f"[actions.{name}]"
    table = _table(told, place)
    _check_keys(table, ACTION_KEYS, place)
    languages = [language for language in Language if language in table]
    if len(languages) != 1:
        raise InvalidInput(
            f"{STUDY_FILE}, {place}: name one script, by python, r or sql, such as "
            f'python = "{name}.py".'
        )
    return Action(
        name,
        languages[0],
        _script(table[languages[0]], place),
        needs=_texts(table.get("needs", []), f"{place} needs"),
        outputs=_outputs(table.get("outputs", {}), f"{place} outputs"),
        resources=_resources(table.get("resources", {}), f"{place} resources"),
    )


def _script(told: object, place: str) -> str:
    parts = told.split("/") if isinstance(told, str) else [""]
    if not isinstance(told, str) or not all(parts) or {".", ".."} & set(parts):
        raise InvalidInput(
            f"{STUDY_FILE}, {place}: a script is a path inside the study, such as cohort.sql."
        )
    return told


def _outputs(told: object, place: str) -> tuple[DeclaredOutput, ...]:
    table = _table(told, place)
    _check_keys(table, frozenset(OutputClass), place)
    return tuple(
        DeclaredOutput(pattern, OutputClass(kind))
        for kind in table
        for pattern in _texts(table[kind], f"{place}.{kind}")
    )


def _resources(told: object, place: str) -> Resources:
    table = _table(told, place)
    _check_keys(table, RESOURCE_KEYS, place)
    return Resources(
        memory_bytes=_memory(table["memory"], place) if "memory" in table else None,
        threads=_whole(table["threads"], place, most=64) if "threads" in table else None,
        minutes=_whole(table["minutes"], place, most=MOST_MINUTES) if "minutes" in table else None,
    )


def _memory(told: object, place: str) -> int:
    found = MEMORY.fullmatch(told) if isinstance(told, str) else None
    if found is None:
        raise InvalidInput(f'{STUDY_FILE}, {place}: write the memory as "500 MB" or "2 GB".')
    return int(found[1]) * UNITS[found[2]]


def _whole(told: object, place: str, *, most: int) -> int:
    if not isinstance(told, int) or isinstance(told, bool) or not 1 <= told <= most:
        raise InvalidInput(f"{STUDY_FILE}, {place}: give a whole number from 1 to {most}.")
    return told


def _texts(told: object, place: str) -> tuple[str, ...]:
    if not isinstance(told, list) or not all(isinstance(one, str) for one in told):
        raise InvalidInput(f'{STUDY_FILE}, {place}: give a list of texts, such as ["one"].')
    return tuple(dict.fromkeys(told))


def _table(told: object, place: str) -> Table:
    if not isinstance(told, dict):
        raise InvalidInput(f"{STUDY_FILE}, {place}: a table of keys and values is expected.")
    return told


def _check_keys(table: Table, known: frozenset[str], place: str) -> None:
    unknown = sorted(set(table) - known)
    if unknown:
        raise InvalidInput(
            f"{STUDY_FILE}, {place or 'top'}: {unknown[0]!r} is not known here; there may be "
            f"{', '.join(sorted(known))}."
        )
