"""What a browser may ask of a notebook server: a list of what is let through, nothing else.

The notebook server runs inside the sandbox, under the hand of whoever writes code there: what is
refused here does not depend on it. Refused, because not listed: downloads (`files/`), exports
(`nbconvert/`), terminals, extensions to install, other servers' pages.
"""

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import unquote

from ecluse.domain.errors import NotAllowed

MAX_TARGET_CHARACTERS: Final = 4000
_RAW: Final = re.compile(r"/[A-Za-z0-9/._~@:+=,%&!$'()*;-]*", re.ASCII)
_QUERY: Final = re.compile(r"[\x21-\x7e]*", re.ASCII)


class Kind(StrEnum):
    """What a route gives."""

    PLAIN = "plain"
    CONTENTS = "contents"
    SOCKET = "socket"


@dataclass(frozen=True, slots=True)
class Rule:
    """Requests let through: their methods, and a pattern of their path under the base."""

    methods: frozenset[str]
    pattern: re.Pattern[str]
    kind: Kind = Kind.PLAIN


def _rule(methods: str, pattern: str, kind: Kind = Kind.PLAIN) -> Rule:
    return Rule(frozenset(methods.split()), re.compile(pattern, re.DOTALL), kind)


_ID = "[0-9a-f-]{36}"
RULES: Final = (
    _rule("GET", r"(lab(/(tree|workspaces)(/.*)?)?)?"),
    _rule("GET", r"(static|lab/static|lab/extensions|lab/api/translations)/.+"),
    _rule("GET", r"static/.+"),
    _rule("GET PUT", r"lab/api/(settings|workspaces)(/.*)?"),
    _rule("GET", r"lab/api/(themes|listings|translations)(/.*)?"),
    _rule("GET", r"(logos|custom|kernelspecs)/.+"),
    _rule("GET", r"favicon\.ico"),
    _rule("GET", r"api/?"),
    _rule("GET", r"api/(status|me|kernelspecs|config/[a-z_-]+|nbconvert)"),
    _rule("GET POST", r"api/(kernels|sessions)"),
    _rule("GET PATCH DELETE", rf"api/sessions/{_ID}"),
    _rule("GET DELETE", rf"api/kernels/{_ID}"),
    _rule("POST", rf"api/kernels/{_ID}/(interrupt|restart)"),
    _rule("GET", rf"api/kernels/{_ID}/channels", Kind.SOCKET),
    _rule("GET", r"api/events/subscribe", Kind.SOCKET),
    _rule("GET PUT PATCH POST DELETE", r"api/contents(/.*)?", Kind.CONTENTS),
)


@dataclass(frozen=True, slots=True)
class Route:
    """A request let through: the target as it is sent on, and what it gives."""

    target: str
    kind: Kind


def judge(method: str, target: str, *, base: str) -> Route:
    """Return the route of a request. Raises NotAllowed: it is not let through."""
    raw, _, query = target.partition("?")
    path = _plain_path(raw)
    if not _QUERY.fullmatch(query) or len(target) > MAX_TARGET_CHARACTERS:
        raise NotAllowed("This address has characters that no page of a workspace uses.")
    if not path.startswith(base):
        raise NotAllowed("This address is not one of your workspace: enter from its page.")
    inside = path.removeprefix(base)
    for rule in RULES:
        if method in rule.methods and rule.pattern.fullmatch(inside):
            return Route(target, rule.kind)
    raise NotAllowed(
        f"A workspace does not let {method} {inside.partition('/')[0] or '/'} through: results "
        "leave by its outputs folder, once they are checked."
    )


def check_written(body: bytes) -> None:
    """Pass if a file written from the browser is text or a notebook. Raises NotAllowed.

    Files of other kinds enter by an import, where somebody looks at them.
    """
    told = _object(body)
    if told.get("format") == "base64" or "chunk" in told:
        raise NotAllowed("Files enter by an import, which is checked: see the page of imports.")


def check_read(body: bytes) -> None:
    """Pass if a file shown in the browser is text, a notebook or a list. Raises NotAllowed."""
    if _object(body).get("format") == "base64":
        raise NotAllowed("This file is not a text: open it with code, in the workspace.")


def _object(body: bytes) -> dict[str, object]:
    if not body.strip():
        return {}
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise NotAllowed("This is not what a notebook sends.") from None
    return told if isinstance(told, dict) else {}


def _plain_path(raw: str) -> str:
    """Return a path decoded once, sure that nobody further on reads another one in it."""
    path = unquote(raw, errors="strict") if _RAW.fullmatch(raw) and _is_utf8(raw) else ""
    parts = path.split("/")
    is_twofold = "%" in path or "\\" in path or not path.isprintable() or ";" in path
    if not path or is_twofold or ".." in parts or "." in parts or "" in parts[1:-1]:
        raise NotAllowed("This address can be read in two ways: ask for it as the page writes it.")
    return path


def _is_utf8(raw: str) -> bool:
    try:
        unquote(raw, errors="strict")
    except UnicodeDecodeError:
        return False
    return True
