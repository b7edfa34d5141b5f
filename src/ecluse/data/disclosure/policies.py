"""The policies of holders: figures of the rules as versioned data, in `schemas/disclosure`."""

import hashlib
import json
import tomllib
from dataclasses import fields, replace
from functools import cache
from importlib.resources import files
from typing import Any, Final

from ecluse.domain.disclosure import DisclosurePolicy
from ecluse.domain.errors import InvalidInput, NotFound

FOLDER: Final = files("ecluse") / "schemas" / "disclosure"


def references() -> tuple[str, ...]:
    """Return the policies that there are: `SNDS-2026`."""
    names = (file.name for file in FOLDER.iterdir() if file.name.endswith(".toml"))
    return tuple(sorted(_read(name).reference for name in names))


def policy(reference: str, *, minimum_count: int | None = None) -> DisclosurePolicy:
    """Return a policy by its reference, with a larger minimum count where a permit asks for one.

    Raises:
        NotFound: there is no such policy.
        InvalidInput: the minimum count is under that of the policy.
    """
    name = f"{reference.lower()}.toml"
    if name not in {file.name for file in FOLDER.iterdir()}:
        raise NotFound(f"No disclosure policy is called {reference[:40]}: see schemas/disclosure.")
    found = _read(name)
    if minimum_count is None:
        return found
    if minimum_count < found.minimum_count:
        raise InvalidInput(
            f"The minimum count is {found.minimum_count}, not {minimum_count}: give a larger one."
        )
    return replace(found, minimum_count=minimum_count)


def digest_of(chosen: DisclosurePolicy) -> str:
    """Return the digest of all figures of a policy, to be quoted with a verdict."""
    told = {field.name: _plain(getattr(chosen, field.name)) for field in fields(chosen)}
    text = json.dumps(told, sort_keys=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _plain(value: object) -> object:
    return sorted(value) if isinstance(value, frozenset) else value


@cache
def _read(name: str) -> DisclosurePolicy:
    told: dict[str, Any] = tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))
    unknown = set(told) - {field.name for field in fields(DisclosurePolicy)}
    if unknown:
        raise InvalidInput(f"Policy {name}: {sorted(unknown)[0]!r} is no figure of a policy.")
    told["allowed_suffixes"] = frozenset(told["allowed_suffixes"])
    return DisclosurePolicy(**told)
