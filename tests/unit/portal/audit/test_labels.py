"""Every action that code writes in a journal has its words, in French and in English."""

import ast
import re
from pathlib import Path

import pytest
from django.utils import translation

from ecluse import portal
from ecluse.domain.actors import Actor
from ecluse.domain.machines import MACHINES
from ecluse.domain.roles import RIGHTS
from ecluse.portal.audit.labels import ACTIONS, action_label
from ecluse.portal.audit.verbs import VERBS
from ecluse.portal.cases.actions import QUIET

PORTAL = Path(portal.__file__).parent
ACTION = re.compile(r"[a-z]+(-[a-z]+)*\.[a-z]+([-_][a-z]+)*")
FILES = (".py", ".html", ".json", ".jsonl", ".toml", ".csv", ".zip", ".key", ".pdf", ".xml", ".pem")
RECORD = "ecluse.portal.audit.actions"


def writes_the_journal(path: Path) -> bool:
    """Whether a module can write an entry: it imports what does."""
    text = path.read_text(encoding="utf-8")
    return f"from {RECORD} import" in text or "from ecluse.portal.audit import actions" in text


def texts(path: Path) -> set[str]:
    """The constants of a module, but for its docstrings' and comments' prose."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return {text for text in found if isinstance(text, str)}


def written() -> set[str]:
    """The actions named in the modules that write the journal; rights have the same shape."""
    modules = [path for path in PORTAL.rglob("*.py") if writes_the_journal(path)]
    named = {text for path in modules for text in texts(path) if ACTION.fullmatch(text)}
    files = {text for text in named if text.endswith(FILES)}
    return named - set(RIGHTS) - files


def acts() -> set[str]:
    """The acts of the state machines that somebody or the software does, as they are journalled."""
    return {
        f"{kind.value}.{row.name}"
        for kind, machine in MACHINES.items()
        for row in machine.actions
        if set(row.by) != {Actor.ENTAILED} and row.name not in QUIET
    }


EVERY = sorted(written() | acts())


def test_the_search_finds_the_actions_that_we_know() -> None:
    known = {"permit.granted", "draft.invited", "application.form-upgraded", "report.stated"}

    assert known <= set(EVERY)
    assert len(EVERY) > 200


@pytest.mark.parametrize("action", EVERY)
def test_every_action_of_the_journal_has_french_and_english_words(action: str) -> None:
    with translation.override("fr"):
        french = str(action_label(action))
    with translation.override("en"):
        english = str(action_label(action))

    assert french != action
    assert english not in {action, french}


def test_an_unknown_action_keeps_its_code() -> None:
    assert action_label("no-such.thing") == "no-such.thing"


def test_no_verb_is_left_of_an_action_that_is_gone() -> None:
    used = {row.name for machine in MACHINES.values() for row in machine.actions}

    assert set(VERBS) <= used
    assert all("." in action for action in ACTIONS)
